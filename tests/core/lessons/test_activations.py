"""Activation functions and their slopes, against Keras and TensorFlow's own differentiation."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from core.lessons.activations import (
    ACTIVATIONS,
    CLASSES,
    curves,
    logit,
    sigmoid,
    softmax,
    softmax_slopes,
    step,
    step_slope,
    sums_near_zero,
)

SUMS = np.concatenate([np.linspace(-30, 30, 241), [-500.0, 500.0]])


def differentiated(function: Callable, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with tf.GradientTape() as tape:
        given = tf.constant(sums)
        tape.watch(given)
        answers = function(given)
    return answers.numpy(), tape.gradient(answers, given).numpy()


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "leaky_relu"])
def test_answers_and_slopes_are_those_of_keras(name: str) -> None:
    answers, slopes = differentiated(getattr(keras.activations, name), SUMS)
    np.testing.assert_allclose(ACTIVATIONS[name].value(SUMS), answers, rtol=1e-7, atol=1e-12)
    np.testing.assert_allclose(ACTIVATIONS[name].slope(SUMS), slopes, rtol=1e-7, atol=1e-12)


def test_step_is_numpy_s_and_flat() -> None:
    np.testing.assert_array_equal(step(SUMS), np.heaviside(SUMS, 1.0))
    assert not step_slope(SUMS).any()


def test_softmax_and_its_slopes_are_those_of_keras() -> None:
    sums = np.random.default_rng(0).normal(0, 4, (20, 3))
    np.testing.assert_allclose(softmax(sums), keras.activations.softmax(tf.constant(sums)).numpy(), rtol=1e-9)
    with tf.GradientTape() as tape:
        given = tf.constant(sums)
        tape.watch(given)
        answers = keras.activations.softmax(given)
    every = tape.batch_jacobian(answers, given).numpy()
    for of in range(3):
        np.testing.assert_allclose(softmax_slopes(sums, of), every[:, :, of], rtol=1e-8, atol=1e-12)


@given(arrays(float, 3, elements=some.floats(-1e6, 1e6)))
def test_shares_add_up_to_one_and_what_one_class_wins_the_others_lose(sums: np.ndarray) -> None:
    assert softmax(sums).sum() == pytest.approx(1.0)
    assert softmax_slopes(sums, 1).sum() == pytest.approx(0.0, abs=1e-9)
    np.testing.assert_allclose(softmax(sums + 7.0), softmax(sums), atol=1e-6)


def test_softmax_of_two_sums_of_which_one_is_zero_is_sigmoid() -> None:
    two = np.stack([np.zeros_like(SUMS), SUMS], axis=-1)
    np.testing.assert_allclose(softmax(two)[:, 1], sigmoid(SUMS), atol=1e-12)


def test_students_of_the_first_page_have_sums_near_zero() -> None:
    np.testing.assert_allclose(sums_near_zero(np.ones(3), 0.0), [1.0, -5.4, -2.0])
    np.testing.assert_allclose(sums_near_zero(np.ones(3), 20.0), [3.0, -3.4, 0.0])
    assert step(sums_near_zero(np.ones(3), 25.0)).tolist() == [1, 0, 1]


def test_sigmoid_is_steepest_at_zero() -> None:
    assert ACTIVATIONS["sigmoid"].slope(np.array([0.0]))[0] == 0.25
    assert ACTIVATIONS["sigmoid"].slope(SUMS).max() == 0.25


def test_logit_undoes_sigmoid_and_stays_finite() -> None:
    sums = np.linspace(-14, 14, 57)
    np.testing.assert_allclose(logit(sigmoid(sums)), sums, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(logit(np.array([0.0, 1.0])), [-16.118, 16.118], atol=1e-3)


def test_three_classes_share_as_softmax_does() -> None:
    lines = curves("softmax", third=1.5)
    sums = np.array([-3.0, 0.5])
    shared = np.stack([lines[name].value(sums) for name in CLASSES], axis=-1)
    np.testing.assert_allclose(shared, softmax(np.array([[0.0, -3.0, 1.5], [0.0, 0.5, 1.5]])))
    step_width = 1e-6
    for name in CLASSES:
        by_hand = (lines[name].value(sums + step_width) - lines[name].value(sums - step_width)) / (2 * step_width)
        np.testing.assert_allclose(lines[name].slope(sums), by_hand, atol=1e-8)
