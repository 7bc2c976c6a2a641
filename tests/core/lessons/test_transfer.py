"""Who is learned from, who judges, and what may be said of the difference."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from core.data.images.copies import exact_labels, near_labels, perceptual_hash
from core.data.images.dataset import build_image_dataset
from core.data.images.pixels import pixels_of
from core.data.images.read import load_images
from core.errors import UserError
from core.lessons.transfer import COUNTS, Pictures, compared, dealt, own_pictures, sample_pictures, share_right
from core.workspace import Workspace
from tests.pages.made_images import image_config


@pytest.fixture(scope="module")
def drawings() -> Pictures:
    return sample_pictures("chihuahua_or_muffin")


def test_a_sample_has_enough_to_learn_from_and_a_hundred_to_judge_by(drawings: Pictures) -> None:
    assert drawings.class_names == ("chihuahua", "muffin")
    assert drawings.pixels.shape == (200, 128, 128, 3) and drawings.pixels.dtype == np.uint8
    assert drawings.learnable == 100 >= 2 * max(COUNTS)
    assert 35 <= drawings.y[100:].sum() <= 65


def test_no_picture_that_judges_is_a_copy_of_one_that_is_learned_from(drawings: Pictures) -> None:
    hashes = np.array([perceptual_hash(each) for each in drawings.pixels], np.uint64)
    near = near_labels(
        hashes, drawings.pixels, exact_labels([sha256(each.tobytes()).hexdigest() for each in drawings.pixels])
    )
    assert not set(near[:100]) & set(near[100:])


@pytest.mark.parametrize("count", COUNTS)
def test_classes_are_dealt_evenly_never_from_those_that_judge_and_others_each_time(
    drawings: Pictures, count: int
) -> None:
    rows = dealt(drawings, count, seed=1)
    assert len(set(rows.tolist())) == count and rows.max() < drawings.learnable
    assert np.bincount(drawings.y[rows]).tolist() == [count // 2, count // 2]
    assert dealt(drawings, count, seed=1).tolist() == rows.tolist()
    assert set(dealt(drawings, count, seed=2).tolist()) != set(rows.tolist())


def test_of_a_class_with_few_pictures_all_are_taken() -> None:
    y = np.array([0] * 30 + [1] * 3 + [0, 1])
    found = dealt(Pictures(np.zeros((35, 128, 128, 3), np.uint8), y, ("a", "b"), 33), 10, seed=0)
    assert np.bincount(y[found]).tolist() == [7, 3]


def probabilities(hits: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.eye(2)[np.where(hits, y, 1 - y)] * 0.8 + 0.1


def test_a_difference_is_held_against_chance_on_the_same_pictures() -> None:
    y = np.arange(100) % 2
    worse, better = np.arange(100) < 60, np.arange(100) < 90
    found = compared(y, probabilities(worse, y), probabilities(better, y))
    assert (found.first, found.second, found.pictures) == (60, 90, 100)
    # Bonett and Price (2012): (30 + 1 - 1) / 102, with half a width of 1.96 sqrt((32 - 30 ** 2 / 102) / 102 ** 2).
    half = 1.959964 * np.sqrt(32 - 30**2 / 102) / 102
    assert (found.low, found.high) == pytest.approx((30 / 102 - half, 30 / 102 + half))
    assert "pretrained network is better" in found.words
    assert "from scratch is better" in compared(y, probabilities(better, y), probabilities(worse, y)).words
    close = np.arange(100) < 62
    assert "No difference can be told" in compared(y, probabilities(worse, y), probabilities(close, y)).words


def test_own_pictures_are_judged_by_validation_pictures_and_sealed_ones_stay_sealed(workspace: Workspace) -> None:
    config = image_config(workspace, classes=3, each=30)
    image_set = load_images(workspace, config.data.source)
    dataset = build_image_dataset(image_set, config.data)
    found = own_pictures(image_set, dataset)
    assert found.class_names == dataset.class_names and found.pixels.shape[1:] == (128, 128, 3)
    split, unseen = dataset.split, len(found.y) - found.learnable
    assert 0 < found.learnable <= len(split.train) and 10 <= unseen <= len(split.validation)
    for rows, shown in (
        (split.train, found.pixels[: found.learnable]),
        (split.validation, found.pixels[found.learnable :]),
    ):
        places = dataset.indices[rows].tolist()
        own = {pixels_of(image_set.content(at), image_set.images[at].path, 128).tobytes() for at in places}
        assert {each.tobytes() for each in shown} <= own
    few = image_config(workspace, each=8)
    image_set = load_images(workspace, few.data.source)
    with pytest.raises(UserError, match="different validation pictures; at least 10 are needed to judge"):
        own_pictures(image_set, build_image_dataset(image_set, few.data))


def test_fewer_own_pictures_than_the_smallest_choice_are_told_in_words(workspace: Workspace) -> None:
    config = image_config(workspace, each=60)
    image_set = load_images(workspace, config.data.source)
    dataset = build_image_dataset(image_set, config.data)

    def with_training(count: int) -> Pictures:
        split = replace(dataset.split, train=dataset.split.train[:count])
        return own_pictures(image_set, replace(dataset, groups=None, split=split))

    assert with_training(10).learnable == 10
    with pytest.raises(UserError, match="has 9 different training pictures; at least 10 are needed to learn from"):
        with_training(9)


def test_of_too_few_pictures_all_are_dealt_and_none_of_those_that_judge() -> None:
    found = dealt(Pictures(np.zeros((45, 2, 2, 3), np.uint8), np.arange(45) % 2, ("a", "b"), 33), 40, seed=0)
    assert sorted(found.tolist()) == list(range(33))


def test_the_share_of_right_answers_counts_the_most_probable_class() -> None:
    assert share_right(np.array([0, 1, 1, 0]), np.array([[0.6, 0.4], [0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])) == 0.75
