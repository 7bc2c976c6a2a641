"""The rows of a study's groups: each fold with the preprocessing of its own training rows, in one layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import cast

import numpy as np

from core.data.dataset import Dataset
from core.data.preprocess import frequent_categories
from core.spec import Member, RunConfig, StudySpec
from core.training.divided import learned_rows
from core.training.prepare import Prepared, fitted, load_dataset, with_split
from core.training.shape import Group, Rows
from core.workspace import Workspace

Place = tuple[int, int]
# A worker trains one chunk of a study after another; tables up to this size it does not read each time.
KEPT_BYTES = 100_000_000


@dataclass(frozen=True, eq=False)
class StudyRows:
    """What every group of a study shares.

    Attributes:
        spec: The study.
        dataset: All rows, with the plain split.
        columns: Names of all columns of the table.
    """

    spec: StudySpec
    dataset: Dataset
    columns: tuple[str, ...]

    @classmethod
    def load(cls, spec: StudySpec, workspace: Workspace) -> StudyRows:
        """Read the table, unless it was read for the chunk before; raises `UserError` where nothing can be learned."""
        key = f"{workspace.root} {spec.model_dump_json()}"
        rows = _latest.pop(key, None) or cls(spec, *load_dataset(spec.table_run.plain, workspace))
        _latest.clear()
        if rows.dataset.features.numbers.nbytes <= KEPT_BYTES:
            _latest[key] = rows
        return rows

    @property
    def categories(self) -> tuple[tuple[str, ...], ...]:
        """For each text column every category that some group learns."""
        return self._learned[1] if self.dataset.features.text_names else ()

    @property
    def largest(self) -> int:
        """How many rows the largest group learns from."""
        return self._learned[0]

    @cached_property
    def _learned(self) -> tuple[int, tuple[tuple[str, ...], ...]]:
        """Look at every group, which takes a while; raises `UserError` where one could not be learned from."""
        features = self.dataset.features
        largest, categories = 0, [dict[str, None]() for _ in features.text_names]
        for seed, fold in product(range(self.spec.seeds), range(self.spec.folds)):
            learned = learned_rows(self.dataset_of((fold, seed)), self.spec.run)
            largest = max(largest, len(learned))
            for column, known in enumerate(categories):
                names = frequent_categories(features.codes[learned, column], features.categories[column])
                known.update(dict.fromkeys(names))
        return largest, tuple(map(tuple, categories))

    def config(self, place: Place) -> RunConfig:
        """The configuration of a group's runs, but for the setting."""
        return cast(RunConfig, self.spec.member_config(Member(0, *place)))

    def dataset_of(self, place: Place) -> Dataset:
        """The dataset, divided as for a group (fold, seed)."""
        return with_split(self.dataset, self.config(place))

    def prepared(self, place: Place) -> Prepared:
        """As a group's networks receive it, in its own layout."""
        return fitted(self.dataset_of(place), self.config(place), self.columns)

    def group(self, place: Place, prepared: Prepared) -> Group:
        """Who learns from what in a group."""
        fold, seed = place
        return replace(prepared.group(self.spec.training_seed(seed), fold), largest=self.largest)

    def columns_of(self, prepared: Prepared) -> np.ndarray:
        """(inputs of the group,) place of each of its inputs in the layout that all groups share."""
        numbers = len(prepared.preprocessing.number_names)
        places, start = [np.arange(numbers)], numbers
        for every, own in zip(self.categories, prepared.preprocessing.categories, strict=True):
            index = {name: place for place, name in enumerate(every)}
            places.append(start + np.array([index[name] for name in own], np.int64))
            start += len(every)
        return np.concatenate(places)

    @property
    def inputs(self) -> int:
        """Inputs of the layout that all groups share; a category that a group does not know is 0 in it."""
        return len(self.dataset.features.number_names) + sum(map(len, self.categories))

    def together(self, prepared: Sequence[Prepared]) -> Rows:
        """The rows of several groups, side by side, in the order of the dataset."""
        x = np.zeros((len(prepared), len(self.dataset), self.inputs), np.float32)
        for own, each in zip(x, prepared, strict=True):
            own[:, self.columns_of(each)] = each.x
        return Rows(x, np.stack([each.target for each in prepared]), np.stack([each.weight for each in prepared]))


_latest: dict[str, StudyRows] = {}
