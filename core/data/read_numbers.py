"""Where the numbers of a table gather while it is read: in memory, or on disk once there are many."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.data.table import DOUBLE_PRECISION_CELLS, number_type

HEADER_BYTES = 128
COPY_ROWS = 1_000


class NumberStore:
    """Rows of numbers, whose columns may become fewer while the file is read.

    Args:
        width: Columns of the whole table, texts included; decides when single precision begins.
        folder: Where ``numbers.npy`` is written; None keeps everything in memory.
    """

    def __init__(self, width: int, folder: Path | None) -> None:
        self.width = width
        self.path = folder / "numbers.npy" if folder else None
        self.rows = 0
        self.parts: list[tuple[np.ndarray, np.ndarray]] = []
        self.written: list[tuple[np.ndarray, int]] = []

    def add(self, columns: np.ndarray, values: np.ndarray) -> None:
        """Append (rows, columns) float64 values; ``columns`` are positions in the file."""
        self.rows += len(values)
        large = self.rows * self.width > DOUBLE_PRECISION_CELLS
        self.parts.append((columns, values.astype(np.float32) if large else values))
        if large and self.path:
            self._write()

    def _write(self) -> None:
        assert self.path is not None
        with self.path.open("ab") as file:
            if not file.tell():
                file.write(b"\0" * HEADER_BYTES)
            for columns, values in self.parts:
                file.write(np.ascontiguousarray(values, np.float32).data)
                self.written.append((columns, len(values)))
        self.parts = []

    def finish(self, columns: np.ndarray, rows: int, others: Mapping[int, np.ndarray] | None = None) -> np.ndarray:
        """The first ``rows`` rows of ``columns`` as one read-only array; on disk if there is a folder.

        ``others`` are columns that were not added row by row, (rows,) each; only tables in double precision have them.
        """
        kind = number_type(rows, self.width)
        if self.written and kind is np.float32:
            return self._finish_on_disk(columns, rows)
        numbers = np.empty((rows, len(columns)), kind)
        late = np.isin(columns, list(others or ()))
        start = 0
        for held, values in [*self._pieces(), *self.parts]:
            part = values[: max(rows - start, 0), np.searchsorted(held, columns[~late])]
            numbers[start : start + len(part), ~late] = part
            start += len(part)
        for column, values in (others or {}).items():
            numbers[:, columns == column] = values[:rows, None]
        if self.path is None:
            numbers.flags.writeable = False
            return numbers
        np.save(self.path, numbers, allow_pickle=False)
        return np.load(self.path, mmap_mode="r", allow_pickle=False)

    def _finish_on_disk(self, columns: np.ndarray, rows: int) -> np.ndarray:
        assert self.path is not None
        if all(np.array_equal(held, columns) for held, _ in self.written):
            with self.path.open("r+b") as file:
                file.write(_header(rows, len(columns)))
                file.truncate(HEADER_BYTES + rows * len(columns) * 4)
        else:
            self._compact(columns, rows)
        return np.load(self.path, mmap_mode="r", allow_pickle=False)

    def _compact(self, columns: np.ndarray, rows: int) -> None:
        """Write the file again with the columns that are numbers in all of its rows."""
        assert self.path is not None
        fewer = self.path.with_suffix(".new")
        with fewer.open("wb") as file:
            file.write(_header(rows, len(columns)))
            left = rows
            for held, values in self._pieces():
                file.write(np.ascontiguousarray(values[:left, np.searchsorted(held, columns)]).data)
                left = max(left - len(values), 0)
        os.replace(fewer, self.path)

    def _pieces(self) -> list[tuple[np.ndarray, np.ndarray]]:
        pieces: list[tuple[np.ndarray, np.ndarray]] = []
        start = HEADER_BYTES
        for held, rows in self.written:
            shape = (rows, len(held))
            if rows * len(held):
                assert self.path is not None
                pieces.append((held, np.memmap(self.path, np.float32, "r", start, shape)))
            else:
                pieces.append((held, np.empty(shape, np.float32)))
            start += rows * len(held) * 4
        return pieces


def _header(rows: int, columns: int) -> bytes:
    """The first 128 bytes of a ``.npy`` file, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html."""
    buffer = io.BytesIO()
    described = {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)}
    np.lib.format.write_array_header_1_0(buffer, described)
    if buffer.tell() != HEADER_BYTES:
        raise AssertionError(f"a header of {HEADER_BYTES} bytes was reserved, numpy wrote {buffer.tell()}")
    return buffer.getvalue()
