"""A few pictures to learn from, others that no network has seen, and whether a difference between two can be told."""

from __future__ import annotations

import zipfile
from typing import NamedTuple

import numpy as np

from core.data.images.dataset import ImageDataset
from core.data.images.image_set import ImageSet
from core.data.images.pixels import in_order, pixels_of
from core.errors import UserError
from core.evaluation.answers import Answers
from core.evaluation.compare import matched_pairs
from core.samples import SAMPLES, path

SIDE, SMALL_SIDE = 128, 64
COUNTS = (10, 20, 40)
MOST_LEARNED, MOST_UNSEEN, MOST_CLASSES, FEWEST_UNSEEN = 100, 100, 10, 10


class Pictures(NamedTuple):
    """n pictures, some of them to learn from.

    Attributes:
        pixels: (n, 128, 128, 3) uint8.
        y: (n,) class indices.
        class_names: Names of the classes.
        learnable: How many of them, from the first, may be learned from; networks are judged on the others.
    """

    pixels: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]
    learnable: int


def sample_pictures(key: str) -> Pictures:
    """Pictures of a sample that comes with Muffin, such as ``"clothes"``; none of them is a copy of another."""
    sample = next(sample for sample in SAMPLES if sample.key == key)
    with zipfile.ZipFile(path(sample)) as packed:
        classes = tuple(sorted({name.partition("/")[0] for name in packed.namelist()}))
        mixed = np.random.default_rng(0).permutation(packed.namelist())[: MOST_LEARNED + MOST_UNSEEN].tolist()
        pixels = np.stack([pixels_of(packed.read(name), name, SIDE) for name in mixed])
    y = np.array([classes.index(name.partition("/")[0]) for name in mixed])
    return Pictures(pixels, y, classes, MOST_LEARNED)


def own_pictures(image_set: ImageSet, dataset: ImageDataset) -> Pictures:
    """Some of a person's pictures: training pictures to learn from, validation pictures to judge by, one of each copy.

    Raises:
        UserError: There are too few to judge by, or to learn from.
    """
    chance = np.random.default_rng(0)
    counts = np.bincount(dataset.y[dataset.split.train], minlength=len(dataset.class_names))
    classes = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES])

    def some(rows: np.ndarray, most: int) -> np.ndarray:
        rows = rows[np.isin(dataset.y[rows], classes)]
        if dataset.groups is not None:
            rows = rows[np.unique(dataset.groups[rows], return_index=True)[1]]
        return chance.permutation(rows)[:most]

    def picture(place: int) -> np.ndarray:
        return pixels_of(image_set.content(place), image_set.images[place].path, SIDE)

    learnable, unseen = some(dataset.split.train, MOST_LEARNED), some(dataset.split.validation, MOST_UNSEEN)
    _check_enough(len(learnable), len(unseen))
    rows = np.concatenate([learnable, unseen])
    pixels = np.stack(list(in_order(picture, dataset.indices[rows].tolist())))
    names = tuple(dataset.class_names[number] for number in classes)
    return Pictures(pixels, np.searchsorted(classes, dataset.y[rows]), names, len(learnable))


def _check_enough(learnable: int, unseen: int) -> None:
    if unseen < FEWEST_UNSEEN:
        raise UserError(
            f"Your data has {unseen} different validation pictures; at least {FEWEST_UNSEEN} are needed to judge.",
            "Give validation a larger share on Data, or take a sample here.",
        )
    if learnable < min(COUNTS):
        raise UserError(
            f"Your data has {learnable} different training pictures; at least {min(COUNTS)} are needed to learn from.",
            "Add pictures or make the other shares smaller on Data, or take a sample here.",
        )


def dealt(pictures: Pictures, count: int, seed: int) -> np.ndarray:
    """Positions of ``count`` pictures to learn from, of each class as many as possible alike; another seed, others.

    Where fewer than ``count`` may be learned from, all of those.
    """
    chance = np.random.default_rng([seed, count])
    y = pictures.y[: pictures.learnable]
    mixed = chance.permutation(len(y))
    turn = np.empty(len(y), int)
    for number in range(len(pictures.class_names)):
        own = mixed[y[mixed] == number]
        turn[own] = np.arange(len(own))
    return mixed[np.argsort(turn[mixed], kind="stable")][:count]


def share_right(y: np.ndarray, probabilities: np.ndarray) -> float:
    """Which share of pictures gets its own class (n,) as the one with the highest probability (n, classes)."""
    return float((np.asarray(probabilities).argmax(axis=1) == y).mean())


class Compared(NamedTuple):
    """Two networks on the same pictures: right answers of each, and the 95 % interval of the second's advantage."""

    first: int
    second: int
    pictures: int
    low: float
    high: float

    @property
    def words(self) -> str:
        """Whether one is surely better."""
        if self.low > 0:
            return "That is more than chance: the pretrained network is better here."
        if self.high < 0:
            return "That is more than chance: the network from scratch is better here."
        return "No difference can be told: chance alone could make it."


def compared(y: np.ndarray, first: np.ndarray, second: np.ndarray) -> Compared:
    """Hold two networks against each other.

    Args:
        y: (m,) class indices of pictures that neither has seen.
        first: (m, classes) probabilities.
        second: (m, classes) those of the other network.
    """
    one, two = (Answers("multiclass", y, np.asarray(each, float)) for each in (first, second))
    low, high = matched_pairs(two, one, by_class=False)
    return Compared(int(one.hits.sum()), int(two.hits.sum()), len(y), low, high)
