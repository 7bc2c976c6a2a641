"""Gradient descent on a cost that depends on two numbers, so that it can be seen as a landscape."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple, get_args

import numpy as np

from core.lessons.optimizers import Arrays, Method, fresh, stepped

Landscape = Literal["bowl", "valleys"]
LANDSCAPES: tuple[Landscape, ...] = get_args(Landscape)
COUNT = 20
# Beyond this cost, training has run away; going on would only overflow.
RUN_AWAY = 1e6


class Surface(NamedTuple):
    """A neuron of one input whose two numbers are learned, and the rows that it learns from.

    Args:
        x: (20,) inputs.
        y: (20,) what it should answer.
        answer: From two numbers (m, 1) each and inputs (20,), what it answers, (m, 20).
        slopes: From two numbers and inputs (k,), how the answer changes with each of the two, (2, k).
        names: What the two numbers are called.
        low: The smallest of each that the picture shows.
        high: The largest.
        start: Where training starts.
    """

    x: np.ndarray
    y: np.ndarray
    answer: Callable[..., np.ndarray]
    slopes: Callable[..., np.ndarray]
    names: tuple[str, str]
    low: tuple[float, float]
    high: tuple[float, float]
    start: tuple[float, float]


class Way(NamedTuple):
    """The way that training took.

    Args:
        places: (k + 1, 2) the two numbers, from the start on.
        costs: (k + 1,) the cost over all rows at each place.
        ran_away: Whether it was given up because the cost grew beyond all bounds.
    """

    places: np.ndarray
    costs: np.ndarray
    ran_away: bool


@cache
def surface(name: Landscape) -> Surface:
    """The bowl is a neuron without activation: weight times input, plus bias. It is steep across, flat along.

    The two valleys are two neurons in a row without biases: ``second * tanh(first * input)``. With both signs turned
    it answers the same, so there are two equally deep valleys and a pass between them, where all slopes are 0.
    """
    generator = np.random.default_rng(6)
    spread, noise = np.linspace(-1, 1, COUNT), generator.normal(0, 0.35, COUNT)
    if name == "bowl":
        x = 1.1 + 1.0 * spread
        return Surface(
            x, 2 * x + 1.5 + noise, lambda w, b, x: w * x + b, lambda w, b, x: np.stack([x, np.ones_like(x)]),
            ("weight", "bias"), (-2.0, -2.0), (6.0, 6.0), (-1.0, 1.0),
        )  # fmt: skip
    x = 2 * spread
    return Surface(
        x, 1.6 * np.tanh(1.4 * x) + noise / 2, lambda w, v, x: v * np.tanh(w * x),
        lambda w, v, x: np.stack([v * x * (1 - np.tanh(w * x) ** 2), np.tanh(w * x)]),
        ("first weight", "second weight"), (-3.0, -3.0), (3.0, 3.0), (2.6, -0.4),
    )  # fmt: skip


def cost(of: Surface, places: np.ndarray) -> np.ndarray:
    """(m,) mean squared error over all rows, for m places (m, 2)."""
    first, second = places[:, :1], places[:, 1:]
    return np.mean((of.answer(first, second, of.x) - of.y) ** 2, axis=1)


def gradient(of: Surface, place: np.ndarray, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
    """(2,) how the mean squared error of some rows changes with each of the two numbers at a place (2,)."""
    x, y = of.x[rows], of.y[rows]
    error = of.answer(place[0], place[1], x) - y
    return np.mean(2 * error * of.slopes(place[0], place[1], x), axis=1)


def descend(
    of: Surface, method: Method, rate: float, batch: int, steps: int, start: tuple[float, float], seed: int = 0
) -> Way:
    """The way down from ``start``.

    Args:
        of: The landscape.
        method: Plain steps, momentum or Adam.
        rate: The learning rate.
        batch: How many rows each step looks at; the order is drawn anew in each epoch, as Keras does.
        steps: How many.
        start: The first place.
        seed: Of the order.
    """
    values: Arrays = (np.array(start, float),)
    memory = fresh(values)
    places = [values[0]]
    for rows in _batches(batch, steps, seed):
        values, memory = stepped(method, values, (gradient(of, values[0], rows),), memory, rate)
        places.append(values[0])
        if cost(of, values[0][None])[0] > RUN_AWAY:
            break
    costs = cost(of, np.array(places))
    return Way(np.array(places), costs, bool(costs[-1] > RUN_AWAY))


@cache
def lowest(name: Landscape) -> float:
    """The cost at the bottom, from many steps of Adam; for the bowl it is that of least squares."""
    of = surface(name)
    return float(descend(of, "adam", 0.05, COUNT, 2000, of.start).costs.min())


def grid(of: Surface, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of the first number (side,), of the second (side,), and the cost (side, side), a row for each second."""
    first, second = (np.linspace(low, high, side) for low, high in zip(of.low, of.high, strict=True))
    across, along = np.meshgrid(first, second)
    places = np.stack([across.ravel(), along.ravel()], axis=1)
    return first, second, cost(of, places).reshape(side, side)


def _batches(batch: int, steps: int, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    while len(found) < steps:
        order = generator.permutation(COUNT)
        found += [order[start : start + batch] for start in range(0, COUNT, batch)]
    return found[:steps]
