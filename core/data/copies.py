"""Which rows are exact copies of each other."""

from __future__ import annotations

import numpy as np

from core.data.blocks import row_blocks

MIX = np.uint64(0x9E3779B97F4A7C15)


def row_codes(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(n,) uint64: equal for equal rows, different (but for a chance of about 2**-60 a pair) for others.

    Multiply-add hashing of the mixed bits of every cell (Dietzfelbinger et al. 1997, "A reliable randomized algorithm
    for the closest-pair problem"); missing equals missing, and 0 equals -0.

    Args:
        numbers: (n, k) float32.
        codes: (n, c) int32.
    """
    random = np.random.default_rng(0)
    width = numbers.shape[1] + codes.shape[1]
    factors = random.integers(0, 2**63, width, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    result = np.empty(len(numbers), np.uint64)
    for block in row_blocks(len(numbers), width):
        clean = np.where(np.isnan(numbers[block]), np.float32(np.nan), numbers[block] + np.float32(0))
        cells = np.concatenate([clean.view(np.uint32), np.ascontiguousarray(codes[block]).view(np.uint32)], axis=1)
        mixed = cells.astype(np.uint64)
        mixed *= MIX
        mixed ^= mixed >> np.uint64(32)
        mixed *= factors
        result[block] = mixed.sum(axis=1, dtype=np.uint64)
    return result


def first_of_each(labels: np.ndarray) -> np.ndarray:
    """Positions, ascending, of the first row with each label (n,) or (n, parts)."""
    return np.sort(np.unique(labels, axis=0, return_index=True)[1])
