"""Pictures that are turned, mirrored, darkened, covered or noisy, in growing strengths. Needs no TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

GREY = 128
LARGEST = 255


@dataclass(frozen=True)
class Level:
    """One strength of a change, and what it is called."""

    strength: float
    words: str


@dataclass(frozen=True)
class Change:
    """A change in growing strengths.

    Attributes:
        key: Its name in results.
        title: In words.
        levels: Weakest first.
        augmentation: The setting of augmentation that teaches a network not to mind it.
        make: From one picture (height, width, channels) uint8, a strength and a source of chance to the changed one.
    """

    key: str
    title: str
    levels: tuple[Level, ...]
    augmentation: str
    make: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def changed(change: Change, level: Level, pixels: np.ndarray, seed: int = 0) -> np.ndarray:
    """All pictures (n, height, width, channels) uint8 at one strength; each has chance of its own, by its place."""
    made = [
        change.make(np.asarray(picture), level.strength, np.random.default_rng([seed, place]))
        for place, picture in enumerate(pixels)
    ]
    return np.stack(made) if made else np.asarray(pixels)


def _turned(picture: np.ndarray, degrees: float, chance: np.random.Generator) -> np.ndarray:
    """To the left or to the right; what comes in from outside is the picture mirrored, as augmentation does it."""
    angle = degrees if chance.random() < 0.5 else -degrees
    height, width = picture.shape[:2]
    rim = [(height // 2, height // 2), (width // 2, width // 2), (0, 0)]
    wide = np.pad(picture, rim, mode="symmetric")
    planes = [
        np.asarray(Image.fromarray(wide[..., channel]).rotate(angle, Image.Resampling.BILINEAR))
        for channel in range(picture.shape[-1])
    ]
    return np.stack(planes, axis=-1)[rim[0][0] : rim[0][0] + height, rim[1][0] : rim[1][0] + width]


def _mirrored(picture: np.ndarray, way: float, chance: np.random.Generator) -> np.ndarray:
    sides = {1.0: picture[:, ::-1], 2.0: picture[::-1]}
    return sides.get(way, picture[::-1, ::-1])


def _darkened(picture: np.ndarray, share: float, chance: np.random.Generator) -> np.ndarray:
    return np.rint(picture * (1 - share)).astype(np.uint8)


def _covered(picture: np.ndarray, share: float, chance: np.random.Generator) -> np.ndarray:
    """A grey rectangle of the picture's own shape, anywhere inside."""
    height, width = (max(1, round(length * share**0.5)) for length in picture.shape[:2])
    top = chance.integers(picture.shape[0] - height + 1)
    left = chance.integers(picture.shape[1] - width + 1)
    copy = picture.copy()
    copy[top : top + height, left : left + width] = GREY
    return copy


def _noisy(picture: np.ndarray, spread: float, chance: np.random.Generator) -> np.ndarray:
    noise = chance.normal(0, spread * LARGEST, picture.shape)
    return np.clip(np.rint(picture + noise), 0, LARGEST).astype(np.uint8)


def _percent(*shares: int) -> tuple[Level, ...]:
    return tuple(Level(share / 100, f"{share} %") for share in shares)


CHANGES = (
    Change("rotate", "Turned", tuple(Level(a, f"{a}°") for a in (10, 20, 45, 90, 180)), "rotate", _turned),
    Change(
        "mirror",
        "Mirrored",
        (Level(1, "left and right"), Level(2, "upside down"), Level(3, "both")),
        "mirror",
        _mirrored,
    ),
    Change("darken", "Darker", _percent(20, 40, 60, 75, 90), "brightness", _darkened),
    Change("occlude", "Covered in part", _percent(5, 10, 20, 40), "erase", _covered),
    Change("noise", "Noisy", _percent(5, 10, 20, 30), "noise", _noisy),
)
