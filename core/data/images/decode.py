"""The bytes of one picture become upright RGB, and what had to be done for it is said.

Only formats of photos, drawings and scans are tried: some others start programs (EPS) or lead into old decoders.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from functools import cache

from PIL import Image

from core.data.images.colours import to_rgb
from core.data.images.passes import in_one_pass, too_many_passes
from core.data.words import quoted
from core.errors import UserError

# In the order in which they are tried: TGA files have no mark at their start, so that others can look like one.
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "ICO", "PCX", "QOI", "TGA")
MOST_PIXELS = 40_000_000
# A JPEG is decoded at a scale, so that its size is only a number; not so one that comes in several passes.
MOST_PIXELS_SCALED = 200_000_000
# Each row costs memory of its own, however short it is.
LONGEST_SIDE = 100_000
MOST_BYTES = 100_000_000
# Larger pictures are decoded one at a time, for the sake of memory.
LARGE = 8_000_000
UPRIGHT = "turned upright, as the camera noted (EXIF)"
FIRST_FRAME = "only the first of several frames or pages is used"

ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = (5, 6, 7, 8)
_one_large_picture = threading.Lock()


class Unreadable(Exception):
    """Why a file cannot be used as a picture, in words that follow its name: "is empty (0 bytes)"."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """One picture.

    Args:
        image: Upright, mode RGB; smaller than the original if it was decoded at a scale.
        width, height: Of the original, upright, in pixels.
        mode: Pillow's name of the colours that the file has.
        notes: What was converted.
        scaled: Whether it was decoded at a scale.
    """

    image: Image.Image
    width: int
    height: int
    mode: str
    notes: tuple[str, ...]
    scaled: bool


def decode(content: bytes, at_least: int | None = None) -> Decoded:
    """The picture in ``content``.

    Args:
        content: A file's bytes.
        at_least: A JPEG may be decoded at a half, a quarter or an eighth of its size, which libjpeg does while it
            decodes and which saves most of the work, as long as both sides keep this many pixels. None: at full size.

    Raises:
        Unreadable: With the reason.
    """
    if not content:
        raise Unreadable("is empty (0 bytes)")
    try:
        return _decode(content, at_least)
    except Unreadable:
        raise
    except Image.UnidentifiedImageError:
        raise Unreadable(_not_a_picture(content)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Unreadable("is far too large, as if made to fill the memory") from None
    # Decoders raise nearly every kind of error on damaged files, from KeyError to struct.error.
    except Exception as error:
        words = "is cut off" if "truncated" in str(error).casefold() else "is damaged"
        raise Unreadable(f"{words} and cannot be decoded") from None


def decode_upload(content: bytes, name: str, at_least: int | None = None) -> Decoded:
    """As `decode`, for one picture that a person gave; raises `UserError` about the file called ``name``."""
    try:
        if len(content) > MOST_BYTES:
            raise Unreadable(f"is a file of {len(content) / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB are read")
        return decode(content, at_least)
    except Unreadable as error:
        raise UserError(
            f"The picture {quoted(name)} {error}.", "Choose another one, or save it again as JPEG or PNG."
        ) from None


def _decode(content: bytes, at_least: int | None) -> Decoded:
    image = Image.open(io.BytesIO(content), formats=_formats())
    width, height = image.size
    mode, notes = image.mode, []
    if image.format != "MPO" and getattr(image, "is_animated", False):
        notes.append(FIRST_FRAME)
        image.seek(0)
    if at_least is not None and image.format in ("JPEG", "MPO"):
        image.draft(None, (at_least, at_least))
        # All bytes at once: in pieces, rows at their ends are decoded twice, and threads wait for each other.
        image.decodermaxblock = max(image.decodermaxblock, len(content))
    _check_size(image, width, height, content)
    scaled = image.size != (width, height)
    if image.width * image.height > LARGE:
        with _one_large_picture:
            rgb, converted = to_rgb(image)
    else:
        rgb, converted = to_rgb(image)
    orientation = _orientation(image)
    if orientation in TURNS:
        rgb = rgb.transpose(TURNS[orientation])
        notes.append(UPRIGHT)
    if orientation in ON_ITS_SIDE:
        width, height = height, width
    return Decoded(rgb, width, height, mode, (*notes, *converted), scaled)


@cache
def _formats() -> tuple[str, ...]:
    """Those that this build of Pillow can read."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _check_size(image: Image.Image, width: int, height: int, content: bytes) -> None:
    several_passes = image.format in ("JPEG", "MPO") and not in_one_pass(content)
    if several_passes and too_many_passes(content):
        raise Unreadable("has far too many passes, as if made to keep the computer busy")
    held = width * height if several_passes else image.width * image.height
    if max(width, height) > LONGEST_SIDE:
        raise Unreadable(f"has {width:,} x {height:,} pixels; at most {LONGEST_SIDE:,} are read along a side")
    if held > MOST_PIXELS or width * height > MOST_PIXELS_SCALED:
        raise Unreadable(
            f"has {width:,} x {height:,} pixels; at most {MOST_PIXELS / 1e6:,.0f} million are read "
            f"({MOST_PIXELS_SCALED / 1e6:,.0f} million of a plain JPEG)"
        )


def _orientation(image: Image.Image) -> int:
    """How the camera was held, 1 (upright) to 8; TIFF files were turned by Pillow already."""
    if image.format == "JPEG" and "exif" not in image.info:
        return 1
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    # Notes of a camera may be damaged where the picture is not.
    except Exception:
        return 1


def _not_a_picture(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"hevc", b"msf1"):
        return "is in the phone format HEIC, which cannot be read here; save it as JPEG"
    return "is not a picture in a format that can be read here (JPEG, PNG, WebP, GIF, BMP, TIFF and some others)"
