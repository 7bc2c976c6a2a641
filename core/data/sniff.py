"""How the characters of a file become a table, detected from its content."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from core.data.read_blocks import blocks
from core.data.read_excel import cell_text, excel_rows, sheets
from core.data.read_grid import without_titles
from core.data.sniff_kind import file_encoding, file_kind
from core.errors import UserError
from core.spec import MISSING_MARKERS, TableFormat

DELIMITERS = ("\t", ";", "|", ",", " ")
SAMPLE_LINES = 200
SAMPLE_BYTES = 1 << 20
SAMPLE_COLUMNS = 500
POINT_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
COMMA_NUMBER = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
OTHER_MARKERS = {
    "n.a.", "n.d.", "nd", "n/d", "missing", "unknown", "undefined", "not available", "--", "---", "..", "...", ":",
    "*", "<na>", "nil", "none", "(null)", "#div/0!", "#value!", "#ref!", "#num!", "#name?", "na", "nan", "null",
    "no data", "n.v.", "k.a.", "keine angabe",
}  # fmt: skip

Rows = Sequence[Sequence[str]]


def sniff(path: Path, name: str = "") -> TableFormat:
    """Detect a file's format.

    Args:
        path: The file.
        name: The name that it had; used in messages only, since content decides.

    Raises:
        UserError: The file is empty or does not hold a table.
    """
    kind = file_kind(path, name)
    if kind == "parquet":
        return TableFormat(kind="parquet")
    if kind == "excel":
        return _sniff_excel(path)
    encoding = file_encoding(path)
    lines = _sample(path, encoding)
    delimiter = _delimiter(lines)
    rows = without_titles([row[:SAMPLE_COLUMNS] for row in _split(lines, delimiter)])
    decimal = _decimal(rows, delimiter)
    header = has_header(rows, decimal)
    return TableFormat.parse(
        {"delimiter": delimiter, "decimal": decimal, "encoding": encoding, "header": header,
         "missing": missing_markers(rows[1:], decimal)}
    )  # fmt: skip


def _sniff_excel(path: Path) -> TableFormat:
    """The first sheet that holds a table (of several columns, if there is one), and how it is read."""
    filled = {name: rows for name in sheets(path) if len(rows := excel_rows(path, name, most=SAMPLE_LINES)) > 1}
    if not filled:
        raise UserError("No sheet of this file holds a table.", "Choose a file that holds a table.")
    tables = [name for name, rows in filled.items() if len(rows[0]) > 1]
    name = (tables or list(filled))[0]
    cells = filled[name]
    titled: Rows = [[cell_text(cell) for cell in row[:SAMPLE_COLUMNS]] for row in cells]
    sample = without_titles(titled)
    sheet = "" if name == sheets(path)[0] else name
    return TableFormat(kind="excel", sheet=sheet, header=has_header(sample), missing=missing_markers(sample[1:]))


def _sample(path: Path, encoding: str) -> list[str]:
    """The first lines, as many as fit into about a megabyte, whole ones only."""
    lines: list[str] = []
    for block in blocks(path, encoding):
        lines += block.text.decode().split("\n")[:-1]
        lines = [line for line in lines if line.strip()]
        if len(lines) >= SAMPLE_LINES or sum(map(len, lines)) >= SAMPLE_BYTES:
            break
    if not lines:
        raise UserError("This file is empty.", "Choose a file that holds a table.")
    return lines[:SAMPLE_LINES]


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    if delimiter == " ":
        lines = [line.strip() for line in lines]
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    rows: list[list[str]] = []
    try:
        rows.extend([cell.strip() for cell in row] for row in reader)
    except csv.Error:
        return rows or [list(lines[:1])]
    return rows


def _delimiter(lines: Sequence[str]) -> str:
    """The separator that gives the most lines the same number of cells; at a tie the rarer character wins."""
    present = [delimiter for delimiter in DELIMITERS if any(delimiter in line for line in lines)]
    scores = {delimiter: _evenness(_split(lines, delimiter), delimiter) for delimiter in present}
    best = max(scores.values(), default=0.0)
    return next(delimiter for delimiter in present if scores[delimiter] == best) if best > 0 else ","


def _evenness(rows: Rows, delimiter: str) -> float:
    """Share of the rows that have the usual number of cells; 0 where that is one cell."""
    rows = rows if delimiter == " " else without_titles(rows)
    widths = Counter(len(row) for row in rows[1:] or rows)
    usual, times = widths.most_common(1)[0]
    head = len(rows[0])
    if usual < 2 or (head == 1 and usual > 1 and len(rows) > 1):
        many = sum(count for width, count in widths.items() if width > 1)
        return 0.2 * many / len(rows) if delimiter != " " else 0.0
    fits = head in (usual, usual - 1, usual + 1)
    share = (times + fits * (len(rows) > 1)) / len(rows)
    if delimiter != " ":
        return share
    return share * 0.9 if share > 0.99 and _mostly_numbers(rows) else 0.0


def _mostly_numbers(rows: Rows) -> bool:
    """Words between spaces are a sentence; numbers between spaces are a table."""
    cells = [cell for row in rows[1:] or rows for cell in row]
    return sum(bool(POINT_NUMBER.fullmatch(cell) or cell in MISSING_MARKERS) for cell in cells) * 2 >= len(cells)


def _decimal(rows: Rows, delimiter: str) -> str:
    """A comma where numbers hold commas and (almost) none a point."""
    cells = [cell for row in rows for cell in row]
    points = sum("." in cell and bool(POINT_NUMBER.fullmatch(cell)) for cell in cells)
    commas = [cell for cell in cells if "," in cell and COMMA_NUMBER.fullmatch(cell)]
    if len(commas) <= points:
        return "."
    all_grouped = all(GROUPED.fullmatch(cell) for cell in commas)
    return "." if all_grouped and delimiter != ";" else ","


def _number(decimal: str) -> re.Pattern[str]:
    return COMMA_NUMBER if decimal == "," else POINT_NUMBER


def has_header(rows: Rows, decimal: str = ".") -> bool:
    """Whether the first row names the columns: it differs from what stands below it.

    Args:
        rows: The first rows as texts.
        decimal: The decimal mark of the numbers.
    """
    rows = [row for row in rows if any(row)]
    number = _number(decimal)
    if len(rows) < 2:
        return not any(number.fullmatch(cell) for row in rows for cell in row)
    head, body = rows[0], rows[1:]
    shift = int(max(map(len, body)) == len(head) + 1)
    named = unnamed = repeated = texts = 0
    for place, name in enumerate(head):
        column = [row[place + shift] for row in body if place + shift < len(row)]
        values = [cell for cell in column if cell not in MISSING_MARKERS]
        if not values:
            continue
        numeric = sum(bool(number.fullmatch(cell)) for cell in values) > 0.8 * len(values)
        if numeric and name not in MISSING_MARKERS:
            unnamed += bool(number.fullmatch(name))
            named += not number.fullmatch(name)
        elif not numeric and len(values) >= 3:
            texts += 1
            repeated += name in values
    if named or unnamed:
        return named > unnamed or _numbered_names(head, body)
    return repeated * 2 < texts or not repeated


def _numbered_names(head: Sequence[str], body: Rows) -> bool:
    """True for names such as 0, 1, 2 … or 2019, 2020, 2021, or sample numbers above decimals."""
    numbers = [cell for cell in head if POINT_NUMBER.fullmatch(cell)]
    if len(numbers) < 3 or not all(cell.isdigit() for cell in numbers):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    if steps == {1}:
        return True
    others = {cell for cell in head if cell and not cell.isdigit()}
    listed = {cell for row in body for cell in row if cell}
    decimals = sum(not cell.lstrip("+-").isdigit() for row in body for cell in row[1:] if cell)
    distinct = len(set(numbers)) == len(numbers) >= len(head) - 1
    return distinct and not others & listed and decimals * 2 > sum(len(row) - 1 for row in body)


def missing_markers(rows: Rows, decimal: str = ".") -> tuple[str, ...]:
    """The usual markers, and words such as ``n.d.`` that stand in columns of numbers."""
    number = _number(decimal)
    found: list[str] = []
    for column in zip(*(row for row in rows if rows and len(row) == len(rows[0])), strict=True):
        odd = {cell for cell in column if cell not in MISSING_MARKERS and not number.fullmatch(cell)}
        numbers = sum(bool(number.fullmatch(cell)) for cell in column)
        if 0 < len(odd) <= 3 and numbers > len(column) / 2 and all(cell.lower() in OTHER_MARKERS for cell in odd):
            found += sorted(odd)
    return MISSING_MARKERS + tuple(dict.fromkeys(found))[:20]
