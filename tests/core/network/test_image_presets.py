"""Presets suit the number and size of the images, fit together at every size, and learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.network.cnn import build_cnn
from core.network.image_presets import (
    ImagePresetName,
    ImageTask,
    image_preset,
    propose_image_preset,
    suitable_for_images,
)
from core.network.image_shapes import head_of, image_layer_shapes
from core.network.outputs import encode_for_loss
from core.spec import LOSSES, TrainingSpec
from core.spec.augmentation import Augmentation
from core.spec.network import ImageNetworkSpec
from core.training.fit import Watch
from core.training.image_fit import ImageLearner, Images, fit_images
from core.training.shape import Group

PRESETS: tuple[ImagePresetName, ...] = ("small_cnn", "medium_cnn", "transfer")
TASKS: tuple[ImageTask, ...] = ("binary", "multiclass")


@pytest.mark.parametrize(
    ("images", "size", "name"),
    [(300, 160, "transfer"), (300, 28, "small_cnn"), (3_000, 160, "small_cnn"), (20_000, 28, "medium_cnn")],
)
def test_proposal_follows_number_and_size(images: int, size: int, name: str) -> None:
    assert suitable_for_images(images, size) == name
    assert propose_image_preset("binary", images, size).network.preset == name


@given(
    name=st.sampled_from(PRESETS),
    task=st.sampled_from(TASKS),
    images=st.integers(0, 1_000_000),
    size=st.integers(16, 256),
    channels=st.sampled_from([1, 3]),
)
@settings(max_examples=150, deadline=None)
def test_every_preset_is_possible_at_every_size(
    name: ImagePresetName, task: ImageTask, images: int, size: int, channels: int
) -> None:
    network, augmentation, training, best = image_preset(name, task, images, size, channels)
    assert ImageNetworkSpec.parse(network.model_dump()) == network
    assert Augmentation.parse(augmentation.model_dump()) == augmentation
    assert TrainingSpec.parse(training.model_dump()) == training
    assert training.loss == LOSSES[task][0]
    shapes = image_layer_shapes(network, training.loss, (size, size, channels), 10)
    assert sum(shape.trainable for shape in shapes) < 2_000_000
    assert best == (max(size, 160) if name == "transfer" else size)
    if name == "transfer":
        assert head_of(network).regularization == network.regularization


def test_grey_images_are_not_mirrored_and_many_images_are_varied_less() -> None:
    grey, colour = (image_preset("small_cnn", "binary", 500, 64, channels).augmentation for channels in (1, 3))
    assert (grey.mirror, colour.mirror) == (0.0, 0.5)
    assert image_preset("small_cnn", "binary", 50_000, 64).augmentation.zoom < colour.zoom


def test_few_images_take_small_batches_so_that_an_epoch_has_steps() -> None:
    sizes = [image_preset("small_cnn", "binary", images, 64).training.batch_size for images in (0, 30, 100, 5_000)]
    assert sizes == [8, 8, 16, 32]


def silhouettes(count: int) -> tuple[np.ndarray, np.ndarray]:
    """A shirt, trousers or a bag, somewhere, in any brightness, in noise; (count, 16, 16, 1)."""
    random = np.random.default_rng(0)
    y = np.arange(count) % 3
    pixels = random.integers(0, 60, (count, 16, 16, 1), dtype=np.uint8)
    for image, kind in zip(pixels, y, strict=True):
        top, left = random.integers(1, 5, 2)
        shape = np.ones((10, 10, 1), bool)
        if kind == 0:
            shape[3:, :2] = shape[3:, -2:] = False
        elif kind == 1:
            shape[2:, 4:6] = False
        else:
            shape[:4, 1:-1] = False
        image[top : top + 10, left : left + 10][shape] = random.integers(100, 250)
    return pixels, y


@pytest.mark.parametrize(("name", "epochs"), [("small_cnn", 12), ("medium_cnn", 6)])
def test_presets_learn_silhouettes_that_they_have_not_seen(name: ImagePresetName, epochs: int) -> None:
    pixels, y = silhouettes(300)
    network, augmentation, training, _ = image_preset(name, "multiclass", 210, 16, 1)
    training = training.change(epochs=epochs)
    learner = ImageLearner(build_cnn(network, training.loss, (16, 16, 1), 3), training, augmentation)
    images = Images(pixels, encode_for_loss(training.loss, y, 3, 0.0, 1.0))
    fit_images(learner, images, Group(np.arange(210), np.arange(210, 240)), training, Watch())
    assert (learner.model(pixels[240:]).numpy().argmax(1) == y[240:]).mean() > 0.9
