"""Networks that know their points by heart, what new points say of them, and neurons that are right about three."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.evaluation.study_student import t_quantile
from core.evaluation.words import format_percent
from core.lessons.neuron import LABELS, MARKS, step
from core.lessons.points import Kind, points

# Students whose answers the lecture does not give, and their marks as in `neuron.MARKS`.
UNSEEN = ("S4", "S5", "S6")
UNSEEN_MARKS = np.array([[88.0, 87.0, 65.0], [64.0, 57.0, 78.0], [65.0, 32.0, 46.0]])

# Everything is done so many times: with points, starting weights and luck of its own each time.
DRAWS = 12
LEARNED = (20, 40, 80)
NEW = 200
UNITS = (16, 16)
# Cost on its own points of a network that answers nearly "one half" everywhere, which costs 0.69.
UNDECIDED = 0.62
# Shares of right answers: of somebody who knows the points by heart, and how much fewer of new ones are right then.
BY_HEART, MEMORISED = 0.95, 0.05


class Neurons(NamedTuple):
    """Several neurons: ``weights`` (k, 3) and ``biases`` (k,)."""

    weights: np.ndarray
    biases: np.ndarray


def right_neurons(count: int, seed: int = 0) -> Neurons:
    """Neurons drawn at random of which each is right about S1, S2 and S3.

    Weights are uniform from -3 to 3 and biases from -200 to 200, as far as the sliders of the first lesson go.

    Args:
        count: How many.
        seed: Of the draw; the same seed gives the same neurons.
    """
    generator = np.random.default_rng(seed)
    weights, biases = np.zeros((0, 3)), np.zeros(0)
    while len(biases) < count:
        tried = Neurons(generator.uniform(-3, 3, (4096, 3)).round(1), generator.uniform(-200, 200, 4096).round())
        right = (neurons_say(tried, MARKS) == LABELS).all(axis=1)
        weights, biases = np.vstack([weights, tried.weights[right]]), np.r_[biases, tried.biases[right]]
    return Neurons(weights[:count], biases[:count])


def neurons_say(neurons: Neurons, marks: np.ndarray) -> np.ndarray:
    """The answers 0 or 1, (k, n), of k neurons about students with marks (n, 3)."""
    return step(neurons.weights @ np.asarray(marks).T + neurons.biases[:, None])


class Drawn(NamedTuple):
    """Points of all draws: ``x`` (draws, n, 2) float32 and ``y`` (draws, n), 0 or 1, float32.

    The first ``max(LEARNED)`` of each draw are there to learn from, the other ``NEW`` are new to its network.
    """

    x: np.ndarray
    y: np.ndarray


def draw_points(kind: Kind, noise: float) -> Drawn:
    """Fresh points for each draw; ``kind`` and ``noise`` as in `core.lessons.points.points`."""
    found = [points(kind, max(LEARNED) + NEW, noise, seed) for seed in range(DRAWS)]
    x, y = (np.stack(each).astype(np.float32) for each in zip(*found, strict=True))
    return Drawn(x, y)


def probabilities(weights: Sequence[np.ndarray], x: np.ndarray) -> np.ndarray:
    """The probability of 1 that dense networks with tanh and a sigmoid at the end give to the same points.

    Args:
        weights: Kernels and biases by turns, as Keras holds them, each with a leading axis of networks.
        x: (n, 2).

    Returns:
        (networks, n).
    """
    value = np.broadcast_to(x, (len(weights[0]), *x.shape))
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        value = np.tanh(value @ kernel + bias[:, None])
    logits = (value @ weights[-2] + weights[-1][:, None])[..., 0]
    return 0.5 * (1.0 + np.tanh(0.5 * logits))


class Difference(NamedTuple):
    """Mean of paired differences with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def told(self) -> bool:
        """Whether chance alone does not explain it: the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(first: np.ndarray, second: np.ndarray, comparisons: int = 1) -> Difference:
    """``first`` minus ``second``, draw by draw, with the 95 % interval of the paired t (Student 1908).

    Draws share no points, so that their differences are independent of each other.

    Args:
        first: (draws,) a score of each draw.
        second: (draws,) the same under another setting.
        comparisons: Intervals that are to hold all together with 95 % (Bonferroni).
    """
    each = np.asarray(first, float) - np.asarray(second, float)
    margin = t_quantile(0.025 / comparisons, len(each) - 1) * float(each.std(ddof=1)) / np.sqrt(len(each))
    value = float(each.mean())
    return Difference(value, value - margin, value + margin)


class Learned(NamedTuple):
    """What the networks of all draws came to under one setting.

    ``steps`` (r,), at which ``cost`` and ``right`` (2, draws, r) were taken, on learned and on new points; ``weights``
    as `probabilities` takes them.
    """

    steps: np.ndarray
    cost: np.ndarray
    right: np.ndarray
    weights: tuple[np.ndarray, ...]

    @property
    def kernels(self) -> np.ndarray:
        """(draws, n): every weight but the biases."""
        return np.concatenate([kernel.reshape(len(kernel), -1) for kernel in self.weights[::2]], axis=1)


def says(learned: Learned) -> str:
    """How well the networks know what they have learned from, and how well new points, in a sentence."""
    old, new = learned.right[:, :, -1].mean(axis=1)
    if learned.cost[0, :, -1].mean() > UNDECIDED:
        return "Held back too much: they have learned almost nothing, and every answer is a guess."
    told = f"on average they are right about {format_percent(old)} of their own points"
    if old > BY_HEART and old - new > MEMORISED:
        return f"Known by heart: {told}, and about only {format_percent(new)} of new ones."
    return f"{told.capitalize()}, and about {format_percent(new)} of new ones."
