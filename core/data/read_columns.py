"""From a stream of text cells to columns: which ones are numbers, which ones texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.data.read_cells import Cells
from core.data.read_grid import check_size
from core.data.read_grouped import ungrouped
from core.data.read_numbers import NumberStore
from core.data.table import Text, number_type

LARGEST = float(np.finfo(np.float32).max)
EXACT_IN_SINGLE = 1 << 24


class Columns:
    """Decides the type of each column while its cells arrive.

    A column is a number as long as every cell that is not missing reads as one. Digits that begin with 0 or
    are very long are identifiers and make their column a text. Attributes, by position in the file:

        is_text: (width,) bool.
        identifiers: Columns that are texts because of such digits.
        inexact: (width,) bool: all values so far are whole and so large that single precision may change them.
        infinite: (width,) count of cells that were infinite or beyond single precision (now missing).
        grouped: (rows,) numbers of the columns that had marks between the thousands; they are no texts any more.
        late: Columns that were numbers at first; their texts need a second look at the file.

    Args:
        width: Number of columns.
        missing: Cells with one of these texts count as missing.
        decimal: ``"."`` or ``","``.
        texts: Columns that are texts whatever they look like.
        folder: Where the numbers are written; None keeps them in memory.
        most: How many cells there may be.
    """

    def __init__(
        self,
        width: int,
        missing: Sequence[str],
        decimal: str,
        texts: frozenset[int],
        folder: Path | None,
        most: float | None = None,
    ) -> None:
        self.most = most
        self.width = width
        self.decimal = decimal
        self.markers = sorted({marker.strip() for marker in missing})
        self.is_text = np.zeros(width, bool)
        self.is_text[list(texts)] = True
        self.said_texts = texts
        self.grouped: dict[int, np.ndarray] = {}
        self.filled = np.zeros(width, bool)
        self.has_numbers = np.zeros(width, bool)
        self.inexact = np.ones(width, bool)
        self.infinite = np.zeros(width, np.int64)
        self.identifiers: set[int] = set()
        self.late: set[int] = set()
        self.rows = 0
        self.last_filled_row = 0
        self.numbers = NumberStore(width, folder)
        self.codes: list[tuple[np.ndarray, int, np.ndarray]] = []
        self.vocabulary: dict[str, int] = {}

    def add(self, chunk: pa.Array) -> None:
        """Take (rows x width) cells, row after row."""
        cells = Cells(chunk, self.width)
        check_size(self.rows + cells.rows, self.width, self.most)
        self._note_filled(cells.filled())
        missing = cells.missing(self.markers)
        self._find_identifiers(cells, missing)
        self._add_numbers(cells, missing)
        self._add_texts(cells, missing, np.flatnonzero(self.is_text), self.rows)
        self.rows += cells.rows

    def settle(self) -> None:
        """Once all cells are in: whole numbers that single precision would change are identifiers."""
        if number_type(self.rows, self.width) is np.float32:
            inexact = self.inexact & self.has_numbers & ~self.is_text
            self.identifiers.update(np.flatnonzero(inexact).tolist())
            self._turn_into_texts(np.flatnonzero(inexact))

    def add_late(self, chunk: pa.Array, start: int) -> None:
        """The second look: the texts of the columns in ``late``; ``start`` is the first row of these cells."""
        cells = Cells(chunk, self.width)
        self._add_texts(cells, cells.missing(self.markers), np.array(sorted(self.late)), start)

    def ungroup(self) -> None:
        """Once all texts are in: those that spell numbers with marks between the thousands become numbers.

        Tables in single precision are left as they are: their numbers are on disk by now.
        """
        if number_type(self.rows, self.width) is np.float32:
            return
        candidates = self._end_with_digits()
        for column, text in zip(candidates, self.texts(candidates), strict=True):
            values = ungrouped(text.values, self.decimal)
            if values is not None:
                values[np.abs(values) > LARGEST] = np.nan
                self.grouped[column] = np.append(values, np.nan)[text.codes]
                self.is_text[column] = False

    def _end_with_digits(self) -> list[int]:
        """Text columns whose cells all end with a digit: the only ones worth a closer look."""
        digit = np.array([*(word[-1:].isdigit() for word in self.vocabulary), True])
        found = set(np.flatnonzero(self.is_text).tolist()) - self.identifiers - self.said_texts
        for held, _, part in self.codes:
            found.difference_update(held[~digit[part].all(axis=0)].tolist())
        return sorted(found)

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

    def _note_filled(self, filled: np.ndarray) -> None:
        self.filled |= filled.any(axis=0)
        rows = np.flatnonzero(filled.any(axis=1))
        if len(rows):
            self.last_filled_row = self.rows + int(rows[-1]) + 1

    def _find_identifiers(self, cells: Cells, missing: np.ndarray) -> None:
        found = cells.identifiers()
        found = found[~missing.ravel()[found]]
        columns = np.unique(found % self.width)
        columns = columns[~self.is_text[columns]]
        self.identifiers.update(columns.tolist())
        self._turn_into_texts(columns)

    def _turn_into_texts(self, columns: np.ndarray) -> None:
        self.late.update(columns[self.has_numbers[columns]].tolist())
        self.is_text[columns] = True

    def _add_numbers(self, cells: Cells, missing: np.ndarray) -> None:
        wanted = ~(missing | self.is_text)
        parsed, values = cells.numbers(wanted, self.decimal)
        failed = np.asarray(wanted.any(axis=0))
        failed[parsed] = False
        self._turn_into_texts(np.flatnonzero(failed))
        self._bound(parsed, values)
        self.has_numbers[parsed] = True
        columns = np.flatnonzero(~self.is_text)
        if len(columns) > len(parsed):
            every = np.full((cells.rows, len(columns)), np.nan)
            every[:, np.searchsorted(columns, parsed)] = values
            values = every
        self.numbers.add(columns, values)

    def _bound(self, columns: np.ndarray, values: np.ndarray) -> None:
        """Infinite values, and those beyond single precision, become missing and are counted.

        Columns of large numbers are watched: sample numbers or dates such as 20240131 must stay exact.
        """
        if not values.size:
            return
        if np.fmax.reduce(values, axis=None) > LARGEST or np.fmin.reduce(values, axis=None) < -LARGEST:
            beyond = np.abs(values) > LARGEST
            self.infinite[columns] += beyond.sum(axis=0)
            values[beyond] = np.nan
        watched = np.flatnonzero(self.inexact[columns])
        part = np.abs(values[:, watched])
        exact = (part <= EXACT_IN_SINGLE) | (part != np.round(part)) & ~np.isnan(part)
        self.inexact[columns[watched]] = ~exact.any(axis=0)

    def _add_texts(self, cells: Cells, missing: np.ndarray, columns: np.ndarray, start: int) -> None:
        if not len(columns):
            return
        encoded = cells.of(columns).dictionary_encode()
        vocabulary = self.vocabulary
        words = encoded.dictionary.to_pylist()
        known = np.array([vocabulary.setdefault(word or "", len(vocabulary)) for word in words], np.int32)
        places = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        codes = known[places] if len(known) else np.zeros(len(places), np.int32)
        codes = np.where(missing[:, columns].ravel(), np.int32(-1), codes)
        self.codes.append((columns, start, codes.reshape(cells.rows, len(columns))))


def _renumbered(codes: np.ndarray, words: np.ndarray) -> Text:
    """Codes in the table's vocabulary become codes in the column's own, in order of first appearance."""
    used, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    present = used >= 0
    order = np.argsort(first[present])
    number = np.full(len(used), -1, np.int32)
    number[np.flatnonzero(present)[order]] = np.arange(len(order), dtype=np.int32)
    return Text(number[inverse], tuple(words[used[present][order]].tolist()))
