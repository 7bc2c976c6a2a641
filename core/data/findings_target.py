"""What is worth knowing about the target."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.data.dataset import usable_rows
from core.data.finding import Finding, View
from core.data.propose import propose, propose_task
from core.data.target import encode_target
from core.data.words import counted, listed, quoted
from core.errors import UserError
from core.spec import TASK_WORDS, DataSpec

RARE = 0.2
VERY_RARE = 0.05
FEW_ROWS = 10
MANY_CLASSES = 20


def unfit_target(view: View) -> Iterator[Finding]:
    """The target cannot be learned as this task says."""
    try:
        encode_target(view.table, view.spec.target, view.spec.task, usable_rows(view.table, view.spec))
    except UserError as error:
        remedy, changes = _mended(view)
        yield Finding(
            kind="unfit_target", severity="problem", title=f"{quoted(view.spec.target)} cannot be learned this way",
            meaning=str(error), columns=(view.spec.target,), remedy=remedy, changes=changes,
        )  # fmt: skip


def _mended(view: View) -> tuple[str, dict[str, Any]]:
    """Another task, or fewer classes, or another target: the first with which the target can be learned."""
    spec, task = view.spec, propose_task(view.table, view.spec.target)
    if task != spec.task and len(view.classes) > 1 and _learnable(view, spec.change(task=task)):
        return f"Learn {TASK_WORDS[task]}", {"task": task}
    alone = [name for name, count in view.classes.items() if count == 1]
    fewer = _without_classes(view, alone)
    if alone and spec.task != "regression" and _learnable(view, spec.change(**fewer)):
        return f"Leave out {counted(len(alone), 'class', 'classes')} with a single row", fewer
    other = propose(view.table, spec.source, spec.join).target
    if other and other != spec.target:
        return f"Predict {quoted(other)} instead", {"target": other}
    return "", {}


def _without_classes(view: View, names: list[str]) -> dict[str, Any]:
    left = len(view.classes) - len(names)
    out = tuple(dict.fromkeys((*view.spec.leave_out_classes, *names)))
    return {"leave_out_classes": out, "task": "binary" if left == 2 else "multiclass"}


def _learnable(view: View, spec: DataSpec) -> bool:
    with contextlib.suppress(UserError):
        encode_target(view.table, spec.target, spec.task, usable_rows(view.table, spec))
        return True
    return False


def missing_target(view: View) -> Iterator[Finding]:
    """Rows without an answer teach nothing."""
    lacking = int(np.isnan(view.target).sum())
    if lacking and len(view.rows):
        yield Finding(
            kind="missing_target", severity="note", title=f"{counted(lacking, 'row')} without a target",
            meaning=f"{quoted(view.spec.target)} is empty in {lacking / view.table.rows:.0%} of the rows. They are "
            "left out, since there is no answer to learn from.",
            columns=(view.spec.target,),
        )  # fmt: skip


def imbalance(view: View) -> Iterator[Finding]:
    """One class is much rarer than the others."""
    counts = view.classes
    rarest, most = min(counts, key=lambda name: counts[name]), max(counts.values())
    share = counts[rarest] / most
    if len(counts) > 1 and share < RARE / (1 - RARE):
        part = counts[rarest] / sum(counts.values())
        yield Finding(
            kind="imbalance", severity="warning" if part < VERY_RARE else "note",
            title=f"The class {quoted(rarest)} is rare",
            meaning=f"Only {part:.1%} of the rows ({counts[rarest]:,}) are {quoted(rarest)}. A network that never says "
            "so is right nearly always, so look at balanced accuracy, and let rare classes count more.",
            columns=(view.spec.target,), remedy="Count rare classes more",
            changes={"training.class_weights": True},
        )  # fmt: skip


def few_rows_in_class(view: View) -> Iterator[Finding]:
    """Some classes have so few rows that their scores mean little."""
    small = {name: count for name, count in view.classes.items() if 1 < count < FEW_ROWS}
    if small:
        enough = len(view.classes) - len(small) >= 2
        yield Finding(
            kind="few_rows_in_class", severity="warning",
            title=f"{counted(len(small), 'class has', 'classes have')} very few rows",
            meaning=f"{listed(list(small))}: {min(small.values())} rows at the least. After the split only one or two "
            "of them check the network, so its score for them is a guess. Add rows or merge classes.",
            columns=(view.spec.target,), remedy="Leave those classes out" if enough else "",
            changes=_without_classes(view, list(small)) if enough else {},
        )  # fmt: skip


def many_classes(view: View) -> Iterator[Finding]:
    """A target with many classes needs many rows."""
    if len(view.classes) <= MANY_CLASSES or view.spec.task == "binary":
        return
    number = view.spec.target not in view.table.texts
    rows = np.median(list(view.classes.values()))
    yield Finding(
        kind="many_classes", severity="warning", title=f"{len(view.classes):,} classes to tell apart",
        meaning=f"Each has about {counted(round(rows), 'row')}. Many classes need many rows; "
        + ("numbers with an order are better predicted as a number." if number else "merge those that are alike."),
        columns=(view.spec.target,), remedy="Predict a number instead" if number else "",
        changes={"task": "regression"} if number else {},
    )  # fmt: skip
