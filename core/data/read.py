"""From a file and its format to a table, or to a quick look at its first cells."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.data.read_blocks import Progress
from core.data.read_columns import Columns
from core.data.read_excel import excel_grid, sheets
from core.data.read_grid import Grid, ahead, transposed
from core.data.read_names import clean_names, numbered
from core.data.read_notes import grouped_note, size_notes, value_notes
from core.data.read_text import text_grid
from core.data.table import Table
from core.errors import UserError
from core.spec import TableFormat

__all__ = ["Preview", "preview", "read_table", "sheets"]


@dataclass(frozen=True)
class Preview:
    """The first cells of a table, as texts.

    Attributes:
        names: Names of the columns that are shown.
        rows: Rows of cells.
        columns: How many columns the table has in all; None if that takes reading the whole file.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: int | None


def read_table(
    path: Path,
    format: TableFormat,
    progress: Progress | None = None,
    folder: Path | None = None,
    most: float | None = None,
) -> Table:
    """Read a whole file.

    Args:
        path: The file.
        format: How to read it, e.g. from `core.data.sniff.sniff`.
        progress: Is called with the share that is done, 0 to 1.
        folder: An existing folder where the table is written while it is read (`Table.open` reads it again);
            None keeps the table in memory.
        most: How many cells there may be.

    Raises:
        UserError: The file does not hold a table in this format, or one that is too large.
    """
    try:
        return _read(path, format, progress, folder, most)
    finally:
        _give_memory_back()


def _read(path: Path, format: TableFormat, progress: Progress | None, folder: Path | None, most: float | None) -> Table:
    # The shares are collected on the reading thread and told on the caller's, which alone may draw.
    shares = [0.0]
    grid = _grid(path, format, shares.append, most)
    columns = Columns(grid.width, format.missing, format.decimal, grid.texts, folder, most)
    for chunk in ahead(grid.chunks):
        columns.add(chunk)
        if progress:
            progress(shares[-1])
    if not columns.last_filled_row:
        raise _without_rows(format)
    columns.settle()
    if columns.late:
        _look_again(path, format, columns)
    columns.ungroup()
    table = _table(grid, columns)
    if folder:
        table.save_texts(folder)
    if progress:
        progress(1.0)
    return table


def _without_rows(format: TableFormat) -> UserError:
    return UserError(
        "This table has no rows, only column names." if format.header else "This table is empty.",
        "Choose a file with data; if the first row is already data, turn off the row of names.",
    )


def _give_memory_back() -> None:
    """Allocators keep what was freed; after a wide table that is half as much as the table itself."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)


def _grid(path: Path, format: TableFormat, progress: Progress | None = None, most: float | None = None) -> Grid:
    if format.kind == "excel":
        grid = excel_grid(path, format.sheet, format.header)
    elif format.kind == "parquet":
        from core.data.read_parquet import parquet_grid  # 6 MB that a process without Parquet files can spare

        grid = parquet_grid(path, progress, most)
    else:
        grid = text_grid(path, format, progress)
    return transposed(grid, most) if format.transpose else grid


def _look_again(path: Path, format: TableFormat, columns: Columns) -> None:
    """Columns that turned out to be texts late in the file get their original texts, e.g. ``1.50``."""
    grid = _grid(path, format)
    start = 0
    for chunk in ahead(grid.chunks):
        columns.add_late(chunk, start)
        start += len(chunk) // grid.width


def _table(grid: Grid, columns: Columns) -> Table:
    kept = _kept(grid, columns)
    header = grid.header
    names, notes = clean_names([header[place] for place in kept]) if header else (numbered(len(kept)), [])
    name = dict(zip(kept.tolist(), names, strict=True))
    rows = columns.last_filled_row
    are_texts = columns.is_text[kept]
    numbers = columns.numbers.finish(kept[~are_texts], rows, columns.grouped)
    places = kept[are_texts].tolist()
    texts = {name[place]: text for place, text in zip(places, columns.texts(places), strict=True)}
    infinite = {name[place]: int(columns.infinite[place]) for place in np.flatnonzero(columns.infinite).tolist()}
    notes = [
        *grid.notes,
        *notes,
        *size_notes(grid.width - len(kept), columns.rows - rows),
        *grouped_note([name[place] for place in columns.grouped]),
        *value_notes([name[place] for place in sorted(columns.identifiers)], infinite, texts),
    ]
    number_names = tuple(name[place] for place in kept[~are_texts].tolist())
    return Table(names, rows, numbers, number_names, texts, tuple(notes))


def _kept(grid: Grid, columns: Columns) -> np.ndarray:
    """Positions of all columns but those that have neither a name nor a value."""
    if grid.header is None:
        return np.arange(int(np.flatnonzero(columns.filled)[-1]) + 1)
    named = np.array([bool(name.strip()) for name in grid.header])
    return np.flatnonzero(named | columns.filled)


def preview(path: Path, format: TableFormat, rows: int = 8, columns: int = 12) -> Preview:
    """The first cells as they stand in the file; quick on large files, too."""
    if format.transpose:
        return _transposed_preview(path, format, rows, columns)
    grid = _grid(path, format)
    names = clean_names(grid.header[: columns + 1])[0] if grid.header else numbered(grid.width)
    cells = _first_cells(grid, rows)
    return Preview(names[:columns], tuple(tuple(row[:columns]) for row in cells), grid.width)


def _transposed_preview(path: Path, format: TableFormat, rows: int, columns: int) -> Preview:
    grid = _grid(path, format.change(transpose=False))
    part = [row[: rows + 1] for row in _first_cells(grid, columns)]
    if not part:
        raise _without_rows(format)
    width = len(part[0])
    head = grid.header[:width] if grid.header else None
    small = Grid(head, width, iter(_as_chunk(part)))
    swapped = transposed(small)
    names = clean_names(swapped.header or [])[0][:columns]
    return Preview(names, tuple(tuple(row[:columns]) for row in _first_cells(swapped, rows)), None)


def _as_chunk(rows: Sequence[Sequence[str]]) -> list[pa.Array]:
    return [pa.array([cell for row in rows for cell in row], pa.string())]


def _first_cells(grid: Grid, rows: int) -> list[list[str]]:
    found: list[list[str]] = []
    for chunk in grid.chunks:
        cells = chunk[: (rows - len(found)) * grid.width].fill_null("").to_pylist()
        found += [cells[start : start + grid.width] for start in range(0, len(cells), grid.width)]
        if len(found) >= rows:
            break
    return [[cell.strip() for cell in row] for row in islice(found, rows)]
