"""Predictions together with bootstrap resamples of their rows; each metric is worked out once."""

from __future__ import annotations

import math

import numpy as np

from core.evaluation.answers import Answers
from core.evaluation.bootstrap import Resamples, mostly_defined, percentile_interval, score_interval
from core.evaluation.registry import Metric, metrics_for

Interval = dict[str, float | None]


class Scored:
    """One model's answers for some rows, scored on all rows and on every resample.

    Two models on the same rows share the same ``draws``, so that their replicates can be compared pair by pair.
    """

    def __init__(self, answers: Answers, draws: Resamples) -> None:
        self.answers = answers
        self.draws = draws
        self._part = answers if len(draws.rows) == len(answers) else answers.take(draws.rows)
        self._values: dict[str, float | None] = {}
        self._replicates: dict[str, np.ndarray] = {}

    def value(self, metric: Metric) -> float | None:
        """The metric on all rows, or None."""
        if metric.key not in self._values:
            self._values[metric.key] = value_of(metric, self.answers)
        return self._values[metric.key]

    def centre(self, metric: Metric) -> float | None:
        """The metric on the rows that were resampled, or None."""
        return self.value(metric) if self._part is self.answers else value_of(metric, self._part)

    def replicates(self, metric: Metric) -> np.ndarray:
        """``(n_resamples,)`` the metric on each resample; not-a-number where undefined there."""
        if metric.key not in self._replicates:
            self._replicates[metric.key] = self._compute(metric)
        return self._replicates[metric.key]

    def interval(self, metric: Metric) -> Interval:
        """The metric with its 95 % interval: ``{"value", "low", "high"}``."""
        value, centre = self.value(metric), self.centre(metric)
        replicates = mostly_defined(self.replicates(metric))
        if value is None or centre is None or replicates is None:
            return {"value": value, "low": None, "high": None}
        if metric.share:
            low, high = score_interval(value, self.draws.scale * replicates, *self._independent_rows(metric))
        else:
            low, high = percentile_interval(value, centre, replicates, self.draws)
        return {"value": value, "low": low, "high": high}

    def intervals(self) -> dict[str, Interval]:
        """Every metric of the task with its interval."""
        return {each.key: self.interval(each) for each in metrics_for(self.answers.task)}

    def _compute(self, metric: Metric) -> np.ndarray:
        if not self._part.usable or self.draws.units < 2:
            return np.full(len(self.draws.counts), np.nan)
        with np.errstate(over="ignore", invalid="ignore"):
            return metric.formula(self._part, self.draws.counts)

    def _independent_rows(self, metric: Metric) -> tuple[float, float]:
        """Effective number of rows, and of groups, behind a metric between 0 and 1.

        An average of one share a class has the variance of a plain share of ``classes² / sum(1 / rows of the class)``.
        """
        n, units, codes = len(self.answers), self.draws.units, self.draws.codes
        if metric.key == "accuracy":
            return float(n), float(units)
        present = [self.answers.y == k for k in np.unique(self.answers.y)]
        rows = [int(mask.sum()) for mask in present]
        groups = rows if units == n else [len(np.unique(codes[mask])) for mask in present]
        return _effective(rows), min(_effective(groups), float(units))


def value_of(metric: Metric, answers: Answers) -> float | None:
    """One metric on all rows, or None where it is undefined."""
    if not answers.usable:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        value = float(metric.formula(answers, np.ones((1, len(answers))))[0])
    return value if math.isfinite(value) else None


def _effective(sizes: list[int]) -> float:
    return len(sizes) ** 2 / sum(1 / size for size in sizes)
