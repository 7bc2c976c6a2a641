"""What a worker is asked while augmentation is chosen: how a picture would look to the training."""

from __future__ import annotations

import numpy as np

from core.network.augmentation import augment_preview
from core.spec import Augmentation


def augmented(root: str, augmentation: str, pixels: np.ndarray, seed: int) -> np.ndarray:
    """The same picture nine times, varied as training would vary it.

    Args:
        root: Workspace; not looked at.
        augmentation: An `Augmentation` as JSON.
        pixels: (height, width, channels) uint8.
        seed: Another seed gives other pictures.

    Returns:
        (9, height, width, channels) uint8.
    """
    return augment_preview(pixels, Augmentation.parse_json(augmentation), seed=seed)
