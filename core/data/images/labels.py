"""Classes from a table that lies beside the pictures: one column names files, another their class."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from core.data.images.layout import Path

TABLES = (".csv", ".tsv", ".txt")
LABEL_NAMES = ("label", "labels", "class", "class_name", "classname", "category", "target", "species", "breed", "type")
# Of all tables together; 200,000 pictures need about a third of it.
MOST_TABLE_BYTES = 40_000_000
MOST_ROWS = 500_000
LONGEST_LINE = 10_000
MOST_COLUMNS = 100
# So many rows tell which column names files.
LOOKED_AT = 2_000
ENOUGH = 0.5


def read_labels(tables: Iterable[bytes], paths: Sequence[Path]) -> list[str]:
    """The class of each file, "" where no table names it.

    A file is named by its path, a part of its path's end, its name, or its name without the ending.

    Args:
        tables: The bytes of each table in the zip.
        paths: Folders and name of each picture.
    """
    known = {key for path in paths for key in _keys(path)}
    labels: dict[str, str] = {}
    for content in tables:
        for file, label in _pairs(_rows(content), known):
            labels.setdefault(file, label)
    return [next((labels[key] for key in _keys(path) if key in labels), "") for path in paths]


def _keys(path: Path) -> Iterator[str]:
    """Ways to name a file, the surest first."""
    for start in range(len(path)):
        yield "/".join(path[start:]).casefold()
    yield path[-1].rpartition(".")[0].casefold() or path[-1].casefold()


def _key(cell: str) -> str:
    return cell.strip().replace("\\", "/").removeprefix("./").casefold()


def _rows(content: bytes) -> list[list[str]]:
    """Cells of each row; none of a table that cannot be about pictures and would take minutes."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_ROWS or max(map(len, text.split("\n"))) > LONGEST_LINE:
        return []
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [row[:MOST_COLUMNS] for row in rows if len(row) > 1]
    except csv.Error:
        return []


def _pairs(rows: list[list[str]], known: set[str]) -> Iterator[tuple[str, str]]:
    """File and label of each row, or nothing if the table is about something else."""
    width = min((len(row) for row in rows), default=0)
    some = rows[:: max(1, len(rows) // LOOKED_AT)]
    matches = [sum(_key(row[column]) in known for row in some) for column in range(width)]
    if width < 2 or max(matches) < ENOUGH * max(len(some) - 1, 1):
        return
    file = matches.index(max(matches))
    header = [] if _key(rows[0][file]) in known else [cell.strip().casefold() for cell in rows[0]]
    body = rows[1:] if header else rows
    label = _label_column(body, header, [column for column in range(width) if column != file])
    for row in body:
        if row[label].strip():
            yield _key(row[file]), " ".join(row[label].split())


def _label_column(rows: list[list[str]], header: list[str], columns: list[int]) -> int:
    """The one with a fitting name, else the one with the fewest different values, at least two."""
    named = [column for name in LABEL_NAMES for column in columns if header and header[column] == name]
    if named:
        return named[0]
    distinct = {column: len({row[column] for row in rows}) for column in columns}
    return min(columns, key=lambda column: (distinct[column] < 2, distinct[column]))
