"""Runs side by side: what differs in their choices, their scores, and whether these can be compared at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd

from core.errors import UserError
from core.evaluation.compare import Result, paired_difference, result
from core.evaluation.registry import METRICS
from core.evaluation.scored import Interval
from core.evaluation.words import count, shorten
from core.runs import Run
from core.spec import AnyConfig, DataSpec, ImageConfig, RunConfig

FEWEST, MOST = 2, 12
UNTOLD = ("version", "name", "data.source.fingerprint", "data.join.source.fingerprint")
# Listed by their ids, which tell people nothing.
PICTURES = ("data.left_out", "data.relabelled")
NOT_COMPARABLE = "on other data or another split: not comparable"
NO_VALIDATION = "no validation rows to compare on"


class Difference(NamedTuple):
    """One choice that is not the same in all runs: its path, its label, and a text a run."""

    path: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Scored:
    """How a run stands.

    Attributes:
        score: On its validation rows, with interval; None where there are none.
        difference: Its score minus that of the first run on the same rows; None where that says nothing.
        result: Against the first run.
        reason: Why there is no difference, in words; empty for the first run.
    """

    score: Interval | None
    difference: Interval | None = None
    result: Result | None = None
    reason: str = ""


def runs_named(text: str) -> list[str]:
    """Ids from an address such as ``id,id,id``, each once; raises `UserError` unless there are 2 to 12."""
    ids = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not FEWEST <= len(ids) <= MOST:
        raise UserError(f"{FEWEST} to {MOST} runs can be compared; got {len(ids)}.", "Tick them on Home.")
    return ids


def differences(configs: Sequence[AnyConfig]) -> list[Difference]:
    """The choices in which runs differ, in the order of the specs."""
    flat = [_flat(config) for config in configs]
    paths = dict.fromkeys(path for each in flat for path in each)
    rows = [(path, tuple(each.get(path, "none") for each in flat)) for path in paths]
    return [Difference(path, _label(path), values) for path, values in rows if len(set(values)) > 1]


def main_metric(runs: Sequence[Run]) -> str:
    """Key of the metric that the first run is judged by, or an empty text."""
    return str((runs[0].metrics() or {}).get("main") or "")


def comparable_first(runs: Sequence[Run]) -> list[Run]:
    """The runs in their order, unless the first is alone: then one that most others can be held against leads."""
    tables = [_validation(run) for run in runs]
    places = range(len(runs))
    alike = [
        sum(_same_rows(runs[a], tables[a], runs[b], tables[b]) for b in places if b != a and len(tables[b]))
        for a in places
    ]
    lead = 0 if alike[0] else max(places, key=alike.__getitem__)
    return [runs[lead], *(run for place, run in enumerate(runs) if place != lead)]


def scores(runs: Sequence[Run], metric: str) -> list[Scored]:
    """How each run stands by a metric, and against the first one where both answered the same rows."""
    first = _validation(runs[0])
    told = [Scored(_score(runs[0], metric))]
    for run in runs[1:]:
        told.append(_against(runs[0], first, run, metric))
    return told


def _against(first: Run, before: pd.DataFrame, run: Run, metric: str) -> Scored:
    score, rows = _score(run, metric), _validation(run)
    if score is None or not len(rows) or not len(before):
        same = run.config.data.task == first.config.data.task
        return Scored(score, reason=NO_VALIDATION if same else NOT_COMPARABLE)
    if not _same_rows(first, before, run, rows):
        return Scored(score, reason=NOT_COMPARABLE)
    task, groups = run.config.data.task, rows["group"].to_numpy() if "group" in rows else None
    truth = rows["y_true"].to_numpy(float if task == "regression" else np.int64)
    found = paired_difference(task, metric, truth, _answers(rows, task), _answers(before, task), groups)
    return Scored(score, found, result(metric, found))


def _same_rows(first: Run, before: pd.DataFrame, run: Run, rows: pd.DataFrame) -> bool:
    """Whether two runs learned the same target from the same files and answered the same validation rows."""
    if _origin(first) != _origin(run):
        return False
    return all(np.array_equal(before[name].to_numpy(), rows[name].to_numpy()) for name in ("row", "y_true"))


def _origin(run: Run) -> tuple[Any, ...]:
    data = run.config.data
    files = [data.source, *([data.join.source] if isinstance(data, DataSpec) and data.join else [])]
    classes = tuple((run.dataset() or {}).get("class_names", ()))
    return data.target, data.task, classes, *(file.model_dump_json(exclude={"name"}) for file in files)


def _validation(run: Run) -> pd.DataFrame:
    """Validation rows by their place in the file; none where they are lost."""
    found = run.predictions()
    if found is None:
        return pd.DataFrame({"row": []})
    return found[found["part"] == "validation"].sort_values("row", kind="stable").reset_index(drop=True)


def _answers(rows: pd.DataFrame, task: str) -> np.ndarray:
    if task == "regression":
        return rows["prediction"].to_numpy(float)
    classes = sum(str(name).startswith("probability_") for name in rows.columns)
    return rows[[f"probability_{number}" for number in range(classes)]].to_numpy(float)


def _score(run: Run, metric: str) -> Interval | None:
    parts = (run.metrics() or {}).get("parts", {})
    found = parts.get("validation", {}).get("metrics", {}).get(metric) if metric in METRICS else None
    return found if found and found["value"] is not None else None


def _flat(config: AnyConfig) -> dict[str, str]:
    """Every choice that takes effect, as a text under its path."""
    values = config.model_dump(exclude={"origin"})
    kept = values["network"]["regularization"]
    kept["l1"], kept["l2"] = config.network.regularization.rates
    del kept["kernel_regularizer"]
    if not config.training.early_stopping:
        del values["training"]["patience"]
    found: dict[str, str] = {}
    _collect(values, "", found)
    return {path: text for path, text in found.items() if path not in UNTOLD}


def _collect(value: Any, path: str, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _collect(inner, f"{path}.{name}" if path else name, found)
    else:
        found[path] = _words(path, value)


def _words(path: str, value: Any) -> str:
    if value is None or value == "" or value == ():
        return "none"
    if path in PICTURES:
        return count(len(value), "picture")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        told = [_layer(each) if isinstance(each, dict) else shorten(each, 30) for each in value[:8]]
        return ", ".join(told) + (f" and {len(value) - 8} more" if len(value) > 8 else "")
    return shorten(_extra(path, "options").get(value, value) if isinstance(value, str) else value, 60)


def _layer(values: dict[str, Any]) -> str:
    return " ".join(f"{value:g}" if isinstance(value, float) else shorten(value, 30) for value in values.values())


def _label(path: str) -> str:
    info = _field(path)
    title = str(info.title) if info is not None and info.title else path.rpartition(".")[2].replace("_", " ")
    return f"{title} (second file)" if ".join." in path else title


def _extra(path: str, name: str) -> dict[str, str]:
    info = _field(path)
    extra = info.json_schema_extra if info is not None else None
    return extra.get(name) or {} if isinstance(extra, dict) else {}


def _field(path: str) -> Any:
    """The declaration of the field at a path, of runs on tables or on pictures, or None."""
    return _field_of(RunConfig, path) or _field_of(ImageConfig, path)


def _field_of(model: Any, path: str) -> Any:
    info = None
    for part in path.split("."):
        info = getattr(model, "model_fields", {}).get(part)
        if info is None:
            return None
        options = [info.annotation, *get_args(info.annotation)]
        model = next((each for each in options if hasattr(each, "model_fields")), info.annotation)
    return info
