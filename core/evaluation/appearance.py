"""How a picture looks, in a few hundred numbers, without any network."""

from __future__ import annotations

import numpy as np

GRID = 8
FAINTEST = 0.01


def appearance(pixels: np.ndarray) -> np.ndarray:
    """Light and colour on a coarse grid, and how much detail there is at each scale.

    Args:
        pixels: (n, height, width, channels) uint8.

    Returns:
        (n, values) float32: averages over a grid of about 8 x 8 cells, 0..1; then, from fine to coarse, the logarithm
        of the mean difference between neighbours, down and across, for each channel.
    """
    x = pixels.astype(np.float32) / 255
    cell = max(1, min(x.shape[1:3]) // GRID)
    found = [_averaged(x, cell).reshape(len(x), -1)]
    while min(x.shape[1:3]) >= GRID:
        found += [np.log(np.abs(np.diff(x, axis=axis)).mean(axis=(1, 2)) + FAINTEST) for axis in (1, 2)]
        x = _averaged(x, 2)
    return np.concatenate(found, axis=1)


def _averaged(x: np.ndarray, cell: int) -> np.ndarray:
    """Each square of ``cell`` x ``cell`` pixels as one; what does not fill a square at the edge is left out."""
    count, height, width, channels = x.shape
    down, across = height // cell, width // cell
    whole = x[:, : down * cell, : across * cell]
    return whole.reshape(count, down, cell, across, cell, channels).mean(axis=(2, 4))
