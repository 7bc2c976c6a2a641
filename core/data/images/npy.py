"""Arrays on disk that are written picture by picture and read back memory-mapped."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Self

import numpy as np


class RowWriter:
    """Writes uint8 rows of one shape, one after the other, into a ``.npy`` file; a context manager.

    Nothing but the row at hand is in memory. NumPy pads the header of such a file so that the number of rows can be
    put in at the end (`numpy.lib.format`).
    """

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        self._file = path.open("wb")
        self._shape = shape
        self._count = 0
        self._file.write(_header(0, shape))

    def write(self, row: np.ndarray) -> None:
        """Add one row."""
        self._file.write(np.ascontiguousarray(row, np.uint8).data)
        self._count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._file as file:
            file.seek(0)
            file.write(_header(self._count, self._shape))


def _header(count: int, shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    fields: dict[str, Any] = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
    np.lib.format.write_array_header_1_0(buffer, fields)
    return buffer.getvalue()


def open_rows(path: Path) -> np.ndarray:
    """The rows, (n, ...) uint8, memory-mapped and read-only; an empty array where there are none."""
    with path.open("rb") as file:
        np.lib.format.read_magic(file)
        shape = np.lib.format.read_array_header_1_0(file)[0]
    return np.zeros(shape, np.uint8) if 0 in shape else np.load(path, mmap_mode="r", allow_pickle=False)


class RowFile:
    """Reads chosen rows of such a file without mapping it, so that rows once read do not stay in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            self._shape = np.lib.format.read_array_header_1_0(file)[0][1:]
            self._start = file.tell()

    def __getitem__(self, places: np.ndarray) -> np.ndarray:
        """(m, ...) uint8, the rows at ``places`` (m,)."""
        rows = np.empty((len(places), *self._shape), np.uint8)
        with self._path.open("rb") as file:
            for row, place in zip(rows, places.tolist(), strict=True):
                file.seek(self._start + place * row.size)
                file.readinto(row.data)
        return rows
