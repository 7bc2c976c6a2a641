"""What is worth knowing about the rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.data.columns import names_groups
from core.data.copies import first_of_each, row_codes
from core.data.dataset import select_features
from core.data.finding import Finding, View
from core.data.profile import ColumnProfile
from core.data.splits import ENOUGH_ROWS, FEWEST_ROWS
from core.data.words import counted, quoted

FEW = 100
FEW_GROUPS = 15
MANY_COPIES = 0.1


def few_rows(view: View) -> Iterator[Finding]:
    """Too few rows to learn from, or to believe a score."""
    rows = len(view.rows)
    if rows < ENOUGH_ROWS:
        yield Finding(
            kind="few_rows", severity="problem" if rows < FEWEST_ROWS else "warning",
            title=f"Only {counted(rows, 'row')} to learn from",
            meaning="Enough to follow by hand, far too few to trust: no row is sealed as a test, and a score on one or "
            "two rows says nothing. A few hundred are a good start.",
        )  # fmt: skip
    elif rows < FEW:
        yield Finding(
            kind="few_rows", severity="warning", title=f"Only {counted(rows, 'row')} to learn from",
            meaning="Scores on so few rows are rough: look at their intervals, and keep the network small.",
        )  # fmt: skip


def wide(view: View) -> Iterator[Finding]:
    """More features than rows."""
    if len(view.features) > len(view.rows) >= ENOUGH_ROWS:
        yield Finding(
            kind="wide", severity="note",
            title=f"More features ({len(view.features):,}) than rows ({len(view.rows):,})",
            meaning="A network can learn such rows by heart and still know nothing about new ones. The preset for wide "
            "tables holds it back (regularization).",
        )  # fmt: skip


def duplicate_rows(view: View) -> Iterator[Finding]:
    """Rows that equal another one in every feature."""
    if view.spec.duplicate_rows == "drop" or not view.features or len(view.rows) < 2:
        return
    features = select_features(view.table, view.features, view.rows)
    codes = row_codes(features.numbers, features.codes)
    copies = len(codes) - len(np.unique(codes))
    if not copies:
        return
    repeated, differing = copies, 0
    if view.has_target:
        both = np.stack([codes, view.target[view.rows].view(np.uint64)], axis=1)
        repeated = len(codes) - len(first_of_each(both))
        differing = copies - repeated
    words = f" {counted(differing, 'copy has', 'copies have')} another target than the original." if differing else ""
    yield Finding(
        kind="duplicate_rows", severity="warning" if copies > MANY_COPIES * len(codes) else "note",
        title=f"{counted(copies, 'row repeats', 'rows repeat')} another one",
        meaning="They equal an earlier row in every feature. Copies always stay on one side of the split, since a "
        f"network that is tested on what it has seen looks better than it is.{words}",
        remedy="Keep only the first of each" if repeated else "",
        changes={"duplicate_rows": "drop"} if repeated else {},
    )  # fmt: skip


def repeated_ids(view: View) -> Iterator[Finding]:
    """Several rows of the same person or sample, and nothing that keeps them together."""
    if view.spec.group_column is not None:
        return
    candidates = [view.spec.id_column, *view.features]
    known = [view.profile.column(name) for name in candidates if name is not None]
    rows = view.table.rows
    named = [column for column in known if names_groups(column, rows) or _repeats(view, column)]
    if named:
        column = named[0]
        change = {"group_column": column.name}
        yield Finding(
            kind="repeated_ids", severity="warning", title=f"{quoted(column.name)} occurs in several rows",
            meaning=f"{rows - column.missing:,} rows share {column.distinct:,} values. If rows of the same one are in "
            "training and in validation, the network only has to recognise it, and its score is too good.",
            columns=(column.name,), remedy="Keep its rows together",
            changes={**change, "id_column": None} if column.name == view.spec.id_column else change,
        )  # fmt: skip


def _repeats(view: View, column: ColumnProfile) -> bool:
    """Whether it is the chosen id, and repeats."""
    return column.name == view.spec.id_column and 3 <= column.distinct < view.table.rows - column.missing


def few_groups(view: View) -> Iterator[Finding]:
    """Groups that are too few, or one that is too large, for even parts."""
    name = view.spec.group_column
    if name is None:
        return
    column = view.profile.column(name)
    if column.distinct < FEW_GROUPS:
        yield Finding(
            kind="few_groups", severity="warning", title=f"Only {counted(column.distinct, 'group')} in {quoted(name)}",
            meaning="Whole groups go to train, validation or test, so that few groups make uneven parts, and scores "
            "that rest on one or two groups.",
            columns=(name,), remedy="Do not group", changes={"group_column": None},
        )  # fmt: skip
