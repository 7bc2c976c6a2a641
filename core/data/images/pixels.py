"""Pictures as the numbers that a network sees, made once for each size and kept memory-mapped."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
from dask.system import CPU_COUNT
from PIL import Image

from core.data.blocks import row_blocks
from core.data.images.decode import decode_upload
from core.data.images.image_set import THUMB, ImageSet
from core.data.images.npy import RowWriter, open_rows
from core.limits import check_disk
from core.spec import Color
from core.workspace import Workspace

Progress = Callable[[float], None]
WAITING = 8
Item = TypeVar("Item")
Result = TypeVar("Result")


def pixels(
    workspace: Workspace, image_set: ImageSet, size: int, color: Color = "rgb", progress: Progress | None = None
) -> np.ndarray:
    """All pictures of a set, (n, size, size, channels) uint8, 3 channels (RGB) or 1 (grey), memory-mapped.

    Each whole picture is scaled to the square, as the usual loaders do, so that nothing at its edges is lost.

    Args:
        workspace: Where the set is kept.
        image_set: n pictures.
        size: Height and width.
        color: ``"rgb"`` or ``"grey"``.
        progress: Is called with the share that is done, 0 to 1.

    Raises:
        UserError: The upload is gone, the disk is full, or there is no room for them in the workspace.
    """
    folder = workspace.image_set(image_set.folder.name)
    path = pixels_path(folder, size, color)
    if not path.is_file():
        check_disk(workspace, len(image_set) * size * size * (1 if color == "grey" else 3))
        if color == "grey":
            rgb = pixels(workspace, image_set, size, "rgb", progress)
            blocks = row_blocks(len(rgb), 3 * size * size)
            rows: Iterable[np.ndarray] = (row for block in blocks for row in to_grey(rgb[block]))
        else:
            rows = _decoded(image_set, size, progress)
        _publish(path, rows, (size, size, 1 if color == "grey" else 3))
    if progress:
        progress(1.0)
    return open_rows(path)


def pixels_of(content: bytes, name: str, size: int, color: Color = "rgb") -> np.ndarray:
    """One picture that is not in a set, prepared in the same way: (size, size, channels) uint8.

    Raises:
        UserError: It cannot be read; ``name`` is what it is called in the sentence.
    """
    rgb = square(decode_upload(content, name, at_least(size)).image, size)
    return to_grey(rgb) if color == "grey" else rgb


def square(image: Image.Image, size: int) -> np.ndarray:
    """An RGB picture as (size, size, 3) uint8; Pillow averages over all pixels when it makes pictures smaller."""
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0))


def to_grey(rgb: np.ndarray) -> np.ndarray:
    """(…, 3) uint8 -> (…, 1) uint8: luma of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, as Pillow's mode L."""
    weights = np.array([19595, 38470, 7471], np.uint32)
    return ((rgb.astype(np.uint32) @ weights + 0x8000) >> 16).astype(np.uint8)[..., None]


def at_least(size: int) -> int:
    """At what size pictures are decoded; the same whether a set is read or its pixels are made later."""
    return max(size, THUMB)


def pixels_path(folder: Path, size: int, color: Color) -> Path:
    """The file of the pixels of a set; the small copies are those of one size."""
    return folder / ("thumbs.npy" if (size, color) == (THUMB, "rgb") else f"pixels-{int(size)}-{color}.npy")


def in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results of ``work`` in the order of ``items``, made by all cores, with few of them waiting in memory."""
    threads = CPU_COUNT
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, "pictures") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= WAITING * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _decoded(image_set: ImageSet, size: int, progress: Progress | None) -> Iterator[np.ndarray]:
    def made(index: int) -> np.ndarray:
        image = image_set.images[index]
        return square(decode_upload(image_set.content(index), image.path, at_least(size)).image, size)

    for done, row in enumerate(in_order(made, range(len(image_set)))):
        yield row
        if progress and done % 16 == 0:
            progress(done / len(image_set))


def _publish(path: Path, rows: Iterable[np.ndarray], shape: tuple[int, ...]) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    os.close(handle)
    try:
        with RowWriter(Path(temporary), shape) as writer:
            for row in rows:
                writer.write(row)
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
