"""What a new table must look like, so that a trained network can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from core.data.blocks import extremes, medians
from core.data.dataset import Dataset
from core.data.preprocess import frequent_categories


@dataclass(frozen=True)
class FeatureSchema:
    """One feature, as the training rows showed it.

    Args:
        name: Its column.
        kind: ``"number"`` or ``"text"``.
        minimum, maximum, median: Of a number; None if it was never known in training.
        whole: Whether a number was always a whole one.
        categories: Of a text, the (at most 50) categories that the network knows, most frequent first.
        mostly_missing: Whether more rows of a text had no value than had its most frequent one.
    """

    name: str
    kind: Literal["number", "text"]
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    whole: bool = False
    categories: tuple[str, ...] = ()
    mostly_missing: bool = False


@dataclass(frozen=True)
class Schema:
    """All features, numbers first, and the columns of the training table that are none."""

    features: tuple[FeatureSchema, ...]
    ignored: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, dataset: Dataset, names: Sequence[str] = ()) -> Schema:
        """The schema of a dataset's training rows.

        Args:
            dataset: What is trained on.
            names: All columns of its table; those that are no feature may be in a new table, or not.
        """
        seen = dataset.features.take(dataset.split.train)
        low, high = (_plain(values) for values in extremes(seen.numbers))
        middle = _plain(medians(seen.numbers))
        whole = (np.isnan(seen.numbers) | (seen.numbers == np.round(seen.numbers))).all(axis=0).tolist()
        numbers = (
            FeatureSchema(name, "number", low[place], high[place], middle[place], whole[place])
            for place, name in enumerate(seen.number_names)
        )
        texts = (
            _text(name, seen.codes[:, place], seen.categories[place]) for place, name in enumerate(seen.text_names)
        )
        known = set(seen.names)
        return cls((*numbers, *texts), tuple(name for name in names if name not in known))

    @property
    def number_names(self) -> tuple[str, ...]:
        """Features that are numbers."""
        return tuple(feature.name for feature in self.features if feature.kind == "number")

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, texts and numbers that `from_dict` and JSON take."""
        return {"features": [asdict(feature) for feature in self.features], "ignored": list(self.ignored)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Schema:
        """The inverse of `to_dict`."""
        features = (
            FeatureSchema(**{**feature, "categories": tuple(feature["categories"])}) for feature in values["features"]
        )
        return cls(tuple(features), tuple(values["ignored"]))


def _text(name: str, codes: np.ndarray, values: tuple[str, ...]) -> FeatureSchema:
    missing, *counts = np.bincount(codes + 1, minlength=len(values) + 1)
    return FeatureSchema(
        name,
        "text",
        categories=frequent_categories(codes, values),
        mostly_missing=bool(missing > max(counts, default=0)),
    )


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]
