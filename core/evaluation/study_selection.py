"""What the winner of a study is worth once the luck of having been picked is taken off."""

from __future__ import annotations

import numpy as np

from core.evaluation.bootstrap import mostly_defined, resample
from core.evaluation.registry import METRICS
from core.evaluation.scored import Interval
from core.evaluation.study_rows import Judged, Resampled, mean_by_row
from core.evaluation.study_ties import bounded

RESAMPLES = 500


def corrected_score(
    found: Resampled, metric: str, candidates: list[Judged], groups: np.ndarray, value: float, seed: int = 0
) -> Interval | None:
    """Score of the best of several settings, corrected for its having been picked, with a percentile interval.

    Bootstrap bias-corrected cross-validation with repeats (Tsamardinos, Greasidou and Borboudakis 2018,
    doi:10.1007/s10994-018-5714-4): rows (clusters whole) are resampled, the best setting is picked on the rows drawn,
    and scored on the rows left out; nothing is trained again. Losses of a row are averaged over its repetitions. What
    picking adds, the best pooled score minus the mean over resamples, is taken off ``value``; where that is itself
    the pooled score (accuracy, equal folds) the result is the estimate of the paper. In a very long table it is
    measured on a sample and shrunk like a standard error (`bootstrap.resample`).

    Args:
        found: What was held out.
        metric: Key of the metric.
        candidates: The settings that were compared, the simplest first.
        groups: Groups that all of them have.
        value: The cross-validated score of the best one.
        seed: Seed of the resamples.

    Returns:
        None where it cannot be said, e.g. for a handful of rows.
    """
    losses, rows = _pooled_losses(found, candidates, groups)
    clusters = None if found.clusters is None else found.units[rows]
    draws = resample(len(rows), clusters, RESAMPLES, seed)
    y, losses = found.y[rows][draws.rows], losses[:, draws.rows]
    up = 1 if METRICS[metric].higher_is_better else -1
    drawn = pooled_scores(metric, y, losses, draws.counts)
    left = pooled_scores(metric, y, losses, (draws.counts == 0).astype(float))
    picked = np.argmax(np.where(np.isfinite(drawn), up * drawn, -np.inf), axis=1)
    replicates = mostly_defined(left[np.arange(len(left)), picked])
    apparent = pooled_scores(metric, y, losses, np.ones((1, len(y))))[0]
    if replicates is None or not np.isfinite(apparent).any():
        return None
    mean = float(replicates.mean())
    luck = max(float(np.nanmax(up * apparent)) - up * mean, 0.0) if len(candidates) > 1 else 0.0
    estimate = value - up * draws.scale * luck
    low, high = estimate + draws.scale * (np.quantile(replicates, [0.025, 0.975]) - mean)
    return bounded(metric, *(float(each) for each in _inside(metric, estimate, low, high)))


def pooled_scores(metric: str, y: np.ndarray, losses: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``(k, settings)`` scores of all settings under k weightings of the rows at once; not-a-number where undefined.

    Args:
        metric: Key of the metric.
        y: ``(m,)`` class indices or values.
        losses: ``(settings, m)`` what each row adds, as `study_rows.LOSSES` says.
        weights: ``(k, m)``.
    """
    if metric == "balanced_accuracy":
        tables = [_means(losses[:, y == kind], weights[:, y == kind]) for kind in np.unique(y)]
        defined = np.sum([np.isfinite(table) for table in tables], axis=0)
        return _divide(np.nansum(tables, axis=0), defined)
    means = _means(losses, weights)
    if metric == "rmse":
        return np.sqrt(means)
    if metric != "r2":
        return means
    centred = y - y.mean()
    spread = _means(np.stack([centred, centred**2]), weights)
    variance = (spread[:, 1] - spread[:, 0] ** 2)[:, None]
    enough = variance > 1e-12 * max(float(np.mean(centred**2)), 1e-300)
    return 1 - _divide(means, np.where(enough, variance, 0.0))


def _pooled_losses(found: Resampled, candidates: list[Judged], groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean losses ``(settings, m)`` of the rows that were held out, and their positions ``(m,)``."""
    table, rows = [], np.zeros(0, np.int64)
    for own in candidates:
        parts = ((int(group), part) for group in groups if (part := own.losses[group]) is not None)
        rows, means = mean_by_row(found, parts)
        table.append(means)
    return np.stack(table), rows


def _inside(metric: str, value: float, low: float, high: float) -> tuple[float, float, float]:
    """A share stays between 0 and 1, and the interval around its value."""
    value = min(max(value, 0.0), 1.0) if METRICS[metric].share else value
    return value, min(low, value), max(high, value)


def _means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return _divide(weights @ values.T, weights.sum(axis=1, keepdims=True))


def _divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    bottom = np.broadcast_to(bottom, top.shape)
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)
