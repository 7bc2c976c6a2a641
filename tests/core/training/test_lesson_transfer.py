"""A few epochs a time lead where all at once lead, and nothing is learned from the pictures that judge."""

from __future__ import annotations

import numpy as np
import pytest

from core.training.lesson_transfer import learn_on

CHANCE = np.random.default_rng(0)
Y = np.arange(30) % 2
# What a pretrained network might say: a few of its numbers differ between the classes.
FEATURES = CHANCE.normal(size=(30, 1280)).astype(np.float32)
FEATURES[:, :40] += 2.0 * Y[:, None]
PIXELS = (CHANCE.integers(0, 60, (30, 16, 16, 3)) + 150 * Y[:, None, None, None]).astype(np.uint8)


@pytest.mark.parametrize(("way", "x"), [("scratch", PIXELS), ("pretrained", FEATURES)])
def test_going_on_leads_where_learning_at_once_leads(way: str, x: np.ndarray) -> None:
    begun = learn_on(way, x, Y, 10, 3, None, 2)
    again = learn_on(way, x, Y, 10, 3, begun["state"], 4)
    whole = learn_on(way, x, Y, 10, 3, None, 4)
    assert int(again["state"]["epoch"]) == 4
    assert again["probabilities"].shape == (20, 2)
    np.testing.assert_allclose(again["probabilities"], whole["probabilities"], atol=1e-5)
    np.testing.assert_allclose(whole["probabilities"].sum(axis=1), 1.0, atol=1e-5)


def test_it_begins_without_knowing_anything_and_learns_what_tells_them_apart() -> None:
    before = learn_on("pretrained", FEATURES, Y, 10, 1, None, 0)
    assert int(before["state"]["epoch"]) == 0
    after = learn_on("pretrained", FEATURES, Y, 10, 1, before["state"], 40)
    assert (after["probabilities"].argmax(axis=1) == Y[10:]).mean() >= 0.85
    assert np.abs(after["probabilities"] - before["probabilities"]).max() > 0.3


def test_the_pictures_that_judge_teach_nothing() -> None:
    other = FEATURES.copy()
    other[10:] = -7.0
    learned = [learn_on("pretrained", x, Y, 10, 1, None, 3)["state"] for x in (FEATURES, other)]
    for name in learned[0]:
        np.testing.assert_array_equal(learned[0][name], learned[1][name])


def test_another_seed_starts_from_other_weights() -> None:
    first, second = (learn_on("scratch", PIXELS, Y, 10, seed, None, 0)["probabilities"] for seed in (1, 2))
    assert not np.allclose(first, second)


def test_a_pretrained_network_always_starts_from_the_same_weights() -> None:
    first, second = (learn_on("pretrained", FEATURES, Y, 10, seed, None, 0)["probabilities"] for seed in (1, 2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("learned", [-1, 0, 30, 40])
def test_something_must_be_left_to_learn_from_and_to_judge_by(learned: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 29 of 30"):
        learn_on("pretrained", FEATURES, Y, learned, 1, None, 1)
