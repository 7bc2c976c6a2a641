"""How far a score could be off by chance: bootstrap resamples as one count matrix, and score intervals.

All metrics are computed for every resample at once, so a resample is a row of counts (how often each row was drawn).
Where rows belong together (groups), whole groups are drawn (cluster bootstrap; Davison and Hinkley 1997, *Bootstrap
Methods and their Application*, section 3.8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959963984540054
MOST_ROWS = 10_000
MOST_CELLS = 1_000_000
FEWEST_RESAMPLES = 200


@dataclass(frozen=True)
class Resamples:
    """Bootstrap resamples of some rows.

    Attributes:
        rows: ``(m,)`` rows that take part: all, or a random sample of a very long table.
        counts: ``(n_resamples, m)`` how often each of them was drawn.
        units: Independent units in all rows: groups if given, else rows.
        codes: ``(n,)`` the unit of each row.
        scale: Shrinks the spread found on the sample to that of all rows (square root of their share).
    """

    rows: np.ndarray
    counts: np.ndarray
    units: int
    codes: np.ndarray
    scale: float


def resample(n: int, groups: np.ndarray | None = None, n_resamples: int = 1000, seed: int = 0) -> Resamples:
    """Draw bootstrap resamples of ``n`` rows.

    Many rows get fewer resamples (at least 200). Beyond 10,000 rows the spread is measured on a random sample of
    them and scaled by the square root of the sizes (m-out-of-n bootstrap; Bickel, Götze and van Zwet 1997).

    Args:
        n: Number of rows.
        groups: ``(n,)`` the group of each row, or None.
        n_resamples: How many at most.
        seed: The same seed gives the same resamples.
    """
    rng = np.random.default_rng(seed)
    codes, units = _units(n, groups)
    rows = _some_rows(codes, units, rng)
    own_units, own_codes = np.unique(codes[rows], return_inverse=True)
    drawn = len(own_units)
    number = int(np.clip(MOST_CELLS // max(len(rows), 1), FEWEST_RESAMPLES, max(n_resamples, FEWEST_RESAMPLES)))
    number = min(number, n_resamples)
    draws = rng.integers(max(drawn, 1), size=(number, drawn)) + drawn * np.arange(number)[:, None]
    counts = np.bincount(draws.ravel(), minlength=number * drawn).reshape(number, drawn)
    return Resamples(rows, counts[:, own_codes].astype(float), units, codes, math.sqrt(drawn / max(units, 1)))


def wilson(share: float, n: float) -> tuple[float, float]:
    """95 % score interval of a share of ``n`` independent rows (Wilson 1927, JASA 22:209-212).

    It stays inside 0 to 1 and does not shrink to a point at the border. ``n`` may be an effective number.
    """
    if not n > 0 or not math.isfinite(share):
        return 0.0, 1.0
    square = Z_95**2 / n
    centre = (share + square / 2) / (1 + square)
    half = Z_95 / (1 + square) * math.sqrt(max(share * (1 - share), 0.0) / n + square / (4 * n))
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def score_interval(value: float, replicates: np.ndarray, most: float, fewest: float) -> tuple[float, float]:
    """95 % interval of a score between 0 and 1: Wilson's, at the effective number of independent rows.

    The effective number is that of a plain share with the same bootstrap variance (Korn and Graubard 1998, Survey
    Methodology 24:193-201), at most ``most``. Where fewer than five independent errors (or hits) are expected, the
    bootstrap cannot tell, and it is at most ``fewest``. So 30 right of 30 gives 0.89 to 1, not 1 to 1.
    """
    variance = float(np.var(replicates))
    effective = value * (1 - value) / variance if variance > 1e-15 else most
    border = min(value, 1 - value) * fewest < 5
    return wilson(value, max(1.0, min(effective, most, fewest if border else most)))


def percentile_interval(value: float, centre: float, replicates: np.ndarray, draws: Resamples) -> tuple[float, float]:
    """95 % percentile bootstrap interval, always around ``value``.

    The plain percentiles are too narrow for few rows; these are taken further out, as Student's t asks (expanded
    percentile interval; Hesterberg 2015, The American Statistician 69:371-386).

    Args:
        value: The score on all rows.
        centre: The score on the rows that were resampled.
        replicates: ``(k,)`` the score of each resample.
        draws: The resamples.
    """
    tail = _expanded_tail(draws.units)
    low, high = value + draws.scale * (np.quantile(replicates, [tail, 1 - tail]) - centre)
    return float(min(low, value)), float(max(high, value))


def mostly_defined(replicates: np.ndarray) -> np.ndarray | None:
    """The finite ones; None if those are fewer than half."""
    defined = replicates[np.isfinite(replicates)]
    return defined if len(defined) and 2 * len(defined) >= len(replicates) else None


def _expanded_tail(units: int) -> float:
    """Share outside each end: normal tail of the t quantile (expansion in 1/df: Abramowitz and Stegun 26.7.5)."""
    df = max(units - 1, 1)
    quantile = Z_95 + (Z_95**3 + Z_95) / (4 * df) + (5 * Z_95**5 + 16 * Z_95**3 + 3 * Z_95) / (96 * df**2)
    return 0.5 * math.erfc(quantile * math.sqrt(units / df) / math.sqrt(2))


def _units(n: int, groups: np.ndarray | None) -> tuple[np.ndarray, int]:
    if groups is None:
        return np.arange(n), n
    groups = np.asarray(groups)
    if len(groups) != n:
        raise ValueError(f"groups must have {n} entries, one a row. Got {len(groups)}.")
    names, codes = np.unique(groups.astype(str) if groups.dtype == object else groups, return_inverse=True)
    return codes.reshape(-1), len(names)


def _some_rows(codes: np.ndarray, units: int, rng: np.random.Generator) -> np.ndarray:
    """All rows, or those of as many random units as make up about `MOST_ROWS` rows."""
    if len(codes) <= MOST_ROWS:
        return np.arange(len(codes))
    order = rng.permutation(units)
    sizes = np.bincount(codes, minlength=units)[order]
    enough = max(2, int(np.searchsorted(np.cumsum(sizes), MOST_ROWS)) + 1)
    chosen = np.zeros(units, dtype=bool)
    chosen[order[:enough]] = True
    return np.flatnonzero(chosen[codes])
