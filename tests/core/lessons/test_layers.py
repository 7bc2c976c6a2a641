"""The small network learns as Keras' does, and shows what the lesson says."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lessons.layers import (
    ACTIVATIONS,
    Network,
    brightness,
    cost,
    gradients,
    outputs,
    share_right,
    trained,
    untrained,
)
from core.lessons.points import points

HIDDEN = (4, 3)


def in_keras(network: Network) -> Any:
    import keras

    layers = [keras.layers.Dense(units, activation=network.activation) for units in HIDDEN]
    model = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1, activation="sigmoid")])
    model.set_weights(list(network.values))
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", run_eagerly=True)
    return model


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_outputs_cost_and_steps_are_those_of_keras(activation: str) -> None:
    x, y = points("xor", 40, 0.1, 0)
    network = untrained(HIDDEN, activation, 3)
    model = in_keras(network)
    answers = outputs(network, x)[-1][:, 0]
    np.testing.assert_allclose(answers, model(x).numpy()[:, 0], atol=1e-5)
    assert cost(answers, y) == pytest.approx(float(model.evaluate(x, y, verbose=0)), abs=1e-5)
    # One batch of all points: their order is of no matter.
    for _ in range(4):
        model.train_on_batch(x, y)
    for ours, theirs in zip(trained(network, x, y, 4, 0.03, 40).values, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_the_slopes_of_the_cost(activation: str) -> None:
    x, y = points("circles", 30, 0.1, 1)
    network = untrained(HIDDEN, activation, 1)
    step = 1e-6
    for number, gradient in enumerate(gradients(network, x, y)):
        for place in np.ndindex(gradient.shape):
            costs = []
            for sign in (1, -1):
                values = [value.copy() for value in network.values]
                values[number][place] += sign * step
                costs.append(cost(outputs(network._replace(values=tuple(values)), x)[-1][:, 0], y))
            assert gradient[place] == pytest.approx((costs[0] - costs[1]) / (2 * step), abs=1e-7)


def test_many_short_goes_are_one_long_one_and_leave_what_they_were_given() -> None:
    x, y = points("xor", 50, 0.1, 0)
    begun = untrained((3,), "tanh", 0)
    before = [value.copy() for value in begun.values]
    once = trained(begun, x, y, 6, 0.03)
    twice = trained(trained(begun, x, y, 2, 0.03), x, y, 4, 0.03)
    assert once.epochs == twice.epochs == 6
    assert all(np.array_equal(left, right) for left, right in zip(once.values, twice.values, strict=True))
    assert all(np.array_equal(left, right) for left, right in zip(begun.values, before, strict=True))


def test_points_come_in_another_order_in_each_epoch() -> None:
    x, y = points("xor", 50, 0.1, 0)
    first = untrained((3,), "tanh", 0)
    later = trained(first._replace(epochs=1), x, y, 1, 0.03)
    assert not np.allclose(trained(first, x, y, 1, 0.03).values[0], later.values[0], rtol=1e-9, atol=0)


@pytest.mark.parametrize(("neurons", "fences"), [(1, False), (2, False), (3, True)])
def test_three_neurons_fence_in_a_circle_and_fewer_do_not(neurons: int, fences: bool) -> None:
    x, y = points("circles", 200, 0.1, 0)
    shares = [
        share_right(outputs(trained(untrained((neurons,), "tanh", seed), x, y, 200, 0.03), x)[-1][:, 0], y)
        for seed in range(4)
    ]
    assert (max(shares) >= 0.95) == fences
    assert (min(shares) >= 0.95) == fences


def test_two_layers_of_eight_tell_spirals_apart() -> None:
    x, y = points("spirals", 200, 0.1, 0)
    answers = outputs(trained(untrained((8, 8), "tanh", 0), x, y, 200, 0.03), x)[-1][:, 0]
    assert share_right(answers, y) >= 0.95


def test_without_activation_layers_stay_one_straight_line() -> None:
    x, y = points("xor", 200, 0.1, 0)
    answers = outputs(trained(untrained((8, 8), "linear", 0), x, y, 60, 0.03), x)[-1][:, 0]
    assert share_right(answers, y) < 0.8
    # The sums before the last sigmoid are a plane: least squares leaves nothing over.
    sums = np.log(answers / (1 - answers))
    fitted = np.column_stack([x, np.ones(len(x))])
    assert np.allclose(fitted @ np.linalg.lstsq(fitted, sums, rcond=None)[0], sums, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 8), max_size=3), st.sampled_from(ACTIVATIONS), st.floats(1e-4, 1.0))
def test_nothing_overflows_whatever_is_chosen(hidden: list[int], activation: str, rate: float) -> None:
    x, y = points("spirals", 40, 1.0, 0)
    network = trained(untrained(tuple(hidden), activation, 0), x, y, 20, rate)
    answers = outputs(network, x)[-1][:, 0]
    assert ((answers >= 0) & (answers <= 1)).all()
    assert np.isfinite(cost(answers, y))


def test_brightness_keeps_zero_in_the_middle() -> None:
    assert brightness(np.array([-2.0, 0.0, 1.0])).tolist() == [0.0, 0.5, 0.75]
    assert brightness(np.zeros(2)).tolist() == [0.5, 0.5]
