"""The landscape is a real cost, and the ways down it are those that Keras takes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lessons.descent import COUNT, LANDSCAPES, cost, descend, gradient, grid, lowest, surface
from core.lessons.optimizers import METHODS


@pytest.mark.parametrize("name", LANDSCAPES)
def test_gradient_is_the_slope_of_the_cost(name: str) -> None:
    of = surface(name)
    for place in np.random.default_rng(0).normal(size=(5, 2)):
        step = 1e-6 * np.eye(2)
        slopes = (cost(of, place + step) - cost(of, place - step)) / 2e-6
        np.testing.assert_allclose(gradient(of, place), slopes, atol=1e-6)


def test_bottom_of_the_bowl_is_least_squares() -> None:
    of = surface("bowl")
    fitted = np.column_stack([of.x, np.ones(COUNT)])
    best, rest, *_ = np.linalg.lstsq(fitted, of.y, rcond=None)
    assert lowest("bowl") == pytest.approx(rest[0] / COUNT, abs=1e-9)
    assert np.abs(gradient(of, best)).max() < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_way_is_the_one_that_keras_takes(method: str) -> None:
    import keras

    of = surface("bowl")
    neuron = keras.layers.Dense(1)
    model = keras.Sequential([keras.Input((1,)), neuron])
    neuron.set_weights([np.array([[of.start[0]]]), np.array([of.start[1]])])
    theirs = {
        "sgd": keras.optimizers.SGD(0.1),
        "momentum": keras.optimizers.SGD(0.1, momentum=0.9),
        "adam": keras.optimizers.Adam(0.1),
    }[method]
    model.compile(theirs, "mse", run_eagerly=True)
    way = descend(of, method, 0.1, COUNT, 5, of.start)
    for place in way.places[1:]:
        model.train_on_batch(of.x[:, None], of.y[:, None])
        np.testing.assert_allclose(place, np.ravel([*neuron.kernel.numpy(), neuron.bias.numpy()]), atol=1e-4)


def reaches(rate: float, method: str = "sgd") -> bool:
    of = surface("bowl")
    way = descend(of, method, rate, COUNT, 40, of.start)
    return bool(way.costs[-1] < 1.05 * lowest("bowl"))


def test_rate_is_too_small_right_or_too_large() -> None:
    assert [reaches(rate) for rate in (0.003, 0.1, 0.2, 0.3, 0.42, 0.5)] == [False, False, True, True, False, False]
    of = surface("bowl")
    costs = descend(of, "sgd", 0.42, COUNT, 40, of.start).costs
    assert (np.diff(costs[10:]) > 0).all()


def test_steps_above_two_over_the_curvature_run_away() -> None:
    """The edge of stability of gradient descent on a quadratic cost."""
    of = surface("bowl")
    fitted = np.column_stack([of.x, np.ones(COUNT)])
    edge = 2 / np.linalg.eigvalsh(2 * fitted.T @ fitted / COUNT).max()
    assert descend(of, "sgd", 1.02 * edge, COUNT, 3000, of.start).ran_away
    assert descend(of, "sgd", 0.98 * edge, COUNT, 3000, of.start).costs[-1] == pytest.approx(lowest("bowl"), abs=1e-6)


def test_the_two_valleys_are_equally_deep_and_the_start_decides() -> None:
    of = surface("valleys")
    places = np.random.default_rng(0).normal(size=(9, 2))
    assert np.allclose(cost(of, places), cost(of, -places))
    ends = [descend(of, "sgd", 0.1, COUNT, 400, start).places[-1] for start in ((1.0, 0.5), (-1.0, -0.5))]
    assert ends[0][0] > 1 and np.allclose(ends[0], -ends[1])
    assert np.allclose(gradient(of, np.zeros(2)), 0)


def test_a_smaller_batch_wanders_and_an_epoch_sees_each_row_once() -> None:
    of = surface("bowl")
    calm, restless = (descend(of, "sgd", 0.1, batch, 100, of.start).costs for batch in (COUNT, 1))
    assert (np.diff(calm) < 0).all()
    assert (np.diff(restless) > 0).any()
    # Tiny steps barely move, so that those of one epoch add up to the gradient of all rows.
    slow = descend(of, "sgd", 1e-9, 1, COUNT, of.start).places
    np.testing.assert_allclose((slow[0] - slow[-1]) / 1e-9 / COUNT, gradient(of, np.array(of.start)), rtol=1e-4)


@settings(deadline=None)
@given(
    st.sampled_from(LANDSCAPES), st.sampled_from(METHODS), st.floats(1e-4, 10), st.integers(1, COUNT),
    st.tuples(st.floats(-10, 10), st.floats(-10, 10)),
)  # fmt: skip
def test_no_way_overflows(name: str, method: str, rate: float, batch: int, start: tuple[float, float]) -> None:
    way = descend(surface(name), method, rate, batch, 60, start)
    assert np.isfinite(way.places).all() and np.isfinite(way.costs).all()
    assert len(way.places) == len(way.costs) <= 61


def test_grid_has_a_row_for_each_second_number() -> None:
    of = surface("bowl")
    first, second, costs = grid(of, 7)
    assert costs.shape == (7, 7)
    assert costs[2, 5] == pytest.approx(cost(of, np.array([[first[5], second[2]]]))[0])
