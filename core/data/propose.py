"""What a table is most likely for: its target, task, names, groups, and what to leave out."""

from __future__ import annotations

import numpy as np

from core.data.columns import holds_dates, is_free_text, is_id_like, names_groups, names_rows, words_of
from core.data.copies import duplicate_columns
from core.data.preprocess import Scaling
from core.data.profile import ColumnProfile, Profile, profile
from core.data.propose_join import propose_join
from core.data.propose_transpose import GENE, propose_transpose
from core.data.table import Table
from core.data.target import target_values
from core.spec import DataSpec, Join, TableSource, Task

__all__ = ["propose", "propose_join", "propose_scaling", "propose_target", "propose_task", "propose_transpose"]

# In the order in which they are believed.
TARGET_NAMES = (
    *("target", "label", "labels", "outcome", "class", "classes", "diagnosis", "response", "result", "results"),
    *("survived", "survival", "passed", "pass", "passfail", "status", "y", "lnic", "ic", "ec", "auc", "doxorubicin"),
    *("tumour", "tumor", "species", "variety", "price", "saleprice", "churn", "churned", "default", "disease", "fail"),
)
MOST_CLASSES = 10
ROWS_A_CLASS = 5
SKEWED = 1.5
MANY_VALUES = 10


def propose(table: Table, source: TableSource, join: Join | None = None, target: str | None = None) -> DataSpec:
    """A complete choice for a table; with a join, ``table`` is the joined one.

    Args:
        table: What was read.
        source: Where it came from.
        join: The second table, if any.
        target: The target, if a person chose it; else it is proposed, and ``""`` if no column will do.
    """
    known = profile(table)
    chosen = propose_target(table, known) if target is None else target
    others = [name for name in table.names if name != chosen]
    group = next((name for name in others if names_groups(known.column(name), table.rows)), None)
    id_column = _id_column(table, known, [name for name in others if name != group])
    features = [name for name in others if name not in (group, id_column)]
    drop = _useless(table, known, features)
    return DataSpec(
        source=source,
        join=join,
        target=chosen,
        task=propose_task(table, chosen) if chosen else "binary",
        drop=drop,
        id_column=id_column,
        group_column=group,
        scaling=propose_scaling(known, set(features).difference(drop))[0],
    )


def propose_task(table: Table, target: str) -> Task:
    """Texts and two values are classes; so are few whole numbers with several rows each; the rest is a number."""
    values = target_values(table, target)
    found, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(found) <= 2:
        return "binary"
    if target in table.texts:
        return "multiclass"
    few = len(found) <= MOST_CLASSES and counts.sum() >= ROWS_A_CLASS * len(found) and counts.min() >= 2
    return "multiclass" if few and (found == np.rint(found)).all() else "regression"


def propose_target(table: Table, known: Profile) -> str:
    """The column named like a target, else the last one that could be one; ``""`` if there is none.

    The last of a table of genes is none: there, the target is in another file.
    """
    usable = [name for name in reversed(table.names) if _could_be_target(table, known, name)]
    whole = {name: "".join(words_of(name)) for name in usable}
    for wanted in TARGET_NAMES:
        for name in usable:
            if whole[name] == wanted:
                return name
    for name in usable:
        if _mentions_target(words_of(name)):
            return name
    last = usable[0] if usable else ""
    return "" if GENE.fullmatch(last) else last


def _mentions_target(words: tuple[str, ...]) -> bool:
    """Whether the name ends or begins with a target's name: ``final_result``, ``doxorubicin_auc``, ``tumour type``."""
    strong = set(TARGET_NAMES).difference({"y", "ic", "ec", "pass", "status", "class", "default", "price"})
    return (words[-1] in TARGET_NAMES and words[-1] != "y") or words[0] in strong


def _could_be_target(table: Table, known: Profile, name: str) -> bool:
    column = known.column(name)
    present = table.rows - column.missing
    if column.distinct < 2 or (is_id_like(column, table.rows) and present > 2) or names_rows(name):
        return False
    if column.kind == "text":
        return column.distinct <= max(2, present / 2) and not holds_dates(table, name)
    return True


def _id_column(table: Table, known: Profile, names: list[str]) -> str | None:
    """The first column that says it names the rows, else the first text, with a different value in each row."""
    single = [name for name in names if _all_different(known.column(name), table.rows)]
    named = [name for name in single if names_rows(name)]
    texts = [name for name in single if name in table.texts and not _not_a_name(table, known.column(name))]
    return next(iter(named + texts), None)


def _all_different(column: ColumnProfile, rows: int) -> bool:
    return column.missing == 0 and column.distinct == rows and (column.kind == "text" or column.whole)


def _not_a_name(table: Table, column: ColumnProfile) -> bool:
    return holds_dates(table, column.name) or is_free_text(table, column)


def _useless(table: Table, known: Profile, names: list[str]) -> tuple[str, ...]:
    """Features, in file order, that teach nothing: constant, copies, ids, dates and free text."""
    copies = duplicate_columns(table, names)
    useless = (name for name in names if name in copies or _teaches_nothing(table, known.column(name)))
    return tuple(useless)


def _teaches_nothing(table: Table, column: ColumnProfile) -> bool:
    if column.kind == "number":
        return column.distinct < 2 or is_id_like(column, table.rows)
    if column.distinct == 0 or (column.distinct == 1 and not column.missing):
        return True
    return is_id_like(column, table.rows) or _not_a_name(table, column)


def propose_scaling(known: Profile, features: set[str]) -> tuple[Scaling, list[str]]:
    """``"log"``, and the skewed features, if these are at least half of those with many values.

    Skewed: never negative, and leaning far to the right.
    """
    chosen = np.array([name in features for name in known.number_names], bool)
    rich = chosen & (known.numbers.distinct > MANY_VALUES)
    with np.errstate(invalid="ignore"):
        leaning = rich & (known.numbers.minimum >= 0) & (known.numbers.skew > SKEWED)
    names = [known.number_names[place] for place in np.flatnonzero(leaning)]
    return ("log" if len(names) * 2 >= max(rich.sum(), 1) else "standard"), names
