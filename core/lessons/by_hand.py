"""An epoch of gradient descent by hand, for the neuron that tells who passes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.lessons.activations import sigmoid
from core.lessons.neuron import LABELS, MARKS, STEP, weighted_sums

# Marks in hundreds keep the sums near 0, where the sigmoid has a slope. The step at 200 is now a bias of -2.
INPUTS = MARKS / 100
WEIGHTS = np.ones(3)
BIAS = -STEP / 100


class Look(NamedTuple):
    """What the neuron learns from one look at one student.

    Args:
        student: Position among the students.
        total: The weighted sum.
        answer: The sigmoid of it, the chance that the student passes.
        error: The answer minus the truth: the slope of the cost at the sum.
        changes: (3,) what is added to each weight: minus the rate, times the error, times the input.
        bias_change: What is added to the bias: minus the rate, times the error.
        weights: (3,) after that.
        bias: After that.
    """

    student: int
    total: float
    answer: float
    error: float
    changes: np.ndarray
    bias_change: float
    weights: np.ndarray
    bias: float


def epoch(weights: np.ndarray, bias: float, rate: float) -> tuple[Look, ...]:
    """One look at each student in turn, each with a step of gradient descent on binary cross-entropy.

    Args:
        weights: (3,) to begin with.
        bias: To begin with.
        rate: The learning rate.
    """
    looks = []
    for student, (inputs, label) in enumerate(zip(INPUTS, LABELS, strict=True)):
        total = float(weighted_sums(inputs[None], weights, bias)[0])
        answer = float(sigmoid(np.array(total)))
        error = answer - float(label)
        changes = -rate * error * inputs
        weights, bias = weights + changes, bias - rate * error
        looks.append(Look(student, total, answer, error, changes, -rate * error, weights, bias))
    return tuple(looks)


def after(epochs: int, rate: float) -> tuple[np.ndarray, float]:
    """Weights (3,) and bias after so many epochs from the start."""
    weights, bias = WEIGHTS, BIAS
    for _ in range(epochs):
        weights, bias = (last := epoch(weights, bias, rate)[-1]).weights, last.bias
    return weights, bias


def answers(weights: np.ndarray, bias: float) -> np.ndarray:
    """(3,) the chance of passing that the neuron gives each student."""
    return sigmoid(weighted_sums(INPUTS, weights, bias))
