"""Rows given by name and value as features, and a last look at what the network answers."""

from __future__ import annotations

import numpy as np

from core.data.blocks import usable
from core.data.features import Features
from core.data.schema import Schema
from core.data.words import counted
from core.errors import UserError


def features_of(schema: Schema, rows: list[dict[str, float | str | None]]) -> Features:
    """Rows given as name -> value; one that is missing, unknown or too huge for float32 counts as missing."""
    numbers = [feature.name for feature in schema.features if feature.kind == "number"]
    texts = [feature for feature in schema.features if feature.kind == "text"]
    values = np.array([[_number(row.get(name)) for name in numbers] for row in rows], np.float64)
    codes = [[_place(feature.categories, row.get(feature.name)) for feature in texts] for row in rows]
    return Features(
        usable(values).astype(np.float32).reshape(len(rows), len(numbers)),
        np.array(codes, np.int32).reshape(len(rows), len(texts)),
        tuple(numbers),
        tuple(feature.name for feature in texts),
        tuple(feature.categories for feature in texts),
    )


def all_finite(predictions: np.ndarray) -> np.ndarray:
    """The same predictions, (n,) or (n, classes); raises `UserError` where one is not a number."""
    lost = np.flatnonzero(~np.isfinite(predictions.reshape(len(predictions), -1)).all(axis=1))
    if len(lost):
        raise UserError(
            f"For {counted(len(lost), 'row')} (the first is row {lost[0] + 1:,}) the answer is not a number, because "
            "some values are far too large for this network.",
            "Correct those values, or leave them empty.",
        )
    return predictions


def _number(value: float | str | None) -> float:
    return float("nan") if value is None or isinstance(value, str) else float(value)


def _place(categories: tuple[str, ...], value: float | str | None) -> int:
    return categories.index(value) if isinstance(value, str) and value in categories else -1
