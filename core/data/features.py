"""The features of some rows: numbers and categories, not yet scaled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True, eq=False)
class Features:
    """What a network may see of n rows.

    Args:
        numbers: (n, k) float32; NaN is missing.
        codes: (n, c) int32, index into ``categories`` of the column; -1 is missing or unknown.
        number_names: k names.
        text_names: c names.
        categories: For each text column, the texts that its codes stand for.
    """

    numbers: np.ndarray
    codes: np.ndarray
    number_names: tuple[str, ...]
    text_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all features: numbers, then texts."""
        return self.number_names + self.text_names

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: np.ndarray | slice) -> Features:
        """The features of some of the rows."""
        return replace(self, numbers=self.numbers[rows], codes=self.codes[rows])
