"""Paints soft-edged shapes with NumPy: what the drawn samples are made of."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIZE = 128
Random = np.random.Generator


class Scene:
    """A picture in the making: colours 0 to 1, and coordinates of the head or muffin, about -1 to 1 inside of it."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.colour = ground(random)
        down, across = (np.mgrid[:SIZE, :SIZE] + 0.5) / SIZE * 2 - 1
        self.radius = random.uniform(0.58, 0.88)
        reach = 0.98 - self.radius
        x, y = across - random.uniform(-reach, reach), down - random.uniform(-reach, reach)
        tilt = random.normal(scale=0.4)
        self.u = (np.cos(tilt) * x + np.sin(tilt) * y) / self.radius
        self.v = (np.cos(tilt) * y - np.sin(tilt) * x) / self.radius

    def soft(self, inside: np.ndarray, sharpness: float = 1.0) -> np.ndarray:
        """How far each pixel is covered, 0 to 1, where ``inside`` is a distance into the shape."""
        return np.clip(inside * self.radius * SIZE / 2 * sharpness + 0.5, 0, 1)

    def ellipse(
        self, place: tuple[float, float], wide: float, high: float, turn: float = 0.0, sharpness: float = 1.0
    ) -> np.ndarray:
        """The cover of an ellipse around ``place``."""
        across, down = self.u - place[0], self.v - place[1]
        first = (np.cos(turn) * across + np.sin(turn) * down) / wide
        second = (np.cos(turn) * down - np.sin(turn) * across) / high
        return self.soft((1 - np.hypot(first, second)) * min(wide, high), sharpness)

    def paint(self, cover: np.ndarray, colour: np.ndarray) -> None:
        """Put a colour, (3,) or one a pixel, over what is covered."""
        self.colour = self.colour + cover[..., None] * (colour - self.colour)


def clouds(random: Random, detail: int) -> np.ndarray:
    """(SIZE, SIZE) smooth noise about -1 to 1, with ``detail`` lumps from edge to edge."""
    coarse = Image.fromarray(random.uniform(-1, 1, size=(detail, detail)).astype(np.float32))
    return np.asarray(coarse.resize((SIZE, SIZE), Image.Resampling.BICUBIC), np.float64)


def ground(random: Random) -> np.ndarray:
    """(SIZE, SIZE, 3) what lies behind: two colours, mixed as lawn, planks, checks or a soft change."""
    first = muted(random)
    second = np.clip(first + random.normal(scale=0.15, size=3), 0, 1)
    down, across = np.mgrid[:SIZE, :SIZE] / SIZE
    turn, stripes = random.uniform(0, np.pi), random.uniform(2, 9)
    along, beside = np.cos(turn) * across + np.sin(turn) * down, np.cos(turn) * down - np.sin(turn) * across
    mixed = {
        "soft": along,
        "planks": (along * stripes) % 1,
        "checks": np.sign(np.sin(6 * stripes * along) * np.sin(6 * stripes * beside)) * 0.4 + 0.5,
        "lawn": clouds(random, int(random.integers(4, 40))) * 0.5 + 0.5,
    }[str(random.choice(["soft", "planks", "checks", "lawn"]))]
    return first + np.clip(mixed, 0, 1)[..., None] * (second - first)


def muted(random: Random) -> np.ndarray:
    """A colour as walls, cloth and grass have."""
    return np.clip(random.uniform(0.15, 0.95) + random.uniform(-0.15, 0.15, size=3), 0, 1)
