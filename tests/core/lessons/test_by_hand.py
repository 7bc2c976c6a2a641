"""The epoch by hand is the one that Keras would train."""

import numpy as np
import pytest

from core.lessons.by_hand import BIAS, INPUTS, WEIGHTS, after, answers, epoch
from core.lessons.neuron import LABELS, step


def test_it_starts_where_the_first_page_does() -> None:
    assert INPUTS[0].tolist() == [0.8, 0.6, 0.7]
    looks = epoch(WEIGHTS, BIAS, 1e-12)
    # The sums 210, 146 and 180 against the step at 200, in hundreds.
    assert [round(look.total, 6) for look in looks] == [0.1, -0.54, -0.2]
    assert ((answers(WEIGHTS, BIAS) >= 0.5).astype(int) == step(np.array([210, 146, 180]))).all()


def test_first_look_by_hand() -> None:
    look = epoch(WEIGHTS, BIAS, 1.0)[0]
    assert look.answer == pytest.approx(0.52498, abs=1e-5)
    assert look.error == pytest.approx(-0.47502, abs=1e-5)
    assert look.changes == pytest.approx([0.38002, 0.28501, 0.33251], abs=1e-5)
    assert look.bias == pytest.approx(-1.52498, abs=1e-5)


@pytest.mark.parametrize("rate", [0.1, 1.0, 5.0])
def test_two_epochs_are_those_of_keras(rate: float) -> None:
    import keras

    neuron = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input((3,)), neuron])
    neuron.set_weights([WEIGHTS[:, None], np.array([BIAS])])
    model.compile(keras.optimizers.SGD(rate), "binary_crossentropy", run_eagerly=True)
    weights, bias = WEIGHTS, BIAS
    for _ in range(2):
        for look in epoch(weights, bias, rate):
            model.train_on_batch(INPUTS[look.student][None], LABELS[look.student].reshape(1, 1).astype(float))
            np.testing.assert_allclose(look.weights, neuron.kernel.numpy()[:, 0], atol=1e-5)
            assert look.bias == pytest.approx(float(neuron.bias.numpy()[0]), abs=1e-5)
        weights, bias = look.weights, look.bias
    assert after(2, rate)[0] == pytest.approx(weights)


def test_all_three_are_right_in_the_end() -> None:
    assert ((answers(*after(0, 1.0)) >= 0.5) == LABELS).sum() == 2
    assert ((answers(*after(200, 1.0)) >= 0.5) == LABELS).all()
