"""Augmentation as Keras' own layers, in front of a network while it trains, and only then."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from core.spec.augmentation import Augmentation

AUGMENTATION = "augmentation"
_RANGE = (0.0, 1.0)
_FILL = {"fill_mode": "reflect"}
GREY = 0.5


def augmentation_layers(augmentation: Augmentation, seed: int = 0) -> list[keras.layers.Layer]:
    """Layers for pixels 0..1 (n, height, width, channels) in the order in which they act; none where all is off.

    A pair where Keras takes a number: it would read 0.3 as "from 0 to 0.3", so that contrast would only grow and
    hardly any image would be occluded.
    """
    seeds = iter(np.random.SeedSequence([seed, 4]).generate_state(9) >> 1)
    return [
        layer for make in (_geometry, _colour) for layer in make(augmentation, [int(next(seeds)) for _ in range(4)])
    ]


def augmentation_model(augmentation: Augmentation, seed: int = 0) -> keras.Sequential | None:
    """The same layers as one, or None where all is off. Call it with ``training=True`` or not at all."""
    stack = augmentation_layers(augmentation, seed)
    return keras.Sequential(stack, name=AUGMENTATION) if stack else None


def augment_preview(image: np.ndarray, augmentation: Augmentation, count: int = 9, seed: int = 0) -> np.ndarray:
    """The same image as training would see it several times.

    Args:
        image: (height, width, channels) uint8.
        augmentation: What is varied, and how much.
        count: How many pictures.
        seed: The same seed gives the same pictures.

    Returns:
        (count, height, width, channels) uint8.
    """
    pixels = np.repeat(image[None], count, axis=0)
    model = augmentation_model(augmentation, seed)
    if model is None:
        return pixels
    varied = np.asarray(model(pixels.astype(np.float32) / 255, training=True))
    return np.clip(np.rint(varied * 255), 0, 255).astype(np.uint8)


def _geometry(augmentation: Augmentation, seeds: list[int]) -> list[keras.layers.Layer]:
    mirror, rotate, zoom, crop = seeds
    stack: list[keras.layers.Layer] = []
    if augmentation.mirror:
        mode = "horizontal" if augmentation.mirror <= 0.5 else "horizontal_and_vertical"
        stack.append(layers.RandomFlip(mode, seed=mirror))
    if augmentation.rotate:
        stack.append(layers.RandomRotation(0.5 * augmentation.rotate, **_FILL, seed=rotate))
    if augmentation.zoom:
        reach = 0.5 * augmentation.zoom
        stack.append(layers.RandomZoom((-reach, reach), **_FILL, seed=zoom))
    if augmentation.crop:
        # Shift first, then enlarge the middle: what the shift left empty lies outside of what is shown.
        cut = 0.5 * augmentation.crop
        stack.append(layers.RandomTranslation(cut / 2, cut / 2, **_FILL, seed=crop))
        stack.append(layers.RandomZoom((-cut, -cut), **_FILL, seed=crop))
    return stack


def _colour(augmentation: Augmentation, seeds: list[int]) -> list[keras.layers.Layer]:
    contrast, brightness, erase, noise = seeds
    stack: list[keras.layers.Layer] = []
    if augmentation.contrast:
        reach = 0.8 * augmentation.contrast
        stack.append(layers.RandomContrast((reach, reach), value_range=_RANGE, seed=contrast))
    if augmentation.brightness:
        reach = 0.5 * augmentation.brightness
        stack.append(layers.RandomBrightness((-reach, reach), value_range=_RANGE, seed=brightness))
    if augmentation.erase:
        area = max(0.02, 0.4 * augmentation.erase)
        stack.append(
            layers.RandomErasing((0.5, 0.5), scale=(0.02, area), fill_value=GREY, value_range=_RANGE, seed=erase)
        )
    if augmentation.noise:
        stack.append(layers.GaussianNoise(0.2 * augmentation.noise, seed=noise))
    return stack
