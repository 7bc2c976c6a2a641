"""Wide and long tables in pieces, so that statistics never need a second copy of the whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CELLS = 200_000
HUGE = 1e37


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices over the rows with at most about 200,000 cells each, which fit into a cache."""
    return _blocks(rows, columns)


def column_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices over the columns with at most about 200,000 cells each, which fit into a cache."""
    return _blocks(columns, rows)


def _blocks(length: int, breadth: int) -> Iterator[slice]:
    step = max(1, CELLS // max(1, breadth))
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))


def usable(values: np.ndarray) -> np.ndarray:
    """A copy of ``values`` in which infinite and huge (beyond 1e37, the reach of float32) numbers are missing."""
    return np.where(np.abs(values) <= HUGE, values, np.nan)


def extremes(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest usable value of each column of ``numbers`` (n, k); NaN where all are missing."""
    low = np.full(numbers.shape[1], np.nan)
    high = low.copy()
    for block in row_blocks(*numbers.shape):
        values = usable(numbers[block])
        low = np.fmin(low, np.fmin.reduce(values, axis=0))
        high = np.fmax(high, np.fmax.reduce(values, axis=0))
    return low, high


def number_text(value: float | np.floating) -> str:
    """The shortest text of a number: ``1`` for 1.0, ``0.1`` for a float32 0.1."""
    return "0" if value == 0 else np.format_float_positional(value, unique=True, trim="-")


def medians(numbers: np.ndarray) -> np.ndarray:
    """(k,) median of the usable values of each column of ``numbers`` (n, k); NaN where all are missing."""
    result = np.full(numbers.shape[1], np.nan)
    for block in column_blocks(*numbers.shape):
        values = np.sort(usable(numbers[:, block].T), axis=1)
        count = (~np.isnan(values)).sum(axis=1)
        places = np.stack([np.maximum(count - 1, 0) // 2, count // 2], axis=1)
        if len(numbers):
            # A column with no value at all reads a missing one, which is the right answer.
            places = np.minimum(places, len(numbers) - 1)
            result[block] = np.take_along_axis(values, places, axis=1).astype(np.float64).mean(axis=1)
    return result
