"""The question that is being put together for the next study, kept on disk beside the draft."""

from __future__ import annotations

import contextlib
from math import prod
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from core.errors import UserError
from core.spec import AnyConfig, RunConfig, StudySpec
from core.spec.base import Spec
from core.spec.study import MOST_MEMBERS, Grid, Setting
from core.workspace import Workspace, write_file

Axis = Literal["l1", "l2", "dropout", "units", "depth", "augmentation", "width"]
AXES: tuple[Axis, ...] = ("l1", "l2", "dropout", "units", "depth", "augmentation", "width")
FOR_DENSE: tuple[Axis, ...] = ("l1", "l2", "dropout", "units", "depth")
FOR_CONVOLUTIONS: tuple[Axis, ...] = ("l1", "l2", "dropout", "augmentation", "width")
AXIS_NAMES: dict[str, str] = {
    "l1": "L1", "l2": "L2", "dropout": "dropout", "units": "neurons", "depth": "hidden layers",
    "augmentation": "augmentation", "width": "filters",
}  # fmt: skip
AXIS_WORDS: dict[str, str] = {
    "l1": "L1 rate",
    "l2": "L2 rate",
    "dropout": "dropout rate",
    "units": "width (neurons in a layer)",
    "depth": "depth (hidden layers)",
    "augmentation": "augmentation (times its strength)",
    "width": "width (times the filters)",
}


class StudyDraft(Spec):
    """What is chosen so far. It may hold what no study can be made of yet, so that no choice is ever lost.

    Attributes:
        axes: What is varied; anything else stays as the network of the draft has it.
        values: The values of each axis, also of those that are not varied now.
        folds: As in `StudySpec`.
        seeds: As in `StudySpec`.
        score: As in `StudySpec`; one that does not suit the task counts as automatic.
    """

    axes: tuple[Axis, ...] = ("l2",)
    values: dict[Axis, tuple[float, ...]] = Field(default_factory=lambda: {axis: ladder(axis) for axis in AXES})
    folds: int = 5
    seeds: int = 3
    score: str = ""


def ladder(axis: Axis) -> tuple[float, ...]:
    """The values that are proposed for an axis."""
    extra = Grid.model_fields[axis].json_schema_extra
    return tuple(extra["ladder"]) if isinstance(extra, dict) else ()  # type: ignore[arg-type]


def axes_of(config: AnyConfig) -> tuple[Axis, ...]:
    """What can be varied about a network; augmentation only where some is chosen."""
    if isinstance(config, RunConfig) or config.network.frozen:
        return FOR_DENSE
    return tuple(axis for axis in FOR_CONVOLUTIONS if axis != "augmentation" or config.augmentation.active)


def proposed(config: AnyConfig) -> StudyDraft:
    """The first question about a network.

    Dense ones: the L2 rate on the usual ladder, with their own rate among them. Networks with convolutions train one by
    one, so there the question is small: with augmentation or without, else with dropout or without.
    """
    values = {axis: ladder(axis) for axis in AXES}
    if "augmentation" in axes_of(config):
        return StudyDraft(axes=("augmentation",), values={**values, "augmentation": (0.0, 1.0)}, folds=3, seeds=1)
    if axes_of(config) != FOR_DENSE:
        return StudyDraft(axes=("dropout",), values={**values, "dropout": (0.0, 0.3)}, folds=3, seeds=1)
    own = config.network.regularization.rates[1]
    return StudyDraft(values={**values, "l2": tuple(sorted({*values["l2"], own}))})


def load_study_draft(workspace: Workspace) -> StudyDraft | None:
    """The question, or None where none was put together yet or the file is from another version."""
    with contextlib.suppress(FileNotFoundError, UserError):
        return StudyDraft.parse_json(_file(workspace).read_bytes())
    return None


def save_study_draft(workspace: Workspace, chosen: StudyDraft) -> StudyDraft:
    """Keep the question; returns it."""
    workspace.check_writable()
    write_file(_file(workspace), chosen.model_dump_json())
    return chosen


def with_values(chosen: StudyDraft, axis: Axis, typed: list[Any]) -> StudyDraft:
    """A copy with other values on an axis.

    Args:
        chosen: The question so far.
        axis: Which axis.
        typed: Numbers, or texts such as "0.02" or "0,02".

    Raises:
        UserError: A text is no number, or a number is out of range for this axis.
    """
    values = sorted({_number(each, axis) for each in typed})
    for value in values:
        check_range(value, axis)
    if values:
        Grid.parse({axis: values})
    return chosen.change(values={**chosen.values, axis: values})


def study_spec(config: AnyConfig, chosen: StudyDraft) -> StudySpec:
    """The study that answers the question about the network of the draft; raises `UserError`."""
    axes = [axis for axis in axes_of(config) if axis in chosen.axes]
    empty = [AXIS_WORDS[axis] for axis in axes if not chosen.values.get(axis)]
    if empty:
        raise UserError(f"There is no value to compare for the {empty[0]}.", "Choose two or more values.")
    grid = {name: list(values) for name, values in own_values(config).items()}
    grid |= {axis: list(chosen.values[axis]) for axis in axes}
    _check_size(grid, chosen)
    score = chosen.score if chosen.score in suitable_scores(config) else ""
    study = StudySpec.parse(
        {"run": config.plain.model_dump(), "grid": grid, "folds": chosen.folds, "seeds": chosen.seeds, "score": score}
    )
    if study.grid.size < 2:
        raise UserError("There is only one setting, so nothing can be compared.", "Choose two or more values.")
    return study


def question_of(study: StudySpec) -> StudyDraft:
    """The question that a study answered, to ask it again."""
    own, grid = own_values(study.run), study.grid
    axes = [axis for axis in AXES if axis in grid.varied or tuple(getattr(grid, axis)) != own[axis]]
    values = {axis: ladder(axis) for axis in AXES} | {axis: tuple(getattr(grid, axis)) for axis in axes}
    return StudyDraft.parse(
        {"axes": axes, "values": values, "folds": study.folds, "seeds": study.seeds, "score": study.score}
    )


def own_values(config: AnyConfig) -> dict[str, tuple[float, ...]]:
    """The grid of the draft's own network: a single value an axis; none for width and depth, which stay."""
    kept = config.network.regularization
    own = Setting(*kept.rates, kept.dropout, None, None)
    return {name: () if value is None else (value,) for name, value in own._asdict().items()}


def suitable_scores(config: AnyConfig) -> list[str]:
    """Scores that suit the task, automatic first."""
    regression = config.data.task == "regression"
    return ["", *(("r2", "rmse", "mae") if regression else ("accuracy", "balanced_accuracy", "log_loss"))]


def _check_size(grid: dict[str, list[float]], chosen: StudyDraft) -> None:
    settings = prod(len(set(values)) or 1 for values in grid.values())
    members = settings * chosen.folds * chosen.seeds
    if members > MOST_MEMBERS:
        raise UserError(
            f"{settings:,} settings x {chosen.folds} parts x {chosen.seeds} repeats would be {members:,} networks; at "
            f"most {MOST_MEMBERS:,} are trained in one comparison.",
            "Vary fewer things at once, or choose fewer values, parts or repeats.",
        )


def _number(typed: Any, axis: Axis) -> float:
    try:
        return float(str(typed).strip().replace(",", "."))
    except ValueError:
        words = AXIS_WORDS[axis]
        problem = f"{_article(words)} {words} is a number; got {str(typed)[:60]!r}."
        raise UserError(problem, f"Type a number such as {ladder(axis)[-1]:g}.") from None


def check_range(value: float, axis: Axis) -> None:
    """Raise `UserError` where a number is no value of this axis."""
    limits = Grid.model_json_schema()["properties"][axis]["items"]
    low, high, words = limits["minimum"], limits["maximum"], AXIS_WORDS[axis]
    whole = limits["type"] == "integer"
    if not low <= value <= high or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        problem = f"{_article(words)} {words} is {kind} from {low:g} to {high:,g}; got {value:g}."
        raise UserError(problem, "Type another value.")


def _article(words: str) -> str:
    return "An" if words.startswith("L") else "A"


def _file(workspace: Workspace) -> Path:
    return workspace.draft.with_name("study_draft.json")
