"""Metrics equal scikit-learn's, and are None where undefined."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from core.evaluation.answers import Answers, Task
from core.evaluation.metrics import METRICS, metrics_for, score, score_with_intervals
from core.evaluation.threads import one_thread


def class_case(
    seed: int, n: int, classes: int, ties: bool = False, dtype: Any = float
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.r_[np.arange(classes), rng.integers(classes, size=n - classes)]
    p = rng.dirichlet(np.ones(classes), size=n)
    if ties:
        p = np.round(p * 4) + 1.0
        p /= p.sum(axis=1, keepdims=True)
    return y, p.astype(dtype)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("classes", [2, 5])
def test_class_metrics_equal_scikit_learn(classes: int, ties: bool) -> None:
    y, p = class_case(3, 80, classes, ties)
    found = score("binary" if classes == 2 else "multiclass", y, p)
    answered = (p[:, 1] >= 0.5).astype(int) if classes == 2 else p.argmax(axis=1)
    area = sk.roc_auc_score(y, p[:, 1]) if classes == 2 else sk.roc_auc_score(y, p, multi_class="ovr")
    assert found == pytest.approx(
        {
            "accuracy": sk.accuracy_score(y, answered),
            "balanced_accuracy": sk.balanced_accuracy_score(y, answered),
            "roc_auc": area,
            "log_loss": sk.log_loss(y, p),
            "f1_macro": sk.f1_score(y, answered, average="macro"),
        }
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_loss_of_a_certain_mistake_is_finite_as_in_scikit_learn(dtype: Any) -> None:
    y, p = np.array([0, 1, 1]), np.array([[1, 0], [1, 0], [0, 1]], dtype=dtype)
    assert score("binary", y, p)["log_loss"] == pytest.approx(sk.log_loss(y, p), rel=1e-6)


def test_number_metrics_equal_scikit_learn_far_from_zero() -> None:
    rng = np.random.default_rng(0)
    y = 1e7 + rng.normal(size=50)
    p = y + rng.normal(size=50)
    expected = {
        "r2": sk.r2_score(y, p), "rmse": sk.root_mean_squared_error(y, p), "mae": sk.mean_absolute_error(y, p),
    }  # fmt: skip
    assert score("regression", y, p) == pytest.approx(expected, rel=1e-6)


def test_f1_counts_a_class_that_was_only_answered() -> None:
    y, p = np.array([0, 0, 1]), np.eye(3)[[0, 2, 1]]
    expected = sk.f1_score(y, p.argmax(axis=1), average="macro")
    assert score("multiclass", y, p)["f1_macro"] == pytest.approx(expected)


def test_probability_of_class_1_alone_is_enough_for_two_classes() -> None:
    y, p = class_case(1, 30, 2)
    assert score("binary", y, p[:, 1]) == pytest.approx(score("binary", y, p))


def test_threshold_moves_answers_but_not_the_order() -> None:
    y, p = class_case(2, 60, 2)
    low, high = (score("binary", y, p, threshold=t) for t in (0.2, 0.8))
    assert low["accuracy"] == sk.accuracy_score(y, p[:, 1] >= 0.2)
    assert high["accuracy"] == sk.accuracy_score(y, p[:, 1] >= 0.8)
    assert low["roc_auc"] == high["roc_auc"]


@pytest.mark.parametrize(
    ("task", "y", "p", "undefined"),
    [
        ("binary", [1, 1], [[0.2, 0.8], [0.6, 0.4]], {"roc_auc"}),
        ("regression", [2.0, 2.0], [1.0, 2.0], {"r2"}),
        ("regression", [2.0], [1.0], {"r2"}),
        ("binary", [], np.empty((0, 2)), {"accuracy", "balanced_accuracy", "roc_auc", "log_loss", "f1_macro"}),
        ("regression", [1.0, 2.0], [np.nan, 2.0], {"r2", "rmse", "mae"}),
        ("regression", [1.0, 2.0], [np.inf, 2.0], {"r2", "rmse", "mae"}),
    ],
)
def test_undefined_is_none_and_never_nan(task: Task, y: Any, p: Any, undefined: set[str]) -> None:
    found = score(task, np.array(y), np.array(p))
    assert {key for key, value in found.items() if value is None} == undefined
    for key, each in score_with_intervals(task, np.array(y), np.array(p)).items():
        assert each["value"] == found[key]


def test_area_is_averaged_over_the_classes_that_occur() -> None:
    y, p = class_case(5, 60, 3)
    kept = y < 2
    areas = [sk.roc_auc_score(y[kept] == k, p[kept, k]) for k in (0, 1)]
    assert score("multiclass", y[kept], p[kept])["roc_auc"] == pytest.approx(np.mean(areas))


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        score("regression", np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="classes"):
        score("multiclass", np.zeros(3, dtype=int), np.zeros(3))


def test_every_metric_has_plain_words_with_its_term_in_brackets() -> None:
    assert set(METRICS) == {
        "accuracy", "balanced_accuracy", "roc_auc", "log_loss", "f1_macro", "r2", "rmse", "mae",
    }  # fmt: skip
    for each in METRICS.values():
        assert each.label.endswith(")") and " (" in each.label and each.help.endswith(".")
    assert [each.key for each in metrics_for("regression")] == ["r2", "rmse", "mae"]


def test_metric_of_a_resample_equals_the_metric_of_repeated_rows() -> None:
    y, p = class_case(7, 40, 3, ties=True)
    rng = np.random.default_rng(0)
    counts = rng.multinomial(40, np.ones(40) / 40, size=5).astype(float)
    answers = Answers("multiclass", y, p)
    for each in metrics_for("multiclass"):
        for row, value in zip(counts, each.formula(answers, counts), strict=True):
            drawn = np.repeat(np.arange(40), row.astype(int))
            assert value == pytest.approx(score("multiclass", y[drawn], p[drawn])[each.key])


@settings(max_examples=60, deadline=None)
@given(
    task=st.sampled_from(["binary", "multiclass", "regression"]),
    n=st.integers(0, 12),
    seed=st.integers(0, 1000),
    size=st.sampled_from([0.0, 1e-300, 1.0, 1e30, 1e200, np.inf, np.nan]),
    grouped=st.booleans(),
)
def test_wild_input_gives_finite_ordered_intervals_or_none(
    task: Task, n: int, seed: int, size: float, grouped: bool
) -> None:
    rng = np.random.default_rng(seed)
    if task == "regression":
        y, p = rng.normal(size=n) * (size if np.isfinite(size) else 1), rng.normal(size=n) * size
    else:
        classes = 2 if task == "binary" else 4
        y, p = rng.integers(classes, size=n).astype(float), rng.dirichlet(np.ones(classes), size=n)
        p = p if np.isfinite(size) else p * size
    groups = rng.integers(3, size=n) if grouped else None
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("error")
        found = score_with_intervals(task, y, p, groups, n_resamples=200)
    for each in found.values():
        numbers = [value for value in each.values() if value is not None]
        assert np.isfinite(numbers).all()
        if len(numbers) == 3:
            value, low, high = numbers
            assert low <= value <= high
