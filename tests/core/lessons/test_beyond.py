"""Boxes, masks and their overlap on a scene whose truth is known."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lessons.beyond import (
    HEIGHT,
    KINDS,
    WIDTH,
    Box,
    box_of,
    classes_of_pixels,
    instances,
    mask_overlap,
    numbers_in_answer,
    overlap,
    shared,
    things,
    true_boxes,
)

BOXES = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 20), st.integers(1, 20)).map(
    lambda at: Box(at[0], at[1], at[0] + at[2], at[1] + at[3])
)


def filled(box: Box) -> np.ndarray:
    mask = np.zeros((60, 60), bool)
    mask[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = True
    return mask


@settings(deadline=None)
@given(BOXES, BOXES)
def test_overlap_of_boxes_is_that_of_the_pixels_in_them(one: Box, other: Box) -> None:
    pixels = mask_overlap(filled(one), filled(other))
    assert overlap(one, other) == pytest.approx(pixels)
    assert overlap(one, other) == overlap(other, one)
    assert shared(one, other).area == (filled(one) & filled(other)).sum()


def test_overlap_of_boxes_is_that_of_keras() -> None:
    random = np.random.default_rng(0)
    corner, size = random.uniform(0, 50, (2, 30, 2))
    boxes = np.concatenate([corner, corner + size], axis=1)
    theirs = np.asarray(keras.utils.bounding_boxes.compute_iou(boxes[:15], boxes[15:], "xyxy"))
    ours = [[overlap(Box(*one), Box(*other)) for other in boxes[15:].tolist()] for one in boxes[:15].tolist()]
    assert np.allclose(ours, theirs, atol=1e-6)
    assert (theirs > 0.2).any()


def test_overlap_of_masks_is_that_of_keras() -> None:
    one, other = np.random.default_rng(1).random((2, 20, 30)) > 0.4
    metric = keras.metrics.BinaryIoU(target_class_ids=[1])
    metric.update_state(one, other)
    assert mask_overlap(one, other) == pytest.approx(float(metric.result()), abs=1e-6)


def test_boxes_by_hand() -> None:
    assert overlap(Box(0, 0, 2, 2), Box(1, 1, 3, 3)) == pytest.approx(1 / 7)
    assert overlap(Box(0, 0, 2, 2), Box(0, 0, 2, 2)) == 1
    assert overlap(Box(0, 0, 2, 2), Box(2, 0, 4, 2)) == 0
    assert overlap(Box(5, 5, 5, 5), Box(5, 5, 5, 5)) == 0


def test_a_box_holds_every_pixel_of_its_thing_and_touches_its_edges() -> None:
    for number, box in enumerate(true_boxes()):
        mask = instances() == number
        assert box_of(mask) == box
        rows, columns = np.nonzero(mask)
        assert (box.left, box.top) == (columns.min(), rows.min())
        assert (box.right, box.bottom) == (columns.max() + 1, rows.max() + 1)
        assert box.right <= WIDTH and box.bottom <= HEIGHT and mask.mean() > 0.02


def test_the_scene_is_what_its_page_says() -> None:
    assert [thing.kind for thing in things()] == ["chihuahua", "muffin", "muffin"]
    first, second = (instances() == number for number in (1, 2))
    touching = (first[:, 1:] & second[:, :-1]) | (first[:, :-1] & second[:, 1:])
    assert touching.any()
    # Each thing's pixels carry its class, and nothing else does.
    kinds = classes_of_pixels()
    assert set(np.unique(kinds)) == {-1, 0, 1}
    assert np.array_equal(kinds == KINDS.index("muffin"), first | second)
    assert (kinds == -1).mean() > 0.5


def test_numbers_in_each_answer() -> None:
    assert numbers_in_answer("classification") == 2
    assert numbers_in_answer("detection") == 18
    assert numbers_in_answer("semantic") == 320 * 480 * 3 == 460_800
    assert numbers_in_answer("instance") == 3 * (320 * 480 + 2) == 460_806
