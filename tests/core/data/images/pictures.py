"""Pictures and zips that tests make."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from PIL import Image

Files = Mapping[str, bytes]


def picture(seed: int, size: tuple[int, int] = (40, 30), kind: str = "PNG", **options: object) -> bytes:
    """A file with a few soft spots of colour that no other seed has; ``size`` is (width, height)."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    return saved(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), kind, **options)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The bytes of a file."""
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def zipped(files: Files, compression: int = zipfile.ZIP_STORED) -> bytes:
    """The bytes of a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as target:
        for name, data in files.items():
            target.writestr(zipfile.ZipInfo(name), data, compression)
    return content.getvalue()


def two_classes(each: int = 6) -> dict[str, bytes]:
    """Folders cats and dogs with different pictures."""
    return {f"{name}/{number}.png": picture(100 * start + number)
            for start, name in enumerate(("cats", "dogs")) for number in range(each)}  # fmt: skip
