"""Points on a plane: where each class lies, and that nothing leaves the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.lessons.points import EDGE, KINDS, MOST, of_columns, plane, points, telling


@given(st.sampled_from(KINDS), st.integers(0, 300), st.floats(0, 1), st.integers(0, 2**32))
def test_points_stay_on_the_plane_and_classes_are_level(kind: str, count: int, noise: float, seed: int) -> None:
    x, y = points(kind, count, noise, seed)
    assert x.shape == (count, 2) and y.shape == (count,)
    assert np.abs(x).max(initial=0) <= EDGE
    assert (y == 1).sum() == count // 2 and set(y) <= {0, 1}


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_draws_the_same_points(kind: str) -> None:
    first, again, other = (points(kind, 50, 0.1, seed) for seed in (1, 1, 2))
    assert np.array_equal(first[0], again[0]) and np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_each_kind_is_what_it_says() -> None:
    x, y = points("circles", 400, 0.0, 0)
    assert ((np.hypot(*x.T) < 1.5) == (y == 1)).all()
    x, y = points("xor", 400, 0.0, 0)
    assert (np.logical_xor(x[:, 0] > 0, x[:, 1] > 0) == (y == 1)).all()
    x, y = points("blobs", 400, 0.0, 0)
    assert ((x.sum(axis=1) > 0) == (y == 1)).mean() > 0.99
    x, y = points("spirals", 400, 0.0, 0)
    # An arm, turned by half a turn, is the other one.
    angle = 1.75 * 2 * np.pi * np.hypot(*x.T) / 2.7
    assert np.allclose(np.where(y == 1, -1, 1), np.cos(np.arctan2(x[:, 0], x[:, 1]) - angle))


def test_plane_is_read_like_a_picture_from_the_top_left() -> None:
    places = plane(3)
    assert places.shape == (9, 2)
    assert np.allclose(places[0], (-2, 2)) and np.allclose(places[2], (2, 2)) and np.allclose(places[-1], (2, -2))


def test_columns_are_standardised_and_rows_that_lack_one_are_left_out() -> None:
    values = np.array([[1.0, 10.0], [np.nan, 20.0], [3.0, 30.0], [5.0, 50.0]])
    x, y = of_columns(values, np.array([0, 1, 1, 0]))
    known = values[[0, 2, 3]]
    assert np.allclose(x, (known - known.mean(axis=0)) / known.std(axis=0))
    assert y.tolist() == [0, 1, 0]


def test_of_many_rows_some_are_taken_the_same_each_time() -> None:
    values = np.random.default_rng(0).normal(size=(5000, 2))
    first, again = (of_columns(values, np.arange(5000) % 2) for _ in range(2))
    assert first[0].shape == (MOST, 2) and np.array_equal(first[0], again[0])


@given(arrays(float, st.tuples(st.integers(0, 20), st.just(2))))
def test_no_column_leaves_the_plane(values: np.ndarray) -> None:
    x, y = of_columns(values, np.zeros(len(values), int))
    assert len(x) == len(y) == np.isfinite(values).all(axis=1).sum()
    assert (np.abs(x) <= EDGE).all()
    assert sorted(telling(values, np.arange(len(values)) % 2)) == [0, 1]


def test_columns_that_tell_most_stand_first() -> None:
    y = np.arange(40) % 2
    noise = np.random.default_rng(0).normal(size=40)
    values = np.stack([noise, 3 * y + noise, np.full(40, np.nan), np.ones(40), y + noise], axis=1)
    assert telling(values, y).tolist()[:2] == [1, 4]
