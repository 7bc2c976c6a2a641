"""The baselines equal scikit-learn's models, stay exact on wide tables, and never break on ugly data."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler

from core.evaluation import baselines as module
from core.evaluation import linear
from core.evaluation.answers import Task
from core.evaluation.baselines import baselines
from core.evaluation.metrics import score
from core.evaluation.threads import one_thread


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    with one_thread():
        yield


def scores(task: Task, y: np.ndarray, p: np.ndarray) -> dict[str, Any]:
    return score(task, y, p)


def table(seed: int, n: int, inputs: int, outputs: int = 1, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, inputs)) * rng.uniform(0.1, 100, size=inputs) + 5
    signal = StandardScaler().fit_transform(x) @ rng.normal(size=(inputs, outputs)) / np.sqrt(inputs)
    return x.astype(np.float32), signal + noise * rng.normal(size=(n, outputs))


def test_majority_answers_the_training_shares() -> None:
    y = np.array([0, 1, 1, 2])
    found = baselines("multiclass", np.zeros((4, 1)), y, {"validation": np.zeros((2, 1))}, 4)
    assert found[0].key == "majority"
    assert found[0].predictions["validation"].tolist() == [[0.25, 0.5, 0.25, 0.0]] * 2


def test_mean_answers_the_training_average() -> None:
    found = baselines("regression", np.zeros((3, 1)), np.array([1.0, 2.0, 6.0]), {"test": np.zeros((2, 1))}, 0)
    assert (found[0].key, found[0].predictions["test"].tolist()) == ("mean", [3.0, 3.0])


@pytest.mark.parametrize("inputs", [6, 300])
def test_ridge_equals_scikit_learn_on_standardised_inputs(inputs: int) -> None:
    x, y = table(0, 60, inputs)
    scaler = StandardScaler().fit(x[:40].astype(float))
    train, new = scaler.transform(x[:40]), scaler.transform(x[40:])
    length = np.mean(np.sum(train**2, axis=1))
    alphas = linear.RIDGE_PENALTIES * 40 * length
    chosen = RidgeCV(alphas=alphas).fit(train, y[:40, 0]).alpha_
    expected = Ridge(alpha=chosen, solver="svd").fit(train, y[:40, 0]).predict(new)
    found = baselines("regression", x[:40], y[:40, 0], {"validation": x[40:]}, 0)[1]
    assert found.key == "ridge"
    assert found.predictions["validation"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("inputs", "classes"), [(6, 2), (300, 2), (300, 4)])
def test_logistic_equals_scikit_learn_on_standardised_inputs(
    inputs: int, classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear, "PENALTIES", np.array([0.01]))
    x, signal = table(1, 90, inputs, classes)
    y = signal.argmax(axis=1)
    scaler = StandardScaler().fit(x[:60].astype(float))
    train, new = scaler.transform(x[:60]), scaler.transform(x[60:])
    strength = 1 / (0.01 * 60 * np.mean(np.sum(train**2, axis=1)))
    expected = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(train, y[:60]).predict_proba(new)
    found = baselines("multiclass", x[:60], y[:60], {"validation": x[60:], "train": x[:60]}, classes)[1]
    assert found.predictions["validation"] == pytest.approx(expected, abs=2e-3)
    assert found.predictions["train"].shape == (60, classes)


def test_part_that_is_the_training_array_gets_the_same_answers_as_a_copy_of_it() -> None:
    x, y = table(2, 30, 100)
    own = x[:20]
    found = baselines("regression", own, y[:20, 0], {"same": own, "copy": own.copy()}, 0)[1]
    assert found.predictions["same"] == pytest.approx(found.predictions["copy"], abs=1e-5)


def test_strength_comes_from_training_rows_so_that_pure_noise_is_answered_with_the_average() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(200, 500)), rng.normal(size=200)
    found = baselines("regression", x[:100], y[:100], {"validation": x[100:]}, 0)[1]
    assert scores("regression", y[100:], found.predictions["validation"])["r2"] > -0.1
    labels = (y > 0).astype(int)
    found = baselines("binary", x[:100], labels[:100], {"validation": x[100:]}, 2)[1]
    assert scores("binary", labels[100:], found.predictions["validation"])["log_loss"] < 0.75


def test_a_few_missing_cells_do_not_cost_the_straight_line() -> None:
    x, y = table(6, 60, 4, noise=0.05)
    x[3, 1], x[50, 0] = np.nan, np.inf
    found = baselines("regression", x[:40], y[:40, 0], {"validation": x[40:]}, 0)
    assert [each.key for each in found] == ["mean", "ridge"]


def test_class_without_training_rows_gets_no_probability_and_shifts_no_other() -> None:
    x, signal = table(7, 200, 3, noise=0.05)
    y = np.where(signal[:, 0] > 0, 2, 0)
    found = baselines("multiclass", x[:150], y[:150], {"validation": x[150:]}, 3)[1].predictions["validation"]
    assert (found[:, 1] == 0).all()
    assert np.mean(found.argmax(axis=1) == y[150:]) > 0.9


def test_a_clear_line_is_found() -> None:
    x, y = table(4, 300, 5, noise=0.05)
    labels = (y[:, 0] > 0).astype(int)
    found = baselines("binary", x[:200], labels[:200], {"validation": x[200:]}, 2)[1]
    assert scores("binary", labels[200:], found.predictions["validation"])["accuracy"] > 0.95


def test_too_few_rows_leave_only_the_simplest_with_a_reason() -> None:
    found = baselines("binary", np.zeros((3, 2)), np.array([0, 1, 1]), {"validation": np.zeros((1, 2))}, 2)
    assert [each.key for each in found] == ["majority"]
    assert "fewer than 10 training rows" in found[0].note
    found = baselines("binary", np.zeros((20, 2)), np.zeros(20, dtype=int), {}, 2)
    assert "Fewer than two classes" in found[0].note
    found = baselines("regression", np.zeros((20, 2)), np.ones(20), {}, 0)
    assert "same target" in found[0].note


def test_a_long_table_is_sampled_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WIDE_ROWS", 50)
    monkeypatch.setattr(module, "MOST_CELLS", 100)
    x, y = table(5, 80, 3)
    found = baselines("regression", x, y[:, 0], {"train": x}, 0)[1]
    assert found.note == "Fitted on 50 of the 80 training rows, drawn at random."
    assert found.predictions["train"].shape == (80,)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(0, 25),
    inputs=st.integers(0, 30),
    task=st.sampled_from(["binary", "multiclass", "regression"]),
    wild=st.sampled_from([0.0, 1e-30, 1e38, np.inf, -np.inf, np.nan]),
)
def test_ugly_numbers_never_raise_and_never_give_ugly_answers(
    seed: int, n: int, inputs: int, task: Task, wild: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n + 4, inputs)).astype(np.float32)
    x[rng.random(x.shape) < 0.3] = wild
    classes = {"binary": 2, "multiclass": 5, "regression": 0}[task]
    y = rng.normal(size=n) * 1e10 if task == "regression" else rng.integers(classes, size=n)
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("error")
        found = baselines(task, x[:n], y, {"validation": x[n:]}, classes)
    for each in found:
        answer = each.predictions["validation"]
        assert np.isfinite(answer).all()
        assert answer.shape == ((4,) if task == "regression" else (4, classes))
        if classes:
            assert answer.sum(axis=1) == pytest.approx(np.ones(4))
