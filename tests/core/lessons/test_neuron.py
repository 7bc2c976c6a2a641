"""One neuron: sums as Keras adds them up, the lecture's figures, and the line on which it cannot decide."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.lessons.neuron import LABELS, MARKS, STEP, boundary, plane, step, weighted_sums, worked_out

WEIGHT = st.floats(-3, 3).map(lambda value: round(value, 3))


def test_lectures_students_have_the_lectures_sums() -> None:
    sums = weighted_sums(MARKS, np.ones(3), 0.0)
    np.testing.assert_array_equal(sums, [210, 146, 180])
    np.testing.assert_array_equal(step(sums), [1, 0, 0])
    np.testing.assert_array_equal(LABELS, [1, 0, 1])
    np.testing.assert_array_equal(step(weighted_sums(MARKS, np.ones(3), 25.0)), LABELS)


@given(
    inputs=arrays(float, (5, 3), elements=st.floats(-100, 100)), weights=arrays(float, 3, elements=WEIGHT), bias=WEIGHT
)
def test_sums_are_those_of_a_dense_layer(inputs: np.ndarray, weights: np.ndarray, bias: float) -> None:
    layer = keras.layers.Dense(1, dtype="float64")
    layer.build((None, 3))
    layer.set_weights([weights[:, None], np.array([bias])])
    np.testing.assert_allclose(weighted_sums(inputs, weights, bias), np.asarray(layer(inputs))[:, 0], atol=1e-9)


def test_step_answers_one_from_the_threshold_on() -> None:
    np.testing.assert_array_equal(step(np.array([STEP - 1e-9, STEP, STEP + 1])), [0, 1, 1])


def test_sum_is_written_as_it_is_worked_out() -> None:
    assert worked_out(MARKS[2], np.array([1.0, 1.5, -0.1]), 5.0) == "5 + 60 × 1 + 70 × 1.5 + 50 × -0.1 = 165"


@given(weights=arrays(float, 2, elements=WEIGHT), bias=st.floats(-200, 200).map(lambda value: round(value, 2)))
def test_line_separates_the_answers(weights: np.ndarray, bias: float) -> None:
    line = boundary(weights, bias, 30, 100)
    corners = np.array([(x, y) for x in (30.0, 100.0) for y in (30.0, 100.0)])
    sums = weighted_sums(corners, weights, bias) - STEP
    if line is None:
        assert (sums > -1e-6).all() or (sums < 1e-6).all()
        return
    ends = np.column_stack([line.x, line.y])
    assert ((ends >= 30) & (ends <= 100)).all()
    np.testing.assert_allclose(weighted_sums(ends, weights, bias), STEP, atol=1e-6)


def test_plane_is_where_the_sum_is_the_step() -> None:
    corners = np.array([[0.0, 0.0], [100.0, 40.0]])
    weights = np.array([1.0, 0.5, 2.0])
    heights = plane(weights, 10.0, corners)
    assert heights is not None
    np.testing.assert_allclose(weighted_sums(np.column_stack([corners, heights]), weights, 10.0), STEP)
    assert plane(np.array([1.0, 1.0, 0.0]), 0.0, corners) is None


@pytest.mark.parametrize("weights", [(0.0, 0.0), (0.0, 2.5), (2.5, 0.0)])
def test_line_may_be_upright_flat_or_nowhere(weights: tuple[float, float]) -> None:
    line = boundary(np.array(weights), 0.0, 30, 100)
    if weights == (0.0, 0.0):
        assert line is None
    else:
        assert line is not None
        assert (line.y if weights[1] else line.x) == (80.0, 80.0)
