"""A zip of pictures that was read: what is known of each, its small copy, and the way back to the original."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.data.images.archive import Archive, Skipped, inner_path
from core.data.images.decode import Unreadable, decode
from core.data.images.npy import open_rows
from core.data.words import quoted
from core.errors import UserError

THUMB = 96


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What is known of one picture.

    Args:
        id: Stays the same as long as the path in the zip does.
        path: Folders and name in the zip, for display.
        class_name: From its folder or from a table of labels.
        part: ``"train"``, ``"validation"``, ``"test"``, or empty where folders do not say.
        width, height: Upright, in pixels.
        mode: Pillow's name of the colours in the file.
        notes: What was converted.
        sha256: Equal for pictures that are equal in every pixel.
        hash: Perceptual hash, 64 bits; see `core.data.images.copies`.
        place: Which zip (0 is the upload) and which entry of it.
    """

    id: str
    path: str
    class_name: str
    part: str
    width: int
    height: int
    mode: str
    notes: tuple[str, ...]
    sha256: str
    hash: int
    place: tuple[int, int]


class ImageSet:
    """n pictures.

    Args:
        folder: Where they are kept.
        upload: The zip that they come from.
    """

    def __init__(self, folder: Path, upload: Path) -> None:
        self.folder = folder
        self._upload = upload
        self._lock = threading.Lock()
        content = json.loads((folder / "images.json").read_bytes())
        self.images: tuple[ImageInfo, ...] = tuple(_infos(content["images"]))
        self.unreadable: tuple[tuple[str, str], ...] = tuple((path, why) for path, why in content["unreadable"])
        self.notes: tuple[str, ...] = tuple(content["notes"])
        self._inner = int(content["inner"])
        self.exact, self.near = np.load(folder / "copies.npy", allow_pickle=False)

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def index(self) -> dict[str, int]:
        """The place of each picture, by its id."""
        return {image.id: place for place, image in enumerate(self.images)}

    @cached_property
    def thumbs(self) -> np.ndarray:
        """(n, 96, 96, 3) uint8, memory-mapped: each picture scaled to a square."""
        return open_rows(self.folder / "thumbs.npy")

    @cached_property
    def _archive(self) -> Archive:
        return Archive([self._upload, *(inner_path(self.folder, number + 1) for number in range(self._inner))])

    def content(self, index: int) -> bytes:
        """The bytes of the picture's file.

        Raises:
            UserError: The upload is gone or was damaged.
        """
        with self._lock:
            archive = self._archive
        try:
            return archive.read(*self.images[index].place)
        except Unreadable as error:
            raise self._gone(index, error) from None

    def open(self, index: int) -> Image.Image:
        """The picture at full size, upright, RGB; raises `UserError`."""
        try:
            return decode(self.content(index)).image
        except Unreadable as error:
            raise self._gone(index, error) from None

    def thumb(self, index: int) -> Image.Image:
        """A small copy in the picture's own shape, at most 96 pixels wide and high."""
        image = self.images[index]
        scale = THUMB / max(image.width, image.height)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        return Image.fromarray(np.array(self.thumbs[index])).resize(size, Image.Resampling.BILINEAR)

    def _gone(self, index: int, error: Unreadable) -> UserError:
        return UserError(f"The picture {quoted(self.images[index].path)} {error}.", "Upload the zip again.")


def save_images(
    folder: Path, images: Sequence[ImageInfo], unreadable: Sequence[Skipped], notes: Sequence[str], inner: int
) -> None:
    """Write ``images.json``: one list a field, which is much smaller and faster than one object a picture."""
    columns = {field.name: [getattr(image, field.name) for image in images] for field in fields(ImageInfo)}
    content = {
        "images": columns,
        "unreadable": [list(asdict(one).values()) for one in unreadable],
        "notes": list(notes),
        "inner": inner,
    }
    (folder / "images.json").write_text(json.dumps(content, ensure_ascii=True))


def _infos(columns: dict[str, list[Any]]) -> Iterator[ImageInfo]:
    names = tuple(columns)
    for values in zip(*columns.values(), strict=True):
        known = dict(zip(names, values, strict=True))
        yield ImageInfo(**{**known, "notes": tuple(known["notes"]), "place": tuple(known["place"])})
