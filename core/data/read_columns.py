"""From a stream of text cells to columns: which ones are numbers, which ones texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.data.read_grid import check_size
from core.data.read_numbers import NumberStore
from core.data.table import Text, number_type

LARGEST = float(np.finfo(np.float32).max)
LONGEST_NUMBER = 15
EXACT_IN_SINGLE = 1 << 24
IDENTIFIER = r"^[+-]?(0[0-9]+|[0-9]{16,})$"
COMMA_TO_POINT = bytes.maketrans(b",.", b".\x01")


class Columns:
    """Decides the type of each column while its cells arrive.

    A column is a number as long as every cell that is not missing reads as one. Digits that begin with 0 or
    are longer than 15 are identifiers and make their column a text. Attributes, by position in the file:

        is_text: (width,) bool.
        identifiers: Columns that are texts because of such digits.
        infinite: (width,) count of cells that were infinite or beyond single precision (now missing).
        late: Columns that were numbers at first; their texts need a second look at the file.

    Args:
        width: Number of columns.
        missing: Cells with one of these texts count as missing.
        decimal: ``"."`` or ``","``.
        texts: Columns that are texts whatever they look like.
        folder: Where the numbers are written; None keeps them in memory.
    """

    def __init__(
        self, width: int, missing: Sequence[str], decimal: str, texts: frozenset[int], folder: Path | None
    ) -> None:
        self.width = width
        self.decimal = decimal
        self.missing = pa.array(sorted({"", *(marker.strip() for marker in missing)}), pa.string())
        self.is_text = np.zeros(width, bool)
        self.is_text[list(texts)] = True
        self.has_numbers = np.zeros(width, bool)
        self.smallest = np.full(width, np.inf)
        self.whole = np.ones(width, bool)
        self.infinite = np.zeros(width, np.int64)
        self.identifiers: set[int] = set()
        self.late: set[int] = set()
        self.filled = np.zeros(width, bool)
        self.rows = 0
        self.last_filled_row = 0
        self.numbers = NumberStore(width, folder)
        self.codes: list[tuple[np.ndarray, int, np.ndarray]] = []
        self.vocabulary: dict[str, int] = {}

    def add(self, cells: pa.Array) -> None:
        """Take (rows x width) cells, row after row."""
        rows = len(cells) // self.width
        check_size(self.rows + rows, self.width)
        cells, missing = self._without_missing(cells, rows)
        self._find_identifiers(cells)
        values = self._numbers(cells, rows)
        columns = np.flatnonzero(~self.is_text)
        self._bound(columns, values)
        self._watch_precision(columns, values)
        self.has_numbers[columns] |= ~missing[:, columns].all(axis=0)
        self.numbers.add(columns, values)
        self._add_texts(cells, rows, np.flatnonzero(self.is_text), self.rows)
        self.rows += rows

    def settle(self) -> None:
        """Once all cells are in: whole numbers that single precision would change are identifiers."""
        if number_type(self.rows, self.width) is np.float32:
            inexact = self.whole & (self.smallest > EXACT_IN_SINGLE) & self.has_numbers & ~self.is_text
            self.identifiers.update(np.flatnonzero(inexact).tolist())
            self._turn_into_texts(np.flatnonzero(inexact))

    def add_late(self, cells: pa.Array, start: int) -> None:
        """The second look: the texts of the columns in ``late``; ``start`` is the first row of these cells."""
        rows = len(cells) // self.width
        cells, _ = self._without_missing(cells, rows, count=False)
        self._add_texts(cells, rows, np.array(sorted(self.late)), start)

    def texts(self, columns: Sequence[int]) -> list[Text]:
        """The text columns at these positions, without empty rows at the end."""
        place = {column: index for index, column in enumerate(columns)}
        codes = np.full((len(columns), self.last_filled_row), -1, np.int32)
        for held, start, part in self.codes:
            wanted = [index for index, column in enumerate(held.tolist()) if column in place]
            targets = [place[column] for column in held.tolist() if column in place]
            part = part[: max(self.last_filled_row - start, 0)]
            codes[targets, start : start + len(part)] = part[:, wanted].T
        words = np.array([*self.vocabulary, None], dtype=object)
        return [_renumbered(codes[index], words) for index in range(len(columns))]

    def _without_missing(self, cells: pa.Array, rows: int, count: bool = True) -> tuple[pa.Array, np.ndarray]:
        """Strip spaces, make missing cells null; returns the (rows, width) mask of the missing ones, too."""
        letters = cells.buffers()[2].to_pybytes() if cells.buffers()[2] else b""
        if b" " in letters or b"\t" in letters or not letters.isascii():
            cells = pc.utf8_trim_whitespace(cells)
        if count:
            offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
            filled = (np.diff(offsets) > 0).reshape(rows, self.width)
            self.filled |= filled.any(axis=0)
            if len(last := np.flatnonzero(filled.any(axis=1))):
                self.last_filled_row = self.rows + int(last[-1]) + 1
        missing = pc.or_(pc.is_in(cells, value_set=self.missing), pc.is_null(cells))
        cells = pc.if_else(missing, pa.scalar(None, pa.string()), cells)
        return cells, missing.to_numpy(zero_copy_only=False).reshape(rows, self.width)

    def _find_identifiers(self, cells: pa.Array) -> None:
        """Columns with digits such as 007 or of more than 15 places become texts."""
        offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
        letters = np.frombuffer(cells.buffers()[2] or b"\0", np.uint8)
        lengths = np.diff(offsets)
        first = letters[np.minimum(offsets[:-1], len(letters) - 1)]
        second = letters[np.minimum(offsets[:-1] + 1, len(letters) - 1)]
        signed = (first == ord("-")) | (first == ord("+"))
        zero = (first == ord("0")) & (second >= ord("0")) & (second <= ord("9"))
        suspects = np.flatnonzero(
            (lengths > LONGEST_NUMBER) | ((lengths > 1) & (zero | (signed & (second == ord("0")))))
        )
        suspects = suspects[~self.is_text[suspects % self.width]]
        if not len(suspects):
            return
        found = pc.match_substring_regex(cells.take(pa.array(suspects)), IDENTIFIER).fill_null(False)
        columns = np.unique(suspects[found.to_numpy(zero_copy_only=False)] % self.width)
        self.identifiers.update(columns.tolist())
        self._turn_into_texts(columns)

    def _turn_into_texts(self, columns: np.ndarray) -> None:
        self.late.update(columns[self.has_numbers[columns]].tolist())
        self.is_text[columns] = True

    def _numbers(self, cells: pa.Array, rows: int) -> np.ndarray:
        """(rows, columns that are still numbers) float64; NaN is missing."""
        candidates = np.flatnonzero(~self.is_text)
        if self.decimal == ",":
            offsets, letters = cells.buffers()[1:]
            swapped = pa.py_buffer(letters.to_pybytes().translate(COMMA_TO_POINT)) if letters else letters
            cells = pa.Array.from_buffers(pa.string(), len(cells), [cells.buffers()[0], offsets, swapped],
                                          offset=cells.offset)  # fmt: skip
        parts = self._parsed(cells, rows, candidates)
        if sum(len(held) for held, _ in parts) < len(candidates):
            parsed = np.concatenate([candidates[:0], *(held for held, _ in parts)])
            self._turn_into_texts(np.setdiff1d(candidates, parsed))
        return np.concatenate([values for _, values in parts] or [np.empty((rows, 0))], axis=1)

    def _parsed(self, cells: pa.Array, rows: int, columns: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Parse all columns at once, and by halves where that fails, until the ones at fault are found."""
        if not len(columns):
            return []
        try:
            values = self._taken(cells, rows, columns).cast(pa.float64())
            return [(columns, values.to_numpy(zero_copy_only=False).reshape(rows, len(columns)))]
        except pa.ArrowInvalid:
            if len(columns) == 1:
                return []
        half = len(columns) // 2
        return self._parsed(cells, rows, columns[:half]) + self._parsed(cells, rows, columns[half:])

    def _taken(self, cells: pa.Array, rows: int, columns: np.ndarray) -> pa.Array:
        if len(columns) == self.width:
            return cells
        return cells.take(pa.array((np.arange(rows)[:, None] * self.width + columns).ravel()))

    def _bound(self, columns: np.ndarray, values: np.ndarray) -> None:
        """Infinite values, and those beyond single precision, become missing and are counted."""
        with np.errstate(invalid="ignore"):
            beyond = np.abs(values) > LARGEST
        if beyond.any():
            self.infinite[columns] += beyond.sum(axis=0)
            values[beyond] = np.nan

    def _watch_precision(self, columns: np.ndarray, values: np.ndarray) -> None:
        """Only columns of large numbers need to be watched: sample numbers or dates such as 20240131."""
        if not len(values):
            return
        sizes = np.abs(values)
        self.smallest[columns] = np.fmin(self.smallest[columns], np.fmin.reduce(sizes, axis=0))
        large = np.flatnonzero(self.smallest[columns] > EXACT_IN_SINGLE)
        part = values[:, large]
        self.whole[columns[large]] &= ((part == np.round(part)) | np.isnan(part)).all(axis=0)

    def _add_texts(self, cells: pa.Array, rows: int, columns: np.ndarray, start: int) -> None:
        if not len(columns):
            return
        encoded = self._taken(cells, rows, columns).dictionary_encode()
        vocabulary = self.vocabulary
        known = [vocabulary.setdefault(word, len(vocabulary)) for word in encoded.dictionary.to_pylist()]
        places = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
        codes = np.array([*known, -1], np.int32)[places].reshape(rows, len(columns))
        self.codes.append((columns, start, codes))


def _renumbered(codes: np.ndarray, words: np.ndarray) -> Text:
    """Codes in the table's vocabulary become codes in the column's own, in order of first appearance."""
    used, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    present = used >= 0
    order = np.argsort(first[present])
    number = np.full(len(used), -1, np.int32)
    number[np.flatnonzero(present)[order]] = np.arange(len(order), dtype=np.int32)
    return Text(number[inverse], tuple(words[used[present][order]].tolist()))
