"""How numbers are scaled in single precision, all that some formats have, with the digits of double precision.

A mean far larger than the spread leaves few digits of single precision, so it is subtracted in two parts, of which the
first is near the number and leaves an exact difference. A logarithm is ``log1p(x) - center``, near its center
``log1p(u)`` with ``u = (x - expm1(center)) / exp(center)``, by the series ``u - u**2 / 2 + u**3 / 3 - …``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.preprocess import Preprocessing

# Where |u| is below it the series is used, whose rest there is below 2e-8 of u.
NEAR = 0.1
# Of log1p(u) / u, highest power first.
SERIES = tuple((-1.0) ** power / (power + 1) for power in range(6, -1, -1))


@dataclass(frozen=True, eq=False)
class NumberScaling:
    """What scales numbers ``x`` (n, k): ``d = (x - start - rest)``, a logarithm's ``u = d / stretch``.

    Args:
        log: (k,) bool: those whose logarithm is taken; of these ``x`` is first raised to 0.
        start: (k,) float32: the center, ``expm1`` of it where ``log``.
        rest: (k,) float32: what ``start`` lacks of it.
        stretch: (k,) float32: ``exp`` of the center where ``log``, else 1.
        center: (k,) float32: what is subtracted from a logarithm that is far from it.
        scale: (k,) float32: what all are divided by at last.
        missing: (k,) float32: what stands for a missing number, scaled already.
    """

    log: np.ndarray
    start: np.ndarray
    rest: np.ndarray
    stretch: np.ndarray
    center: np.ndarray
    scale: np.ndarray
    missing: np.ndarray

    @classmethod
    def of(cls, preprocessing: Preprocessing) -> NumberScaling:
        """The scaling of a run's preprocessing."""
        log, center, scale = preprocessing.log, preprocessing.center, preprocessing.scale
        exact = np.where(log, np.expm1(center, where=log, out=np.zeros_like(center)), center)
        start = exact.astype(np.float32)
        told = (exact - start, np.where(log, 1 + exact, 1), center, scale, (preprocessing.fill - center) / scale)
        return cls(log, start, *(each.astype(np.float32) for each in told))
