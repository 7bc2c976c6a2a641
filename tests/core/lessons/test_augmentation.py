"""What the page says about each change is what Keras' layers do."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.errors import UserError
from core.lessons.augmentation import IMITATES, OPERATIONS, keeps_nine, largest_turn_found, operation, reach
from core.lessons.photos import DRAWINGS
from core.network.augmentation import augment_preview, augmentation_layers
from core.spec import Augmentation


def numbers(words: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", words)]


def test_every_operation_of_the_app_is_explained_and_six_are_shown_first() -> None:
    assert set(IMITATES) == set(Augmentation.model_fields)
    assert len(OPERATIONS) == 6 and set(OPERATIONS) < set(IMITATES)
    assert "Handwritten digit" in DRAWINGS


@pytest.mark.parametrize("strength", [0.05, 0.25, 0.5, 1.0])
def test_reach_is_that_of_the_layers(strength: float) -> None:
    def layer(name: str) -> dict:
        return augmentation_layers(operation(name, strength))[-1].get_config()

    assert numbers(reach("rotate", strength)) == pytest.approx([360 * layer("rotate")["factor"][1]], rel=0.01)
    low, high = layer("zoom")["height_factor"]
    assert numbers(reach("zoom", strength)) == pytest.approx([100 * (1 + low), 100 * (1 + high)], rel=0.01)
    low, high = layer("crop")["height_factor"]
    assert low == high
    assert numbers(reach("crop", strength)) == pytest.approx([100 * (1 + low)], rel=0.01)
    _, high = layer("brightness")["factor"]
    assert numbers(reach("brightness", strength)) == pytest.approx([255 * high, 255], abs=0.51)
    assert numbers(reach("erase", strength)) == pytest.approx([100 * layer("erase")["scale"][1]], rel=0.01)
    assert numbers(reach("noise", strength)) == pytest.approx([255 * layer("noise")["stddev"], 255], abs=0.51)
    down, up = layer("contrast")["factor"]
    assert numbers(reach("contrast", strength)) == pytest.approx([100 * (1 - down), 100 * (1 + up)], rel=0.01)


def test_a_crop_can_show_every_edge_of_the_picture() -> None:
    shift, zoom = augmentation_layers(operation("crop", 1.0))
    shown = 1 + zoom.get_config()["height_factor"][0]
    assert shift.get_config()["height_factor"] == pytest.approx((1 - shown) / 2)


def test_mirroring_swaps_left_and_right_first_and_top_and_bottom_only_at_full_strength() -> None:
    corner = np.zeros((8, 8, 3), np.uint8)
    corner[0, 0] = 255
    half = augment_preview(corner, operation("mirror", 0.5), count=40)[..., 0]
    assert {tuple(place) for place in np.argwhere(half)[:, 1:].tolist()} == {(0, 0), (0, 7)}
    full = augment_preview(corner, operation("mirror", 1.0), count=60)[..., 0]
    assert {tuple(place) for place in np.argwhere(full)[:, 1:].tolist()} >= {(0, 0), (7, 7)}
    assert "top and bottom" in reach("mirror", 1.0) and "top and bottom" not in reach("mirror", 0.5)


def test_nothing_is_said_to_change_at_strength_0_and_nothing_does() -> None:
    assert {reach(name, 0.0) for name in IMITATES} == {"Nothing is changed."}
    assert not augmentation_layers(operation("rotate", 0.0))


def test_a_quarter_turn_is_the_most_that_a_nine_bears() -> None:
    assert keeps_nine("rotate", 0.5) and not keeps_nine("rotate", 0.55)
    assert not keeps_nine("mirror", 0.5) and keeps_nine("brightness", 1.0)
    found = [strength for strength in np.arange(0, 1.01, 0.05).round(2) if largest_turn_found("rotate", strength)]
    assert found == [0.35, 0.4, 0.45, 0.5]
    assert not largest_turn_found("zoom", 0.5)


def test_a_strength_that_there_is_not_is_refused() -> None:
    with pytest.raises(UserError):
        operation("rotate", 1.5)
    with pytest.raises(UserError):
        operation("melt", 0.5)
