"""Overlays and mosaics: every pixel is where it belongs, colours say how much, words say where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.parts.charts_robustness import Line, robustness_lines
from pages.parts.image_results_drawing import (
    BOTH_WAYS,
    GAP,
    STRONG,
    coloured,
    enlarged,
    kernels_mosaic,
    maps_mosaic,
    overlay,
    place_of,
    scaled,
)


def test_a_picture_is_enlarged_in_squares() -> None:
    pixels = np.array([[[0], [255]], [[90], [10]]], np.uint8)
    found = enlarged(pixels, 8)
    assert found.shape == (8, 8, 3)
    np.testing.assert_array_equal(found[:4, 4:], np.full((4, 4, 3), 255))
    np.testing.assert_array_equal(found[4:, :4], np.full((4, 4, 3), 90))


def test_a_tall_picture_keeps_its_shape() -> None:
    assert enlarged(np.zeros((20, 10, 3), np.uint8), 40).shape == (40, 20, 3)


def test_an_overlay_is_the_grey_picture_under_the_colour_of_its_weight() -> None:
    pixels = np.full((2, 2, 3), 100, np.uint8)
    weights = np.zeros((40, 40))
    weights[:, 20:] = 5.0
    found = overlay(pixels, weights, side=40)
    for column, share in ((2, 0.0), (37, 1.0)):
        expected = 0.45 * 100 + 0.55 * coloured(np.array(share), STRONG)
        np.testing.assert_allclose(found[20, column], expected, atol=1)


def test_signed_weights_have_the_middle_colour_for_nothing() -> None:
    np.testing.assert_allclose(scaled(np.array([-2.0, 0.0, 1.0]), signed=True), [0.0, 0.5, 0.75])
    calm = overlay(np.zeros((4, 4, 1), np.uint8), np.zeros((4, 4)), signed=True, side=4)
    np.testing.assert_allclose(calm[0, 0], 0.55 * coloured(np.array(0.5), BOTH_WAYS), atol=1)


def test_what_costs_probability_is_orange_and_what_adds_to_it_violet() -> None:
    red, _, blue = coloured(np.array(0.85), BOTH_WAYS)
    assert red > blue + 40
    red, _, blue = coloured(np.array(0.15), BOTH_WAYS)
    assert blue > red + 20


def test_more_is_never_darker() -> None:
    """Viridis grows evenly lighter, so that it can be read without telling colours apart."""
    lightness = coloured(np.linspace(0, 1, 50)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(lightness) > 0).all()


def test_mosaics_put_each_tile_in_its_place_with_clear_gaps() -> None:
    maps = np.stack([np.full((36, 36), number, float) for number in range(5)])
    maps[:, 0, 0] = 9
    sheet = maps_mosaic(maps, columns=3)
    assert sheet.shape == (2 * 72 + GAP, 3 * 72 + 2 * GAP, 4)
    assert sheet[0, 72, 3] == 0 and sheet[0, 71, 3] == 255
    assert sheet[-1, -1, 3] == 0
    np.testing.assert_allclose(sheet[72 + GAP, 72 + GAP, :3], coloured(np.array(1.0)), atol=1)
    np.testing.assert_allclose(sheet[-1, 0, :3], coloured(np.array(0.0)), atol=1)


def test_kernels_are_grey_where_they_weigh_nothing() -> None:
    kernels = np.zeros((2, 3, 3, 1))
    kernels[0, 0, 0] = 4.0
    kernels[0, 2, 2] = -4.0
    sheet = kernels_mosaic(kernels)
    assert sheet.shape == (48, 96 + GAP, 4)
    assert sheet[[0, 20, 47], [0, 20, 47], 0].tolist() == [255, 128, 0]
    assert (sheet[:, 48 + GAP :, :3] == 128).all()
    assert kernels_mosaic(np.ones((1, 3, 3, 3))).max() == 255


@pytest.mark.parametrize(
    ("rows", "columns", "expected"),
    [
        (slice(0, 3), slice(0, 3), "in the upper left"),
        (slice(9, 12), slice(8, 12), "in the lower right"),
        (slice(5, 7), slice(5, 7), "in the middle"),
        (slice(0, 2), slice(5, 7), "at the top"),
        (slice(5, 7), slice(10, 12), "on the right"),
        (slice(0, 12), slice(0, 12), None),
    ],
)
def test_a_place_has_a_name(rows: slice, columns: slice, expected: str | None) -> None:
    weights = np.zeros((12, 12))
    weights[rows, columns] = 3.0
    assert place_of(weights) == expected


def test_two_far_corners_are_no_place() -> None:
    weights = np.zeros((12, 12))
    weights[:3, :3] = weights[9:, 9:] = 1.0
    assert place_of(weights) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(-1e6, 1e6), st.booleans())
def test_any_map_can_be_drawn(height: int, width: int, value: float, signed: bool) -> None:
    found = overlay(np.zeros((5, 7, 1), np.uint8), np.full((height, width), value), signed, side=14)
    assert found.shape == (10, 14, 3)
    place_of(np.full((height, width), value))


def test_robustness_is_drawn_with_intervals_and_told_in_numbers() -> None:
    untouched = {"value": 0.9, "low": 0.8, "high": 0.95}
    levels = [{"words": "10°", "value": 0.7, "low": 0.6, "high": 0.8}]
    chart = robustness_lines("Turned", [Line("This run", untouched, levels), Line("<b>", untouched, levels)])
    assert chart.sentence == "Turned: as it is 90 % (80 % to 95 %); 10° 70 % (60 % to 80 %)."
    assert chart.figure.layout.title.text == "Turned: 90 % right, 70 % at worst"
    first, second = chart.figure.data
    assert list(first.y) == [0.9, 0.7]
    assert list(first.error_y.arrayminus) == pytest.approx([0.1, 0.1])
    assert second.name == "&lt;b&gt;"
