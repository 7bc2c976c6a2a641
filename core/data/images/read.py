"""A zip of pictures, read once: what is in it, which classes, small copies, copies of each other."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.images.archive import Archive, Contents, Entry, Skipped, contents
from core.data.images.copies import exact_labels, near_labels, perceptual_hash
from core.data.images.decode import Unreadable, decode
from core.data.images.image_set import THUMB, ImageInfo, ImageSet, save_images
from core.data.images.npy import RowFile, RowWriter
from core.data.images.pixels import at_least, in_order, pixels_path, square
from core.data.images.sort import Sorted, sort_entries
from core.data.words import quoted
from core.errors import UserError
from core.limits import MB, check_disk, check_images, limits_of
from core.spec import ImageData, ImageSource
from core.workspace import Workspace, opened_once

READER_VERSION = 1
READY_SIZE = int(ImageData.model_fields["size"].default)
Progress = Callable[[float], None]
STRIP = 256
BYTES_A_PICTURE = 3 * (THUMB**2 + READY_SIZE**2)
# Reading is nearly all of the work; the rest is looking for copies.
READING = 0.95


def load_images(workspace: Workspace, source: ImageSource, progress: Progress | None = None) -> ImageSet:
    """The pictures of an uploaded zip; the first time, all of them are decoded once, by all cores.

    That leaves small copies and, at the size that is proposed first, pixels ready to train.

    Args:
        workspace: Where the upload is, and where the set is kept.
        source: The upload.
        progress: Is called with the share that is done, 0 to 1.

    Raises:
        UserError: Not a zip, no picture or no class in it, too much in it, or the disk is full.
    """
    final, upload = workspace.image_set(set_key(source)), workspace.upload(source.fingerprint)

    def build(folder: Path) -> None:
        found = contents(upload, folder, limits_of(workspace).disk_mb * MB)
        check_images(workspace, len(found.entries))
        check_disk(workspace, len(found.entries) * BYTES_A_PICTURE)
        _build(found, folder, progress or (lambda share: None))

    opened = opened_once(final, build, lambda folder: ImageSet(folder, upload))
    if progress:
        progress(1.0)
    return opened


def set_key(source: ImageSource) -> str:
    """A SHA-256 of all that decides a set: the zip's bytes and the reader's version."""
    return hashlib.sha256(f"images {READER_VERSION}\n{source.fingerprint}".encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class _Read:
    """One decoded picture: its small copy, its pixels, and what is known of it."""

    thumb: np.ndarray
    pixels: np.ndarray
    width: int
    height: int
    mode: str
    notes: tuple[str, ...]
    pixel_digest: str
    file: tuple[int, int]
    hash: int
    scaled: bool


def _build(found: Contents, folder: Path, progress: Progress) -> None:
    archive = Archive(found.archives)
    try:
        arranged = sort_entries(found, archive)
        images, unreadable, surely = _read_all(arranged, archive, folder, progress)
    finally:
        archive.close()
    skipped = [*found.skipped, *arranged.skipped, *unreadable]
    if not images:
        reasons = " ".join(f"{quoted(one.path)} {one.reason}." for one in skipped[:3])
        raise UserError(f"No picture in the zip can be read. {reasons}".strip(), "Save them again as JPEG or PNG.")
    exact = exact_labels([surely.get(place, image.sha256) for place, image in enumerate(images)])
    images = [replace(image, sha256=surely.get(place, image.sha256)) for place, image in enumerate(images)]
    hashes = np.array([image.hash for image in images], np.uint64)
    near = near_labels(hashes, RowFile(folder / "thumbs.npy"), exact)
    np.save(folder / "copies.npy", np.stack([exact, near]), allow_pickle=False)
    save_images(folder, images, skipped, arranged.notes, len(found.archives) - 1)


def _read_all(
    arranged: Sorted, archive: Archive, folder: Path, progress: Progress
) -> tuple[list[ImageInfo], list[Skipped], dict[int, str]]:
    """Decode every picture once, in the order of the zip; returns also digests that were made sure of."""
    images: list[ImageInfo] = []
    unreadable: list[Skipped] = []
    doubtful: dict[str, list[tuple[int, tuple[int, int], bool]]] = defaultdict(list)
    shapes = (THUMB, THUMB, 3), (READY_SIZE, READY_SIZE, 3)
    paths = folder / "thumbs.npy", pixels_path(folder, READY_SIZE, "rgb")
    with RowWriter(paths[0], shapes[0]) as thumbs, RowWriter(paths[1], shapes[1]) as ready:
        results = in_order(lambda place: _read_one(archive, arranged.entries[place]), range(len(arranged.entries)))
        for place, result in enumerate(results):
            entry = arranged.entries[place]
            if isinstance(result, str):
                unreadable.append(Skipped("/".join(entry.path), result))
            else:
                thumbs.write(result.thumb)
                ready.write(result.pixels)
                doubtful[result.pixel_digest].append((len(images), result.file, result.scaled))
                images.append(_info(arranged, place, result))
            if place % 16 == 0:
                progress(READING * place / len(arranged.entries))
    return images, unreadable, _made_sure(images, doubtful, archive)


def _read_one(archive: Archive, entry: Entry) -> _Read | str:
    try:
        content = archive.read(entry.archive, entry.number)
        decoded = decode(content, at_least(THUMB))
    except Unreadable as error:
        return str(error)
    thumb = square(decoded.image, THUMB)
    return _Read(
        thumb,
        square(decoded.image, READY_SIZE),
        decoded.width,
        decoded.height,
        decoded.mode,
        decoded.notes,
        _digest(decoded.image, decoded.width, decoded.height),
        archive.mark(entry.archive, entry.number),
        perceptual_hash(thumb),
        decoded.scaled,
    )


def _info(arranged: Sorted, place: int, result: _Read) -> ImageInfo:
    entry = arranged.entries[place]
    return ImageInfo(
        id=arranged.ids[place],
        path="/".join(entry.path),
        class_name=arranged.places[place].class_name,
        part=arranged.places[place].part,
        width=result.width,
        height=result.height,
        mode=result.mode,
        notes=result.notes,
        sha256=result.pixel_digest,
        hash=result.hash,
        place=(entry.archive, entry.number),
    )


def _made_sure(
    images: Sequence[ImageInfo], doubtful: dict[str, list[tuple[int, tuple[int, int], bool]]], archive: Archive
) -> dict[int, str]:
    """Digests at full size of pictures from different files that are equal when decoded at a scale."""
    groups = [alike for alike in doubtful.values() if any(scaled for _, _, scaled in alike)]
    files = [{file: place for place, file, _ in alike} for alike in groups]
    places = [place for one in files if len(one) > 1 for place in one.values()]
    full = dict(zip(places, in_order(lambda place: _full_digest(images[place], archive), places), strict=True))
    return {
        place: full[one[file]]
        for alike, one in zip(groups, files, strict=True)
        if len(one) > 1
        for place, file, _ in alike
    }


def _full_digest(image: ImageInfo, archive: Archive) -> str:
    try:
        decoded = decode(archive.read(*image.place))
    except Unreadable:
        return image.sha256
    return _digest(decoded.image, decoded.width, decoded.height)


def _digest(image: Image.Image, width: int, height: int) -> str:
    """SHA-256 of the pixels, in strips, so that no second copy of a large picture is made."""
    digest = hashlib.sha256(f"{width} x {height} as {image.width} x {image.height}\n".encode())
    for strip in _strips(image):
        digest.update(strip.tobytes())
    return digest.hexdigest()


def _strips(image: Image.Image) -> Iterator[Image.Image]:
    for top in range(0, image.height, STRIP):
        yield image.crop((0, top, image.width, min(top + STRIP, image.height)))
