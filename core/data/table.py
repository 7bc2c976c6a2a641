"""A table that was read: numbers in one array, texts as codes, and what the reader had to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.errors import UserError

DOUBLE_PRECISION_CELLS = 2_000_000


def number_type(rows: int, columns: int) -> type[np.floating[Any]]:
    """Float64 for tables of at most two million cells, else float32."""
    return np.float64 if rows * columns <= DOUBLE_PRECISION_CELLS else np.float32


@dataclass(frozen=True, eq=False)
class Text:
    """A column of texts.

    Attributes:
        codes: (rows,) int32 positions in ``values``; -1 is missing.
        values: The different texts, in order of first appearance.
    """

    codes: np.ndarray
    values: tuple[str, ...]

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> Text:
        """Number the texts in order of first appearance; None is missing."""
        codes, values = pd.factorize(np.array(list(cells), dtype=object))
        return cls(codes.astype(np.int32), tuple(values.tolist()))

    def cells(self, rows: slice | np.ndarray | None = None) -> np.ndarray:
        """(rows,) objects: each cell's text, or None."""
        codes = np.asarray(self.codes if rows is None else self.codes[rows])
        return np.array([*self.values, None], dtype=object)[codes]


@dataclass(frozen=True, eq=False)
class Table:
    """A table that was read; its arrays may be memory-mapped and are read-only.

    Attributes:
        names: All columns, unique, never blank, in file order.
        rows: Number of rows.
        numbers: (rows, number columns) float64 or, above two million cells, float32; NaN is missing.
        number_names: The columns of ``numbers``, in file order.
        texts: The other columns.
        notes: What the reader did, one plain sentence each.
    """

    names: tuple[str, ...]
    rows: int
    numbers: np.ndarray
    number_names: tuple[str, ...]
    texts: dict[str, Text] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame, notes: Sequence[str] = ()) -> Table:
        """A table of a frame's columns: numeric and boolean ones as numbers, all others as texts."""
        names = tuple(str(name) for name in frame.columns)
        numeric = [pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
        numbers = frame.loc[:, numeric].to_numpy(number_type(*frame.shape), na_value=np.nan)
        texts = {
            name: Text.of(None if missing else str(cell) for cell, missing in zip(cells, cells.isna(), strict=True))
            for name, is_number, (_, cells) in zip(names, numeric, frame.items(), strict=True)
            if not is_number
        }
        return cls(names, len(frame), numbers, tuple(n for n in names if n not in texts), texts, tuple(notes))

    @cached_property
    def number_index(self) -> dict[str, int]:
        """Position of each number column in ``numbers``."""
        return {name: index for index, name in enumerate(self.number_names)}

    @property
    def text_names(self) -> tuple[str, ...]:
        """The columns that hold texts, in file order."""
        return tuple(self.texts)

    def column(self, name: str) -> np.ndarray:
        """(rows,) floats, or objects (text or None); raises `UserError` if there is no such column."""
        if name in self.texts:
            return self.texts[name].cells()
        return np.asarray(self.numbers[:, self._position(name)])

    def frame(self, rows: slice | np.ndarray | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Some rows and columns for display; index is the row, counted from 0. Keep the slice small."""
        chosen = self.names if columns is None else tuple(columns)
        part = slice(None) if rows is None else rows
        cells = [
            self.texts[name].cells(part) if name in self.texts else self.numbers[part, self._position(name)]
            for name in chosen
        ]
        index = np.arange(self.rows)[part]
        data: dict[int, Any] = {number: np.asarray(column) for number, column in enumerate(cells)}
        return pd.DataFrame(data, index=index, columns=range(len(chosen))).set_axis(list(chosen), axis=1)

    def save(self, folder: Path) -> None:
        """Write ``numbers.npy``, ``codes.npy`` and ``table.json`` into an existing folder."""
        np.save(folder / "numbers.npy", self.numbers, allow_pickle=False)
        self.save_texts(folder)

    def save_texts(self, folder: Path) -> None:
        """Write everything but ``numbers.npy``."""
        codes = np.empty((len(self.texts), self.rows), np.int32)
        for place, text in enumerate(self.texts.values()):
            codes[place] = text.codes
        np.save(folder / "codes.npy", codes, allow_pickle=False)
        described = {
            "names": self.names,
            "rows": self.rows,
            "number_names": self.number_names,
            "texts": {name: text.values for name, text in self.texts.items()},
            "notes": self.notes,
        }
        (folder / "table.json").write_text(json.dumps(described), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> Table:
        """Memory-map a table that `save` wrote.

        Raises:
            OSError, EOFError, ValueError, KeyError, TypeError or AttributeError: The files are damaged.
        """
        described = json.loads((folder / "table.json").read_text(encoding="utf-8"))
        numbers = np.load(folder / "numbers.npy", mmap_mode="r", allow_pickle=False)
        codes = np.load(folder / "codes.npy", mmap_mode="r", allow_pickle=False)
        texts = {
            name: Text(codes[place], tuple(values)) for place, (name, values) in enumerate(described["texts"].items())
        }
        notes, number_names = tuple(described["notes"]), tuple(described["number_names"])
        opened = cls(tuple(described["names"]), described["rows"], numbers, number_names, texts, notes)
        opened._check_whole(codes)
        return opened

    def _check_whole(self, codes: np.ndarray) -> None:
        """Raise `ValueError` where the parts do not belong together."""
        words = (
            *self.names,
            *self.number_names,
            *self.notes,
            *(each for text in self.texts.values() for each in text.values),
        )
        fits = (self.rows, len(self.number_names)) == self.numbers.shape and codes.shape == (len(self.texts), self.rows)
        if (
            not fits
            or {*self.names} != {*self.number_names, *self.texts}
            or not all(isinstance(each, str) for each in words)
        ):
            raise ValueError("the parts of this table do not belong together")

    def _position(self, name: str) -> int:
        try:
            return self.number_index[name]
        except KeyError:
            known = ", ".join(repr(shorten(other, 30)) for other in self.names[:5])
            raise UserError(
                f"There is no column called {shorten(name)!r} in this table.",
                f"Its columns are {known}{' and so on' if len(self.names) > 5 else ''}.",
            ) from None


def shorten(text: str, length: int = 60) -> str:
    """A text from data, cut so that it fits into a sentence."""
    return text if len(text) <= length else text[: length - 1] + "…"


def quoted(names: Sequence[str], shown: int = 3) -> str:
    """Names for a sentence: ``'a', 'b', 'c' and 4 more``."""
    listed = ", ".join(f"'{shorten(name, 40)}'" for name in names[:shown])
    return f"{listed} and {len(names) - shown:,} more" if len(names) > shown else listed
