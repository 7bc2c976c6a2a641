"""A table and the choices about it become arrays that a network can learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data.blocks import extremes, number_text, row_blocks, usable
from core.data.copies import first_of_each, row_codes
from core.data.features import Features
from core.data.folds import divide
from core.data.splits import Split, check_rows, connected
from core.data.table import Table
from core.data.target import encode_target, known_rows, target_values
from core.data.words import counted, listed, quoted
from core.errors import UserError
from core.spec import DataSpec

__all__ = ["Dataset", "Features", "build_dataset", "check_columns", "select_features", "usable_columns", "usable_rows"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """What is learned from, for n rows.

    Args:
        features: n rows, unscaled.
        y: (n,) int64 class index, or float64 value.
        class_names: Names of the classes; empty for regression.
        rows: (n,) int64, the row of the table, from 0, that each came from.
        ids: The name of each row, if a column was chosen for it.
        groups: (n,) int64, equal for rows that stay together (same group, or equal in every feature, or linked by a
            chain of such rows); None if every row stands alone.
        split: Positions among the n rows.
    """

    features: Features
    y: np.ndarray
    class_names: tuple[str, ...]
    rows: np.ndarray
    ids: tuple[str, ...] | None
    groups: np.ndarray | None
    split: Split

    def __len__(self) -> int:
        return len(self.y)


def build_dataset(table: Table, spec: DataSpec) -> Dataset:
    """Choose rows and columns, encode the target, and split.

    Left out are rows without a target, columns that never vary, and what ``spec`` says. Nothing is filled or
    scaled: `Preprocessing` does that, from training rows only.

    Raises:
        UserError: For anything that makes learning impossible, with what to do about it.
    """
    check_columns(table, spec)
    rows = usable_rows(table, spec)
    features = select_features(table, usable_columns(table, spec, rows), rows)
    copies = row_codes(features.numbers, features.codes)
    check_rows(len(rows))
    y, class_names = encode_target(table, spec.target, spec.task, rows)
    if spec.duplicate_rows == "drop":
        answers = target_values(table, spec.target)[rows]
        kept = first_of_each(np.stack([copies, answers.view(np.uint64)], axis=1))
        rows, features, copies, y = rows[kept], features.take(kept), copies[kept], y[kept]
    groups = _groups(table, spec, rows, copies)
    parts = divide(y, spec.task, spec.split, groups)
    check_training(y, class_names, parts, spec)
    ids = None if spec.id_column is None else _ids(table, spec.id_column, rows)
    return Dataset(features, y, class_names, rows, ids, groups, parts)


def usable_rows(table: Table, spec: DataSpec) -> np.ndarray:
    """(n,) int64 rows with a target and, if ``spec`` says so, with all feature values."""
    rows = known_rows(table, spec)
    if not len(rows):
        raise UserError(f"The target {quoted(spec.target)} has no value in any row.", "Choose another target.")
    if spec.missing_values == "drop_rows":
        complete = ~missing_anywhere(table, usable_columns(table, spec, rows))
        if not complete[rows].any():
            raise UserError(
                "Every row lacks the value of at least one feature, so that leaving those rows out leaves nothing.",
                "Fill missing values instead, or leave out the columns that lack most.",
            )
        rows = rows[complete[rows]]
    return rows


def usable_columns(table: Table, spec: DataSpec, rows: np.ndarray | None = None) -> tuple[str, ...]:
    """Names, in file order, of the columns that are features and vary in the given rows.

    A number that is the same wherever it is known never varies; a text may still vary by being missing.

    Raises:
        UserError: None is left.
    """
    hidden = {spec.target, spec.id_column, spec.group_column, *spec.drop}
    names = [name for name in table.names if name not in hidden]
    if not names:
        raise UserError(
            "No feature is left to learn from: every column is the target, the id, the group or left out.",
            "Leave out fewer columns, choose another target, or join a second table that holds the features.",
        )
    part: np.ndarray | slice = slice(None) if rows is None or len(rows) == table.rows else rows
    low, high = extremes(table.numbers[part])
    varies = dict(zip(table.number_names, low < high, strict=True))
    left = tuple(name for name in names if (varies[name] if name in varies else _text_varies(table, name, part)))
    if not left:
        raise UserError(
            f"All {counted(len(names), 'feature')} ({listed(names)}) have the same value in every row that can be used,"
            " or none; there is nothing to learn from.",
            "Check that the file was read correctly, or use columns that differ from row to row.",
        )
    return left


def missing_anywhere(table: Table, columns: Sequence[str]) -> np.ndarray:
    """(rows,) bool: whether any of the columns lacks a value in the row."""
    places = [table.number_index[name] for name in columns if name not in table.texts]
    missing = np.zeros(table.rows, bool)
    for block in row_blocks(table.rows, len(places)):
        missing[block] = ~np.isfinite(usable(table.numbers[block][:, places])).all(axis=1)
    for name in columns:
        if name in table.texts:
            missing |= np.asarray(table.texts[name].codes) < 0
    return missing


def _text_varies(table: Table, name: str, part: np.ndarray | slice) -> bool:
    codes = np.asarray(table.texts[name].codes)[part]
    return bool(len(codes)) and bool((codes != codes[0]).any())


def check_columns(table: Table, spec: DataSpec) -> None:
    """Raises `UserError` for chosen columns that are not there, or that have two uses."""
    known = set(table.names)
    named: dict[str, Sequence[str | None]] = {
        "target": [spec.target], "id": [spec.id_column], "group": [spec.group_column], "left out": spec.drop,
    }  # fmt: skip
    for use, names in named.items():
        unknown = [name for name in names if name and name not in known]
        if unknown:
            raise UserError(
                f"There is no column {listed(unknown)} ({use}) in the table; it has {listed(table.names)}.",
                "Choose a column that is there.",
            )
    for use, name in (("id", spec.id_column), ("group", spec.group_column)):
        if spec.target and spec.target == name:
            raise UserError(f"{quoted(name)} is both the target and the {use} column.", "Choose two different columns.")
    if spec.target in spec.drop:
        raise UserError(
            f"{quoted(spec.target)} is both the target and left out.", "Keep the target, or choose another."
        )


def select_features(table: Table, names: Sequence[str], rows: np.ndarray) -> Features:
    """The columns ``names`` of some rows, as they are."""
    number_names = tuple(name for name in names if name not in table.texts)
    text_names = tuple(name for name in names if name in table.texts)
    places = np.array([table.number_index[name] for name in number_names], np.int64)
    numbers = np.empty((len(rows), len(places)), np.float32)
    for block in row_blocks(*numbers.shape):
        numbers[block] = usable(table.numbers[rows[block]][:, places])
    codes = np.empty((len(rows), len(text_names)), np.int32)
    for column, name in enumerate(text_names):
        codes[:, column] = np.asarray(table.texts[name].codes)[rows]
    return Features(numbers, codes, number_names, text_names, tuple(table.texts[name].values for name in text_names))


def _groups(table: Table, spec: DataSpec, rows: np.ndarray, copies: np.ndarray) -> np.ndarray | None:
    labels = np.unique(copies, return_inverse=True)[1].reshape(-1)
    if spec.group_column is not None:
        given = target_values(table, spec.group_column)[rows]
        labels = connected(labels, np.where(np.isnan(given), len(rows) + np.arange(len(rows)), _ranks(given)))
    return labels if labels.max() + 1 < len(rows) else None


def _ranks(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].reshape(-1)


def _ids(table: Table, name: str, rows: np.ndarray) -> tuple[str, ...]:
    cells = table.column(name)[rows]
    if name in table.texts:
        return tuple("" if cell is None else str(cell) for cell in cells)
    return tuple("" if np.isnan(cell) else number_text(cell) for cell in cells)


def check_training(y: np.ndarray, class_names: tuple[str, ...], parts: Split, spec: DataSpec) -> None:
    """Raises `UserError` where the training rows lack a class, or know only one value of the target."""
    absent = [name for code, name in enumerate(class_names) if not (y[parts.train] == code).any()]
    if absent:
        raise UserError(
            f"No training row is left for {listed(absent)}, because all its rows must stay together on one side of the "
            "split (the same group, or equal in every feature).",
            "Choose another group column or none, or add rows of that class from other groups.",
        )
    if spec.task == "regression" and y[parts.train].min() == y[parts.train].max():
        raise UserError(
            f"The target {quoted(spec.target)} is {number_text(y[parts.train][0])} in every training row.",
            "Add rows with other values, or change the seed of the split.",
        )
