"""One neuron that tells who passes: the weighted sum of three marks, and a step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SUBJECTS = ("History", "Math", "Science")
STUDENTS = ("S1", "S2", "S3")
# (3 students, 3 subjects), marks from 0 to 100, and who passes (1) or fails (0).
MARKS = np.array([[80.0, 60.0, 70.0], [50.0, 45.0, 51.0], [60.0, 70.0, 50.0]])
LABELS = np.array([1, 0, 1])
STEP = 200.0


def weighted_sums(inputs: np.ndarray, weights: np.ndarray, bias: float) -> np.ndarray:
    """``bias + sum(x_i w_i)`` of each row.

    Args:
        inputs: (n, k).
        weights: (k,).
        bias: One number for all rows.

    Returns:
        (n,), in the unit of the inputs.
    """
    # 1.8 is no whole number of bits: a sum that is shown as 200 must also count as 200.
    return np.round(np.asarray(inputs) @ np.asarray(weights) + bias, 9)


def step(sums: np.ndarray, threshold: float = STEP) -> np.ndarray:
    """(n,) int: 1 where a sum reaches the threshold, else 0."""
    return (np.asarray(sums) >= threshold).astype(int)


def worked_out(row: np.ndarray, weights: np.ndarray, bias: float) -> str:
    """A sum as people write it: ``0 + 80 × 1 + 60 × 1 + 70 × 1 = 210``."""
    terms = " + ".join(f"{value:g} × {weight:g}" for value, weight in zip(row, weights, strict=True))
    total = float(weighted_sums(row[None], weights, bias)[0])
    return f"{bias:g} + {terms} = {round(total, 6):g}"


class Line(NamedTuple):
    """Two points (x, y) of the straight line on which a neuron of two inputs cannot decide."""

    x: tuple[float, float]
    y: tuple[float, float]


def boundary(weights: np.ndarray, bias: float, low: float, high: float, threshold: float = STEP) -> Line | None:
    """Where ``bias + x w_0 + y w_1 = threshold``, inside the square from ``low`` to ``high``; None where it is not.

    Args:
        weights: (2,).
        bias: Added to each sum.
        low: The smallest x and y.
        high: The largest.
        threshold: Of the step.
    """
    first, second = (float(each) for each in weights)
    level = threshold - bias
    ends = {(x, (level - first * x) / second) for x in (low, high)} if second else set()
    ends |= {((level - second * y) / first, y) for y in (low, high)} if first else set()
    inside = sorted((x, y) for x, y in ends if low <= x <= high and low <= y <= high)
    if len(inside) < 2:
        return None
    (x0, y0), (x1, y1) = inside[0], inside[-1]
    return Line((x0, x1), (y0, y1))


def plane(weights: np.ndarray, bias: float, corners: np.ndarray, threshold: float = STEP) -> np.ndarray | None:
    """The third input at which a neuron of three cannot decide, for each pair of the others; None where it is flat.

    Args:
        weights: (3,).
        bias: Added to each sum.
        corners: (m, 2) values of the first and second input.
        threshold: Of the step.

    Returns:
        (m,) values of the third input.
    """
    if not weights[2]:
        return None
    return (threshold - bias - corners @ np.asarray(weights[:2])) / weights[2]
