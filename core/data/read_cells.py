"""A chunk of text cells, and quick questions about all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LONGEST_NUMBER = 15
IDENTIFIER = r"^(0[0-9]+|[+-]?[0-9]{16,})$"
COMMA_TO_POINT = bytes.maketrans(b",.", b".\x01")


class Cells:
    """(rows x width) texts, row after row, without spaces around them.

    Each question looks at the bytes of all cells at once with numpy, and only asks Arrow's slower text
    functions about the few cells that remain.
    """

    def __init__(self, array: pa.Array, width: int) -> None:
        self.width = width
        self.rows = len(array) // width
        letters = _letters(array)
        if letters.min() < ord("!") or letters.max() > ord("~"):
            array = pc.utf8_trim_whitespace(array)
        self.array = array.take(pa.array(np.arange(len(array)))) if array.offset else array
        self.letters = _letters(self.array)
        self.offsets = np.frombuffer(self.array.buffers()[1], np.int32)[: len(array) + 1]
        self.lengths = np.diff(self.offsets)

    @cached_property
    def first(self) -> np.ndarray:
        """The first byte of each cell; of an empty one, any."""
        return self._byte(np.s_[:], 0)

    def _byte(self, cells: np.ndarray | slice, place: int) -> np.ndarray:
        return self.letters[np.minimum(self.offsets[:-1][cells] + place, len(self.letters) - 1)]

    def filled(self) -> np.ndarray:
        """(rows, width) bool: cells with any character."""
        return (self.lengths > 0).reshape(self.rows, self.width)

    def missing(self, markers: Sequence[str]) -> np.ndarray:
        """(rows, width) bool: empty cells and those with one of the markers."""
        found = self.lengths == 0
        if self.array.null_count:
            found |= pc.is_null(self.array).to_numpy(zero_copy_only=False)
        words = [marker.encode() for marker in markers if marker]
        if words:
            starts = np.zeros(256, bool)
            starts[[word[0] for word in words]] = True
            suspects = np.flatnonzero(self.lengths <= max(map(len, words)))
            suspects = suspects[starts[self.first[suspects]] & ~found[suspects]]
            equal = pc.is_in(self.array.take(pa.array(suspects)), value_set=pa.array(words).cast(pa.string()))
            found[suspects] = equal.to_numpy(zero_copy_only=False)
        return found.reshape(self.rows, self.width)

    def identifiers(self) -> np.ndarray:
        """Positions of the cells with digits such as 007 or with whole numbers of more than 15 digits."""
        zero = np.flatnonzero((self.first == ord("0")) & (self.lengths > 1))
        long = np.flatnonzero(self.lengths > LONGEST_NUMBER)
        for place in range(1, 6):
            long = long[_is_digit(self._byte(long, place))]
        suspects = np.union1d(zero[_is_digit(self._byte(zero, 1))], long)
        found = pc.match_substring_regex(self.array.take(pa.array(suspects)), IDENTIFIER).fill_null(False)
        return suspects[found.to_numpy(zero_copy_only=False)]

    def numbers(self, wanted: np.ndarray, decimal: str) -> tuple[np.ndarray, np.ndarray]:
        """Parse the columns whose wanted cells are all numbers.

        Args:
            wanted: (rows, width) bool; the other cells become NaN.
            decimal: ``"."`` or ``","``.

        Returns:
            Those columns' positions and (rows, columns) float64.
        """
        letters = pa.py_buffer(self.letters.tobytes().translate(COMMA_TO_POINT) if decimal == "," else self.letters)
        valid = pa.py_buffer(np.packbits(wanted.ravel(), bitorder="little"))
        array = pa.Array.from_buffers(pa.string(), len(self.array), [valid, self.array.buffers()[1], letters])
        columns = np.flatnonzero(wanted.any(axis=0))
        try:
            values = array.cast(pa.float64()).to_numpy(zero_copy_only=False).reshape(self.rows, self.width)
            return columns, values[:, columns]
        except pa.ArrowInvalid:
            parts = self._by_halves(array, columns)
        empty = np.empty((self.rows, 0))
        return (np.concatenate([columns[:0], *(held for held, _ in parts)]),
                np.concatenate([empty, *(values for _, values in parts)], axis=1))  # fmt: skip

    def _by_halves(self, array: pa.Array, columns: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Parse all columns at once, and by halves where that fails, until the ones at fault are found."""
        if not len(columns):
            return []
        try:
            values = array.take(self._places(columns)).cast(pa.float64())
            return [(columns, values.to_numpy(zero_copy_only=False).reshape(self.rows, len(columns)))]
        except pa.ArrowInvalid:
            if len(columns) == 1:
                return []
        half = len(columns) // 2
        return self._by_halves(array, columns[:half]) + self._by_halves(array, columns[half:])

    def of(self, columns: np.ndarray) -> pa.Array:
        """(rows x columns) texts of some columns, row after row."""
        return self.array.take(self._places(columns))

    def _places(self, columns: np.ndarray) -> pa.Array:
        return pa.array((np.arange(self.rows)[:, None] * self.width + columns).ravel())


def _letters(array: pa.Array) -> np.ndarray:
    """The bytes of all cells, at least one."""
    buffer = array.buffers()[2]
    return np.frombuffer(buffer if buffer is not None and buffer.size else b"!", np.uint8)


def _is_digit(letters: np.ndarray) -> np.ndarray:
    return (letters - ord("0")) < 10
