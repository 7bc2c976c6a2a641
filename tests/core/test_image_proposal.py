"""From a zip of pictures to a run: what is proposed, and what follows a change of the data."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from core.data.images.image_set import ImageSet
from core.errors import UserError
from core.image_proposal import (
    follow_images,
    image_count_shape,
    propose_image_files,
    propose_image_run,
    with_image_preset,
)
from core.spec import ImageConfig
from core.workspace import Workspace
from tests.core.data.images.pictures import Files, picture, two_classes, zipped

Propose = Callable[[Files], tuple[ImageConfig, ImageSet]]


@pytest.fixture
def propose(workspace: Workspace) -> Propose:
    """The proposal for a zip of these files."""

    def make(files: Files) -> tuple[ImageConfig, ImageSet]:
        return propose_image_files(workspace, [(workspace.keep(io.BytesIO(zipped(files))), "pets.zip")])

    return make


def folders(counts: dict[str, int], size: tuple[int, int] = (40, 30)) -> Files:
    return {
        f"{name}/{number}.png": picture(1000 * start + number, size)
        for start, (name, count) in enumerate(counts.items())
        for number in range(count)
    }


def test_small_pictures_get_a_small_cnn_at_their_size(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    assert (config.network.preset, config.data.size, config.data.task) == ("small_cnn", 32, "binary")
    assert config.training.loss == "binary_crossentropy"
    assert config.augmentation.active
    assert (config.data.source.name, len(image_set)) == ("pets.zip", 20)
    assert image_count_shape(config, image_set) == (12, 4, 4, 2)


def test_few_photos_get_transfer_learning_at_its_own_size(propose: Propose) -> None:
    config, _ = propose(folders({"cats": 6, "dogs": 6}, (130, 100)))
    assert (config.network.preset, config.network.backbone, config.data.size) == (
        "transfer", "efficientnet_lite0", 160,
    )  # fmt: skip


def test_one_class_gives_a_draft_that_says_no_more_than_its_data(propose: Propose) -> None:
    config, image_set = propose(folders({"cats": 8}))
    assert config == ImageConfig(data=config.data, training=config.training)
    assert config.training.loss == "categorical_crossentropy"
    with pytest.raises(UserError, match="one class"):
        image_count_shape(config, image_set)


def test_several_zips_are_refused_in_a_sentence(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="one zip of pictures; got 2"):
        propose_image_files(workspace, [("0" * 64, "a.zip"), ("1" * 64, "b.zip")])


def test_preset_is_chosen_with_its_size_and_left_with_the_usual_one(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    transfer = with_image_preset(config, "transfer", image_set)
    assert (transfer.data.size, transfer.network.backbone) == (160, "efficientnet_lite0")
    assert not transfer.augmentation.active
    assert with_image_preset(transfer, "small_cnn", image_set) == config
    custom = with_image_preset(config, "custom", image_set)
    assert (custom.network.preset, custom.network.layers) == ("custom", config.network.layers)
    with pytest.raises(UserError, match="no preset 'huge'"):
        with_image_preset(config, "huge", image_set)


def test_third_class_brings_its_loss(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    moved = tuple((image.id, "birds") for image in image_set.images[:5])
    data = config.data.change(task="multiclass", relabelled=moved)
    followed = follow_images(config, data, image_set)
    assert followed.training.loss == "categorical_crossentropy"
    assert followed == propose_image_run(data, image_set)


def test_other_size_fits_the_layers_and_stays_as_chosen(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    larger = follow_images(config, config.data.change(size=96), image_set)
    assert (larger.data.size, larger.network.preset) == (96, "small_cnn")
    assert len(larger.network.layers) == len(config.network.layers) + 4
    transfer = with_image_preset(config, "transfer", image_set)
    assert follow_images(transfer, transfer.data.change(size=96), image_set).data.size == 96


def test_what_a_person_changed_stays(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    own = config.change(
        training=config.training.change(epochs=7).model_dump(),
        augmentation=config.augmentation.change(noise=0.5).model_dump(),
    )
    followed = follow_images(own, own.data.change(size=96), image_set)
    assert (followed.training.epochs, followed.augmentation.noise) == (7, 0.5)
    assert followed.network == follow_images(config, own.data.change(size=96), image_set).network
    layers = config.change(network=config.network.change(preset="custom").model_dump())
    assert follow_images(layers, layers.data.change(size=96), image_set).network == layers.network


def test_data_that_can_be_learned_at_last_get_a_network(propose: Propose) -> None:
    config, image_set = propose(folders({"cats": 16}))
    moved = tuple((image.id, "dogs") for image in image_set.images[:8])
    data = config.data.change(task="binary", relabelled=moved)
    assert follow_images(config, data, image_set) == propose_image_run(data, image_set)
    assert follow_images(config, data, image_set).training.loss == "binary_crossentropy"


def test_data_that_can_no_longer_be_learned_keep_the_network(propose: Propose) -> None:
    config, image_set = propose(two_classes(10))
    data = config.data.change(leave_out_classes=("cats",), task="multiclass")
    followed = follow_images(config, data, image_set)
    assert followed.network == config.network
    assert followed.training.loss == "categorical_crossentropy"
