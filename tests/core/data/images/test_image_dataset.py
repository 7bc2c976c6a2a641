"""Which pictures are learned from, in which classes, and that no copy is on both sides of a split."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.images.dataset import ImageDataset, build_image_dataset
from core.data.images.image_set import ImageSet
from core.data.images.parts import given_split, without_copies_across
from core.data.images.propose import propose_images
from core.errors import UserError
from core.spec import ImageData, ImageSource, SplitSpec
from tests.core.data.images.pictures import Files, picture, two_classes

Load = Callable[[Files], ImageSet]
SOURCE = ImageSource(fingerprint="0" * 64)
PARTS = ("train", "validation", "test")


def built(image_set: ImageSet, **changes: object) -> ImageDataset:
    return build_image_dataset(image_set, propose_images(image_set, SOURCE).change(**changes))


def parts(dataset: ImageDataset) -> list[list[int]]:
    return [getattr(dataset.split, part).tolist() for part in PARTS]


def test_classes_are_coded_in_order_and_all_pictures_are_split(load: Load) -> None:
    found = built(load(two_classes(10)))
    assert found.class_names == ("cats", "dogs")
    assert found.y.tolist() == [0] * 10 + [1] * 10
    assert found.indices.tolist() == list(range(20)) and found.groups is None
    assert sorted(place for part in parts(found) for place in part) == list(range(20))
    assert [len(part) for part in parts(found)] == [12, 4, 4]
    assert found.paths[10] == "dogs/0.png"


def test_left_out_and_corrected_pictures(load: Load) -> None:
    image_set = load(two_classes(10))
    ids = [image.id for image in image_set.images]
    birds = ((ids[2], "birds"), (ids[3], "birds"))
    found = built(image_set, left_out=(ids[0],), relabelled=((ids[1], "dogs"), *birds), task="multiclass")
    assert found.class_names == ("birds", "cats", "dogs")
    assert found.ids == tuple(ids[1:])
    assert found.y.tolist() == [2, 0, 0] + [1] * 6 + [2] * 10


@pytest.mark.parametrize("change", [{}, {"duplicates": "drop"}, {"split": SplitSpec(folds=3, fold=1).model_dump()}])
def test_corrections_move_no_other_picture_to_another_part(load: Load, change: dict[str, object]) -> None:
    image_set = load({**two_classes(20), "cats/copy.png": picture(3), "dogs/copy.png": picture(104)})
    before = built(image_set, **change)
    ids = [image.id for image in image_set.images]
    after = built(image_set, **change, left_out=(ids[3], ids[7], ids[30]), relabelled=((ids[12], "dogs"),))
    for part in (*PARTS, "watch"):
        was, now = ({each.ids[place] for place in getattr(each.split, part)} for each in (before, after))
        assert now - {ids[40]} == was - {ids[3], ids[7], ids[30], ids[40]}
        assert len(was) == 0 or len(now) > 0
    assert sum(len(part) for part in parts(after)) + len(after.split.watch) == len(after)


def test_a_new_class_is_learned_even_where_the_first_split_had_its_pictures_elsewhere(load: Load) -> None:
    image_set = load(two_classes(20))
    validation = [built(image_set).ids[place] for place in built(image_set).split.validation[:2]]
    after = built(image_set, relabelled=tuple((id, "birds") for id in validation), task="multiclass")
    assert set(after.y[after.split.train]) == {0, 1, 2}


@pytest.mark.parametrize("duplicates", ["together", "drop"])
def test_copies_never_straddle_a_split(load: Load, duplicates: str) -> None:
    files = two_classes(10)
    files |= {f"cats/copy {number}.png": picture(number) for number in range(6)}
    files |= {f"dogs/small {number}.png": picture(100 + number, (20, 15)) for number in range(3)}
    image_set = load(files)
    found = built(image_set, duplicates=duplicates)
    assert len(found) == (29 if duplicates == "together" else 20)
    near = image_set.near[found.indices]
    sides = [set(near[part].tolist()) for part in parts(found)]
    assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert (found.groups is None) == (duplicates == "drop")


def test_drop_keeps_the_first_of_each_in_each_class(load: Load) -> None:
    image_set = load({**two_classes(6), "dogs/copy.png": picture(0), "cats/copy.png": picture(0)})
    assert built(image_set, duplicates="drop").paths[-1] == "dogs/copy.png"
    assert "cats/copy.png" not in built(image_set, duplicates="drop").paths


def test_folders_make_the_split(load: Load) -> None:
    files: dict[str, bytes] = {}
    for start, part in enumerate(("train", "val", "test")):
        files |= {f"{part}/cats/{n}.png": picture(1000 * start + n) for n in range(4)}
        files |= {f"{part}/dogs/{n}.png": picture(1000 * start + 100 + n) for n in range(4)}
    image_set = load(files)
    assert propose_images(image_set, SOURCE).folders_as_parts
    found = built(image_set)
    by_part = [{found.paths[place].split("/")[0] for place in part} for part in parts(found)]
    assert by_part == [{"train"}, {"val"}, {"test"}] and [len(part) for part in parts(found)] == [8, 8, 8]
    chance = built(image_set, folders_as_parts=False)
    assert {chance.paths[place].split("/")[0] for place in parts(chance)[0]} == {"train", "val", "test"}


def test_copy_of_a_test_picture_is_not_learned_from(load: Load) -> None:
    files = {f"train/{name}": content for name, content in two_classes(10).items()}
    files |= {"test/cats/0.png": picture(0), "test/dogs/new.png": picture(900)}
    found = built(load(files))
    assert sorted(found.paths[place] for place in found.split.test) == ["test/cats/0.png", "test/dogs/new.png"]
    assert "train/cats/0.png" not in found.paths
    assert len(found.split.validation) == 4 and len(found.split.train) == 15


def test_folds_leave_the_test_folder_sealed(load: Load) -> None:
    files = {f"train/{name}": content for name, content in two_classes(12).items()}
    files |= {
        f"test/{name}/{n}.png": picture(900 + 10 * k + n) for k, name in enumerate(("cats", "dogs")) for n in range(3)
    }
    image_set = load(files)
    held: list[int] = []
    for fold in range(3):
        found = built(image_set, split={"folds": 3, "fold": fold})
        assert {found.paths[place].split("/")[0] for place in found.split.test} == {"test"}
        assert len(found.split.test) == 6 and len(found.split.watch)
        held += found.split.validation.tolist()
    assert sorted(held) == [place for place, path in enumerate(found.paths) if path.startswith("train")]


@pytest.mark.parametrize(
    ("files", "changes", "words"),
    [
        ({f"cats/{n}.png": picture(n) for n in range(5)}, {}, "All pictures are of one class, 'cats'"),
        ({"cats/1.png": picture(1), "dogs/2.png": picture(2)}, {}, "Only 2 pictures can be used"),
        (two_classes(6), {"task": "multiclass"}, "several classes apart, but there are 2"),
        (two_classes(6) | {"owls/1.png": picture(900)}, {}, r"1 class has a single picture \('owls'\)"),
        (two_classes(6), {"left_out": ("nobody",)}, "1 picture that was left out or corrected is not in this zip"),
        (two_classes(6), {"leave_out_classes": ("dogs",)}, "All pictures are of one class"),
        (two_classes(6), {"folders_as_parts": True}, "no folder 'train'"),
        ({f"{c}/{n}.png": picture(1) for c in "ab" for n in range(6)}, {}, "copies of only 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_said(load: Load, files: Files, changes: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        built(load(files), **changes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(("", "train", "validation", "test")), st.integers(0, 8)), max_size=30))
def test_copies_stay_only_in_the_part_nearest_to_the_test(rows: list[tuple[str, int]]) -> None:
    part = np.array([name for name, _ in rows], dtype=object)
    near = np.array([label for _, label in rows], np.int64)
    kept = without_copies_across(part, near)
    for label in set(near.tolist()):
        here = {part[place] for place in kept.tolist() if near[place] == label}
        there = {name for name in part[near == label].tolist() if name}
        assert here == ({max(there, key=("train", "validation", "test").index)} if there else set())


def test_without_train_folder_there_is_a_sentence() -> None:
    with pytest.raises(UserError, match="no folder 'train'"):
        given_split(np.array(["test"] * 4, dtype=object), np.zeros(4, np.int64), ImageData(source=SOURCE), None)
