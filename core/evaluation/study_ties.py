"""Which setting of a study is best, which could as well be, and which are worse beyond chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.evaluation.bootstrap import Z_95, score_interval
from core.evaluation.registry import METRICS
from core.evaluation.scored import Interval
from core.evaluation.study_rows import (
    Judged,
    Resampled,
    contributions,
    independent,
    mean_by_row,
    paired_rows,
    row_error,
)
from core.evaluation.study_student import corrected_error, t_quantile
from core.spec.study import Setting

UNKNOWN: Interval = {"value": None, "low": None, "high": None}
FEWEST_GROUPS = 2


def estimate(found: Resampled, metric: str, own: Judged, groups: np.ndarray) -> tuple[Interval, float]:
    """Mean score over some groups with its 95 % interval, and its standard error (not-a-number where unknown).

    Interval and error are those of the corrected resampled t (`corrected_error`), and never narrower than the choice
    of rows alone makes them: scores that happen to be alike in a few groups are no proof. For shares of right answers
    that floor is Wilson's interval at the effective number of distinct rows (`bootstrap.score_interval`), for the
    others the standard error over distinct rows (clusters whole).

    Args:
        found: What was held out.
        metric: Key of the metric.
        own: The setting or simple model.
        groups: Groups in which it has a score.
    """
    if len(groups) < FEWEST_GROUPS:
        return dict(UNKNOWN), math.nan
    scores = own.scores[groups]
    value, error = float(scores.mean()), corrected_error(scores, found.ratio(groups))
    rows, values = mean_by_row(found, ((group, _rows_of(metric, own, group)) for group in groups.tolist()))
    floor = row_error(found, metric, rows, values)
    margin = t_quantile(0.025, len(groups) - 1) * error
    if METRICS[metric].share:
        # Two values one standard error to each side have just that variance.
        low, high = score_interval(value, value + floor * np.array([-1, 1]), *independent(found, metric, rows))
        floor = (high - low) / (2 * Z_95)
    else:
        reach = t_quantile(0.025, len(np.unique(found.units[rows])) - 1) * floor
        low, high = value - reach, value + reach
    return bounded(metric, value, min(low, value - margin), max(high, value + margin)), max(error, floor)


def paired(found: Resampled, metric: str, first: Judged, second: Judged, comparisons: int) -> Interval:
    """Score of ``first`` minus score of ``second`` over the groups that both have, with a 95 % interval.

    The interval holds both that of the corrected resampled t over groups and that over distinct rows
    (`study_rows.paired_rows`), so a difference is proven only where neither the draw of folds and seeds nor the draw
    of rows explains it. With two or three groups the first is very wide, and rightly so.

    Args:
        found: What was held out.
        metric: Key of the metric.
        first: A setting or simple model.
        second: Another.
        comparisons: Intervals that are to hold all together with 95 % (Bonferroni).
    """
    groups = np.flatnonzero(np.isfinite(first.scores) & np.isfinite(second.scores))
    if len(groups) < FEWEST_GROUPS:
        return dict(UNKNOWN)
    tail = 0.025 / max(comparisons, 1)
    differences = first.scores[groups] - second.scores[groups]
    value = float(differences.mean())
    margin = t_quantile(tail, len(groups) - 1) * corrected_error(differences, found.ratio(groups))
    parts = ((group, _rows_of(metric, first, group) - _rows_of(metric, second, group)) for group in groups.tolist())
    rows, by_row = mean_by_row(found, parts)
    quantile = t_quantile(tail, len(np.unique(found.units[rows])) - 1)
    low, high = paired_rows(found, metric, rows, by_row, quantile)
    low, high = min(low, value - margin), max(high, value + margin)
    if METRICS[metric].share:
        low, high = max(low, -1.0), min(high, 1.0)
    return finite(value, low, high)


def eligible(all_judged: Sequence[Judged], diverged: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Settings ``(k,)`` that can be compared, and the groups that all of them have.

    Settings without a diverged member come first, others only where there is none. Each has at least two groups; where
    the settings share fewer than two (a study that was stopped), those with the fewest groups are left out.

    Args:
        all_judged: Every setting.
        diverged: ``(settings,)`` whether one of its members diverged.
    """
    usable = np.isfinite([own.scores for own in all_judged]).reshape(len(all_judged), -1)
    enough = usable.sum(axis=1) >= FEWEST_GROUPS
    chosen = list(np.flatnonzero(enough & ~diverged)) or list(np.flatnonzero(enough))
    while chosen and usable[chosen].all(axis=0).sum() < FEWEST_GROUPS:
        chosen.remove(min(reversed(chosen), key=lambda setting: usable[setting].sum()))
    groups = np.flatnonzero(usable[chosen].all(axis=0)) if chosen else np.zeros(0, np.int64)
    return [int(setting) for setting in chosen], groups


def simplicity(settings: Sequence[Setting], parameters: Sequence[int]) -> list[int]:
    """Settings from the simplest on.

    Fewest weights first; among those the strongest penalty on weights (L1 and L2 rates together), then the highest
    dropout: each leaves the network less freedom.
    """
    keys = [(size, -(each.l1 + each.l2), -each.dropout) for each, size in zip(settings, parameters, strict=True)]
    return sorted(range(len(keys)), key=keys.__getitem__)


def best_of(metric: str, means: dict[int, float], order: Sequence[int]) -> int:
    """The setting with the best mean score; the simplest of those that are exactly alike.

    Args:
        metric: Key of the metric.
        means: Mean score of each setting that can be compared, over the same groups.
        order: Settings from the simplest on.
    """
    top = max(_up(metric) * mean for mean in means.values())
    slack = 1e-12 * max(1.0, abs(top))
    return next(each for each in order if each in means and _up(metric) * means[each] >= top - slack)


def simplest_of(metric: str, means: dict[int, float], order: Sequence[int], best: int, error: float) -> int:
    """The simplest setting whose mean score is within one standard error of the best.

    The one-standard-error rule (Breiman, Friedman, Olshen and Stone 1984, *Classification and Regression Trees*,
    section 3.4.3), with the corrected standard error of the best setting's score.
    """
    least = _up(metric) * means[best] - error - 1e-12
    return next(each for each in order if each in means and _up(metric) * means[each] >= least)


def bounded(metric: str, value: float, low: float, high: float) -> Interval:
    """An interval inside what the metric can be: shares 0 to 1, errors at least 0, R² at most 1."""
    least = -math.inf if metric == "r2" else 0.0
    most = 1.0 if METRICS[metric].share or metric == "r2" else math.inf
    return finite(value, max(low, least), min(high, most))


def finite(value: float, low: float, high: float) -> Interval:
    """As plain numbers, None where not finite."""
    parts = (float(part) if math.isfinite(part) else None for part in (value, low, high))
    return dict(zip(("value", "low", "high"), parts, strict=True))


def _rows_of(metric: str, own: Judged, group: int) -> np.ndarray:
    """What each held-out row contributes to a score that is known."""
    losses = own.losses[group]
    assert losses is not None
    return contributions(metric, float(own.scores[group]), losses)


def _up(metric: str) -> int:
    return 1 if METRICS[metric].higher_is_better else -1
