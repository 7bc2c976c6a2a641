"""What every kind of file is turned into before columns are made: a header and a stream of text cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pyarrow as pa

from core.errors import UserError

MOST_CELLS = 200_000_000
CHUNK_CELLS = 1_000_000
MOST_TITLES = 10


class TooManyCells(UserError):
    """A table that is too large to be read here."""


@dataclass
class Grid:
    """A table as text, read once from top to bottom.

    Attributes:
        header: The raw name of each column, or None if the file has none.
        width: Number of columns.
        chunks: Arrays of (rows x width) texts, row after row; null is a cell without any value.
        notes: What had to be done to make rows equal; complete when the chunks were read.
        texts: Positions of columns that hold texts whatever they look like.
    """

    header: list[str] | None
    width: int
    chunks: Iterator[pa.Array]
    notes: list[str] = field(default_factory=list)
    texts: frozenset[int] = frozenset()


def ahead(chunks: Iterator[pa.Array]) -> Iterator[pa.Array]:
    """The same chunks; while one is used, the next is already read on another core."""
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, chunks, None)
        while (chunk := upcoming.result()) is not None:
            upcoming = pool.submit(next, chunks, None)
            yield chunk


def check_size(rows: int, columns: int, most: float | None = None) -> None:
    """Raises `TooManyCells` for a table of more than ``most`` cells, or one that is too large to work with anywhere."""
    most = min(MOST_CELLS, most or MOST_CELLS)
    if rows * columns > most:
        raise TooManyCells(
            f"This table has {rows:,} rows and {columns:,} columns; at most {most:,.0f} cells can be read here.",
            "Leave out columns or rows, and upload it again.",
        )


def grid_of_rows(rows: Sequence[Sequence[str]], header: bool) -> Grid:
    """A grid of rows in memory that all have the same length; leading blank rows do not count."""
    first = next((place for place, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    if first is None:
        raise UserError("This table is empty.", "Choose a file or a sheet that holds data.")
    first += title_rows(rows[first : first + MOST_TITLES + 1]) if header else 0
    width = len(rows[first])
    body = rows[first + 1 :] if header else rows[first:]
    step = max(1, CHUNK_CELLS // width)

    def chunks() -> Iterator[pa.Array]:
        for start in range(0, len(body), step):
            yield pa.array([cell for row in body[start : start + step] for cell in row], pa.string())

    return Grid(list(rows[first]) if header else None, width, chunks())


def title_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows at the top hold at most one text, such as a title, above a row with at least three."""
    filled = [len(list(islice((cell for cell in row if cell.strip()), 3))) for row in rows[: MOST_TITLES + 1]]
    titles = next((place for place, count in enumerate(filled) if count > 1), 0)
    return titles if titles and filled[titles] > 2 else 0


def without_titles(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The rows from the one that holds the column names on."""
    return rows[title_rows(rows) :]


def transposed(grid: Grid, most: float | None = None) -> Grid:
    """Swap rows and columns: the first column holds the new names, the header the ids of the new rows.

    Raises:
        UserError: There are more than ``most`` cells, or less than two columns.
    """
    chunks = []
    cells = 0
    for chunk in grid.chunks:
        cells += len(chunk)
        check_size(cells // grid.width, grid.width, most)
        chunks.append(chunk.cast(pa.large_string()))
    if grid.width < 2 or not chunks:
        raise UserError(
            f"Swapping rows and columns needs a column of names and at least one more; this table has {grid.width}.",
            "Turn the swap off, or choose another separator.",
        )
    old_rows = cells // grid.width
    body = pa.concat_arrays(chunks)
    old_rows = _last_filled(body, grid.width)
    names = body.take(pa.array(np.arange(old_rows) * grid.width)).fill_null("").to_pylist()
    if grid.header is None:
        return Grid(names, old_rows, _swapped(body, old_rows, grid.width), grid.notes)
    ids = pa.array(grid.header, pa.large_string())
    everything = pa.concat_arrays([body, ids])
    swapped = _swapped(everything, old_rows, grid.width, first=cells)
    return Grid([_sample_name(grid.header[0]), *names], old_rows + 1, swapped, grid.notes, frozenset({0}))


def _last_filled(body: pa.Array, width: int) -> int:
    """Number of rows up to the last one with any character in it."""
    offsets = np.frombuffer(body.buffers()[1], np.int64)[body.offset : body.offset + len(body) + 1]
    filled = np.flatnonzero((np.diff(offsets).reshape(-1, width) > 0).any(axis=1))
    return int(filled[-1]) + 1 if len(filled) else 0


def _swapped(cells: pa.Array, rows: int, width: int, first: int | None = None) -> Iterator[pa.Array]:
    """Old columns as new rows; ``first`` is where the ids stand that lead each new row."""
    steps = np.arange(rows) * width
    lead = first is not None
    many = max(1, CHUNK_CELLS // (rows + lead))
    for start in range(1, width, many):
        columns = np.arange(start, min(start + many, width))[:, None]
        places = columns + steps
        if first is not None:
            places = np.concatenate([columns + first, places], axis=1)
        yield cells.take(pa.array(places.ravel())).cast(pa.string())


def _sample_name(corner: str) -> str:
    """The corner cell's name, unless it speaks of the features below it."""
    words = ("gene", "ensembl", "feature", "probe", "symbol", "variable", "transcript", "protein", "subject", "course")
    return "sample" if not corner.strip() or any(word in corner.lower() for word in words) else corner
