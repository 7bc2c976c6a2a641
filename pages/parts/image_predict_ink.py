"""What drawings have in common: dark or bright paper, how much of it the ink fills, and where its centre lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

DARK, BRIGHT = 48, 207
MIDDLE = 127.5
MOSTLY = 0.8
# How far a grey value must be from the paper to count as ink.
INK = 40
MOST_TIMES = 4.0


@dataclass(frozen=True)
class Look:
    """What pictures have in common.

    Args:
        paper: Grey value of the paper, 0 (black) or 255 (white): whichever their borders are nearer to.
        plain: Whether they are drawings on such paper, so that ``fill`` and ``centre`` mean something.
        fill: The longer side of what is drawn, as a share of the picture's.
        centre: The centre of gravity of the ink, as shares of width and height.
    """

    paper: int = 255
    plain: bool = False
    fill: float = 1.0
    centre: tuple[float, float] = (0.5, 0.5)


def look_of(thumbs: np.ndarray) -> Look:
    """What pictures (n, height, width, 3) uint8 have in common; medians over all of them."""
    if not len(thumbs):
        return Look()
    grey = thumbs.mean(axis=3)
    edges = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1).mean(axis=1)
    paper = 0 if np.median(edges) < MIDDLE else 255
    ink = np.abs(grey - paper) > INK
    drawn = ink.any(axis=(1, 2))
    plain = float(((edges < DARK) if paper == 0 else (edges > BRIGHT)).mean()) >= MOSTLY and bool(drawn.any())
    if not plain:
        return Look(paper)
    boxes = [_box(one) for one in ink[drawn]]
    size = max(thumbs.shape[1:3])
    fill = float(np.median([max(right - left, bottom - top) for left, top, right, bottom in boxes])) / size
    centres = np.array([_centre(np.abs(one - paper)) for one in grey[drawn]])
    x, y = np.median(centres, axis=0)
    return Look(paper, True, round(fill, 2), (round(float(x), 3), round(float(y), 3)))


def placed(drawing: Image.Image, look: Look) -> Image.Image:
    """A drawing (RGB, square), moved and scaled to lie in the picture as the others do; nothing is cut off."""
    ink = np.abs(np.asarray(drawing.convert("L"), float) - look.paper)
    if not (ink > INK).any():
        return drawing
    left, top, right, bottom = _box(ink > INK)
    x, y = _centre(ink)
    side = drawing.width
    times = min(MOST_TIMES, look.fill * side / max(right - left, bottom - top))
    to_x = _inside(look.centre[0], (x - left / side) * times, (right / side - x) * times)
    to_y = _inside(look.centre[1], (y - top / side) * times, (bottom / side - y) * times)
    inputs = (1 / times, 0, (x - to_x / times) * side, 0, 1 / times, (y - to_y / times) * side)
    return drawing.transform(
        drawing.size,
        Image.Transform.AFFINE,
        inputs,
        resample=Image.Resampling.BILINEAR,
        fillcolor=(look.paper,) * 3,
    )


def _inside(wanted: float, before: float, behind: float) -> float:
    """The place nearest to the wanted one, from 0 to 1, that leaves room for what lies before and behind it."""
    return min(max(wanted, before), 1 - behind)


def _box(ink: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is True in (height, width); the last two are one behind it."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _centre(weight: np.ndarray) -> tuple[float, float]:
    """Centre of gravity of (height, width), as shares of width and height."""
    total = weight.sum() or 1.0
    height, width = weight.shape
    x = float(weight.sum(axis=0) @ (np.arange(width) + 0.5)) / total / width
    y = float(weight.sum(axis=1) @ (np.arange(height) + 0.5)) / total / height
    return x, y
