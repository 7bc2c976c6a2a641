"""Three ways to go downhill: what one step changes, from the gradients and what is remembered of earlier ones."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np

Method = Literal["sgd", "momentum", "adam"]
METHODS: tuple[Method, ...] = get_args(Method)
MOMENTUM = 0.9
# Those of Keras, and of Kingma and Ba 2015, algorithm 1.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7

Arrays = tuple[np.ndarray, ...]


class Memory(NamedTuple):
    """What an optimizer remembers between steps.

    Args:
        steps: How many steps were taken.
        first: For each array, the velocity (momentum) or the average gradient (Adam).
        second: For each array, the average squared gradient (Adam).
    """

    steps: int
    first: Arrays
    second: Arrays


def fresh(values: Arrays) -> Memory:
    """Nothing remembered yet."""
    return Memory(0, tuple(map(np.zeros_like, values)), tuple(map(np.zeros_like, values)))


def stepped(method: Method, values: Arrays, gradients: Arrays, memory: Memory, rate: float) -> tuple[Arrays, Memory]:
    """The values after one step, and what is remembered then.

    "sgd": ``w - rate g``. "momentum": ``v = 0.9 v - rate g``, ``w + v``, as Keras' ``SGD(momentum=0.9)``. "adam": as
    Keras' ``Adam``, with the correction for averages that began at zero.

    Args:
        method: Which way.
        values: Arrays of any shapes.
        gradients: The same shapes.
        memory: Of the step before, or `fresh`.
        rate: The learning rate.
    """
    steps = memory.steps + 1
    if method == "sgd":
        moved = tuple(w - rate * g for w, g in zip(values, gradients, strict=True))
        return moved, memory._replace(steps=steps)
    if method == "momentum":
        velocity = tuple(MOMENTUM * v - rate * g for v, g in zip(memory.first, gradients, strict=True))
        return tuple(w + v for w, v in zip(values, velocity, strict=True)), Memory(steps, velocity, memory.second)
    first = tuple(BETA_1 * m + (1 - BETA_1) * g for m, g in zip(memory.first, gradients, strict=True))
    second = tuple(BETA_2 * v + (1 - BETA_2) * g * g for v, g in zip(memory.second, gradients, strict=True))
    pace = rate * np.sqrt(1 - BETA_2**steps) / (1 - BETA_1**steps)
    moved = tuple(w - pace * m / (np.sqrt(v) + EPSILON) for w, m, v in zip(values, first, second, strict=True))
    return moved, Memory(steps, first, second)
