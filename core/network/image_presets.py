"""Image networks and training settings that are good out of the box, from the number of images and their size alone.

**Small CNN**: one convolution and pooling a level, filters doubling, until the image is 3 to 7 pixels wide, then a
dense layer. **Medium CNN**: two convolutions a level with batch normalization, then an average over the image.
**Transfer**: the frozen EfficientNet-Lite0 describes each image, a single layer learns from its description; with a few
hundred photos this beats what can be learned from scratch.

Images are varied while training: the fewer there are, the more. Mirroring is left out for grey images, which are often
digits, letters or scans, where left and right matter.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.spec import LOSSES, BatchNormalization, Dense, Dropout, Regularization, TrainingSpec
from core.spec.augmentation import Augmentation
from core.spec.network import Conv2D, Flatten, GlobalAveragePooling2D, ImageLayer, ImageNetworkSpec, MaxPooling2D

ImagePresetName = Literal["small_cnn", "medium_cnn", "transfer"]
ImageTask = Literal["binary", "multiclass"]
MANY_IMAGES = 5_000
FEW_IMAGES = 2_000
SMALLEST_PHOTO = 96
TRANSFER_SIZE = 160
LAST_MAP = 3
MOST_LEVELS = 5
# From here on memory and time for a batch count.
LARGE_IMAGE = 128


class ImagePreset(NamedTuple):
    """What goes into a run beside its images; ``size`` is the height and width in pixels that suits the network."""

    network: ImageNetworkSpec
    augmentation: Augmentation
    training: TrainingSpec
    size: int


def propose_image_preset(task: ImageTask, images: int, size: int, channels: int = 3) -> ImagePreset:
    """The preset that suits a set of images.

    Args:
        task: What is predicted.
        images: Number of training images.
        size: Their height and width in pixels.
        channels: 3 for colour, 1 for grey.
    """
    return image_preset(suitable_for_images(images, size), task, images, size, channels)


def suitable_for_images(images: int, size: int) -> ImagePresetName:
    """Name of the preset for so many images of this size."""
    if images >= MANY_IMAGES:
        return "medium_cnn"
    return "transfer" if images < FEW_IMAGES and size >= SMALLEST_PHOTO else "small_cnn"


def image_preset(name: ImagePresetName, task: ImageTask, images: int, size: int, channels: int = 3) -> ImagePreset:
    """A preset, fitted to the number of images and their size; arguments as in `propose_image_preset`."""
    images = max(images, 1)
    if name == "transfer":
        network = ImageNetworkSpec(
            preset=name,
            backbone="efficientnet_lite0",
            layers=(Dropout(rate=0.2),),
            regularization=Regularization(kernel_regularizer="l2", l2=1e-3),
        )
        # A backbone's features are computed once, so that there is nothing to vary.
        return ImagePreset(
            network, Augmentation(), _training(task, images, size, 2e-3, 100, 10), max(size, TRANSFER_SIZE)
        )
    if name == "small_cnn":
        layers = [layer for filters in _filters(size, 16) for layer in (Conv2D(filters=filters), MaxPooling2D())]
        network = _network(name, [*layers, Flatten(), Dense(units=64)], 1e-4, dropout=0.0)
        return ImagePreset(network, _augmentation(images, channels), _training(task, images, size, 2e-3, 60, 12), size)
    pairs = [layer for filters in _filters(size, 16 if size >= LARGE_IMAGE else 32) for layer in _pair(filters)]
    network = _network(name, [*pairs, GlobalAveragePooling2D(), Dense(units=128), Dropout(rate=0.3)], 1e-4, dropout=0.0)
    return ImagePreset(network, _augmentation(images, channels), _training(task, images, size, 1e-3, 60, 12), size)


def _filters(size: int, first: int) -> list[int]:
    """Filters of each level: doubling, until what is left of the image is about `LAST_MAP` pixels wide."""
    levels = max(1, min(MOST_LEVELS, (size // LAST_MAP).bit_length() - 1))
    return [min(first * 2**level, 128) for level in range(levels)]


def _pair(filters: int) -> list[ImageLayer]:
    convolution = Conv2D(filters=filters)
    return [convolution, BatchNormalization(), convolution, BatchNormalization(), MaxPooling2D()]


def _network(name: ImagePresetName, layers: list[ImageLayer], l2: float, dropout: float) -> ImageNetworkSpec:
    penalty = Regularization(kernel_regularizer="l2", l2=l2, dropout=dropout)
    return ImageNetworkSpec(preset=name, layers=tuple(layers), regularization=penalty)


def _augmentation(images: int, channels: int) -> Augmentation:
    strength = 0.1 if images < MANY_IMAGES else 0.05
    return Augmentation(
        mirror=0.5 if channels == 3 else 0.0,
        rotate=strength / 2,
        zoom=2 * strength,
        brightness=strength,
        contrast=strength,
    )


def _training(
    task: ImageTask, images: int, size: int, learning_rate: float, epochs: int, patience: int
) -> TrainingSpec:
    batch_size = 32 if images >= 320 and size < LARGE_IMAGE else 16 if images >= 80 else 8
    return TrainingSpec(
        loss=LOSSES[task][0], learning_rate=learning_rate, batch_size=batch_size, epochs=epochs, patience=patience
    )
