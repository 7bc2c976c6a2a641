"""Every metric, declared once: words, direction, tasks, and a formula that scores all bootstrap resamples at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.evaluation.answers import Answers, Task

CLASSES: tuple[Task, ...] = ("binary", "multiclass")
NUMBERS: tuple[Task, ...] = ("regression",)
Formula = Callable[[Answers, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        key: Its name in files.
        label: Plain words, with the field's term in brackets.
        help: One sentence.
        higher_is_better: Direction.
        tasks: Where it applies.
        share: Whether it lives between 0 and 1, and its interval is a score interval.
        formula: ``(answers of n rows, counts (k, n)) -> (k,)``; not-a-number where undefined.
    """

    key: str
    label: str
    help: str
    higher_is_better: bool
    tasks: tuple[Task, ...]
    share: bool
    formula: Formula


METRICS: dict[str, Metric] = {}


def metric(
    label: str, help: str, tasks: tuple[Task, ...], higher_is_better: bool = True, share: bool = False
) -> Callable[[Formula], Formula]:
    """Declare the function below as a metric; its name is the key."""

    def declare(formula: Formula) -> Formula:
        key = formula.__name__
        METRICS[key] = Metric(key, label, help, higher_is_better, tasks, share, formula)
        return formula

    return declare


@metric("share of correct answers (accuracy)", "How many of all rows are answered right.", CLASSES, share=True)
def accuracy(answers: Answers, counts: np.ndarray) -> np.ndarray:
    return _divide(counts @ answers.hits, counts.sum(axis=1))


@metric(
    "share of correct answers, averaged over classes (balanced accuracy)",
    "Every class counts the same, however rare, so always giving the most frequent answer does not pay.",
    CLASSES,
    share=True,
)
def balanced_accuracy(answers: Answers, counts: np.ndarray) -> np.ndarray:
    hits = counts @ (answers.true_table * answers.hits[:, None])
    return _mean_where_defined(_divide(hits, counts @ answers.true_table))


@metric(
    "how well rows are put in order (area under the ROC curve)",
    "The chance that a row of a class gets a higher probability of it than a row of another class; 0.5 is guessing.",
    CLASSES,
    share=True,
)
def roc_auc(answers: Answers, counts: np.ndarray) -> np.ndarray:
    """Macro average, one class against the rest, over the classes that occur (Hand and Till's one-vs-rest form)."""
    of_interest = [1] if answers.classes == 2 else range(answers.classes)
    areas = [_area(answers.true_table[:, k], answers.prediction[:, k], counts) for k in of_interest]
    return _mean_where_defined(np.column_stack(areas))


@metric(
    "penalty for confident mistakes (log loss)",
    "Small when the probabilities are right; a confident wrong answer costs most.",
    CLASSES,
    higher_is_better=False,
)
def log_loss(answers: Answers, counts: np.ndarray) -> np.ndarray:
    return _divide(counts @ answers.row_log_loss, counts.sum(axis=1))


@metric(
    "found and right, balanced over classes (macro F1)",
    "For each class: how many of its rows are found and how many answers of it are right, as one number; averaged.",
    CLASSES,
    share=True,
)
def f1_macro(answers: Answers, counts: np.ndarray) -> np.ndarray:
    hits = counts @ (answers.true_table * answers.hits[:, None])
    either = counts @ (answers.true_table + answers.predicted_table)
    return _mean_where_defined(_divide(2 * hits, either))


@metric(
    "explained share of the differences (R²)",
    "1 is perfect, 0 is as good as always answering the average, below 0 is worse than that.",
    NUMBERS,
)
def r2(answers: Answers, counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=1)
    centred = answers.y - answers.y.mean()
    spread = counts @ centred**2 - _divide((counts @ centred) ** 2, total)
    enough = spread > 1e-28 * np.maximum(counts @ answers.y**2, np.finfo(float).tiny)
    return np.where(enough, 1 - _divide(counts @ answers.errors**2, np.where(enough, spread, 1.0)), np.nan)


@metric(
    "typical size of the error (root mean squared error)",
    "In the unit of the target; large errors count more.",
    NUMBERS,
    higher_is_better=False,
)
def rmse(answers: Answers, counts: np.ndarray) -> np.ndarray:
    return np.sqrt(_divide(counts @ answers.errors**2, counts.sum(axis=1)))


@metric(
    "average size of the error (mean absolute error)",
    "In the unit of the target; every error counts by its size.",
    NUMBERS,
    higher_is_better=False,
)
def mae(answers: Answers, counts: np.ndarray) -> np.ndarray:
    return _divide(counts @ np.abs(answers.errors), counts.sum(axis=1))


def metrics_for(task: Task) -> list[Metric]:
    """The metrics of a task, most telling first."""
    return [each for each in METRICS.values() if task in each.tasks]


def _area(positive: np.ndarray, values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """``(k,)`` ROC area of each resample: pairs in the right order, ties half (Mann-Whitney)."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(values[order]) != 0])
    total = counts[:, order]
    good = total * positive[order]
    if len(starts) < len(order):
        total, good = (np.add.reduceat(each, starts, axis=1) for each in (total, good))
    bad = total - good
    below = np.cumsum(bad, axis=1) - bad / 2
    return _divide(np.einsum("ij,ij->i", good, below), good.sum(axis=1) * bad.sum(axis=1))


def _divide(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(np.shape(top), np.nan), where=bottom > 0)


def _mean_where_defined(table: np.ndarray) -> np.ndarray:
    defined = np.isfinite(table)
    return _divide(np.where(defined, table, 0.0).sum(axis=1), defined.sum(axis=1))
