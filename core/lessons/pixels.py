"""A picture as numbers: how many there are, and what arithmetic with them does to it."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np

BYTES_OF_A_FLOAT = 4


class Level(NamedTuple):
    """One level of the numbers that a network gets.

    Attributes:
        what: What it is, in words.
        shape: As programs write it; pixels are (channels,), pictures (height, width, channels), a batch has one more.
    """

    what: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        """How many there are."""
        return prod(self.shape)

    @property
    def megabytes(self) -> float:
        """Memory as a network calculates with them, in single precision (4 bytes a number), in MB of 10^6 bytes."""
        return self.numbers * BYTES_OF_A_FLOAT / 1e6


def levels(height: int, width: int, channels: int, batch: int) -> tuple[Level, ...]:
    """From one pixel to a batch of so many pictures."""
    return (
        Level("One pixel", (channels,)),
        Level("One channel", (height, width)),
        Level("The picture", (height, width, channels)),
        Level(f"A batch of {batch} pictures", (batch, height, width, channels)),
    )


def added(pixels: np.ndarray, channel: int, amount: int) -> np.ndarray:
    """(h, w, channels) uint8 with ``amount`` added to one channel; what leaves 0 to 255 stops there."""
    changed = pixels.astype(int)
    changed[..., channel] += amount
    return np.clip(changed, 0, 255).astype(np.uint8)
