"""Pictures are left out, brought back, or given another class; the kind of answer follows the classes that are left."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from core.data.images.image_set import ImageSet
from core.errors import UserError
from core.spec import ImageData

LONGEST_CLASS = 100


def leave_out(data: ImageData, image_set: ImageSet, ids: Collection[str]) -> ImageData:
    """The same choice without these pictures."""
    return _fitting(data.change(left_out=tuple(dict.fromkeys((*data.left_out, *ids)))), image_set)


def leave_out_class(data: ImageData, image_set: ImageSet, name: str) -> ImageData:
    """The same choice without all pictures of a class."""
    return _fitting(data.change(leave_out_classes=tuple(dict.fromkeys((*data.leave_out_classes, name)))), image_set)


def bring_back(data: ImageData, image_set: ImageSet, ids: Collection[str]) -> ImageData:
    """The same choice with these pictures; of a class that was left out, the others stay out one by one."""
    wanted = set(ids)
    names = dict(zip((image.id for image in image_set.images), class_of_each(data, image_set).tolist(), strict=True))
    classes = {names[id] for id in wanted & names.keys()} & set(data.leave_out_classes)
    others = [id for id, name in names.items() if name in classes]
    out = tuple(id for id in dict.fromkeys((*data.left_out, *others)) if id not in wanted)
    kept = tuple(name for name in data.leave_out_classes if name not in classes)
    return _fitting(data.change(left_out=out, leave_out_classes=kept), image_set)


def give_class(data: ImageData, image_set: ImageSet, ids: Collection[str], name: str) -> ImageData:
    """The same choice with another class for these pictures; a class that no folder has is a new one.

    Raises:
        UserError: The name is empty or too long.
    """
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not 0 < len(name) <= LONGEST_CLASS:
        raise UserError(
            f"The name of a class has 1 to {LONGEST_CLASS} characters; got {len(name):,}.", "Give it a short name."
        )
    given = {**dict(data.relabelled), **dict.fromkeys(ids, name)}
    original = {image.id: image.class_name for image in image_set.images}
    relabelled = tuple((id, own) for id, own in given.items() if original.get(id) != own)
    return _fitting(data.change(relabelled=relabelled), image_set)


def class_of_each(data: ImageData, image_set: ImageSet) -> np.ndarray:
    """(n,) str objects, the class of every picture with corrections, whether it takes part or not."""
    corrected = dict(data.relabelled)
    return np.array([corrected.get(image.id, image.class_name) for image in image_set.images], dtype=object)


def takes_part(data: ImageData, image_set: ImageSet) -> np.ndarray:
    """(n,) whether each picture takes part."""
    out, classes = set(data.left_out), set(data.leave_out_classes)
    names = class_of_each(data, image_set).tolist()
    pairs = zip(image_set.images, names, strict=True)
    return np.array([image.id not in out and name not in classes for image, name in pairs], dtype=bool)


def _fitting(data: ImageData, image_set: ImageSet) -> ImageData:
    classes = set(class_of_each(data, image_set)[takes_part(data, image_set)].tolist())
    return data.change(task="binary" if len(classes) == 2 else "multiclass")
