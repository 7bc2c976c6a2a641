"""How wrong answers are, as one number: four cost functions, each with its terms worked out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from core.lessons.activations import EPSILON, logit

STUDENTS = ("S1", "S2", "S3")
# Who passed (1) or failed (0), and what a network said of them.
TRUTH = np.array([1.0, 0.0, 1.0])
PREDICTED = np.array([1.0, 1.0, 0.0])


def squared_errors(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """``(y - p)^2`` of each case, (n,); their mean is keras.losses.mean_squared_error."""
    return np.asarray(np.subtract(truth, predicted, dtype=float) ** 2)


def binary_crossentropies(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """``-(y log(p) + (1 - y) log(1 - p))`` of each case, (n,); their mean is keras.losses.binary_crossentropy.

    Like there, p is kept between 0.0000001 and 0.9999999, so that a sure mistake costs 16.1 instead of infinity.
    """
    kept = _kept(predicted)
    return np.asarray(-(truth * np.log(kept) + np.subtract(1.0, truth) * np.log(1.0 - kept)))


def hinges(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """``max(0, 1 - t p)`` of each case, (n,), with t = -1 for class 0; their mean is keras.losses.hinge."""
    return np.maximum(1.0 - _signed(truth) * np.asarray(predicted, float), 0.0)


def categorical_crossentropies(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """``-sum(y_i log(p_i))`` of each case, (n,) (keras.losses.categorical_crossentropy).

    Args:
        truth: (n, classes), 1 in the column of the true class, else 0.
        predicted: (n, classes) probabilities; like there, they are made to add up to 1 and kept off 0 and 1.
    """
    predicted = np.asarray(predicted, float)
    return np.asarray(-(truth * np.log(_kept(predicted / predicted.sum(axis=-1, keepdims=True)))).sum(axis=-1))


def two_classes(of_one: np.ndarray) -> np.ndarray:
    """(n,) for class 1 to (n, 2): class 0, class 1."""
    return np.stack([np.subtract(1.0, of_one), np.asarray(of_one, float)], axis=-1)


def _two_class_crossentropies(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return categorical_crossentropies(two_classes(truth), two_classes(predicted))


def _kept(probabilities: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(probabilities, float), EPSILON, 1.0 - EPSILON)


def _signed(truth: np.ndarray) -> np.ndarray:
    return 2.0 * np.asarray(truth, float) - 1.0


class Cost(NamedTuple):
    """A cost function of 0 / 1 truths.

    Attributes:
        title: Its name.
        each: Truths (n,) and predictions (n,) to the cost of each case (n,).
        sum_of: One truth and one prediction put into the formula, as people write it.
    """

    title: str
    each: Callable[[np.ndarray, np.ndarray], np.ndarray]
    sum_of: Callable[[float, float], str]

    def mean(self, truth: np.ndarray, predicted: np.ndarray) -> float:
        """The cost of all cases."""
        return float(self.each(truth, predicted).mean())

    def worked_out(self, truth: float, predicted: float) -> str:
        """The cost of one case with its arithmetic, such as ``(1 - 0)² = 1``."""
        cost = self.each(np.array([truth]), np.array([predicted]))[0]
        return f"{self.sum_of(truth, predicted)} = {short(cost)}"


def short(cost: float) -> str:
    """A cost with at most three digits after the point."""
    return f"{round(float(cost), 3):g}"


def _log(probability: float) -> str:
    kept = f"{float(_kept(np.array(probability))):.7f}".rstrip("0")
    return f"log {kept}"


def _squared_sum(truth: float, predicted: float) -> str:
    return f"({truth:g} - {predicted:g})²"


def _binary_sum(truth: float, predicted: float) -> str:
    return f"-({truth:g} x {_log(predicted)} + {1 - truth:g} x {_log(1 - predicted)})"


def _hinge_sum(truth: float, predicted: float) -> str:
    return f"max(0, 1 - {'1' if truth else '(-1)'} x {predicted:g})"


def _categorical_sum(truth: float, predicted: float) -> str:
    return f"-({1 - truth:g} x {_log(1 - predicted)} + {truth:g} x {_log(predicted)})"


COSTS = {
    "mean_squared_error": Cost("Mean squared error (MSE)", squared_errors, _squared_sum),
    "binary_crossentropy": Cost("Binary cross-entropy", binary_crossentropies, _binary_sum),
    "hinge": Cost("Hinge", hinges, _hinge_sum),
    "categorical_crossentropy": Cost("Categorical cross-entropy", _two_class_crossentropies, _categorical_sum),
}


def row_costs(loss: str, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """What each case of a trained network costs.

    Args:
        loss: The cost function that it was trained with, by its name in Keras.
        truth: (n,) class indices, or numbers.
        predicted: (n, classes) probabilities, or (n,) numbers.

    Returns:
        (n,). Where probabilities stand for the scores of a network trained with hinge, they are
        ``sigmoid(2 score)``, as `core.network.outputs.to_predictions` makes them.
    """
    if loss == "mean_squared_error":
        return squared_errors(truth, predicted)
    if loss == "mean_absolute_error":
        return np.abs(np.subtract(truth, predicted, dtype=float))
    if loss == "hinge":
        return hinges(truth, logit(predicted[:, 1]) / 2.0)
    return categorical_crossentropies(np.eye(predicted.shape[1])[truth], predicted)


class Costliest(NamedTuple):
    """The cases that cost most.

    Attributes:
        places: (k,) their places, the costliest first.
        share: What part of the whole cost they make up, from 0 to 1.
    """

    places: np.ndarray
    share: float


def costliest(costs: np.ndarray, most: int) -> Costliest:
    """Up to ``most`` of ``costs`` (n,), those that cost nothing left out."""
    order = np.argsort(-costs, kind="stable")[:most]
    order = order[costs[order] > 0]
    total = float(costs.sum())
    return Costliest(order, float(costs[order].sum()) / total if total else 0.0)
