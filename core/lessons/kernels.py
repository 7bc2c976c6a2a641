"""Kernels that people thought of long before networks learned their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Classic:
    """A kernel of any odd size from 3.

    Args:
        title: What it does, in one or two words.
        words: What its result shows, in a sentence.
        weights: From its side to its weights (k, k).
        signed: Whether its weights add up to 0, so that an even surface becomes 0.
    """

    title: str
    words: str
    weights: Callable[[int], np.ndarray]
    signed: bool


def one(side: int) -> np.ndarray:
    """(k, k) that changes nothing: 1 in the middle, 0 around it."""
    kernel = np.zeros((side, side))
    kernel[side // 2, side // 2] = 1
    return kernel


def blur(side: int) -> np.ndarray:
    """(k, k) mean of what it covers."""
    return np.full((side, side), 1 / side**2)


def vertical_edges(side: int) -> np.ndarray:
    """(k, k) Sobel's kernel: right less left, rows weighted as in Pascal's triangle.

    Larger ones as in OpenCV (`getDerivKernels`): the slope [-1, 0, 1] of a side that was smoothed.
    """
    return np.outer(_pascal(side), np.convolve(_pascal(side - 2), [-1, 0, 1]))


def horizontal_edges(side: int) -> np.ndarray:
    """(k, k) the same, lower less upper."""
    return vertical_edges(side).T


def outline(side: int) -> np.ndarray:
    """(k, k) how much the middle differs from all that is around it."""
    return side**2 * one(side) - 1


def sharpen(side: int) -> np.ndarray:
    """(k, k) unsharp masking: the picture, and twice what a blur takes away from it."""
    return 3 * one(side) - 2 * blur(side)


CLASSICS = {
    "vertical": Classic("Vertical edges", "Bright where it gets lighter from left to right.", vertical_edges, True),
    "horizontal": Classic(
        "Horizontal edges", "Bright where it gets lighter from top to bottom.", horizontal_edges, True
    ),
    "outline": Classic("Outlines", "Bright where a pixel is lighter than those around it.", outline, True),
    "blur": Classic("Blur", "Each pixel becomes the mean of those around it.", blur, False),
    "sharpen": Classic("Sharpen", "Each pixel moves away from the mean of those around it.", sharpen, False),
}


def _pascal(length: int) -> np.ndarray:
    """A row of Pascal's triangle: 1 2 1, 1 4 6 4 1."""
    row = np.ones(1)
    for _ in range(length - 1):
        row = np.convolve(row, [1, 1])
    return row
