"""A picture that a person gives: decoded here, safely, to what they see of it and what the network gets."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.data.images.decode import decode_upload
from core.data.images.pixels import at_least, in_order, square, to_grey
from core.errors import UserError
from core.spec import ImageData

PREVIEW = 256
LIGHT_QUALITY = 88


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture, ready to be asked about.

    Args:
        key: Tells it from others; equal for equal files of equal names.
        name: What its file is called, for display.
        preview: A small copy for the page, as a PNG or JPEG file.
        width, height: Of the original, upright, in pixels.
        notes: What was converted.
        pixels: (size, size, channels) uint8, what the network gets.
        truth: Its class where that is known, else empty.
        run: The run whose validation picture it is, else empty.
    """

    key: str
    name: str
    preview: bytes
    width: int
    height: int
    notes: tuple[str, ...]
    pixels: np.ndarray
    truth: str = ""
    run: str = ""


@dataclass(frozen=True)
class Refused:
    """A file that cannot be used, and why, in a sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class Given:
    """The bytes of a file, its name, and its class and run where it is a validation picture."""

    content: bytes
    name: str
    truth: str = ""
    run: str = ""


def taken(given: Given, data: ImageData) -> Picture | Refused:
    """The picture in a file as the choices about the training pictures make it; never raises for a bad file."""
    try:
        decoded = decode_upload(given.content, given.name, at_least(data.size))
    except UserError as error:
        return Refused(given.name, error.problem)
    return Picture(
        hashlib.sha256(f"{given.name}\n{given.run}\n".encode(errors="replace") + given.content).hexdigest(),
        given.name,
        small_file(decoded.image),
        decoded.width,
        decoded.height,
        decoded.notes,
        seen(decoded.image, data),
        given.truth,
        given.run,
    )


def all_taken(given: Iterable[Given], data: ImageData) -> Iterator[Picture | Refused]:
    """The same for many, in their order, by all cores."""
    return in_order(lambda one: taken(one, data), given)


def seen(image: Image.Image, data: ImageData) -> np.ndarray:
    """(size, size, channels) uint8: what the network gets of an upright RGB picture."""
    pixels = square(image, data.size)
    return to_grey(pixels) if data.color == "grey" else pixels


def shape_of(data: ImageData) -> tuple[int, int, int]:
    """Height, width and channels of what the network gets."""
    return data.size, data.size, 1 if data.color == "grey" else 3


def small_file(image: Image.Image) -> bytes:
    """An RGB picture as a file of at most 256 x 256 pixels: PNG where it is small already, else JPEG."""
    fits = max(image.size) <= PREVIEW
    small = image.copy()
    small.thumbnail((PREVIEW, PREVIEW), reducing_gap=3.0)
    file = io.BytesIO()
    if fits and image.width * image.height <= PREVIEW * PREVIEW // 4:
        small.save(file, "PNG")
    else:
        small.save(file, "JPEG", quality=LIGHT_QUALITY)
    return file.getvalue()


def enlarged(pixels: np.ndarray, side: int) -> bytes:
    """What the network gets, (size, size, channels) uint8, as a PNG whose single pixels can be seen.

    Args:
        pixels: The picture.
        side: About how many pixels it covers on the page.
    """
    image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
    times = max(1, round(2 * side / image.width))
    file = io.BytesIO()
    image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()
