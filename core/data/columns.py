"""What a column looks like: an id, a date, free text, a target, a group. From its name and its values."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from core.data.profile import ColumnProfile
from core.data.table import Table

SAMPLE = 200
MOSTLY = 0.9
LONG_TEXT = 40
DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( \d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3,9}[-, ]*(\d{4}|\d{2})"
    r"|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
)
NUMBERING = frozenset({"id", "ids", "no", "nr", "number", "code", "key", "identifier", "index", "uuid", "guid"})
ROW_NAMES = frozenset({"sample", "samples", "name", "names", "row", "rowname", "barcode", "unnamed", "case", "record"})
PEOPLE = frozenset({"patient", "donor", "participant", "respondent", "proband", "mouse", "animal", "cellline"})
PERHAPS_PEOPLE = frozenset({"subject", "student", "person", "individual", "family", "household", "user", "customer"})


@lru_cache(maxsize=1 << 16)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name in lower case: ``PatientID``, ``patient_id`` and ``patient id`` are alike."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name[:200])
    return tuple(re.findall(r"[^\W\d_]+", spaced.casefold())) or (name[:200].casefold(),)


def holds_dates(table: Table, name: str) -> bool:
    """Whether nearly all texts of the column are dates."""
    values = _some_values(table, name)
    return bool(values) and sum(bool(DATE.fullmatch(value.strip())) for value in values) >= MOSTLY * len(values)


def is_free_text(table: Table, column: ColumnProfile) -> bool:
    """Whether the texts are sentences rather than categories: long, and mostly different."""
    values = _some_values(table, column.name)
    if not values or column.distinct < 0.5 * (table.rows - column.missing):
        return False
    return float(np.mean([len(value) for value in values])) >= LONG_TEXT


def is_numbering(column: ColumnProfile, rows: int) -> bool:
    """Whether a number only counts the rows: all different whole numbers, without gaps or called id."""
    if column.kind != "number" or not column.whole or column.distinct < rows or rows < 2:
        return False
    assert column.minimum is not None and column.maximum is not None
    return column.maximum - column.minimum == rows - 1 or words_of(column.name)[-1] in NUMBERING


def is_id_like(column: ColumnProfile, rows: int) -> bool:
    """Whether nearly every row has a value of its own, so that nothing general can be learned from it."""
    known = rows - column.missing
    if column.kind == "number":
        return is_numbering(column, rows)
    return known >= 3 and column.distinct >= MOSTLY * known


def names_rows(name: str) -> bool:
    """Whether the column's name says that it names the rows."""
    words = words_of(name)
    named = NUMBERING | ROW_NAMES | PEOPLE | PERHAPS_PEOPLE
    return all(word in named for word in words) and not name.isspace()


def names_groups(column: ColumnProfile, rows: int) -> bool:
    """Whether the column says strongly, by its name, that rows with the same value belong together."""
    known = rows - column.missing
    repeats = 3 <= column.distinct <= MOSTLY * known and (column.kind == "text" or column.whole)
    words = words_of("cellline" if words_of(column.name)[:2] == ("cell", "line") else column.name)
    if not repeats or not all(word in NUMBERING | PEOPLE | PERHAPS_PEOPLE for word in words):
        return False
    numbered = any(word in NUMBERING for word in words)
    if any(word in PEOPLE for word in words) or (numbered and any(word in PERHAPS_PEOPLE for word in words)):
        return True
    return column.distinct >= 10 and any(word in PERHAPS_PEOPLE for word in words)


def _some_values(table: Table, name: str) -> tuple[str, ...]:
    return table.texts[name].values[:SAMPLE] if name in table.texts else ()
