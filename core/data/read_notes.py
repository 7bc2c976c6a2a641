"""What the reader did to a table, in plain sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.data.table import Text, quoted, shorten

NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})( .*)?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}([.,' \u00a0\u202f][0-9]{3})+([.,][0-9]+)?")
LOOKED_AT = 100
MOST_COLUMNS = 2_000


def value_notes(identifiers: Sequence[str], infinite: Mapping[str, int], texts: Mapping[str, Text]) -> list[str]:
    """Notes on identifiers, infinite values, dates and columns that mix numbers with texts."""
    notes = []
    if identifiers:
        notes.append(
            f"Digits that begin with 0 or are very long are names, not numbers; kept as text: {quoted(identifiers)}."
        )
    if infinite:
        total = sum(infinite.values())
        notes.append(f"Infinite or enormous values count as missing: {total:,} in {quoted(list(infinite))}.")
    dates, mixed, grouped = [], {}, []
    for name, text in list(texts.items())[:MOST_COLUMNS]:
        sample = text.values[:LOOKED_AT]
        if sample and all(DATE.fullmatch(value) for value in sample):
            dates.append(name)
        elif _has_grouped_digits(sample):
            grouped.append(name)
        elif name not in identifiers and (odd := _odd_one(sample)):
            mixed[name] = odd
    if dates:
        notes.append(f"Dates stay text: {quoted(dates)}.")
    if grouped:
        notes.append(
            f"Numbers that may have marks between the thousands stay text: {quoted(grouped)}; remove the marks."
        )
    return notes + _mixed_note(mixed)


def _has_grouped_digits(sample: Sequence[str]) -> bool:
    """True for values such as 1,234,567 (among plain numbers)."""
    grouped = [value for value in sample if GROUPED.fullmatch(value)]
    return bool(grouped) and all(NUMBER.fullmatch(value) for value in set(sample) - set(grouped))


def _odd_one(sample: Sequence[str]) -> str | None:
    """The first text among values that are mostly numbers."""
    odd = [value for value in sample if not NUMBER.fullmatch(value)]
    return odd[0] if odd and len(odd) * 2 < len(sample) else None


def _mixed_note(mixed: Mapping[str, str]) -> list[str]:
    if not mixed:
        return []
    example = shorten(next(iter(mixed.values())), 40)
    return [
        f"Numbers and texts are mixed in {quoted(list(mixed))} (for example '{example}'), so they are read as texts; "
        "if such a text means missing, add it to the missing markers."
    ]


def grouped_note(columns: Sequence[str]) -> list[str]:
    """What was done to numbers with marks between the thousands."""
    return [f"Marks between the thousands were taken out of the numbers: {quoted(columns)}."] if columns else []


def size_notes(unnamed: int, empty_rows: int) -> list[str]:
    """Notes on empty columns and rows that were left out."""
    notes = []
    if unnamed:
        notes.append(f"Empty columns without a name were left out ({unnamed:,} of them).")
    if empty_rows:
        notes.append(f"Empty rows at the end were left out ({empty_rows:,} of them).")
    return notes
