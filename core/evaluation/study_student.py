"""How far chance shifts a mean over folds and repeats whose training rows overlap: the corrected resampled t."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

MOST_DF = 1000


@lru_cache(maxsize=4096)
def t_quantile(tail: float, df: int) -> float:
    """The value that Student's t exceeds with probability ``tail`` (above 0, at most 0.5).

    Found by halving the angle ``atan(t / sqrt(df))``, in which the distribution function is a finite sum for every
    whole ``df`` (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), so it is exact for 1, 2 and 3 degrees of freedom
    too. Beyond 1,000 degrees it stays at 1,000, which is wider by less than one percent.
    """
    df = min(max(int(df), 1), MOST_DF)
    powers, factors = _series(df)
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        angle = (low + high) / 2
        total = math.sin(angle) * float(factors @ math.cos(angle) ** powers)
        inside = total if df % 2 == 0 else 2 / math.pi * (angle + total)
        low, high = (low, angle) if inside > 1 - 2 * tail else (angle, high)
    return math.sqrt(df) * math.tan(low)


def corrected_error(scores: np.ndarray, ratio: float) -> float:
    """Standard error of the mean of ``scores (J,)``, one of each fold and repeat; not-a-number for fewer than 2.

    The networks learn from overlapping rows, so their scores vary together and ``s / sqrt(J)`` is too small. The
    variance is ``s² (1 / J + held / learned)`` (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366; for repeated
    cross-validation Bouckaert and Frank 2004), to be used with ``J - 1`` degrees of freedom.

    Args:
        scores: Finite scores, or differences of scores.
        ratio: Rows held out divided by rows learned from.
    """
    if len(scores) < 2:
        return math.nan
    return float(np.std(scores, ddof=1)) * math.sqrt(1 / len(scores) + ratio)


def _series(df: int) -> tuple[np.ndarray, np.ndarray]:
    """Powers of the cosine in the finite sum, and their factors; empty for one degree of freedom."""
    if df % 2:
        steps = np.arange(1, (df - 1) // 2)
        factors = np.cumprod(np.r_[1.0, 2 * steps / (2 * steps + 1)]) if df > 1 else np.zeros(0)
        return 2.0 * np.arange(len(factors)) + 1, factors
    steps = np.arange(1, df // 2)
    factors = np.cumprod(np.r_[1.0, (2 * steps - 1) / (2 * steps)])
    return 2.0 * np.arange(len(factors)), factors
