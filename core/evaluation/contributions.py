"""Contributions that add up to a prediction, however far away or however bent the way to it is."""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np

from core.evaluation.attribution import integrated_gradients

MOST_PIECES = 64
FLOAT32 = 1e-5


def contributions(
    value: Callable[[np.ndarray], np.ndarray],
    gradient: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    reference: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """Integrated gradients from ``reference`` to ``x``, (inputs,), that add up to ``value(x) - value(reference)``.

    The line is cut where the sum is off most (a bend of the network, or its whole slope for a row far outside the
    training data), until all pieces together are off by at most ``tolerance``, or what float32
    can tell, or there are 64 of them.

    Args:
        value: (n, inputs) -> (n,), the output that is explained.
        gradient: (n, inputs) -> (n, inputs), its slope.
        x: (inputs,) the row.
        reference: (inputs,) the row to compare with.
        tolerance: In the unit of ``value``.
    """

    def piece(start: float, stop: float) -> tuple[float, float, float, np.ndarray]:
        ends = reference + np.array([[start], [stop]]) * (x - reference)
        pushes = integrated_gradients(gradient, ends[1], ends[0])
        low, high = value(ends.astype(np.float32))
        return -abs(float(high - low) - float(pushes.sum())), start, stop, pushes

    low, high = value(np.stack([reference, x]).astype(np.float32))
    tolerance = max(tolerance, FLOAT32 * abs(float(high - low)))
    pieces = [piece(0.0, 1.0)]
    while -sum(each[0] for each in pieces) > tolerance and len(pieces) < MOST_PIECES:
        _, start, stop, _ = heapq.heappop(pieces)
        middle = (start + stop) / 2
        heapq.heappush(pieces, piece(start, middle))
        heapq.heappush(pieces, piece(middle, stop))
    return np.sum([pushes for *_, pushes in pieces], axis=0)
