"""Permutation importance finds what the answers need."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation import importance
from core.evaluation.importance import Importance, association, importance_note, permutation_importance

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 5)).astype(np.float32)
NAMES = ["strong", "weak", "category", "unused"]
FEATURE = np.array([0, 1, 2, 2, 3])
WEIGHTS = np.array([2.0, 0.5, 1.0, -1.0, 0.0])


def line(x: np.ndarray) -> np.ndarray:
    return x @ WEIGHTS


def of(found: list[Importance], name: str) -> Importance:
    return next(each for each in found if each["feature"] == name)


def test_features_are_ordered_by_how_much_the_answers_need_them() -> None:
    found = permutation_importance(line, X, line(X), "regression", FEATURE, NAMES)
    assert [each["feature"] for each in found] == ["strong", "category", "weak", "unused"]
    assert of(found, "unused") == {"feature": "unused", "importance": 0.0, "low": 0.0, "high": 0.0}
    assert of(found, "strong")["importance"] == pytest.approx(2 * 4 * X[:, 0].var(), rel=0.25)
    for each in found[:3]:
        assert 0 < each["low"] < each["importance"] < each["high"]


def test_columns_of_one_category_are_shuffled_together() -> None:
    x = np.column_stack([X[:, 0], -X[:, 0]])

    def balance(new: np.ndarray) -> np.ndarray:
        return new[:, 0] + new[:, 1]

    y = np.zeros(len(x))
    together = permutation_importance(balance, x, y, "regression", np.array([0, 0]), ["one"])
    apart = permutation_importance(balance, x, y, "regression", np.array([0, 1]), ["one", "two"])
    assert together[0]["importance"] == 0.0
    assert apart[0]["importance"] > 1.0


def test_classes_are_judged_by_log_loss() -> None:
    def probabilities(x: np.ndarray) -> np.ndarray:
        chance = 1 / (1 + np.exp(-2 * x[:, 0]))
        return np.column_stack([1 - chance, chance])

    y = (X[:, 0] > 0).astype(int)
    found = permutation_importance(probabilities, X, y, "binary", FEATURE, NAMES, repeats=2)
    order = np.random.default_rng(0).permutation(len(X))
    assert found[0]["feature"] == "strong" and found[0]["low"] > 0.3
    one = permutation_importance(probabilities, X, y, "binary", FEATURE, NAMES, repeats=1)
    shuffled = probabilities(X[order])[np.arange(120), y]
    expected = np.mean(-np.log(shuffled) + np.log(probabilities(X)[np.arange(120), y]))
    assert of(one, "strong")["importance"] == pytest.approx(expected)


def test_small_batches_give_the_same_result_and_leave_the_rows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = X.copy()
    whole = permutation_importance(line, X, line(X), "regression", FEATURE, NAMES)
    sizes = []

    def watched(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return line(x)

    monkeypatch.setattr(importance, "BYTES_AT_ONCE", 3 * X.nbytes)
    parts = permutation_importance(watched, X, line(X), "regression", FEATURE, NAMES)
    assert parts == whole
    assert max(sizes) == 3 * len(X)
    assert (before == X).all()


def test_of_many_features_only_the_most_promising_are_tried_and_that_is_said() -> None:
    found = permutation_importance(line, X, line(X), "regression", FEATURE, NAMES, max_features=1)
    assert [each["feature"] for each in found] == ["strong"]
    screen = np.array([0.0, 5.0, 3.0, 1.0])
    found = permutation_importance(line, X, line(X), "regression", FEATURE, NAMES, max_features=2, screen=screen)
    assert {each["feature"] for each in found} == {"weak", "category"}
    assert "200 features" in importance_note(20_000) and "20,000" in importance_note(20_000)
    assert importance_note(200) == ""


def test_association_is_the_absolute_correlation() -> None:
    y = line(X)
    expected = [abs(np.corrcoef(X[:, i], y)[0, 1]) for i in range(5)]
    assert association(X, y, "regression") == pytest.approx(expected, abs=1e-6)
    assert association(np.ones((4, 1)), np.arange(4.0), "regression").tolist() == [0.0]


def test_rows_that_cannot_be_judged_give_an_empty_list() -> None:
    assert permutation_importance(line, X[:1], line(X[:1]), "regression", FEATURE, NAMES) == []
    assert permutation_importance(lambda x: np.full(len(x), np.nan), X, line(X), "regression", FEATURE, NAMES) == []


def test_very_many_rows_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importance, "MOST_ROWS", 50)
    sizes = []

    def watched(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return line(x)

    found = permutation_importance(watched, X, line(X), "regression", FEATURE, NAMES, repeats=1)
    assert sizes[0] == 50 and found[0]["feature"] == "strong"
