"""Drawings that come with Muffin, and photos that people give."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UserError
from core.lessons.photos import DRAWINGS, at_most, drawing, photo_of
from tests.core.data.images.pictures import picture


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_drawing_is_there(name: str) -> None:
    pixels = drawing(name, 256)
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert np.ptp(pixels) > 100


def test_photo_keeps_its_shape_and_is_made_smaller_only_where_it_is_larger() -> None:
    assert photo_of(picture(1, (400, 200)), "wide.png", 256).shape == (128, 256, 3)
    assert photo_of(picture(1, (40, 30)), "small.png", 256).shape == (30, 40, 3)
    assert at_most(np.zeros((1, 1000, 3), np.uint8), 100).shape == (1, 100, 3)


def test_file_that_is_no_picture_is_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"notes\.txt"):
        photo_of(b"words", "notes.txt", 256)


@pytest.mark.parametrize("size", [(1, 1), (10_000, 1), (1, 3000), (7, 20), (500, 100)])
def test_picture_that_is_too_narrow_is_told_so(size: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="too narrow"):
        photo_of(picture(1, size), "line.png", 256)
    assert photo_of(picture(1, (400, 100)), "wide.png", 256).shape == (64, 256, 3)
