"""What a set of pictures is most likely for."""

from __future__ import annotations

from core.data.images.image_set import ImageSet
from core.data.images.read import READY_SIZE
from core.spec import SIZES, ImageData, ImageSource

GREY_MODES = frozenset({"1", "L", "LA", "La"})
DEEP_GREY = ("I", "F")


def propose_images(image_set: ImageSet, source: ImageSource) -> ImageData:
    """A complete choice: all pictures, the classes of the zip, grey if all are grey, and its own parts if it has them.

    Args:
        image_set: What was read.
        source: Where it came from.
    """
    classes = {image.class_name for image in image_set.images}
    parts = {image.part for image in image_set.images} - {""}
    return ImageData(
        source=source,
        task="binary" if len(classes) == 2 else "multiclass",
        size=propose_size(image_set),
        color="grey" if all(is_grey(image.mode) for image in image_set.images) else "rgb",
        folders_as_parts="train" in parts and len(parts) > 1,
    )


def propose_size(image_set: ImageSet) -> int:
    """64, or 32 where most pictures are so small that more would only enlarge them."""
    sides = sorted(min(image.width, image.height) for image in image_set.images)
    return SIZES[0] if sides and sides[len(sides) // 2] <= SIZES[0] else READY_SIZE


def is_grey(mode: str) -> bool:
    """Whether Pillow's name of a mode means shades of grey."""
    return mode in GREY_MODES or mode.startswith(DEEP_GREY)
