"""What the results page draws for classes: confusion matrix, ROC, precision and recall, thresholds, calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.evaluation.bootstrap import wilson

MOST_POINTS = 500


@dataclass(frozen=True)
class Confusion:
    """Rows of each true class (first axis) by the class that was answered (second axis).

    Attributes:
        counts: ``(classes, classes)`` int64.
        rates: ``(classes, classes)`` share of the true class' rows; 0 throughout for a class without rows.
    """

    counts: np.ndarray
    rates: np.ndarray


@dataclass(frozen=True)
class Curve:
    """Points of a curve, from the highest threshold to the lowest.

    Attributes:
        x: ``(m,)`` false positive rate (ROC), or recall.
        y: ``(m,)`` true positive rate (ROC), or precision.
        thresholds: ``(m,)``; the ROC curve starts at infinity, where nothing is called positive.
        area: Area under the curve before thinning; average precision for precision and recall.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray
    area: float


@dataclass(frozen=True)
class Bin:
    """Rows with similar probability: what was said, and how often it came true, with a 95 % Wilson interval."""

    probability: float
    share: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class ThresholdResult:
    """What one threshold does; a share is None where nothing is there to be counted."""

    threshold: float
    sensitivity: float | None
    specificity: float | None
    precision: float | None
    accuracy: float | None
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int


def confusion_matrix(y_true: np.ndarray, predicted: np.ndarray, classes: int) -> Confusion:
    """Count true against answered class.

    Args:
        y_true: ``(n,)`` class indices.
        predicted: ``(n,)`` answered class indices (`answers.predicted_classes`).
        classes: Number of classes.
    """
    cells = np.asarray(y_true, dtype=np.int64) * classes + np.asarray(predicted, dtype=np.int64)
    counts = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    return Confusion(counts, counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))


def roc_curve(y_true: np.ndarray, probability: np.ndarray) -> Curve | None:
    """Found positives against false alarms, at most 500 points; None if only one class is there.

    Args:
        y_true: ``(n,)`` 1 for positive rows, else 0.
        probability: ``(n,)`` of being positive; a row is called positive at the threshold or above.
    """
    positives = int(np.sum(y_true))
    if not 0 < positives < len(y_true):
        return None
    hits, alarms, thresholds = _cumulative(y_true, probability)
    y, x = np.r_[0, hits] / positives, np.r_[0, alarms] / (len(y_true) - positives)
    area = float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))
    return _thinned(x, y, np.r_[np.inf, thresholds], area)


def precision_recall_curve(y_true: np.ndarray, probability: np.ndarray) -> Curve | None:
    """Precision against recall, at most 500 points; None without positive rows.

    The area is the average precision (sum of precision times gain in recall), without interpolation, which would be
    too kind (Davis and Goadrich 2006, ICML).
    """
    positives = int(np.sum(y_true))
    if positives == 0:
        return None
    hits, alarms, thresholds = _cumulative(y_true, probability)
    recall, precision = hits / positives, hits / (hits + alarms)
    area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
    return _thinned(recall, precision, thresholds, area)


def calibration(y_true: np.ndarray, probability: np.ndarray, bins: int = 10) -> list[Bin]:
    """Said against seen: bins with about equally many rows (quantiles); equal probabilities stay together.

    Args:
        y_true: ``(n,)`` 1 for positive rows, else 0.
        probability: ``(n,)`` of being positive.
        bins: Most bins; fewer where probabilities repeat.
    """
    y_true, probability = np.asarray(y_true), np.asarray(probability, dtype=float)
    if len(y_true) == 0:
        return []
    last_of_bin = -(-len(probability) * np.arange(1, bins) // bins) - 1
    edges = np.unique(np.sort(probability)[last_of_bin])
    place = np.searchsorted(edges, probability, side="left")
    return [_bin(y_true[place == k], probability[place == k]) for k in np.unique(place)]


def at_threshold(y_true: np.ndarray, probability: np.ndarray, threshold: float) -> ThresholdResult:
    """What happens if a row is called positive at ``threshold`` or above (arrays as in `roc_curve`)."""
    truth, called = np.asarray(y_true) == 1, np.asarray(probability) >= threshold
    found, alarms = int(np.sum(truth & called)), int(np.sum(~truth & called))
    missed, right = int(np.sum(truth & ~called)), int(np.sum(~truth & ~called))
    return ThresholdResult(
        threshold,
        _share(found, found + missed),
        _share(right, right + alarms),
        _share(found, found + alarms),
        _share(found + right, len(truth)),
        found,
        alarms,
        right,
        missed,
    )


def _cumulative(y_true: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Positives and negatives at or above each distinct probability, from the highest down."""
    probability = np.asarray(probability, dtype=float)
    order = np.argsort(-probability, kind="stable")
    values = probability[order]
    last = np.flatnonzero(np.r_[np.diff(values) != 0, True])
    hits = np.cumsum(np.asarray(y_true)[order])[last]
    return hits, last + 1 - hits, values[last]


def _thinned(x: np.ndarray, y: np.ndarray, thresholds: np.ndarray, area: float) -> Curve:
    if len(x) > MOST_POINTS:
        kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).round().astype(int))
        x, y, thresholds = x[kept], y[kept], thresholds[kept]
    return Curve(x, y, thresholds, area)


def _bin(y_true: np.ndarray, probability: np.ndarray) -> Bin:
    share = float(np.mean(y_true))
    return Bin(float(np.mean(probability)), share, *wilson(share, len(y_true)), len(y_true))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
