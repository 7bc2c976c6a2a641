"""Pictures to try an idea on: a few of the samples that come with Muffin, and any photo that a person gives."""

from __future__ import annotations

import zipfile

import numpy as np
from PIL import Image

from core.data.images.decode import decode_upload
from core.data.words import quoted
from core.errors import UserError
from core.samples import FOLDER

# Of the shorter side in pixels, and how many times as long the other one may be.
SHORTEST, MOST_TIMES = 8, 4

# What they are called on the page, and where they are: a zip in sample_data and a file in it.
DRAWINGS = {
    "Chihuahua": ("chihuahua_or_muffin.zip", "chihuahua/chihuahua_003.jpg"),
    "Muffin": ("chihuahua_or_muffin.zip", "muffin/muffin_021.jpg"),
    "Handwritten digit": ("digits.zip", "9/0589.png"),
    "Pullover": ("clothes.zip", "pullover/27.png"),
}


def drawing(name: str, side: int) -> np.ndarray:
    """One of `DRAWINGS`, (h, w, 3) uint8, at most ``side`` pixels high and wide."""
    archive, member = DRAWINGS[name]
    with zipfile.ZipFile(FOLDER / archive) as opened:
        return photo_of(opened.read(member), member, side)


def photo_of(content: bytes, name: str, side: int) -> np.ndarray:
    """A file's picture, upright, (h, w, 3) uint8, in its own shape; at most ``side`` pixels high and wide.

    Args:
        content: The file's bytes, of whatever origin.
        name: What the file is called in an error.
        side: Larger pictures are made smaller, by averaging; smaller ones stay as they are.

    Raises:
        UserError: It cannot be read, or is so narrow that there is nothing to see.
    """
    found = np.asarray(decode_upload(content, name, side).image)
    short, long = sorted(found.shape[:2])
    if short < SHORTEST or long > MOST_TIMES * short:
        raise UserError(
            f"The picture {quoted(name)} is too narrow to see anything in it.",
            f"Choose one of at least {SHORTEST} pixels each way, and at most {MOST_TIMES} times as long as wide.",
        )
    return at_most(found, side)


def at_most(pixels: np.ndarray, side: int) -> np.ndarray:
    """A picture (h, w, 3) uint8 in its own shape, no side longer than ``side``."""
    if max(pixels.shape[:2]) <= side:
        return pixels
    image = Image.fromarray(pixels)
    image.thumbnail((side, side), reducing_gap=3.0)
    return np.asarray(image)
