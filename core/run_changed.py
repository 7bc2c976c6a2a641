"""What correcting or leaving out pictures has changed: a run held against the one that it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.answers import Answers, predicted_classes
from core.evaluation.bootstrap import resample
from core.evaluation.compare import Result, difference, result
from core.evaluation.registry import METRICS
from core.evaluation.scored import Interval, Scored
from core.runs import Run
from core.spec import AnyConfig, ImageConfig

PICTURES = ("left_out", "relabelled")
FEWEST = 2


@dataclass(frozen=True, eq=False)
class Changed:
    """Two runs on the validation pictures that both have, judged by the newer run's classes.

    Attributes:
        left_out, taken_in, relabelled: How many pictures the newer run treats differently.
        shared: How many validation pictures both runs have; neither has learned from them.
        metric: Key of the score.
        before, after: Score of each on those pictures; None where classes differ or hardly any are shared.
        difference: Newer minus older, picture by picture.
        result: Of the newer against the older.
        answers: Shared pictures whose answer differs: ``row``, ``id``, ``file``, ``y_true``, ``before`` and ``after``
            (class indices of the newer run; -1 for a class that it does not have), the newly right ones first.
    """

    left_out: int
    taken_in: int
    relabelled: int
    shared: int
    metric: str
    before: Interval | None
    after: Interval | None
    difference: Interval | None
    result: Result | None
    answers: pd.DataFrame


def run_before(run: Run, runs: Iterable[Run]) -> Run | None:
    """The newest finished run before that was made by the same choices but for corrected or left-out pictures.

    Args:
        run: A run on pictures.
        runs: Where to look.
    """
    config = run.config
    if not isinstance(config, ImageConfig):
        return None
    own, pictures = _but_for_pictures(config), _pictures(config)
    older = sorted((each for each in runs if each.id < run.id), key=lambda each: each.id, reverse=True)
    for each in older:
        other = each.config
        if not isinstance(other, ImageConfig) or _but_for_pictures(other) != own or _pictures(other) == pictures:
            continue
        if each.predictions() is not None:
            return each
    return None


def what_changed(before: Run, after: Run) -> Changed:
    """How the newer run stands against the older one."""
    first, second = before.image_config, after.image_config
    names, old_names = (tuple((run.dataset() or {}).get("class_names", ())) for run in (after, before))
    both = _shared(before, after)
    metric = str((after.metrics() or {}).get("main") or "accuracy")
    scores: tuple[Interval | None, Interval | None, Interval | None] = (None, None, None)
    if names == old_names and len(both) >= FEWEST:
        scores = _scored(second.data.task, metric, both, len(names))
    return Changed(
        len({*second.data.left_out} - {*first.data.left_out}),
        len({*first.data.left_out} - {*second.data.left_out}),
        len({id for id, _ in {*first.data.relabelled} ^ {*second.data.relabelled}}),
        len(both),
        metric,
        *scores,
        result(metric, scores[2]) if scores[2] else None,
        _answers(both, names, old_names),
    )


def _but_for_pictures(config: ImageConfig) -> dict[str, Any]:
    values = config.plain.model_dump(exclude={"name": True, "origin": True, "data": {*PICTURES, "task"}})
    del values["training"]["loss"]
    return values


def _pictures(config: AnyConfig) -> tuple[frozenset[Any], ...]:
    return tuple(frozenset(getattr(config.data, name)) for name in PICTURES)


def _shared(before: Run, after: Run) -> pd.DataFrame:
    """Validation pictures of both; the older run's columns end in ``_before``."""
    frames = []
    for run in (after, before):
        found = run.predictions()
        empty = pd.DataFrame({"id": [], "part": []})
        frame = empty if found is None else found
        frames.append(frame[frame["part"] == "validation"])
    newer, older = frames
    kept = {name: f"{name}_before" for name in older.columns if name.startswith("probability_")}
    return newer.merge(older[["id", *kept]].rename(columns=kept), on="id").reset_index(drop=True)


def _scored(task: Any, metric: str, both: pd.DataFrame, classes: int) -> tuple[Interval, Interval, Interval]:
    groups = both["group"].to_numpy() if "group" in both else None
    y = both["y_true"].to_numpy(np.int64)
    draws = resample(len(y), groups)
    old, new = (Scored(Answers(task, y, _table(both, classes, end)), draws) for end in ("_before", ""))
    key = METRICS[metric]
    return old.interval(key), new.interval(key), difference(key, new, old)


def _table(both: pd.DataFrame, classes: int, end: str) -> np.ndarray:
    return both[[f"probability_{number}{end}" for number in range(classes)]].to_numpy(float)


def _answers(both: pd.DataFrame, names: tuple[str, ...], old_names: tuple[str, ...]) -> pd.DataFrame:
    columns = ["row", "id", "file", "y_true", "before", "after"]
    if not len(both):
        return pd.DataFrame(columns=columns)
    place = np.array([names.index(name) if name in names else -1 for name in old_names], np.int64)
    old = place[predicted_classes(_table(both, len(old_names), "_before"))]
    new = predicted_classes(_table(both, len(names), ""))
    found = both.assign(before=old, after=new)[columns]
    gained = (found["after"] == found["y_true"]).astype(int) - (found["before"] == found["y_true"]).astype(int)
    order = np.argsort(-gained.to_numpy(), kind="stable")
    found = found.iloc[order]
    return found[found["before"] != found["after"]].reset_index(drop=True)
