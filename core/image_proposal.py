"""From a zip of pictures to a complete run that is ready to train, and back to a fitting one after each change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, get_args

from core.data.images.dataset import build_image_dataset
from core.data.images.image_set import ImageSet
from core.data.images.propose import propose_images, propose_size
from core.data.images.read import load_images
from core.errors import UserError
from core.network.image_presets import (
    TRANSFER_SIZE,
    ImagePreset,
    ImagePresetName,
    image_preset,
    suitable_for_images,
)
from core.spec import LOSSES, ImageConfig, ImageData, ImageSource, TrainingSpec
from core.workspace import Workspace

Step = Callable[[float], None]


class ImageCount(NamedTuple):
    """Pictures to learn from, to choose by and sealed for the test, and classes."""

    train: int
    validation: int
    test: int
    classes: int


def propose_image_files(
    workspace: Workspace, files: Sequence[tuple[str, str]], progress: Step | None = None
) -> tuple[ImageConfig, ImageSet]:
    """A complete run for one zip of pictures; folders and loose files are packed by `core.data.images.pack` first.

    Args:
        workspace: Where the upload is.
        files: (fingerprint, name) of the zip, alone in a list.
        progress: Called with the share that is done.

    Raises:
        UserError: More than one zip, or nothing in it that can be learned from.
    """
    if len(files) != 1:
        raise UserError(
            f"Muffin learns from one zip of pictures; got {len(files)} files.",
            "Put the folders of all classes into one zip.",
        )
    (fingerprint, name), *_ = files
    source = ImageSource(fingerprint=fingerprint, name=name[:200] or "images.zip")
    image_set = load_images(workspace, source, progress)
    return propose_image_run(propose_images(image_set, source), image_set), image_set


def propose_image_run(data: ImageData, image_set: ImageSet) -> ImageConfig:
    """The preset that suits the pictures, at the size that suits it; plain defaults where nothing can be learned yet.

    Few pictures that are large enough to be photos get transfer learning, at its own size; others a CNN at the size
    that ``data`` has.
    """
    try:
        counts = _count(data, image_set)
    except UserError:
        return _plain(data)
    name = suitable_for_images(counts.train, max(data.size, typical_side(image_set)))
    return _with(_plain(data), _preset(name, data, counts))


def with_image_preset(config: ImageConfig, name: str, image_set: ImageSet) -> ImageConfig:
    """The same pictures with another preset, at the size that suits it; ``custom`` keeps the layers as they are.

    Raises:
        UserError: No such preset, or pictures from which nothing can be learned.
    """
    if name == "custom":
        return config.change(network=config.network.change(preset="custom").model_dump())
    if name not in get_args(ImagePresetName):
        raise UserError(f"There is no preset {name[:60]!r}.", "Choose small_cnn, medium_cnn, transfer or custom.")
    data = config.data
    if config.network.preset == "transfer" != name and data.size == TRANSFER_SIZE:
        data = data.change(size=propose_size(image_set))
    return _with(config.change(data=data.model_dump()), _preset(name, data, _count(data, image_set)))


def follow_images(config: ImageConfig, data: ImageData, image_set: ImageSet) -> ImageConfig:
    """The run on changed pictures: what is as it was proposed follows, what a person has changed stays.

    Network, augmentation and training follow each for itself, with the same preset and at the size that ``data`` has.
    """
    before, after = _proposed(config, config.data, image_set), _proposed(config, data, image_set)
    training = config.training
    if before is None:
        if after is not None and config == _plain(config.data).change(name=config.name):
            return propose_image_run(data, image_set).change(name=config.name)
    elif after is not None:
        network = after.network if config.network == before.network else config.network
        varied = after.augmentation if config.augmentation == before.augmentation else config.augmentation
        training = after.training if training == before.training else training
        config = config.change(network=network.model_dump(), augmentation=varied.model_dump())
    if training.loss not in LOSSES[data.task]:
        training = training.change(loss=LOSSES[data.task][0])
    changed = {"data": data.model_dump(), "training": training.model_dump()}
    return ImageConfig.parse({**config.model_dump(), **changed})


def image_count_shape(config: ImageConfig, image_set: ImageSet) -> ImageCount:
    """How many pictures are learned from, chosen by and sealed, and how many classes; raises `UserError`."""
    return _count(config.data, image_set)


def typical_side(image_set: ImageSet) -> int:
    """The middle one of the shorter sides of all pictures, in pixels."""
    sides = sorted(min(image.width, image.height) for image in image_set.images)
    return sides[len(sides) // 2] if sides else 0


def _plain(data: ImageData) -> ImageConfig:
    return ImageConfig(data=data, training=TrainingSpec(loss=LOSSES[data.task][0]))


def _count(data: ImageData, image_set: ImageSet) -> ImageCount:
    dataset = build_image_dataset(image_set, data)
    split = dataset.split
    return ImageCount(len(split.train), len(split.validation), len(split.test), len(dataset.class_names))


def _preset(name: str, data: ImageData, counts: ImageCount) -> ImagePreset:
    channels = 3 if data.color == "rgb" else 1
    return image_preset(name, data.task, counts.train, data.size, channels)  # type: ignore[arg-type]


def _with(config: ImageConfig, preset: ImagePreset) -> ImageConfig:
    return config.change(
        data=config.data.change(size=preset.size).model_dump(),
        network=preset.network.model_dump(),
        augmentation=preset.augmentation.model_dump(),
        training=preset.training.model_dump(),
    )


def _proposed(config: ImageConfig, data: ImageData, image_set: ImageSet) -> ImagePreset | None:
    """What the draft's preset is on these data; None for layers of one's own, or where nothing can be learned."""
    if config.network.preset == "custom":
        return None
    try:
        return _preset(config.network.preset, data, _count(data, image_set))
    except UserError:
        return None
