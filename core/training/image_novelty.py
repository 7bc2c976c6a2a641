"""What tells whether a new picture is unlike all those that a network learned from, from a run's own pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.evaluation.appearance import appearance
from core.evaluation.novelty import Novelty, sample
from core.training.image_prepare import Pixels, PreparedImages
from core.training.image_trained import IMAGES_AT_ONCE


def fit_novelty(prepared: PreparedImages, activations: Mapping[str, np.ndarray]) -> Novelty:
    """What is ordinary for the network and in its pictures.

    Args:
        prepared: All pictures.
        activations: (n, values) of a sample of the pictures of the part "train", as `core.evaluation.novelty.sample`
            draws it, and of "validation" if there is one.
    """
    split, groups = prepared.dataset.split, prepared.dataset.groups
    rows = {part: own[sample(len(own))] for part, own in (("train", split.train), ("validation", split.validation))}
    views = {part: (own, looks(prepared.pixels, rows[part])) for part, own in activations.items()}
    return Novelty.fit(views["train"], views.get("validation"), None if groups is None else groups[rows["train"]])


def looks(pixels: Pixels, rows: np.ndarray) -> np.ndarray:
    """(n, values) appearance of some pictures, read in pieces."""
    starts = range(0, max(1, len(rows)), IMAGES_AT_ONCE)
    return np.concatenate([appearance(np.asarray(pixels[rows[start : start + IMAGES_AT_ONCE]])) for start in starts])
