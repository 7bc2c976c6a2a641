"""Metrics of predictions, and how far chance could shift them."""

from __future__ import annotations

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.bootstrap import resample
from core.evaluation.registry import METRICS, Metric, metrics_for
from core.evaluation.scored import Scored, value_of

__all__ = ["METRICS", "Metric", "metrics_for", "score", "score_with_intervals"]


def score(task: Task, y_true: np.ndarray, y_pred: np.ndarray, threshold: float = 0.5) -> dict[str, float | None]:
    """Every metric of the task; None where it is undefined (such as the ROC area of a single class).

    Args:
        task: Kind of answer.
        y_true: ``(n,)`` class indices or values.
        y_pred: ``(n, classes)`` probabilities or ``(n,)`` values.
        threshold: See `Answers`.
    """
    answers = Answers(task, y_true, y_pred, threshold)
    return {each.key: value_of(each, answers) for each in metrics_for(task)}


def score_with_intervals(
    task: Task,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    groups: np.ndarray | None = None,
    n_resamples: int = 1000,
    seed: int = 0,
    threshold: float = 0.5,
) -> dict[str, dict[str, float | None]]:
    """Every metric with its 95 % interval: ``{key: {"value", "low", "high"}}``, None where undefined.

    Metrics between 0 and 1 get Wilson's score interval at the effective number of rows that the bootstrap finds
    (`bootstrap.score_interval`), so a perfect score still has a lower end; the others get the percentile bootstrap.
    With ``groups (n,)`` whole groups are drawn.
    """
    answers = Answers(task, y_true, y_pred, threshold)
    return Scored(answers, resample(len(answers), groups, n_resamples, seed)).intervals()
