"""Which inputs pushed one prediction, and how far: integrated gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

POINTS = 256


def integrated_gradients(
    gradient: Callable[[np.ndarray], np.ndarray], x: np.ndarray, reference: np.ndarray, points: int = POINTS
) -> np.ndarray:
    """Contribution of each input to ``f(x) - f(reference)``, (inputs,); they add up to it.

    Sundararajan, Taly and Yan 2017 (https://arxiv.org/abs/1703.01365), eq. 1: the gradient averaged along the
    straight line from ``reference`` to ``x`` (midpoint rule), times ``x - reference``.

    Args:
        gradient: (n, inputs) -> (n, inputs), the slope of the one output that is explained.
        x: (inputs,) the row.
        reference: (inputs,) the row to compare with, such as the average training row.
        points: Places on the line.
    """
    places = (np.arange(points) + 0.5) / points
    line = reference + places[:, None] * (x - reference)
    return gradient(line.astype(np.float32)).mean(axis=0, dtype=np.float64) * (x - reference)


def by_feature(contributions: np.ndarray, input_feature: np.ndarray, features: int) -> np.ndarray:
    """Contributions of inputs (inputs,) summed for the feature that each came from, (features,)."""
    return np.bincount(input_feature, weights=contributions, minlength=features)
