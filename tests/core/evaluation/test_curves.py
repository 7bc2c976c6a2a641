"""Curves, matrices and residuals equal scikit-learn's."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest
from sklearn import metrics as sk

from core.evaluation import curves
from core.evaluation.bootstrap import wilson
from core.evaluation.curves import at_threshold, calibration, confusion_matrix, precision_recall_curve, roc_curve
from core.evaluation.residuals import residuals

T = TypeVar("T")
Case = tuple[np.ndarray, np.ndarray]


def there(found: T | None) -> T:
    assert found is not None
    return found


@pytest.fixture(params=[False, True], ids=["distinct", "ties"])
def case(request: pytest.FixtureRequest) -> Case:
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=300)
    p = np.clip(0.3 * y + rng.uniform(0, 0.7, size=300), 0, 1)
    return y, np.round(p, 1) if request.param else p


def test_confusion_matrix_equals_scikit_learn_and_rates_sum_to_one() -> None:
    y, answered = np.array([0, 0, 0, 1, 2, 2]), np.array([0, 0, 1, 1, 0, 2])
    found = confusion_matrix(y, answered, 4)
    assert (found.counts == sk.confusion_matrix(y, answered, labels=range(4))).all()
    assert found.rates[:3].sum(axis=1) == pytest.approx([1, 1, 1])
    assert found.rates[0] == pytest.approx([2 / 3, 1 / 3, 0, 0])
    assert (found.rates[3] == 0).all()


def test_roc_curve_equals_scikit_learn(case: Case) -> None:
    y, p = case
    found = there(roc_curve(y, p))
    x, height, thresholds = sk.roc_curve(y, p, drop_intermediate=False)
    assert found.x == pytest.approx(x) and found.y == pytest.approx(height)
    assert (found.thresholds == thresholds).all()
    assert found.area == pytest.approx(sk.roc_auc_score(y, p))


def test_precision_recall_curve_equals_scikit_learn(case: Case) -> None:
    y, p = case
    found = there(precision_recall_curve(y, p))
    precision, recall, thresholds = sk.precision_recall_curve(y, p)
    assert found.y == pytest.approx(precision[:-1][::-1]) and found.x == pytest.approx(recall[:-1][::-1])
    assert (found.thresholds == thresholds[::-1]).all()
    assert found.area == pytest.approx(sk.average_precision_score(y, p))


def test_long_curves_are_thinned_but_keep_their_ends_and_area() -> None:
    rng = np.random.default_rng(1)
    y, p = rng.integers(2, size=5000), rng.random(5000)
    found = there(roc_curve(y, p))
    assert len(found.x) == len(found.thresholds) == curves.MOST_POINTS
    assert (found.x[0], found.y[0], found.x[-1], found.y[-1]) == (0, 0, 1, 1)
    assert found.area == pytest.approx(sk.roc_auc_score(y, p))


def test_a_single_class_has_no_curve() -> None:
    assert roc_curve(np.ones(4), np.arange(4.0)) is None
    assert roc_curve(np.array([]), np.array([])) is None
    assert precision_recall_curve(np.zeros(4), np.arange(4.0)) is None


def test_a_point_of_the_roc_curve_is_what_its_threshold_does(case: Case) -> None:
    y, p = case
    curve = there(roc_curve(y, p))
    point = len(curve.x) // 2
    found = at_threshold(y, p, curve.thresholds[point])
    assert found.sensitivity == pytest.approx(curve.y[point])
    assert found.specificity is not None
    assert 1 - found.specificity == pytest.approx(curve.x[point])
    answered = p >= curve.thresholds[point]
    assert found.precision == pytest.approx(sk.precision_score(y, answered))
    assert found.accuracy == pytest.approx(sk.accuracy_score(y, answered))
    counts = [found.true_negatives, found.false_positives, found.false_negatives, found.true_positives]
    assert counts == sk.confusion_matrix(y, answered).ravel().tolist()


def test_what_cannot_be_counted_is_none() -> None:
    found = at_threshold(np.zeros(3), np.full(3, 0.2), 0.9)
    assert (found.sensitivity, found.precision, found.specificity) == (None, None, 1.0)
    assert at_threshold(np.array([]), np.array([]), 0.5).accuracy is None


def test_calibration_bins_hold_equally_many_rows_and_every_row_once() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(int)
    found = calibration(y, p, bins=10)
    assert [each.count for each in found] == [20] * 10
    lowest = np.sort(p)[:20]
    first = found[0]
    assert first.probability == pytest.approx(lowest.mean())
    assert first.share == pytest.approx(y[p <= lowest[-1]].mean())
    assert (first.low, first.high) == wilson(first.share, 20)


def test_equal_probabilities_share_a_bin() -> None:
    found = calibration(np.array([0, 1, 1, 0]), np.full(4, 0.5))
    assert [(each.count, each.probability, each.share) for each in found] == [(4, 0.5, 0.5)]
    assert calibration(np.array([]), np.array([])) == []


def test_residuals_tell_offset_size_slope_and_the_worst_rows() -> None:
    y = np.arange(11.0)
    p = 0.5 * y + 1
    p[3] = 100
    found = there(residuals(y, p))
    assert found.errors == pytest.approx(p - y)
    assert found.mean == pytest.approx(np.mean(p - y))
    assert (found.worst[0], len(found.worst)) == (3, 10)
    assert found.median_size == pytest.approx(np.median(np.abs(p - y)))
    assert there(residuals(y, 0.5 * y + 1)).slope == pytest.approx(0.5)
    assert there(residuals(np.ones(3), np.arange(3.0))).slope is None
    assert residuals(np.array([]), np.array([])) is None
