"""Whatever colours a file has become RGB with 8 bits a channel, and every loss is noted."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageCms

CMYK = "converted from print colours (CMYK) to RGB"
DEPTH = "converted from 16 bits or more a channel to 8"
TWELVE = "taken as 12 bits a channel, since no value is above 4,095"
STRETCHED = "its smallest value made black and its largest white"
PALETTE = "converted from a palette to RGB"
TRANSPARENT = "transparent parts made white"
OTHER_COLOURS = "converted from other colours (such as Lab) to RGB"

FULL_16_BIT = 65535
# Microscopes, X-ray and many other cameras have 12 bits, which they store as 16: that would look nearly black.
FULL_12_BIT = 4095
WITH_ALPHA = ("RGBA", "LA", "La", "RGBa", "PA")
PLAIN = ("RGB", "L", "1", "RGBX")


def to_rgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """The same picture in mode RGB, and what was converted."""
    notes = [DEPTH] if _is_deep(image) else []
    image.load()
    if image.mode.startswith("I") or image.mode == "F":
        eight, how = _eight_bits(image)
        return eight, [DEPTH, *how]
    if image.mode == "P":
        notes.append(PALETTE)
    if image.mode in WITH_ALPHA or "transparency" in image.info:
        opaque, changed = _on_white(image)
        return opaque, [*notes, *[TRANSPARENT] * changed]
    if image.mode == "CMYK":
        notes.append(CMYK)
    elif image.mode not in (*PLAIN, "P"):
        notes.append(OTHER_COLOURS)
    if image.mode == "LAB":
        return _from_lab(image), notes
    return image if image.mode == "RGB" else image.convert("RGB"), notes


def _is_deep(image: Image.Image) -> bool:
    """Whether the decoder reduces 16 bits by itself, as it does for 16-bit RGB."""
    return any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _eight_bits(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Grey values of 16 or 32 bits as 0 to 255: by the full range of 12 or 16 bits if they fit, else stretched."""
    values = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    fits = image.mode != "F" and low >= 0 and high <= FULL_16_BIT
    few_bits = fits and high <= FULL_12_BIT
    if fits:
        low, high = 0.0, float(FULL_12_BIT if few_bits else FULL_16_BIT)
    values -= low
    values *= 255.0 / max(high - low, 1e-30)
    notes = [TWELVE] * few_bits + [STRETCHED] * (not fits)
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB"), notes


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """The picture on a white ground, and whether anything of it was transparent."""
    direct = {"La": "LA", "RGBa": "RGBA"}.get(image.mode, "RGBA")
    rgba = image.convert(direct).convert("RGBA")
    alpha = rgba.getchannel("A")
    lowest = alpha.getextrema()[0]
    if lowest == 255:
        return rgba.convert("RGB"), False
    white = Image.new("RGB", rgba.size, "white")
    white.paste(rgba, mask=alpha)
    return white, True


def _from_lab(image: Image.Image) -> Image.Image:
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if converted is None:
        raise ValueError("Lab colours were not converted")
    return converted
