"""Cost functions against Keras, and the lecture's predictions with every term."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.lessons.costs import (
    COSTS,
    PREDICTED,
    TRUTH,
    categorical_crossentropies,
    costliest,
    row_costs,
    two_classes,
)
from core.network.outputs import to_predictions

PROBABILITIES = arrays(float, 6, elements=some.floats(0, 1))
TRUTHS = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.0])


def of_keras(name: str, truth: np.ndarray, predicted: np.ndarray) -> float:
    if name == "categorical_crossentropy":
        truth, predicted = two_classes(truth), two_classes(predicted)
    return float(np.mean(getattr(keras.losses, name)(truth, predicted)))


@pytest.mark.parametrize("name", COSTS)
def test_the_lecture_s_predictions_cost_what_keras_says(name: str) -> None:
    assert COSTS[name].mean(TRUTH, PREDICTED) == pytest.approx(of_keras(name, TRUTH, PREDICTED), rel=1e-7)


def test_the_lecture_s_predictions_with_every_term() -> None:
    assert (TRUTH.tolist(), PREDICTED.tolist()) == ([1, 0, 1], [1, 1, 0])
    terms = {name: cost.each(TRUTH, PREDICTED).round(3).tolist() for name, cost in COSTS.items()}
    assert terms == {
        "mean_squared_error": [0, 1, 1],
        "binary_crossentropy": [0, 16.118, 16.118],
        "hinge": [0, 2, 1],
        "categorical_crossentropy": [0, 16.118, 16.118],
    }
    means = {name: round(cost.mean(TRUTH, PREDICTED), 3) for name, cost in COSTS.items()}
    assert list(means.values()) == [0.667, 10.745, 1, 10.745]


def test_terms_are_written_out() -> None:
    assert COSTS["mean_squared_error"].worked_out(1.0, 0.25) == "(1 - 0.25)² = 0.562"
    assert COSTS["binary_crossentropy"].worked_out(1.0, 0.25) == "-(1 x log 0.25 + 0 x log 0.75) = 1.386"
    assert COSTS["binary_crossentropy"].worked_out(0.0, 1.0) == "-(0 x log 0.9999999 + 1 x log 0.0000001) = 16.118"
    assert COSTS["hinge"].worked_out(0.0, 0.5) == "max(0, 1 - (-1) x 0.5) = 1.5"
    assert COSTS["categorical_crossentropy"].worked_out(0.0, 0.9) == "-(1 x log 0.1 + 0 x log 0.9) = 2.303"


@given(PROBABILITIES)
def test_costs_are_those_of_keras(predicted: np.ndarray) -> None:
    for name, cost in COSTS.items():
        assert cost.mean(TRUTHS, predicted) == pytest.approx(of_keras(name, TRUTHS, predicted), rel=1e-6, abs=1e-9)


def test_more_than_two_classes_cost_what_keras_says() -> None:
    random = np.random.default_rng(3)
    predicted, truth = random.dirichlet(np.ones(4), 30), np.eye(4)[random.integers(0, 4, 30)]
    expected = np.asarray(keras.losses.categorical_crossentropy(truth, predicted))
    np.testing.assert_allclose(categorical_crossentropies(truth, predicted), expected, rtol=1e-7)


def test_with_two_classes_both_crossentropies_are_one() -> None:
    predicted = np.linspace(0, 1, 6)
    first, second = (COSTS[f"{kind}_crossentropy"].each(TRUTHS, predicted) for kind in ("binary", "categorical"))
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-12)


def test_rows_of_a_trained_network_cost_what_it_was_trained_with() -> None:
    scores = np.array([[-2.0], [0.25], [3.0]])
    truth = np.array([0, 0, 1])
    hinge = row_costs("hinge", truth, to_predictions("hinge", scores))
    np.testing.assert_allclose(hinge, [0.0, 1.25, 0.0], atol=1e-9)
    binary = row_costs("binary_crossentropy", truth, to_predictions("binary_crossentropy", scores))
    np.testing.assert_allclose(binary, np.log1p(np.exp([-2.0, 0.25, -3.0])), rtol=1e-6)
    np.testing.assert_allclose(row_costs("mean_absolute_error", np.array([3.0, 1.0]), np.array([1.0, 1.5])), [2, 0.5])
    np.testing.assert_allclose(row_costs("mean_squared_error", np.array([3.0, 1.0]), np.array([1.0, 1.5])), [4, 0.25])


def test_costliest_come_first_and_what_is_free_is_left_out() -> None:
    found = costliest(np.array([0.0, 1.0, 6.0, 0.0, 3.0]), most=2)
    assert found.places.tolist() == [2, 4]
    assert found.share == 0.9
    assert costliest(np.array([0.0, 2.0, 0.0]), most=3).places.tolist() == [1]
    nothing = costliest(np.zeros(4), most=3)
    assert (len(nothing.places), nothing.share) == (0, 0.0)
