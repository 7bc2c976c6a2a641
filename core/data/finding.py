"""One thing worth knowing about a table, and what all checks look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from core.data.profile import ColumnProfile, Profile, profile
from core.data.table import Table
from core.data.target import class_order, class_texts, known_rows, target_values
from core.spec import DataSpec

Severity = Literal["problem", "warning", "note"]


class Finding(BaseModel):
    """What was found, what it means, and a change that mends it.

    Args:
        kind: One word for what it is; each kind occurs once in a list.
        severity: ``"problem"`` stops learning, ``"warning"`` makes results wrong or weak, ``"note"`` is good to know.
        title: A short sentence.
        meaning: What it does to the network, in plain words.
        columns: All columns that it is about.
        remedy: Words for a button, or empty.
        changes: Fields of `DataSpec` with their new values, for ``spec.change(**changes)``; a key that begins with
            ``training.`` is a field of `TrainingSpec`.
    """

    model_config = ConfigDict(frozen=True)

    kind: str
    severity: Severity
    title: str
    meaning: str
    columns: tuple[str, ...] = ()
    remedy: str = ""
    changes: dict[str, Any] = {}


@dataclass(frozen=True, eq=False)
class View:
    """A table as a choice sees it; everything is computed once, when it is asked for."""

    table: Table
    spec: DataSpec

    @cached_property
    def profile(self) -> Profile:
        """Statistics of all columns, over all rows."""
        return profile(self.table)

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Columns that may be learned from, in file order."""
        spec = self.spec
        hidden = {spec.target, spec.id_column, spec.group_column, *spec.drop}
        return tuple(name for name in self.table.names if name not in hidden)

    @cached_property
    def number_features(self) -> tuple[str, ...]:
        """The features that are numbers."""
        return tuple(name for name in self.features if name not in self.table.texts)

    @cached_property
    def number_places(self) -> np.ndarray:
        """Positions of `number_features` in the arrays of the profile and in ``table.numbers``."""
        return np.array([self.table.number_index[name] for name in self.number_features], np.int64)

    @cached_property
    def text_features(self) -> tuple[ColumnProfile, ...]:
        """The features that are texts."""
        return tuple(self.profile.column(name) for name in self.features if name in self.table.texts)

    def numbers_where(self, condition: np.ndarray) -> list[str]:
        """Number features for which ``condition`` (features,) holds."""
        return [self.number_features[place] for place in np.flatnonzero(condition)]

    @cached_property
    def has_target(self) -> bool:
        """Whether a target is chosen and in the table."""
        return self.spec.target in self.table.names

    @cached_property
    def target(self) -> np.ndarray:
        """(rows,) values or text codes of the target; NaN is missing."""
        return target_values(self.table, self.spec.target)

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows with a known target that takes part; all rows if none is chosen."""
        return known_rows(self.table, self.spec) if self.has_target else np.arange(self.table.rows)

    @cached_property
    def classes(self) -> dict[str, int]:
        """Rows of each class, in the order of the classes."""
        found, counts = np.unique(self.target[self.rows], return_counts=True)
        names = class_texts(self.table, self.spec.target, found)
        order = class_order(names, numeric=self.spec.target not in self.table.texts)
        return {names[place]: int(counts[place]) for place in order}

    def without(self, columns: Sequence[str]) -> dict[str, Any]:
        """The change that leaves ``columns`` out as well."""
        return {"drop": tuple(dict.fromkeys((*self.spec.drop, *columns)))}
