"""A drawn scene of which everything is known: what is on it, where, and which pixels belong to what.

Its shapes are polygons, from which both the picture and the truth are made, so that boxes and masks are exact.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 480, 320
KINDS = ("chihuahua", "muffin")
BACKGROUND = -1
# From which overlap on a box counts as a find: PASCAL VOC (Everingham et al. 2010), and the stricter of the two that
# COCO names (Lin et al. 2014).
FOUND, FOUND_WELL = 0.5, 0.75
Task = Literal["classification", "detection", "semantic", "instance"]


class Box(NamedTuple):
    """Edges in pixels from the upper left corner of the picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """In square pixels; 0 where the edges have changed sides."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)


class Shape(NamedTuple):
    """A polygon, (n, 2) corners x, y, and its colour."""

    corners: np.ndarray
    colour: str


class Thing(NamedTuple):
    """One thing on the picture: what it is, and the shapes that it is made of, from back to front."""

    kind: str
    shapes: tuple[Shape, ...]


def shared(one: Box, other: Box) -> Box:
    """Where two boxes overlap; of area 0 where they do not."""
    return Box(*np.maximum(one[:2], other[:2]).tolist(), *np.minimum(one[2:], other[2:]).tolist())


def overlap(one: Box, other: Box) -> float:
    """Intersection over union (Jaccard index): the shared area divided by the area that the two cover together."""
    both = shared(one, other).area
    union = one.area + other.area - both
    return both / union if union else 0.0


def mask_overlap(one: np.ndarray, other: np.ndarray) -> float:
    """The same of two masks, (h, w) bool."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 0.0


@cache
def things() -> tuple[Thing, ...]:
    """What the scene shows, from back to front: a chihuahua, and two muffins that touch."""
    return _chihuahua(140, 295), _muffin(342, 288), _muffin(238, 302)


@cache
def instances() -> np.ndarray:
    """(HEIGHT, WIDTH) int: to which of `things` each pixel belongs, -1 for none; what is in front hides the rest."""
    picture = Image.new("I", (WIDTH, HEIGHT), BACKGROUND)
    pen = ImageDraw.Draw(picture)
    for number, thing in enumerate(things()):
        for shape in thing.shapes:
            pen.polygon([(x, y) for x, y in shape.corners.tolist()], fill=number)
    return np.asarray(picture, np.int32)


def classes_of_pixels() -> np.ndarray:
    """(HEIGHT, WIDTH) int: which of `KINDS` each pixel shows, -1 for none of them."""
    kinds = np.array([*(KINDS.index(thing.kind) for thing in things()), BACKGROUND])
    return kinds[instances()]


def box_of(mask: np.ndarray) -> Box:
    """The smallest box that holds every pixel of a mask, (h, w) bool with at least one pixel."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))


def true_boxes() -> tuple[Box, ...]:
    """Of what can be seen of each thing, in the order of `things`."""
    return tuple(box_of(instances() == number) for number in range(len(things())))


def numbers_in_answer(task: Task) -> int:
    """How many numbers a network would have to give for this scene.

    A probability for each class; the same and four edges for each thing; a probability for each pixel and class
    (the background is one more); or a mask and the probabilities of the classes for each thing.
    """
    return {
        "classification": len(KINDS),
        "detection": len(things()) * (4 + len(KINDS)),
        "semantic": WIDTH * HEIGHT * (len(KINDS) + 1),
        "instance": len(things()) * (WIDTH * HEIGHT + len(KINDS)),
    }[task]


def _ellipse(x: float, y: float, wide: float, high: float, colour: str) -> Shape:
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return Shape(np.stack([x + wide * np.cos(turn), y + high * np.sin(turn)], axis=1), colour)


def _polygon(x: float, y: float, corners: list[tuple[float, float]], colour: str) -> Shape:
    return Shape(np.array(corners) + (x, y), colour)


def _muffin(x: float, y: float) -> Thing:
    """A muffin that stands on (x, y)."""
    cup, pleat, dough, light, berry = "#7C5A78", "#694B66", "#D7A45C", "#E3B873", "#322B45"
    shapes = [_polygon(x, y, [(-34, 0), (34, 0), (46, -50), (-46, -50)], cup)]
    shapes += [
        _polygon(x, y, [(a, -1), (a + 5, -1), (1.35 * a + 6, -50), (1.35 * a, -50)], pleat) for a in (-22, -2, 17)
    ]
    shapes += [_ellipse(x + aside, y - 54, 26, 19, dough) for aside in (-32, 32)]
    shapes += [_ellipse(x, y - 66, 55, 38, dough), _ellipse(x - 8, y - 74, 38, 24, light)]
    shapes += [_ellipse(x + a, y + b, 7, 7, berry) for a, b in ((-27, -70), (4, -86), (28, -66), (-4, -57))]
    return Thing("muffin", tuple(shapes))


def _chihuahua(x: float, y: float) -> Thing:
    """A small dog that sits on (x, y)."""
    fur, shade, pale, pink, dark = "#C88F4F", "#AF7839", "#F0DDB8", "#E4AE95", "#2B2127"
    shapes = [_polygon(x, y, [(side * 64, -218), (side * 10, -172), (side * 50, -136)], fur) for side in (-1, 1)]
    shapes += [_polygon(x, y, [(side * 57, -204), (side * 20, -170), (side * 46, -146)], pink) for side in (-1, 1)]
    shapes += [_ellipse(x, y - 58, 48, 58, shade), _ellipse(x, y - 60, 27, 44, pale)]
    shapes += [_ellipse(x + side * 22, y - 26, 14, 27, fur) for side in (-1, 1)]
    shapes += [_ellipse(x, y - 142, 54, 47, fur), _ellipse(x, y - 122, 25, 20, pale)]
    shapes += [_ellipse(x + side * 22, y - 148, 10, 10, dark) for side in (-1, 1)]
    shapes += [_ellipse(x + side * 22 - 3, y - 151, 3, 3, "#FFFFFF") for side in (-1, 1)]
    shapes += [_ellipse(x, y - 129, 9, 6, dark)]
    return Thing("chihuahua", tuple(shapes))
