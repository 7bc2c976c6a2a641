"""``python -m core compare DATA --target COLUMN --l2 0,1e-4,1e-3``."""

from __future__ import annotations

import argparse
import time
from typing import Any, get_args

from core.cli.common import add_workspace, answer, tell
from core.cli.image_settings import configure_images
from core.cli.kind import holds_pictures
from core.cli.settings import add_choices, configure
from core.data.shape import data_shape
from core.data.words import counted
from core.engine import Engine
from core.errors import UserError
from core.evaluation.words import format_number
from core.image_proposal import image_count_shape
from core.network.dense import dense_inputs
from core.spec import AnyConfig, Grid, ImageConfig, StudySpec
from core.spec.study import Score
from core.studies import Study
from core.study_draft import AXES, Axis, check_range, own_values, proposed
from core.study_plan import create_study, expected_seconds
from core.study_progress import StudyProgress, study_progress
from core.workspace import Workspace

WHOLE = ("units", "depth")
TELL_SECONDS = 1.0


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("compare", help="compare regularization settings on a table or on pictures")
    add_choices(parser)
    for axis in AXES:
        field = Grid.model_fields[axis]
        parser.add_argument(f"--{axis}", metavar="VALUE,…", help=f"{field.title}: {field.description}")
    for name in ("folds", "seeds", "score"):
        field = StudySpec.model_fields[name]
        words = f"{field.description} (default: {field.default or 'automatic'})"
        if name == "score":
            words += f" One of {', '.join(filter(None, get_args(Score)))}."
        parser.add_argument(f"--{name}", default=str(field.default), help=words)
    add_workspace(parser)
    parser.set_defaults(run=compare)


def compare(options: argparse.Namespace) -> int:
    """Do what the page Compare would do; 0 when the study finished. The closing JSON object comes whatever happened."""
    began, studies = time.monotonic(), list[Study]()
    try:
        _compare(options, studies)
    finally:
        answer(_values(studies[0] if studies else None, time.monotonic() - began))
    return 0


def _compare(options: argparse.Namespace, studies: list[Study]) -> None:
    workspace = Workspace(options.workspace)
    config, shape = _chosen(options, workspace)
    spec = StudySpec.parse(
        {
            "run": config.model_dump(),
            "grid": _grid(options, config),
            "folds": _whole(options, "folds"),
            "seeds": _whole(options, "seeds"),
            "score": options.score,
        }
    )
    seconds = expected_seconds(spec, *shape)
    tell(
        f"{counted(len(spec.settings), 'setting')} x {counted(spec.folds, 'fold')} x {counted(spec.seeds, 'seed')}: "
        f"{counted(len(spec.members), 'network')}, about {seconds:.0f} s"
    )
    study = create_study(workspace, spec, *shape)
    studies.append(study)
    told = _follow_or_stop(Engine(workspace), study)
    if told.state == "failed":
        raise UserError(told.problem, told.remedy)
    _print(study)
    if told.state == "stopped":
        raise UserError("The study was stopped.", "What it had learned by then is above.")


def _chosen(options: argparse.Namespace, workspace: Workspace) -> tuple[AnyConfig, tuple[int, int, int]]:
    """The run that is varied; its train and validation rows or pictures, inputs of a dense network, classes."""
    if holds_pictures(options.data):
        config, image_set = configure_images(options, workspace)
        pictures = image_count_shape(config, image_set)
        return config, (pictures.train + pictures.validation, dense_inputs(config.network), pictures.classes)
    chosen, table = configure(options, workspace)
    shape = data_shape(table, chosen.data)
    return chosen, (shape.train + shape.validation, shape.inputs, shape.classes)


def _grid(options: argparse.Namespace, config: AnyConfig) -> dict[str, Any]:
    """The axes that were named beside the network's own rates; nothing named means what Compare would propose."""
    named = {axis: text for axis in AXES if (text := getattr(options, axis)) is not None}
    grid: dict[str, Any] = {axis: _values_of(axis, text) for axis, text in named.items()}
    if not grid and isinstance(config, ImageConfig):
        first = proposed(config)
        return own_values(config) | {axis: first.values[axis] for axis in first.axes}
    if not grid:
        return {"dropout": [config.network.regularization.dropout]}
    own = own_values(config) if isinstance(config, ImageConfig) else {}
    return {"dropout": [config.network.regularization.dropout], "l2": [0.0], **own, **grid}


def _values_of(axis: Axis, text: str) -> list[float]:
    try:
        values = [int(value) if axis in WHOLE else float(value) for value in text.split(",")]
    except ValueError:
        raise UserError(
            f"--{axis} takes numbers with commas between them, got {text[:60]!r}.", f"Such as --{axis} 0,1."
        ) from None
    for value in values:
        check_range(value, axis)
    return values


def _whole(options: argparse.Namespace, name: str) -> int:
    text = getattr(options, name)
    try:
        return int(text)
    except ValueError:
        raise UserError(f"--{name} takes a whole number, got {text[:60]!r}.", f"Such as --{name} 5.") from None


def _follow_or_stop(engine: Engine, study: Study) -> StudyProgress:
    """Train; Ctrl+C stops the study, which judges what was learned so far, and a second one leaves at once."""
    try:
        engine.submit_study(study)
        return _follow(engine, study)
    except KeyboardInterrupt:
        tell("Stopping. What was learned so far is kept.")
        engine.stop_study(study)
        return _follow(engine, study)


def _follow(engine: Engine, study: Study) -> StudyProgress:
    shown = 0.0
    while True:
        told = study_progress(study)
        if told.done:
            return told
        if time.monotonic() - shown > TELL_SECONDS:
            shown = time.monotonic()
            tell(f"epoch {told.epoch:.0f}, {told.ended} of {counted(told.members, 'network')} ended")
        engine.recover_silent_study(study)
        time.sleep(0.25)


def _print(study: Study) -> None:
    """The table of settings, and what it says."""
    result = study.result()
    if result is None:
        return
    width = max(map(len, study.spec.words))
    print(f"{'setting':<{width}}  {result['metric']:>10}  {'95 % interval':>18}  {'train':>8}  result")
    for words, row in zip(study.spec.words, result["settings"], strict=True):
        score = row["score"]
        interval = f"{_number(score['low'])} to {_number(score['high'])}"
        line = f"{_number(score['value']):>10}  {interval:>18}  {_number(row['train']):>8}  {row['result']}"
        print(f"{words:<{width}}  {line}")
    for line in result["baselines"]:
        print(f"{line['key']:<{width}}  {_number(line['score']['value']):>10}")
    print(result["sentence"])
    for point in result["points"]:
        print(point)


def _number(value: float | None) -> str:
    return "" if value is None else format_number(value)


def _values(study: Study | None, seconds: float) -> dict[str, Any]:
    """The closing JSON object; what there is not (yet) is null, and a study that never began has failed."""
    result = study.result() if study else None
    found = {"study": study.id if study else None, "status": study_progress(study).state if study else "failed"}
    empty: dict[str, Any] = {"best": None, "simplest": None, "tied": [], "baseline": None, "corrected_score": None}
    return {
        **found,
        "members": len(study.spec.members) if study else 0,
        **(_answer(study, result) if study and result else empty),
        "seconds": round(seconds, 3),
    }


def _answer(study: Study, result: dict[str, Any]) -> dict[str, Any]:
    settings = study.spec.settings

    def told(place: int | None) -> dict[str, Any] | None:
        if place is None:
            return None
        score = result["settings"][place]["score"]
        interval = [score["low"], score["high"]]
        return {"setting": settings[place]._asdict(), "score": score["value"], "interval": interval}

    corrected = result["corrected"]
    return {
        "metric": result["metric"],
        "best": told(result["best"]),
        "simplest": told(result["simplest"]),
        "tied": [told(place) for place in result["tied"]],
        "baseline": {line["key"]: line["score"]["value"] for line in result["baselines"]},
        "corrected_score": corrected and corrected["value"],
    }
