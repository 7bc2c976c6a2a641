"""The column that is learned: which rows have it, and its classes or values."""

from __future__ import annotations

import numpy as np

from core.data.blocks import number_text, usable
from core.data.splits import ENOUGH_ROWS
from core.data.table import Table
from core.data.words import counted, listed, quoted
from core.errors import UserError
from core.spec import DataSpec, Task

# When exactly one of two texts is among these, it is the class whose probability is shown.
POSITIVE_WORDS = frozenset(
    {
        *("1", "+", "y", "t", "yes", "true", "pos", "positive", "fail", "failed", "disease", "diseased", "sick", "ill"),
        *("malignant", "cancer", "tumour", "tumor", "case", "dead", "died", "deceased", "relapse", "abnormal"),
        *("churn", "churned", "default", "fraud", "spam"),
    }
)
MOST_CLASSES = 1000
ANOTHER_TARGET = "Choose another target, or another task."


def target_values(table: Table, name: str) -> np.ndarray:
    """(rows,) float64 of a column: its numbers, or the codes of its texts; NaN is missing.

    Raises:
        UserError: No target is chosen, or there is no such column.
    """
    if not name:
        raise UserError("No target is chosen yet.", "Choose the column that should be predicted.")
    if name in table.texts:
        codes = np.asarray(table.texts[name].codes)
        return np.where(codes >= 0, codes, np.nan).astype(np.float64)
    return usable(np.asarray(table.column(name), np.float64))


def known_rows(table: Table, spec: DataSpec) -> np.ndarray:
    """(n,) int64 rows whose target is known and whose class is not left out."""
    values = target_values(table, spec.target)
    known = ~np.isnan(values)
    if spec.leave_out_classes and known.any():
        found = np.unique(values[known])
        names = class_texts(table, spec.target, found)
        out = [value for value, name in zip(found, names, strict=True) if name in spec.leave_out_classes]
        known &= ~np.isin(values, out)
    return np.flatnonzero(known)


def encode_target(table: Table, name: str, task: Task, rows: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The target of some rows, and the names of its classes.

    Args:
        table: The table.
        name: The target column.
        task: What kind of answer is wanted.
        rows: (n,) rows whose target is known.

    Returns:
        (n,) int64 index into the sorted class names (a positive one such as "yes" last of two), or (n,) float64
        and no names.

    Raises:
        UserError: The column cannot be learned this way.
    """
    values = target_values(table, name)[rows]
    if not len(values):
        raise UserError(f"The target {quoted(name)} has no value in any usable row.", "Choose another target.")
    if task == "regression":
        _check_numbers(table, name, values)
        return values, ()
    found, codes, counts = np.unique(values, return_inverse=True, return_counts=True)
    names = class_texts(table, name, found)
    order = class_order(names, numeric=name not in table.texts)
    _check_classes(name, task, names, counts)
    return np.argsort(order)[codes.reshape(-1)].astype(np.int64), tuple(names[place] for place in order)


def class_texts(table: Table, name: str, found: np.ndarray) -> list[str]:
    """The class name of each of the values that `target_values` gave."""
    if name in table.texts:
        return [table.texts[name].values[int(code)] for code in found]
    return [number_text(value) for value in found.astype(table.numbers.dtype)]


def class_order(names: list[str], numeric: bool = False) -> list[int]:
    """The order of the classes: numbers as they are, texts sorted, of two texts the positive one last."""
    if numeric:
        return list(range(len(names)))
    order = sorted(range(len(names)), key=lambda place: (names[place].casefold(), names[place]))
    if len(names) == 2 and _positive(names[order[0]]) and not _positive(names[order[1]]):
        order.reverse()
    return order


def _positive(name: str) -> bool:
    return name.strip().casefold() in POSITIVE_WORDS


def _check_numbers(table: Table, name: str, values: np.ndarray) -> None:
    if name in table.texts:
        examples = listed([table.texts[name].values[int(code)] for code in np.unique(values)[:3]])
        raise UserError(
            f"The task is to predict a number, but the target {quoted(name)} holds texts such as {examples}.",
            "Choose a class as the task, or a numeric column as the target.",
        )
    if values.min() == values.max():
        raise UserError(
            f"The target {quoted(name)} is {number_text(values[0])} in every row; there is nothing to learn.",
            "Choose another target.",
        )


def _check_classes(name: str, task: Task, names: list[str], counts: np.ndarray) -> None:
    if len(names) == 1:
        raise UserError(
            f"The target {quoted(name)} is {quoted(names[0])} in every row; there is nothing to tell apart.",
            "Choose another target.",
        )
    if task == "binary" and len(names) > 2:
        raise UserError(
            f"The task is to tell two classes apart, but the target {quoted(name)} has {len(names):,} different "
            f"values: {listed(names)}.",
            "Choose several classes or a number as the task, or another target.",
        )
    if task == "multiclass" and len(names) == 2:
        raise UserError(
            f"The task is to tell several classes apart, but the target {quoted(name)} has only two: {listed(names)}.",
            "Choose two classes (binary) as the task.",
        )
    toy = counts.sum() < ENOUGH_ROWS
    if len(names) > MOST_CLASSES or len(names) > counts.sum() * (1 if toy else 0.5) - toy:
        raise UserError(
            f"The target {quoted(name)} has {len(names):,} different values in {counts.sum():,} rows, too many to "
            "learn as classes.",
            ANOTHER_TARGET,
        )
    alone = [names[place] for place in np.flatnonzero(counts == 1)]
    if alone and not toy:
        rows = "only one row" if len(alone) == 1 else "only one row each"
        raise UserError(
            f"{counted(len(alone), 'class', 'classes')} of {quoted(name)} {'has' if len(alone) == 1 else 'have'} {rows}"
            f" ({listed(alone)}), so that there is nothing to check it with.",
            "Add rows of it, merge it with a similar class, or delete those rows from the file.",
        )
