"""Is one model better than another? Paired bootstrap: both are scored on the same rows of the same resamples."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.bootstrap import Z_95, mostly_defined, percentile_interval, resample
from core.evaluation.registry import METRICS, Metric
from core.evaluation.scored import Interval, Scored

Result = Literal["better", "tied", "worse"]
# Metrics that count right answers, and whether they do so class by class.
STRATA = {"accuracy": False, "balanced_accuracy": True}


def paired_difference(
    task: Task,
    metric: str,
    y: np.ndarray,
    pred_a: np.ndarray,
    pred_b: np.ndarray,
    groups: np.ndarray | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
    threshold: float = 0.5,
) -> Interval:
    """Score of ``a`` minus score of ``b`` with its 95 % interval: ``{"value", "low", "high"}``, None where undefined.

    Args:
        task: Kind of answer.
        metric: Key of a metric of the task.
        y: ``(n,)`` class indices or values.
        pred_a: Predictions of the first model for these rows, ``(n, classes)`` or ``(n,)``.
        pred_b: Those of the second.
        groups: ``(n,)`` rows that belong together are drawn together.
        n_resamples: How many resamples at most.
        seed: The same seed gives the same interval.
        threshold: See `Answers`.
    """
    draws = resample(len(y), groups, n_resamples, seed)
    first, second = (Scored(Answers(task, y, prediction, threshold), draws) for prediction in (pred_a, pred_b))
    return difference(METRICS[metric], first, second)


def difference(metric: Metric, first: Scored, second: Scored) -> Interval:
    """As `paired_difference`, of two models that were scored on the same resamples."""
    value = _minus(first.value(metric), second.value(metric))
    centre = _minus(first.centre(metric), second.centre(metric))
    replicates = mostly_defined(first.replicates(metric) - second.replicates(metric))
    if value is None or centre is None or replicates is None:
        return {"value": value, "low": None, "high": None}
    low, high = percentile_interval(value, centre, replicates, first.draws)
    if metric.key in STRATA:
        pairs_low, pairs_high = matched_pairs(first.answers, second.answers, STRATA[metric.key])
        low, high = min(low, pairs_low), max(high, pairs_high)
    return {"value": value, "low": low, "high": high}


def matched_pairs(first: Answers, second: Answers, by_class: bool) -> tuple[float, float]:
    """95 % interval of a difference between two shares of right answers on the same rows.

    Where only a few rows are answered right by one model and wrong by the other, the bootstrap never draws how
    rarely that could have gone the other way: four such rows of eighty look like proof. One row more in each of
    the two cells mends that (Bonett and Price 2012, doi:10.3102/1076998611411915).

    Args:
        first: Answers of one model.
        second: Those of the other, for the same rows.
        by_class: Average over classes (balanced accuracy), instead of counting all rows alike (accuracy).
    """
    strata = first.y if by_class else np.zeros(len(first), np.int64)
    value = variance = 0.0
    present = np.unique(strata)
    for stratum in present:
        own = strata == stratum
        gained = float((first.hits[own] > second.hits[own]).sum()) + 1.0
        lost = float((first.hits[own] < second.hits[own]).sum()) + 1.0
        rows = float(own.sum()) + 2.0
        value += (gained - lost) / rows
        variance += (gained + lost - (gained - lost) ** 2 / rows) / rows**2
    margin = Z_95 * np.sqrt(variance) / len(present)
    return value / len(present) - margin, value / len(present) + margin


def result(metric: str, found: Interval) -> Result:
    """Whether the first model is better than the second, worse, or tied: the interval of the difference holds 0."""
    low, high = found["low"], found["high"]
    if low is None or high is None or low <= 0 <= high:
        return "tied"
    return "better" if (low > 0) == METRICS[metric].higher_is_better else "worse"


def _minus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second
