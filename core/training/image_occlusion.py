"""Which places a network for pictures needs: its answer while a grey square hides them, one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

GREY = 128
MOST_A_SIDE = 20
PATCHES_AT_ONCE = 64


def occlusion_of(probability: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, patch: int) -> dict:
    """How a probability changes as a grey square moves over a picture (Zeiler and Fergus 2014, arXiv:1311.2901).

    Args:
        probability: A function from pictures (n, height, width, channels) uint8 to (n,) probabilities of the class.
        pixels: (height, width, channels) uint8.
        patch: Side of the square, in pixels; larger where it would take more than 400 squares to cover the picture.

    Returns:
        ``drop`` (rows, columns): the probability without the square minus that with it, for each place of the square;
        ``map`` (height, width): for each pixel the average drop of the squares that cover it; ``probability`` without
        a square; ``patch``, ``rows`` and ``columns``: side, and first rows and columns of the squares.
    """
    height, width = pixels.shape[:2]
    patch = int(np.clip(max(patch, -(-max(height, width) // MOST_A_SIDE)), 1, min(height, width)))
    tops, lefts = _starts(height, patch), _starts(width, patch)
    places = [(top, left) for top in tops for left in lefts]
    whole = float(probability(pixels[None])[0])
    told = [
        probability(_covered(pixels, places[start : start + PATCHES_AT_ONCE], patch))
        for start in range(0, len(places), PATCHES_AT_ONCE)
    ]
    drops = whole - np.concatenate(told).astype(np.float64)
    total, times = np.zeros((height, width)), np.zeros((height, width))
    for (top, left), drop in zip(places, drops, strict=True):
        total[top : top + patch, left : left + patch] += drop
        times[top : top + patch, left : left + patch] += 1
    return {
        "drop": drops.reshape(len(tops), len(lefts)),
        "map": (total / times).astype(np.float32),
        "probability": whole,
        "patch": patch,
        "rows": tops,
        "columns": lefts,
    }


def _starts(length: int, patch: int) -> list[int]:
    """First pixels of the squares along one side: half a square apart, or more where that would be too many."""
    count = min(MOST_A_SIDE, -(-(length - patch) // max(1, patch // 2)) + 1)
    return np.unique(np.linspace(0, length - patch, count).round().astype(int)).tolist()


def _covered(pixels: np.ndarray, places: list[tuple[int, int]], patch: int) -> np.ndarray:
    copies = np.repeat(pixels[None], len(places), axis=0)
    for copy, (top, left) in zip(copies, places, strict=True):
        copy[top : top + patch, left : left + patch] = GREY
    return copies
