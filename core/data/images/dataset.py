"""A set of pictures and the choices about it become what a network can learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.copies import first_of_each
from core.data.folds import divide
from core.data.images.image_set import ImageSet
from core.data.images.parts import given_split, without_copies_across
from core.data.splits import ENOUGH_ROWS, FEWEST_ROWS, Split
from core.data.target import class_order
from core.data.words import counted, listed, quoted
from core.errors import UserError
from core.spec import ImageData

MOST_CLASSES = 1000
ADD_PICTURES = "Add pictures (a hundred of each class are a good start), or try the sample."


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """What is learned from: n of the pictures of a set.

    Args:
        indices: (n,) int64, the place of each in the set (and in `core.data.images.pixels.pixels`), ascending.
        y: (n,) int64 class index.
        class_names: Names of the classes.
        ids: The id of each picture.
        paths: Folders and name of each, for display.
        groups: (n,) int64, equal for copies and near copies, which stay together; None if there are none.
        split: Positions among the n pictures.
    """

    indices: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    groups: np.ndarray | None
    split: Split

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, eq=False)
class Labelled:
    """Pictures that take part, before any split: their places in the set, and the class name of each."""

    indices: np.ndarray
    names: np.ndarray


def labelled(image_set: ImageSet, data: ImageData) -> Labelled:
    """The pictures that take part, and their classes with corrections.

    Raises:
        UserError: An id that was left out or corrected is not in the set.
    """
    corrected = dict(data.relabelled)
    unknown = [id for id in (*data.left_out, *corrected) if id not in image_set.index]
    if unknown:
        raise UserError(
            f"{counted(len(unknown), 'picture')} that {'was' if len(unknown) == 1 else 'were'} left out or corrected "
            f"{'is' if len(unknown) == 1 else 'are'} not in this zip: {listed(unknown, 3)}.",
            "Clear those corrections.",
        )
    out, classes_out = set(data.left_out), set(data.leave_out_classes)
    names = [corrected.get(image.id, image.class_name) for image in image_set.images]
    kept = [
        place
        for place, (image, name) in enumerate(zip(image_set.images, names, strict=True))
        if image.id not in out and name not in classes_out
    ]
    return Labelled(np.array(kept, np.int64), np.array([names[place] for place in kept], dtype=object))


def build_image_dataset(image_set: ImageSet, data: ImageData) -> ImageDataset:
    """Choose pictures, encode their classes, and split so that no copy is on both sides.

    Leaving pictures out or correcting their classes moves no other picture to another part, wherever that is possible:
    what was sealed stays sealed, and runs before and after can be held against each other.

    Raises:
        UserError: For anything that makes learning impossible, with what to do about it.
    """
    chosen = labelled(image_set, data)
    names, counts = np.unique(chosen.names.astype(str), return_counts=True)
    _check_classes(data, [str(name) for name in names], counts)
    _check_different(image_set.near[chosen.indices])
    y, class_names = _coded(chosen.names)
    indices, near = chosen.indices, image_set.near[chosen.indices]
    if data.duplicates == "drop":
        kept = first_of_each(np.stack([near, y], axis=1))
        indices, y, near = indices[kept], y[kept], near[kept]
    if data.folders_as_parts:
        part = np.array([image_set.images[place].part for place in indices.tolist()], dtype=object)
        kept = without_copies_across(part, near)
        indices, y, near, part = indices[kept], y[kept], near[kept], part[kept]
        groups = _groups(near)
        split = given_split(part, y, data, groups)
    else:
        groups = _groups(near)
        split = _as_before(image_set, data, y, near) or divide(y, data.task, data.split, groups)
    _check_training(y, class_names, split, by_folders=data.folders_as_parts)
    images = [image_set.images[place] for place in indices.tolist()]
    ids, paths = tuple(image.id for image in images), tuple(image.path for image in images)
    return ImageDataset(indices, y, class_names, ids, paths, groups, split)


def _coded(names: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Class index of each picture (n,) int64, and the names in the order of the indices."""
    different, places = np.unique(names.astype(str), return_inverse=True)
    order = class_order([str(name) for name in different])
    return np.argsort(order)[places.reshape(-1)].astype(np.int64), tuple(str(different[place]) for place in order)


def _as_before(image_set: ImageSet, data: ImageData, y: np.ndarray, near: np.ndarray) -> Split | None:
    """The split of the pictures as they came, for those that still take part; None where that will not do."""
    if not data.left_out and not data.relabelled:
        return None
    chosen = labelled(image_set, data.change(left_out=(), relabelled=()))
    before, classes = image_set.near[chosen.indices], _coded(chosen.names)[0]
    if data.duplicates == "drop":
        kept = first_of_each(np.stack([before, classes], axis=1))
        before, classes = before[kept], classes[kept]
    try:
        dealt = divide(classes, data.task, data.split, _groups(before))
    except UserError:
        return None
    parts = [np.unique(before[rows]) for rows in (dealt.train, dealt.validation, dealt.test, dealt.watch)]
    found = Split(*(np.flatnonzero(np.isin(near, part)) for part in parts))
    none_lost = all(len(own) or not len(part) for own, part in zip(vars(found).values(), parts, strict=True))
    complete = np.isin(near, before).all() and len(np.unique(y[found.train])) == len(np.unique(y))
    return found if none_lost and complete else None


def _groups(near: np.ndarray) -> np.ndarray | None:
    labels = np.unique(near, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return labels if len(labels) and labels.max() + 1 < len(labels) else None


def _check_classes(data: ImageData, names: list[str], counts: np.ndarray) -> None:
    if counts.sum() < FEWEST_ROWS:
        raise UserError(
            f"Only {counted(int(counts.sum()), 'picture')} can be used, and learning and checking need at least "
            f"{FEWEST_ROWS}.",
            ADD_PICTURES,
        )
    if len(names) == 1:
        raise UserError(
            f"All pictures are of one class, {quoted(names[0])}; there is nothing to tell apart.",
            "Add a folder with pictures of another class, or of anything else.",
        )
    if (data.task == "binary") != (len(names) == 2):
        raise UserError(
            f"The task is to tell {'two' if data.task == 'binary' else 'several'} classes apart, but there are "
            f"{len(names):,}: {listed(names)}.",
            f"Choose {'several classes' if data.task == 'binary' else 'two classes'} as the task.",
        )
    if len(names) > MOST_CLASSES:
        raise UserError(
            f"There are {len(names):,} classes; at most {MOST_CLASSES:,} can be learned.", "Leave some of them out."
        )
    alone = [names[place] for place in np.flatnonzero(counts == 1)]
    if alone and counts.sum() >= ENOUGH_ROWS:
        raise UserError(
            f"{counted(len(alone), 'class', 'classes')} {'has' if len(alone) == 1 else 'have'} a single picture "
            f"({listed(alone)}), so that there is nothing to check it with.",
            "Add pictures of it, or leave it out.",
        )


def _check_different(near: np.ndarray) -> None:
    different = len(np.unique(near))
    if different < FEWEST_ROWS:
        raise UserError(
            f"The {counted(len(near), 'picture')} are copies of only {different}, and copies must stay on one side of "
            f"the split; at least {FEWEST_ROWS} different ones are needed.",
            ADD_PICTURES,
        )


def _check_training(y: np.ndarray, class_names: tuple[str, ...], split: Split, by_folders: bool) -> None:
    absent = [name for code, name in enumerate(class_names) if not (y[split.train] == code).any()]
    if absent:
        reason = (
            "the train folder has none that is not also in another part"
            if by_folders
            else "all of them are copies that must stay on one side of the split"
        )
        raise UserError(
            f"No training picture is left for {listed(absent)}, because {reason}.",
            "Add different pictures of it, leave the class out, or divide by chance instead of by folders.",
        )
