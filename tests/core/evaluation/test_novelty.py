"""What counts as unlike all training pictures, on points whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.appearance import appearance
from core.evaluation.novelty import MOST_AXES, MOST_POINTS, Novelty, sample


def cloud(count: int, seed: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Two views of pictures of one kind: five of twenty values vary, and a plain one."""
    random = np.random.default_rng(seed)
    wide = np.zeros((count, 20))
    wide[:, :5] = random.normal(size=(count, 5))
    return wide + shift, random.normal(size=(count, 3))


def test_ordinary_pictures_pass_and_those_far_in_one_view_do_not() -> None:
    novelty = Novelty.fit(cloud(300, 0), cloud(100, 1))
    fresh = cloud(400, 2)
    assert novelty.judge(fresh)[0].mean() < 0.04
    far_in_first = cloud(50, 3, shift=3.0)
    assert novelty.judge(far_in_first)[0].all()
    far_in_second = fresh[0][:50], fresh[1][:50] + 8
    unlike, farther = novelty.judge(far_in_second)
    assert unlike.all() and farther.max() == 0.0


def test_a_value_that_never_varied_counts_when_it_does() -> None:
    novelty = Novelty.fit(cloud(300, 0))
    wide, plain = cloud(20, 1)
    wide[:, 15] += 4.0
    assert novelty.judge((wide, plain))[0].mean() > 0.9


def test_distance_is_the_share_of_ordinary_pictures_that_are_farther() -> None:
    train = cloud(300, 0)
    novelty = Novelty.fit(train)
    centre = np.zeros((1, 20)), np.zeros((1, 3))
    assert novelty.judge(centre)[1][0] > 0.95
    _, farther = novelty.judge(cloud(300, 5))
    assert 0.4 < np.mean(farther) < 0.6


def test_copies_do_not_make_others_look_unlike() -> None:
    """Every picture is there three times: without groups, nothing but another copy would look alike."""
    train = tuple(np.repeat(values, 6, axis=0) for values in cloud(60, 0))
    fresh = cloud(200, 1)
    careless = Novelty.fit(train)
    careful = Novelty.fit(train, groups=np.repeat(np.arange(60), 6))
    assert careless.judge(fresh)[0].mean() > 0.5
    assert careful.judge(fresh)[0].mean() < 0.1


def test_what_is_kept_is_bounded_and_answers_the_same() -> None:
    random = np.random.default_rng(0)
    chosen = sample(5000)
    assert len(chosen) == len(set(chosen)) == MOST_POINTS
    novelty = Novelty.fit([random.normal(size=(5000, 100))[chosen]])
    arrays = novelty.arrays()
    assert arrays["0-points"].shape == (MOST_POINTS, MOST_AXES + 1) and arrays["0-axes"].shape == (MOST_AXES, 100)
    assert sum(array.nbytes for array in arrays.values()) < 700_000
    new = random.normal(size=(50, 100)) * random.uniform(0.5, 3, (50, 1))
    for one, other in zip(novelty.judge([new]), Novelty.of(arrays).judge([new]), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)
    assert 0 < novelty.judge([new])[0].sum() < 50


@pytest.mark.parametrize("count", [1, 2, 5])
def test_hardly_any_pictures_call_nothing_unlike_without_reason(count: int) -> None:
    train = cloud(count, 0)
    unlike, farther = Novelty.fit(train).judge(train)
    assert not unlike.any() and np.isfinite(farther).all()


def test_equal_training_pictures_leave_numbers_that_are_finite() -> None:
    novelty = Novelty.fit([np.ones((30, 4))])
    assert all(np.isfinite(array).all() for array in novelty.arrays().values())
    assert not novelty.judge([np.ones((1, 4))])[0].any()
    assert novelty.judge([np.ones((1, 4)) + 5])[0].all()


@pytest.mark.parametrize("shape", [(16, 16, 1), (20, 37, 3), (64, 64, 3), (250, 250, 3)])
def test_appearance_tells_light_from_dark_and_smooth_from_grained(shape: tuple[int, int, int]) -> None:
    random = np.random.default_rng(0)
    flat = np.full((1, *shape), 40, np.uint8)
    light = np.full((1, *shape), 200, np.uint8)
    grain = random.integers(0, 81, (1, *shape), dtype=np.uint8)
    one, other, third = (appearance(each)[0] for each in (flat, light, grain))
    assert np.isfinite(one).all() and one.shape == other.shape
    colours = len(one) - np.flatnonzero(one[::-1] > np.log(0.011))[0]
    np.testing.assert_allclose((other - one)[:colours], 160 / 255, atol=1e-5)
    assert third[colours] - one[colours] > 2
