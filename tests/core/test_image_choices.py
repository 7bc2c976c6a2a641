"""What is left out or given another class, and what follows from it."""

from __future__ import annotations

import io

import pytest

from core.data.images.dataset import labelled
from core.data.images.image_set import ImageSet
from core.errors import UserError
from core.image_choices import bring_back, give_class, leave_out, leave_out_class, takes_part
from core.image_proposal import propose_image_files
from core.spec import ImageData
from core.workspace import Workspace
from tests.core.data.images.pictures import picture, zipped


@pytest.fixture
def pets(workspace: Workspace) -> tuple[ImageData, ImageSet]:
    classes = enumerate(("birds", "cats", "dogs"))
    files = {f"{name}/{number}.png": picture(10 * start + number) for start, name in classes
             for number in range(4)}  # fmt: skip
    config, image_set = propose_image_files(workspace, [(workspace.keep(io.BytesIO(zipped(files))), "pets.zip")])
    return config.data, image_set


def ids_of(image_set: ImageSet, name: str) -> list[str]:
    return [image.id for image in image_set.images if image.class_name == name]


def test_left_out_pictures_take_no_part_until_they_are_brought_back(pets: tuple[ImageData, ImageSet]) -> None:
    data, image_set = pets
    out = leave_out(data, image_set, ids_of(image_set, "cats")[:2])
    assert takes_part(out, image_set).sum() == len(labelled(image_set, out).indices) == 10
    assert leave_out(out, image_set, ids_of(image_set, "cats")[:1]) == out
    assert bring_back(out, image_set, out.left_out) == data


def test_kind_of_answer_follows_the_classes_that_are_left(pets: tuple[ImageData, ImageSet]) -> None:
    data, image_set = pets
    assert data.task == "multiclass"
    two = leave_out_class(data, image_set, "birds")
    assert (two.task, leave_out(data, image_set, ids_of(image_set, "birds")).task) == ("binary", "binary")
    assert give_class(data, image_set, ids_of(image_set, "birds"), "cats").task == "binary"
    assert give_class(two, image_set, ids_of(image_set, "cats")[:1], "mice").task == "multiclass"


def test_one_picture_of_a_class_that_was_left_out_comes_back_alone(pets: tuple[ImageData, ImageSet]) -> None:
    data, image_set = pets
    birds = ids_of(image_set, "birds")
    back = bring_back(leave_out_class(data, image_set, "birds"), image_set, birds[:1])
    assert back.leave_out_classes == ()
    assert set(back.left_out) == set(birds[1:])
    assert back.task == "multiclass"


def test_class_given_back_leaves_no_trace(pets: tuple[ImageData, ImageSet]) -> None:
    data, image_set = pets
    cat = ids_of(image_set, "cats")[:1]
    dog = give_class(data, image_set, cat, " dogs\n")
    assert dog.relabelled == ((cat[0], "dogs"),)
    assert give_class(dog, image_set, cat, "cats") == data


@pytest.mark.parametrize("name", ["", " \n", "x" * 101])
def test_class_needs_a_short_name(pets: tuple[ImageData, ImageSet], name: str) -> None:
    data, image_set = pets
    with pytest.raises(UserError, match="1 to 100 characters"):
        give_class(data, image_set, ids_of(image_set, "cats"), name)
