"""Which rows, and which columns, are exact copies of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.data.blocks import column_blocks, row_blocks
from core.data.table import Table

MIX = np.uint64(0x9E3779B97F4A7C15)


def row_codes(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(n,) uint64: equal for equal rows, different (but for a chance of about 2**-60 a pair) for others.

    Multiply-add hashing of the mixed bits of every cell (Dietzfelbinger et al. 1997, "A reliable randomized algorithm
    for the closest-pair problem"); missing equals missing, and 0 equals -0.

    Args:
        numbers: (n, k) float32.
        codes: (n, c) int32.
    """
    width = numbers.shape[1] + codes.shape[1]
    factors = _factors(width)
    result = np.empty(len(numbers), np.uint64)
    for block in row_blocks(len(numbers), width):
        clean = np.where(np.isnan(numbers[block]), np.float32(np.nan), numbers[block] + np.float32(0))
        cells = np.concatenate([clean.view(np.uint32), np.ascontiguousarray(codes[block]).view(np.uint32)], axis=1)
        result[block] = _mixed(cells, factors).sum(axis=1, dtype=np.uint64)
    return result


def _factors(count: int) -> np.ndarray:
    random = np.random.default_rng(0)
    return random.integers(0, 2**63, count, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _mixed(cells: np.ndarray, factors: np.ndarray) -> np.ndarray:
    mixed = cells.astype(np.uint64)
    mixed *= MIX
    mixed ^= mixed >> np.uint64(32)
    mixed *= factors
    return mixed


def first_of_each(labels: np.ndarray) -> np.ndarray:
    """Positions, ascending, of the first row with each label (n,) or (n, parts)."""
    return np.sort(np.unique(labels, axis=0, return_index=True)[1])


def duplicate_columns(table: Table, names: Sequence[str]) -> dict[str, str]:
    """The columns that equal an earlier one of ``names`` in every row, and which one that is.

    Columns of which nothing is known are no copies.
    """
    numeric = [name for name in names if name not in table.texts]
    keys: dict[str, tuple[int, ...]] = dict(zip(numeric, _number_columns(table, numeric), strict=True))
    for name in names:
        if name in table.texts:
            text = table.texts[name]
            codes = np.ascontiguousarray(text.codes)
            keys[name] = (hash(text.values), hash(codes.tobytes())) if (codes >= 0).any() else ()
    first: dict[tuple[int, ...], str] = {}
    return {name: first[keys[name]] for name in names if keys[name] and first.setdefault(keys[name], name) != name}


def _number_columns(table: Table, names: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """A code of each column, as in `row_codes`; none for a column without any number."""
    factors = _factors(table.rows)
    places = np.array([table.number_index[name] for name in names], np.int64)
    for block in column_blocks(table.rows, len(places)):
        raw = table.numbers[:, places[block]].astype(np.float64)
        clean = np.where(np.isnan(raw), np.nan, raw + 0.0)
        codes = _mixed(clean.view(np.uint64), factors[:, None]).sum(axis=0, dtype=np.uint64)
        empty = np.asarray(np.isnan(raw).all(axis=0))
        for place, code in enumerate(codes.tolist()):
            yield () if empty[place] else (code,)
