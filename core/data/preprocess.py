"""Features to inputs of a network: fill, scale, one-hot. Fitted on training rows only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from core.data.blocks import column_blocks
from core.data.features import Features

Scaling = Literal["standard", "log", "none"]
MOST_CATEGORIES = 50
# The scale of a number that never varied in training: whatever it is later, the network, which has learned
# nothing about it, receives 0.
NEVER_VARIED = 1e30


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """How features become inputs.

    Numbers: ``t = log1p(max(x, 0))`` where ``log``, else ``x``; ``t = fill`` where missing; ``(t - center) / scale``.
    Texts: one input a category, 1 where the row has it; all 0 for an unknown category or a missing one.
    Inputs stand in the order numbers, then the categories of each text column.

    Args:
        number_names: k names.
        log: (k,) bool.
        fill: (k,) the training mean of ``t``.
        center: (k,) what is subtracted: the training mean of ``t``, or 0.
        scale: (k,) what is divided by: the training standard deviation of ``t`` (divisor n), or 1.
        text_names: c names.
        categories: For each text column its (at most 50) most frequent training categories.
    """

    number_names: tuple[str, ...]
    log: np.ndarray
    fill: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    text_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]

    @classmethod
    def fit(cls, features: Features, scaling: Scaling) -> Preprocessing:
        """Learn fills, means, spreads and categories.

        Args:
            features: The training rows, and nothing else: ``dataset.features.take(dataset.split.train)``.
            scaling: ``"log"`` takes the logarithm of every number that is never negative in training.
        """
        log, fill, center, scale = _fit_numbers(features.numbers, scaling)
        categories = tuple(
            frequent_categories(features.codes[:, column], names) for column, names in enumerate(features.categories)
        )
        return cls(features.number_names, log, fill, center, scale, features.text_names, categories)

    def transform(self, features: Features) -> np.ndarray:
        """Inputs (n, inputs) float32, never missing, of rows with the same columns as in training."""
        if (features.number_names, features.text_names) != (self.number_names, self.text_names):
            raise ValueError("the features are not those of the training; use align() first")
        inputs = np.zeros((len(features), self.inputs), np.float32)
        for block in column_blocks(*features.numbers.shape):
            values = _logarithm(features.numbers[:, block].astype(np.float64), self.log[block])
            values = np.where(np.isnan(values), self.fill[block], values)
            inputs[:, block] = (values - self.center[block]) / self.scale[block]
        start = len(self.number_names)
        for column, kept in enumerate(self.categories):
            _one_hot(inputs[:, start : start + len(kept)], features.codes[:, column], features.categories[column], kept)
            start += len(kept)
        return inputs

    @property
    def inputs(self) -> int:
        """How many inputs the network receives."""
        return len(self.number_names) + sum(map(len, self.categories))

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """A name for each input; ``column = category`` for those that come from a text."""
        pairs = zip(self.text_names, self.categories, strict=True)
        return self.number_names + tuple(f"{name} = {category}" for name, kept in pairs for category in kept)

    @cached_property
    def input_feature(self) -> np.ndarray:
        """(inputs,) int64: index, in ``Features.names``, of the feature that each input comes from."""
        numbers = len(self.number_names)
        texts = np.repeat(np.arange(len(self.categories)), [len(kept) for kept in self.categories])
        return np.concatenate([np.arange(numbers), numbers + texts]).astype(np.int64)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, exact, that `from_dict` and JSON take."""
        arrays = {name: getattr(self, name).tolist() for name in ("log", "fill", "center", "scale")}
        texts = {"text_names": list(self.text_names), "categories": [list(kept) for kept in self.categories]}
        return {"number_names": list(self.number_names), **arrays, **texts}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Preprocessing:
        """The inverse of `to_dict`."""
        center, scale, fill = (np.array(values[name], np.float64) for name in ("center", "scale", "fill"))
        return cls(
            number_names=tuple(values["number_names"]),
            log=np.array(values["log"], bool),
            fill=fill,
            center=center,
            scale=scale,
            text_names=tuple(values["text_names"]),
            categories=tuple(tuple(kept) for kept in values["categories"]),
        )


def frequent_categories(codes: np.ndarray, names: tuple[str, ...], most: int = MOST_CATEGORIES) -> tuple[str, ...]:
    """The ``most`` most frequent of ``names`` among ``codes`` (n,), frequent first, then by name."""
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    present = sorted(np.flatnonzero(counts).tolist(), key=lambda code: (-counts[code], names[code]))
    return tuple(names[code] for code in present[:most])


def _fit_numbers(numbers: np.ndarray, scaling: Scaling) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    columns = numbers.shape[1]
    log = np.zeros(columns, bool)
    fill, center, scale = np.zeros(columns), np.zeros(columns), np.ones(columns)
    for block in column_blocks(*numbers.shape):
        values = numbers[:, block].astype(np.float64)
        if scaling == "log":
            log[block] = ~(values < 0).any(axis=0)
        values = _logarithm(values, log[block])
        fill[block], spread = _mean_and_spread(values)
        if scaling != "none":
            center[block], scale[block] = fill[block], spread
    return log, fill, center, scale


def _logarithm(values: np.ndarray, log: np.ndarray) -> np.ndarray:
    if log.any():
        values[:, log] = np.log1p(np.maximum(values[:, log], 0))
    return values


def _mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0).sum(axis=0) / count
    deviation = np.where(known, values - mean, 0)
    varied = np.fmin.reduce(values, axis=0, initial=np.nan) < np.fmax.reduce(values, axis=0, initial=np.nan)
    spread = np.sqrt((deviation**2).sum(axis=0) / count)
    return mean, np.where(varied & (spread > 0), spread, NEVER_VARIED)


def _one_hot(inputs: np.ndarray, codes: np.ndarray, names: tuple[str, ...], kept: tuple[str, ...]) -> None:
    place = {category: position for position, category in enumerate(kept)}
    # One place more than there are names, so that code -1 finds "unknown" at the end.
    positions = np.array([*(place.get(name, -1) for name in names), -1])[codes]
    known = np.flatnonzero(positions >= 0)
    inputs[known, positions[known]] = 1.0
