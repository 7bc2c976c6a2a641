"""Which features matter: how much worse the answers get when the values of one feature are shuffled between rows.

Permutation importance (Breiman 2001, Machine Learning 45:5-32; Fisher, Rudin and Dominici 2019, JMLR 20:177), on rows
that the network had not learned from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypedDict

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.bootstrap import percentile_interval, resample
from core.evaluation.words import count

Predict = Callable[[np.ndarray], np.ndarray]
BYTES_AT_ONCE = 64_000_000
MOST_ROWS_AT_ONCE = 50_000
MOST_ROWS = 5_000


class Importance(TypedDict):
    """How much the loss grows without the feature, with a 95 % interval; 0 means that it does not matter."""

    feature: str
    importance: float
    low: float
    high: float


def permutation_importance(
    predict: Predict,
    x: np.ndarray,
    y: np.ndarray,
    task: Task,
    input_feature: np.ndarray,
    feature_names: Sequence[str],
    repeats: int = 5,
    seed: int = 0,
    max_features: int = 200,
    screen: np.ndarray | None = None,
) -> list[Importance]:
    """Growth of the loss (log loss; mean squared error) when a feature is shuffled, most important first.

    All inputs that came from one feature (the columns of a category) are shuffled together. The interval is over rows
    (bootstrap), of the average over the repeats. Rows or predictions that cannot be judged give an empty list; of very
    many rows a random 5,000 are used.

    Args:
        predict: ``(m, inputs)`` to ``(m, classes)`` probabilities or ``(m,)`` values, of many copies of rows at once.
        x: ``(n, inputs)`` preprocessed inputs.
        y: ``(n,)`` class indices or values.
        task: Kind of answer.
        input_feature: ``(inputs,)`` index of the feature that each input came from.
        feature_names: Names of all features.
        repeats: How often each feature is shuffled.
        seed: Seed of the shuffles.
        max_features: Only this many are shuffled; see `importance_note`.
        screen: ``(features,)`` score by which these are chosen, largest first; default: correlation with the target.
    """
    if len(x) < 2:
        return []
    x, y = _some_rows(x, y, seed)
    chosen = _chosen(x, y, task, input_feature, len(feature_names), max_features, screen)
    shuffled = _shuffled_predictions(predict, x, input_feature, chosen, repeats, seed)
    growth = _growth(task, y, predict(x), shuffled, len(chosen))
    if growth is None:
        return []
    found = _with_intervals(growth / repeats, [feature_names[feature] for feature in chosen], seed)
    return sorted(found, key=lambda each: -each["importance"])


def importance_note(features: int, max_features: int = 200) -> str:
    """A sentence that says which features were left out, or empty."""
    if features <= max_features:
        return ""
    return (
        f"Only the {max_features:,} features that go most with the target were tried, of {count(features, 'feature')}; "
        "what the others contribute is not known."
    )


def association(x: np.ndarray, y: np.ndarray, task: Task) -> np.ndarray:
    """``(inputs,)`` absolute correlation of each input with the target; with classes the largest over the classes."""
    targets = y[:, None] if task == "regression" else (y[:, None] == np.unique(y)).astype(float)
    targets = _standardised(targets.astype(float))
    found = np.zeros(x.shape[1])
    for start in range(0, x.shape[1], 2048):
        block = slice(start, start + 2048)
        found[block] = np.abs(_standardised(x[:, block].astype(float)).T @ targets).max(axis=1) / len(y)
    return found


def _some_rows(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """All rows, or a random 5,000 of more."""
    if len(x) <= MOST_ROWS:
        return x, y
    some = np.sort(np.random.default_rng(seed).choice(len(x), MOST_ROWS, replace=False))
    return x[some], y[some]


def _growth(
    task: Task, y: np.ndarray, prediction: np.ndarray, shuffled: Iterable[tuple[int, np.ndarray]], features: int
) -> np.ndarray | None:
    """``(n, features)`` growth of each row's loss, summed over the shuffles; None where it cannot be judged."""
    base = _row_losses(task, y, prediction)
    if base is None:
        return None
    growth = np.zeros((len(y), features))
    for place, changed in shuffled:
        losses = _row_losses(task, y, changed)
        if losses is None:
            return None
        growth[:, place] += losses - base
    return growth


def _chosen(
    x: np.ndarray,
    y: np.ndarray,
    task: Task,
    input_feature: np.ndarray,
    features: int,
    max_features: int,
    screen: np.ndarray | None,
) -> np.ndarray:
    """Indices of the features to shuffle, in the order of the features; those without an input cannot matter."""
    present = np.unique(input_feature)
    if len(present) <= max_features:
        return present
    if screen is None:
        screen = np.zeros(features)
        np.maximum.at(screen, input_feature, association(x, y, task))
    order = np.argsort(-np.nan_to_num(np.asarray(screen, dtype=float)[present]), kind="stable")
    return np.sort(present[order[:max_features]])


def _shuffled_predictions(
    predict: Predict, x: np.ndarray, input_feature: np.ndarray, chosen: np.ndarray, repeats: int, seed: int
) -> Iterator[tuple[int, np.ndarray]]:
    """Place in ``chosen`` and predictions for each shuffle; the copies share one block of memory, mended after use."""
    n = len(x)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(n) for _ in range(repeats)]
    jobs = [(place, order) for place in range(len(chosen)) for order in orders]
    copies = int(min(len(jobs), max(1, min(BYTES_AT_ONCE // max(x.nbytes, 1), MOST_ROWS_AT_ONCE // n))))
    by_feature = np.argsort(input_feature, kind="stable")
    ends = np.searchsorted(input_feature[by_feature], [chosen, chosen + 1])
    columns = [by_feature[start:end] for start, end in ends.T]
    stack = np.tile(x, (copies, 1, 1))
    for first in range(0, len(jobs), copies):
        batch = jobs[first : first + copies]
        for copy, (place, order) in zip(stack, batch, strict=False):
            copy[:, columns[place]] = x[np.ix_(order, columns[place])]
        predictions = np.asarray(predict(stack[: len(batch)].reshape(-1, x.shape[1])))
        for i, (place, _) in enumerate(batch):
            yield place, predictions[i * n : (i + 1) * n]
            stack[i][:, columns[place]] = x[:, columns[place]]


def _row_losses(task: Task, y: np.ndarray, prediction: np.ndarray) -> np.ndarray | None:
    """``(n,)`` log loss or squared error of each row; None where predictions are not finite."""
    answers = Answers(task, y, prediction)
    if not answers.usable:
        return None
    return answers.errors**2 if task == "regression" else answers.row_log_loss


def _with_intervals(growth: np.ndarray, names: Sequence[str], seed: int) -> list[Importance]:
    draws = resample(len(growth), seed=seed)
    part = growth[draws.rows]
    replicates = draws.counts @ part / draws.counts.sum(axis=1, keepdims=True)
    found: list[Importance] = []
    for name, value, centre, each in zip(names, growth.mean(axis=0), part.mean(axis=0), replicates.T, strict=True):
        low, high = percentile_interval(float(value), float(centre), each, draws)
        found.append({"feature": name, "importance": float(value), "low": low, "high": high})
    return found


def _standardised(x: np.ndarray) -> np.ndarray:
    centred = x - x.mean(axis=0)
    scale = centred.std(axis=0)
    return np.divide(centred, scale, out=np.zeros_like(centred), where=scale > 0)
