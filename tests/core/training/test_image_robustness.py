"""Changed pictures are changed as said, by the same chance each time, and accuracy is counted on the same ones."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.bootstrap import wilson
from core.training.image_changes import CHANGES, GREY, Change, Level, changed
from core.training.image_robustness import breaks_at, robustness_of, some

BY_KEY = {change.key: change for change in CHANGES}


def pictures(count: int = 6, shape: tuple[int, int, int] = (16, 16, 3)) -> np.ndarray:
    return np.random.default_rng(0).integers(1, 256, (count, *shape), dtype=np.uint8)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.key)
@pytest.mark.parametrize("shape", [(16, 16, 3), (9, 9, 1)])
def test_every_strength_changes_pictures_by_the_same_chance_each_time(change: Change, shape: tuple) -> None:
    given = pictures(3, shape)
    for level in change.levels:
        found = changed(change, level, given, seed=4)
        assert found.shape == given.shape and found.dtype == np.uint8
        assert all((a != b).any() for a, b in zip(found, given, strict=True))
        np.testing.assert_array_equal(found, changed(change, level, given, seed=4))
        np.testing.assert_array_equal(found[:2], changed(change, level, given[:2], seed=4))


@pytest.mark.parametrize("key", ["darken", "occlude", "noise"])
def test_strengths_grow(key: str) -> None:
    given = pictures().astype(float)
    far = [np.abs(changed(BY_KEY[key], level, pictures()) - given).mean() for level in BY_KEY[key].levels]
    assert far == sorted(far) and far[-1] > 2 * far[0]


@pytest.mark.parametrize("key", ["rotate", "occlude", "noise"])
def test_another_seed_and_another_picture_have_other_chance(key: str) -> None:
    alike = np.repeat(pictures(1), 8, axis=0)
    first, second = (changed(BY_KEY[key], BY_KEY[key].levels[1], alike, seed) for seed in (0, 1))
    assert (first != second).any()
    assert len(np.unique(first, axis=0)) > 1


def test_turns_and_mirrors_are_exact_where_they_can_be() -> None:
    given = pictures()
    half = changed(BY_KEY["rotate"], Level(180, ""), given)
    np.testing.assert_array_equal(half, given[:, ::-1, ::-1])
    mirror = BY_KEY["mirror"]
    for level, expected in zip(mirror.levels, (given[:, :, ::-1], given[:, ::-1], given[:, ::-1, ::-1]), strict=True):
        np.testing.assert_array_equal(changed(mirror, level, given), expected)


def test_a_turn_leaves_no_black_corner() -> None:
    bright = np.full((2, 20, 20, 1), 200, np.uint8)
    for level in BY_KEY["rotate"].levels:
        assert changed(BY_KEY["rotate"], level, bright).min() == 200


def test_the_share_that_is_covered_is_the_one_that_is_said() -> None:
    given = np.full((4, 20, 20, 1), 3, np.uint8)
    for level in BY_KEY["occlude"].levels:
        shares = (changed(BY_KEY["occlude"], level, given) == GREY).mean(axis=(1, 2, 3))
        assert shares == pytest.approx([level.strength] * 4, abs=0.03)


def test_darker_by_a_share() -> None:
    assert changed(BY_KEY["darken"], Level(0.75, ""), np.full((1, 2, 2, 1), 200, np.uint8)).max() == 50


def of_brightness(given: np.ndarray) -> np.ndarray:
    """A network that calls bright pictures class 1."""
    bright = (given.mean(axis=(1, 2, 3)) > 100).astype(float)
    return np.stack([1 - bright, bright], axis=1)


def test_accuracy_is_that_of_the_changed_pictures_with_intervals() -> None:
    y = np.arange(40) % 2
    given = np.where(y == 1, 220, 30).astype(np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 1), np.uint8)
    given[0] = 220
    found = robustness_of(of_brightness, given, y, "binary")
    assert found["images"] == 40
    low, high = wilson(39 / 40, 40)
    assert found["untouched"] == {"value": 39 / 40, "low": low, "high": high}
    levels = {each["key"]: each["levels"] for each in found["changes"]}
    assert [level["value"] for level in levels["rotate"]] == [39 / 40] * 5
    # 220 * (1 - 0.6) = 88 is dark: all of class 1 are lost, and the one mistake turns right.
    assert [level["value"] for level in levels["darken"]] == [39 / 40, 39 / 40, 0.5, 0.5, 0.5]
    assert levels["darken"][2]["loss"]["value"] == pytest.approx(39 / 40 - 0.5)
    assert 0.25 < levels["darken"][2]["loss"]["low"] < 39 / 40 - 0.5
    assert breaks_at(levels["darken"]) == 2
    assert breaks_at(levels["rotate"]) is None


def test_copies_widen_the_interval() -> None:
    y = np.arange(40) % 2
    given = pictures(40, (4, 4, 1))
    alone = robustness_of(of_brightness, given, y, "binary", changes=CHANGES[:1])
    copied = robustness_of(of_brightness, given, y, "binary", np.arange(40) // 4, changes=CHANGES[:1])
    assert copied["untouched"]["value"] == alone["untouched"]["value"]
    widths = [each["untouched"]["high"] - each["untouched"]["low"] for each in (alone, copied)]
    assert widths[1] > 1.5 * widths[0]


def test_a_little_loss_is_no_break_even_if_it_is_sure() -> None:
    def level(value: float, low: float) -> dict:
        return {"loss": {"value": value, "low": low, "high": 1.0}}

    assert breaks_at([level(0.04, 0.03), level(0.3, -0.01), level(0.3, 0.1)]) == 2
    assert breaks_at([level(0.04, 0.03)]) is None


def test_a_sample_is_of_different_rows_and_the_same_each_time() -> None:
    found = some(1000, 50)
    assert len(set(found.tolist())) == 50 and found.tolist() == sorted(found.tolist())
    assert found.tolist() == some(1000, 50).tolist()
    assert some(7, 50).tolist() == list(range(7))
