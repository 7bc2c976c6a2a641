"""The held-out rows of a study: how well each was answered, and how far the choice of rows alone shifts a score."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.compare import STRATA
from core.evaluation.registry import METRICS
from core.evaluation.scored import value_of

# What a row adds to each metric that a study can be decided by.
LOSSES: dict[str, Callable[[Answers], np.ndarray]] = {
    "accuracy": lambda answers: answers.hits,
    "balanced_accuracy": lambda answers: answers.hits,
    "log_loss": lambda answers: answers.row_log_loss,
    "mae": lambda answers: np.abs(answers.errors),
    "rmse": lambda answers: answers.errors**2,
    "r2": lambda answers: answers.errors**2,
}
Parts = Sequence[np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Resampled:
    """Answers of all members for rows that were held out from them.

    Attributes:
        task: Kind of answer.
        y: ``(n,)`` class index or value of all rows that may be held out.
        held: For each of J groups (a fold of a repetition) the positions in ``y`` that were held out, each once.
        learned: ``(J,)`` how many rows each group's networks learned from, those of early stopping included.
        seeds: ``(J,)`` which repetition each group belongs to.
        answers: For each setting and group ``(rows, classes)`` probabilities or ``(rows,)`` values; None where missing.
        diverged: ``(settings, J)`` whether the member's cost became infinite or not a number.
        train_scores: ``(settings, J)`` scores on learned rows; not-a-number where unknown.
        clusters: ``(n,)`` rows that belong together, or None.
    """

    task: Task
    y: np.ndarray
    held: tuple[np.ndarray, ...]
    learned: np.ndarray
    seeds: np.ndarray
    answers: tuple[tuple[np.ndarray | None, ...], ...]
    diverged: np.ndarray
    train_scores: np.ndarray
    clusters: np.ndarray | None = None

    @cached_property
    def units(self) -> np.ndarray:
        """``(n,)`` number of the independent unit of each row: its cluster, or itself."""
        if self.clusters is None:
            return np.arange(len(self.y))
        names = np.asarray(self.clusters)
        return np.unique(names.astype(str) if names.dtype == object else names, return_inverse=True)[1].reshape(-1)

    def ratio(self, groups: np.ndarray) -> float:
        """Rows held out divided by rows learned from, averaged over some groups."""
        held = np.mean([len(self.held[group]) for group in groups])
        return float(held / max(float(np.mean(self.learned[groups])), 1.0))


@dataclass(frozen=True, eq=False)
class Judged:
    """How one setting or simple model did in each group.

    Attributes:
        scores: ``(J,)`` score on the held-out rows; not-a-number where unknown.
        losses: For each group what `LOSSES` says of its rows, or None where there is no score.
        broken: ``(J,)`` whether an answer was not a number.
    """

    scores: np.ndarray
    losses: Parts
    broken: np.ndarray


def judged(found: Resampled, metric: str, answers: Parts) -> Judged:
    """Score the answers ``(rows[, classes])`` of one setting or simple model in every group."""
    scores, losses = np.full(len(found.held), np.nan), [None] * len(found.held)
    broken = np.zeros(len(found.held), bool)
    rows: list[np.ndarray | None] = list(losses)
    for group, (own, held) in enumerate(zip(answers, found.held, strict=True)):
        if own is None:
            continue
        each = Answers(found.task, found.y[held], own)
        broken[group] = not np.isfinite(each.prediction).all()
        value = value_of(METRICS[metric], each)
        if value is not None:
            scores[group], rows[group] = value, LOSSES[metric](each)
    return Judged(scores, tuple(rows), broken)


def contributions(metric: str, score: float, losses: np.ndarray) -> np.ndarray:
    """``(rows,)`` what each row contributes to the score of its group: their mean is the score.

    For R² and RMSE, which are no means, these are their linear terms (delta method: Davison and Hinkley 1997, section
    2.7). Balanced accuracy is a mean for each class.
    """
    if metric == "rmse":
        return score / 2 + losses / (2 * score) if score > 0 else losses
    if metric == "r2":
        mean = float(losses.mean())
        return 1 - losses * ((1 - score) / mean) if mean > 0 else np.ones(len(losses))
    return losses


def mean_by_row(found: Resampled, parts: Iterable[tuple[int, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Positions ``(m,)`` of the rows that were held out in some groups, and their means ``(m,)`` over the repetitions.

    Args:
        found: What rows each group held out.
        parts: Groups with one number for each of their rows.
    """
    total, times = np.zeros(len(found.y)), np.zeros(len(found.y))
    for group, values in parts:
        total[found.held[group]] += values
        times[found.held[group]] += 1
    rows = np.flatnonzero(times)
    return rows, total[rows] / times[rows]


def strata(found: Resampled, metric: str, rows: np.ndarray) -> np.ndarray:
    """``(m,)`` what is averaged over: the classes for balanced accuracy, else all rows are one stratum."""
    return found.y[rows] if STRATA.get(metric) else np.zeros(len(rows), np.int64)


def independent(found: Resampled, metric: str, rows: np.ndarray) -> tuple[float, float]:
    """Effective number of rows, and of independent units, behind a score: as in `scored.Scored`, for any metric."""
    kinds = strata(found, metric, rows)
    masks = [kinds == kind for kind in np.unique(kinds)]
    sizes = [int(mask.sum()) for mask in masks]
    units = [len(np.unique(found.units[rows[mask]])) for mask in masks]
    fewest = min(_effective(units), float(len(np.unique(found.units[rows]))))
    return _effective(sizes), fewest


def row_error(found: Resampled, metric: str, rows: np.ndarray, values: np.ndarray) -> float:
    """Standard error of a mean of row values ``(m,)`` for the choice of rows (units drawn whole) alone."""
    return _mean_and_error(found, metric, rows, values, added=None)[1]


def paired_rows(
    found: Resampled, metric: str, rows: np.ndarray, differences: np.ndarray, quantile: float
) -> tuple[float, float]:
    """Interval of a mean difference between two models for the choice of rows alone.

    One unit (row or cluster) more in each direction, with a difference of the usual size, keeps a few rows from
    being proof and the interval from shrinking to a point. For right and wrong answers that is the matched-pairs
    interval of `compare.matched_pairs` (Bonett and Price 2012, doi:10.3102/1076998611411915).

    Args:
        found: What was held out.
        metric: Key of the metric.
        rows: ``(m,)`` positions of distinct rows.
        differences: ``(m,)`` first minus second, averaged over the repetitions of a row.
        quantile: How many standard errors the interval reaches to each side.
    """
    value, error = _mean_and_error(found, metric, rows, differences, added=1.0 if metric in STRATA else 0.0)
    return value - quantile * error, value + quantile * error


def _mean_and_error(
    found: Resampled, metric: str, rows: np.ndarray, values: np.ndarray, added: float | None
) -> tuple[float, float]:
    """Mean over strata with its standard error; ``added`` is the least size of the two units that are added."""
    kinds, units = strata(found, metric, rows), found.units[rows]
    means, variance = [], 0.0
    for kind in np.unique(kinds):
        own = kinds == kind
        codes = np.unique(units[own], return_inverse=True)[1]
        sums, sizes = np.bincount(codes, values[own]), np.bincount(codes).astype(float)
        if added is not None:
            usual = float(np.abs(sums[sums != 0]).mean()) if sums.any() else 0.0
            usual = max(usual, added)
            sums, sizes = np.r_[sums, usual, -usual], np.r_[sizes, sizes.mean(), sizes.mean()]
        means.append(sums.sum() / sizes.sum())
        variance += float(((sums - means[-1] * sizes) ** 2).sum()) / float(sizes.sum()) ** 2
    return float(np.mean(means)), math.sqrt(variance) / len(means)


def _effective(sizes: Sequence[int]) -> float:
    return len(sizes) ** 2 / sum(1 / size for size in sizes)
