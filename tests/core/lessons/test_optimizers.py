"""Steps downhill are those of Keras."""

import numpy as np
import pytest

from core.lessons.optimizers import METHODS, fresh, stepped


@pytest.mark.parametrize("method", METHODS)
def test_ten_steps_are_those_of_keras(method: str) -> None:
    import keras

    theirs = {
        "sgd": keras.optimizers.SGD(0.05),
        "momentum": keras.optimizers.SGD(0.05, momentum=0.9),
        "adam": keras.optimizers.Adam(0.05),
    }[method]
    generator = np.random.default_rng(0)
    values = (generator.normal(size=(3, 2)), generator.normal(size=2))
    variables = [keras.Variable(value) for value in values]
    theirs.build(variables)
    memory = fresh(values)
    for _ in range(10):
        gradients = tuple(generator.normal(size=value.shape) for value in values)
        values, memory = stepped(method, values, gradients, memory, 0.05)
        theirs.apply([keras.ops.convert_to_tensor(each, "float32") for each in gradients])
    assert memory.steps == 10
    for ours, their in zip(values, variables, strict=True):
        np.testing.assert_allclose(ours, their.numpy(), atol=2e-5)


def test_momentum_goes_on_where_the_slope_has_ended() -> None:
    values, memory = stepped("momentum", (np.array([0.0]),), (np.array([1.0]),), fresh((np.array([0.0]),)), 0.1)
    assert values[0] == pytest.approx(-0.1)
    values, _ = stepped("momentum", values, (np.array([0.0]),), memory, 0.1)
    assert values[0] == pytest.approx(-0.19)


def test_first_step_of_adam_is_as_long_as_the_rate_however_steep_it_is() -> None:
    for slope in (0.01, 1.0, 1e3):
        values, _ = stepped("adam", (np.zeros(1),), (np.array([slope]),), fresh((np.zeros(1),)), 0.1)
        assert values[0] == pytest.approx(-0.1, rel=1e-3)
