"""Classic kernels: those of the books, and what SciPy makes of a picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from core.lessons.convolution import convolve
from core.lessons.kernels import CLASSICS, blur, horizontal_edges, one, outline, sharpen, vertical_edges

PICTURE = np.random.default_rng(0).integers(0, 256, (20, 24)).astype(float)
SIDES = (3, 5, 7)


def inside(values: np.ndarray, side: int) -> np.ndarray:
    """Without the edges, where SciPy makes up what lies outside."""
    edge = side // 2
    return values[edge:-edge, edge:-edge]


def test_small_ones_are_those_of_the_books() -> None:
    np.testing.assert_array_equal(vertical_edges(3), [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    np.testing.assert_array_equal(horizontal_edges(3), [[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    np.testing.assert_array_equal(outline(3), [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])
    np.testing.assert_allclose(blur(3), np.full((3, 3), 1 / 9))


def test_edges_of_five_pixels_are_those_of_opencv() -> None:
    # cv2.getDerivKernels(1, 0, 5) gives [-1, -2, 0, 2, 1] and [1, 4, 6, 4, 1].
    np.testing.assert_array_equal(vertical_edges(5), np.outer([1, 4, 6, 4, 1], [-1, -2, 0, 2, 1]))


@pytest.mark.parametrize("side", SIDES)
def test_blur_and_edges_are_what_scipy_makes(side: int) -> None:
    np.testing.assert_allclose(convolve(PICTURE, blur(side)), inside(ndimage.uniform_filter(PICTURE, side), side))
    if side == 3:
        np.testing.assert_allclose(convolve(PICTURE, vertical_edges(3)), inside(ndimage.sobel(PICTURE, axis=1), 3))
        np.testing.assert_allclose(convolve(PICTURE, horizontal_edges(3)), inside(ndimage.sobel(PICTURE, axis=0), 3))


@pytest.mark.parametrize("side", SIDES)
def test_sharpening_adds_what_a_blur_takes_away_twice(side: int) -> None:
    blurred = ndimage.uniform_filter(PICTURE, side)
    wanted = PICTURE + 2 * (PICTURE - blurred)
    np.testing.assert_allclose(convolve(PICTURE, sharpen(side)), inside(wanted, side))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("key", CLASSICS)
def test_signed_ones_find_nothing_on_an_even_surface_and_others_keep_it(key: str, side: int) -> None:
    even = np.full((9, 9), 100.0)
    found = convolve(even, CLASSICS[key].weights(side))
    np.testing.assert_allclose(found, 0 if CLASSICS[key].signed else 100, atol=1e-9)


def test_vertical_edges_are_bright_where_it_gets_lighter_to_the_right() -> None:
    picture = np.repeat([[0.0, 0, 0, 255, 255, 255]], 5, axis=0)
    assert convolve(picture, vertical_edges(3)).max() > 0
    assert convolve(picture[:, ::-1], vertical_edges(3)).max() == 0
    assert not convolve(picture, horizontal_edges(3)).any()
    np.testing.assert_array_equal(convolve(picture, one(3)), picture[1:-1, 1:-1])
