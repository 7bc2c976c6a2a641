"""Pooling and flatten of small maps, and the way from scores to probabilities to a class, or to no answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from core.lessons.activations import softmax
from core.lessons.convolution import INPUT, KERNEL, convolve, output_length

Kind = Literal["max", "average"]
# A convolution that looks for upright strokes has found one in the second column of a map of 6 x 6.
STROKE = np.zeros((6, 6))
STROKE[:, 1] = 9, 7, 8, 9, 6, 8
# What the lecture's convolution leaves.
LECTURE = convolve(INPUT, KERNEL)
CLASSES = ("chihuahua", "muffin", "coffee cup")
SCORES = (2.0, 1.0, 0.1)
# Probabilities on disk may have been rounded to 0.
LEAST = 1e-12


def pooled(values: np.ndarray, window: int, stride: int, kind: Kind) -> np.ndarray:
    """Largest or average value of each window; windows that do not fit are left out (Keras' padding ``"valid"``).

    Args:
        values: (h, w) or (h, w, channels), at least as large as the window; each channel is pooled on its own.
        window: Height and width of the window.
        stride: How far it moves, down and to the right.
        kind: ``"max"`` or ``"average"``.

    Returns:
        ((h - window) // stride + 1, (w - window) // stride + 1) or with channels behind, float64.
    """
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(values, np.float64), (window, window), axis=(0, 1))
    kept = windows[::stride, ::stride]
    return kept.max(axis=(-2, -1)) if kind == "max" else kept.mean(axis=(-2, -1))


class Place(NamedTuple):
    """Where a window lies: its upper left cell in the map, and the cell that it gives in the result."""

    top: int
    left: int
    row: int
    column: int


def places(shape: tuple[int, ...], window: int, stride: int) -> list[Place]:
    """Every window in the order in which it moves: along each row, from the first row to the last."""
    rows, columns = (output_length(side, window, stride) for side in shape[:2])
    return [Place(row * stride, column * stride, row, column) for row in range(rows) for column in range(columns)]


def left_out(shape: tuple[int, ...], window: int, stride: int) -> np.ndarray:
    """(h, w) bool: which cells lie in no window, at the edge or between windows that are further apart than wide."""
    found = np.ones(shape[:2], bool)
    for place in places(shape, window, stride):
        found[place.top : place.top + window, place.left : place.left + window] = False
    return found


def worked_out(cells: np.ndarray, kind: Kind) -> str:
    """What a window gives, as people write it: ``max(1, 2, 1, 2) = 2``, ``(1 + 2 + 1 + 2) / 4 = 1.5``."""
    values = [f"{value:g}" for value in np.asarray(cells).ravel()]
    result = f"{pooled(cells, len(cells), 1, kind)[0, 0]:.3g}"
    if kind == "max":
        return f"max({', '.join(values)}) = {result}"
    return f"({' + '.join(values)}) / {len(values)} = {result}"


def moved(values: np.ndarray) -> np.ndarray:
    """(h, w): everything one cell to the right; zeros come in at the left."""
    return np.pad(values, ((0, 0), (1, 0)))[:, :-1]


def unlike(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Bool, of their shape: where two maps differ by more than rounding."""
    return ~np.isclose(before, after)


def flattened(values: np.ndarray) -> np.ndarray:
    """(h * w * channels,): row after row, in each cell channel after channel, as Keras' Flatten."""
    return np.asarray(values).reshape(-1)


def tempered(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Softmax of the scores divided by a temperature (temperature scaling, Guo et al. 2017, arXiv:1706.04599).

    Args:
        scores: (n, classes) or (classes,) logits.
        temperature: Above 0; 1 changes nothing, below 1 the largest probability grows, above 1 it shrinks.

    Returns:
        Probabilities of the same shape.
    """
    return softmax(np.asarray(scores, np.float64) / temperature)


def scores_of(probabilities: np.ndarray) -> np.ndarray:
    """Scores whose softmax gives these probabilities, of the same shape.

    A number added to all scores of a case changes no probability, so they are those of the network up to such a
    number; here they add up to 0 in each case.
    """
    logs = np.log(np.maximum(np.asarray(probabilities, np.float64), LEAST))
    return logs - logs.mean(axis=-1, keepdims=True)


def decided(probabilities: np.ndarray, threshold: float) -> int | None:
    """The likeliest class of (classes,), or None where its probability does not reach the threshold."""
    best = int(np.argmax(probabilities))
    return best if probabilities[best] >= threshold else None


class Answered(NamedTuple):
    """How many of all cases get an answer, and how many of these answers are right."""

    given: int
    right: int
    cases: int


def answered(probabilities: np.ndarray, truth: np.ndarray, threshold: float) -> Answered:
    """What a threshold on the likeliest class leaves.

    Args:
        probabilities: (n, classes).
        truth: (n,) indices of the true classes.
        threshold: Smallest probability with which an answer is given.
    """
    given = probabilities.max(axis=1) >= threshold
    right = given & (probabilities.argmax(axis=1) == truth)
    return Answered(int(given.sum()), int(right.sum()), len(truth))
