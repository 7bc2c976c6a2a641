"""Where the blocks stand in the picture of a network for images: as high as the image, as wide as channels are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log2

from core.data.words import counted
from core.network.image_shapes import ImageLayerShape

THIN = ("BatchNormalization", "Dropout")
GAP, SLAB, ROW_WIDTH = 0.45, 0.08, 0.16
SLANT = (0.45, 0.22)
LEAST = 0.05
# How solid each side is drawn: behind the front, the top is lit and the side lies in the shade.
FACES = {"front": 0.95, "top": 0.45, "side": 0.7}


@dataclass(frozen=True)
class Block:
    """A layer in the picture: left edge, width, height, and how far it reaches back."""

    shape: ImageLayerShape
    left: float
    width: float
    height: float
    depth: float

    @property
    def centre(self) -> float:
        """Where its words stand."""
        return self.left + self.width / 2

    def faces(self) -> dict[str, list[tuple[float, float]]]:
        """Corners of what can be seen of it."""
        x, y, w, h = self.left, -self.height / 2, self.width, self.height
        dx, dy = self.depth * SLANT[0], self.depth * SLANT[1]
        return {
            "side": [(x + w, y), (x + w + dx, y + dy), (x + w + dx, y + h + dy), (x + w, y + h), (x + w, y)],
            "top": [(x, y + h), (x + dx, y + h + dy), (x + w + dx, y + h + dy), (x + w, y + h), (x, y + h)],
            "front": [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)],
        }


def blocks_of(shapes: list[ImageLayerShape]) -> Iterator[Block]:
    """Widths grow with the logarithm of the channels, heights with the image; a row of values is high, not wide."""
    size = shapes[0].shape[0]
    channels = max(shape.shape[-1] for shape in shapes if len(shape.shape) == 3)
    values = max([shape.units for shape in shapes if len(shape.shape) == 1] or [1])
    left, before = 0.0, None
    for shape in shapes:
        if shape.kind in THIN and before is not None:
            block = Block(shape, before.left + before.width + 0.02, SLAB, before.height, before.depth)
        elif len(shape.shape) == 3:
            height = max(LEAST, shape.shape[0] / size)
            block = Block(shape, left, 0.12 + 0.7 * log2(1 + shape.shape[2]) / log2(1 + channels), height, height)
        elif shape.kind == "Backbone":
            block = Block(shape, left, 1.6, 0.75, 0.75)
        else:
            height = 0.12 + 0.88 * log2(1 + shape.units) / log2(1 + values)
            block = Block(shape, left, ROW_WIDTH, height, LEAST)
        yield block
        left, before = block.left + block.width + block.depth * SLANT[0] + GAP, block


def size_words(shape: tuple[int, ...]) -> str:
    """``32 x 32 x 16``, or ``1 value``."""
    return " x ".join(map(str, shape)) if len(shape) == 3 else counted(shape[0], "value")
