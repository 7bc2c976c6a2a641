"""What the results page draws for numbers: predicted against true, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Residuals:
    """Errors, prediction minus truth, in the unit of the target.

    Attributes:
        errors: ``(n,)``.
        mean: Average error; far from 0 means answers that are too high (positive) or too low.
        median_size: Half of the rows have a smaller error.
        size_of_90_percent: Nine of ten rows have a smaller error.
        worst: Up to ten rows with the largest errors, largest first.
        slope: Of prediction against truth; below 1, extremes are pulled to the middle. None if the truth is constant.
    """

    errors: np.ndarray
    mean: float
    median_size: float
    size_of_90_percent: float
    worst: np.ndarray
    slope: float | None


def residuals(y_true: np.ndarray, y_pred: np.ndarray) -> Residuals | None:
    """Summary of ``(n,)`` true and predicted values; None without rows."""
    truth, prediction = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float).reshape(-1)
    if len(truth) == 0:
        return None
    errors = prediction - truth
    sizes = np.abs(errors)
    middle, most = np.quantile(sizes, [0.5, 0.9])
    centred = truth - truth.mean()
    spread = float(centred @ centred)
    return Residuals(
        errors,
        float(errors.mean()),
        float(middle),
        float(most),
        np.argsort(-sizes, kind="stable")[:10],
        float(centred @ prediction) / spread if spread > 0 else None,
    )
