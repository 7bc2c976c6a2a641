"""The verdict says good, tied and bad in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.evaluation.baselines import Baseline
from core.evaluation.compare import paired_difference, result
from core.evaluation.threads import one_thread
from core.evaluation.verdict import Verdict, VerdictFacts, main_metric, verdict


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    with one_thread():
        yield


def answers(y: np.ndarray, errors: int, classes: int = 2) -> np.ndarray:
    """Fairly certain probabilities ``(n, classes)`` that are wrong for so many rows."""
    answered = y.copy()
    wrong = np.random.default_rng(0).permutation(len(y))[:errors]
    answered[wrong] = (answered[wrong] + 1) % classes
    return np.eye(classes)[answered] * 0.7 + 0.3 / classes


def facts(
    errors: int = 10,
    linear_errors: int = 30,
    n: int = 200,
    train_errors: int = 20,
    y: np.ndarray | None = None,
    **more: Any,
) -> VerdictFacts:
    y = np.arange(n) % 2 if y is None else y
    shares = np.tile(np.bincount(y, minlength=2) / len(y), (len(y), 1))
    baselines = [
        Baseline("majority", "always answering the most frequent class", {"validation": shares}),
        Baseline("logistic", "a straight line (logistic regression)", {"validation": answers(y, linear_errors)}),
    ]
    y_train = np.tile(y, 2)
    given = {
        "task": "binary", "class_names": ("fail", "pass"), "y": y, "prediction": answers(y, errors),
        "baselines": baselines, "y_train": y_train, "train_prediction": answers(y_train, train_errors),
        "rows": len(y_train), "inputs": 3,
    }  # fmt: skip
    return VerdictFacts(**{**given, **more})


def points(found: Verdict) -> str:
    return " ".join(found.points)


def test_a_network_that_beats_everything_is_good() -> None:
    found = verdict(facts(errors=10, linear_errors=40))
    assert found.level == "good"
    assert found.sentence == (
        "The network answers 95 % (91 % to 97 %) of 200 validation rows right: better than always answering the most "
        "frequent class (50 %) and a straight line (logistic regression: 80 %)."
    )


def test_a_tie_with_a_straight_line_is_called_a_tie() -> None:
    found = verdict(facts(errors=20, linear_errors=23))
    assert "but no better than a straight line (logistic regression: 89 %)" in found.sentence
    assert found.level == "good"


def test_a_network_that_loses_to_a_straight_line_is_only_fair() -> None:
    found = verdict(facts(errors=50, linear_errors=10))
    assert "but worse than a straight line" in found.sentence
    assert found.level == "fair"


def test_a_network_that_ties_with_always_the_same_answer_is_poor() -> None:
    found = verdict(facts(errors=95, linear_errors=20))
    assert "no better than always answering the most frequent class (50 %), and worse than a straight" in found.sentence
    assert found.level == "poor"


def test_better_than_guessing_but_weak_is_fair() -> None:
    assert verdict(facts(errors=75, linear_errors=75, train_errors=150)).level == "fair"


def test_memorising_is_named_with_what_is_not_yet_in_use() -> None:
    found = points(verdict(facts(errors=50, train_errors=0)))
    assert "(100 %) than on new ones (75 %)" in found
    assert "it memorises (overfitting); regularization (L1, L2 or dropout) holds it back and is not in use yet" in found
    assert "More rows to learn from would probably help" in found
    found = points(verdict(facts(errors=50, train_errors=0, regularization="L2 0.001", inputs=5000)))
    assert "stronger regularization than now (L2 0.001)" in found
    assert "more inputs (5,000) than training rows (400)" in found


def test_learning_too_little_is_named_with_what_holds_it_back() -> None:
    found = points(verdict(facts(errors=98, train_errors=198, regularization="dropout 0.9")))
    assert "it learns too little (underfitting); weaker regularization than now (dropout 0.9)" in found
    assert "More rows would probably not help" in found


def test_a_network_without_a_gap_shows_no_memorising() -> None:
    found = points(verdict(facts(errors=10, train_errors=20)))
    assert "no sign of memorising" in found and "More rows of the same kind would probably help little" in found


def test_unequal_classes_are_judged_class_by_class() -> None:
    y = (np.arange(200) % 10 == 0).astype(int)
    assert main_metric("binary", y) == "balanced_accuracy"
    always = np.tile([0.9, 0.1], (200, 1))
    found = verdict(facts(y=y, prediction=always, class_names=("<b>no</b>", "yes" * 100)))
    assert found.level == "poor"
    assert found.sentence.startswith("Averaged over the classes, the network answers 50 %")
    assert '90 % of these rows are "<b>no</b>"' in points(found)
    assert max(len(point) for point in found.points) < 400


def test_a_useful_order_behind_useless_answers_points_to_the_threshold() -> None:
    y = (np.arange(200) % 10 == 0).astype(int)
    chance = 0.05 + 0.3 * y + 0.001 * np.arange(200) / 200
    found = verdict(facts(y=y, prediction=np.column_stack([1 - chance, chance])))
    assert "useful order (area under the ROC curve 1.00" in points(found)
    assert "moving the threshold may give better answers" in points(found)


def test_few_rows_are_said_with_how_many_would_do() -> None:
    found = points(verdict(facts(errors=4, n=20, linear_errors=5, train_errors=8)))
    assert "Only 20 rows to judge by" in found and "would narrow that to 5 percentage points" in found
    assert "no sign of memorising" in found and "help little" not in found


def test_few_groups_count_as_few() -> None:
    groups = np.repeat(np.arange(8), 25)
    assert "Only 8 groups to judge by" in points(verdict(facts(errors=40, groups=groups)))


def test_rare_classes_are_named_with_their_rows() -> None:
    y = np.r_[np.zeros(60, dtype=int), np.ones(60, dtype=int), [2, 2, 2]]
    found = verdict(
        VerdictFacts(task="multiclass", class_names=("a", "b", "c"), y=y, prediction=answers(y, 5, 3), groups=None)
    )
    assert 'Few of these rows are "c" (3)' in points(found)


def test_numbers_are_judged_by_explained_differences() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=150)
    mean = Baseline("mean", "always answering the training average", {"test": np.zeros(150)})
    found = verdict(VerdictFacts("regression", (), y, y + 0.5 * rng.normal(size=150), "test", [mean]))
    assert found.sentence.startswith("The network explains ")
    assert "of the differences in the target on 150 sealed test rows, R² 0." in found.sentence
    assert found.level == "good"
    found = verdict(VerdictFacts("regression", (), y, 2 * rng.normal(size=150), "test", [mean]))
    assert "explains nothing of the differences in the target" in found.sentence
    assert "worse than always answering the training average" in found.sentence
    assert found.level == "poor"


@pytest.mark.parametrize(
    ("y", "prediction", "words"),
    [
        (np.zeros(0), np.zeros(0), "there are no rows to judge it by"),
        (np.ones(5), np.arange(5.0), "with the same target tell nothing"),
        (np.arange(5.0), np.full(5, np.nan), "some of its predictions are not numbers"),
    ],
)
def test_what_cannot_be_judged_is_said_and_poor(y: np.ndarray, prediction: np.ndarray, words: str) -> None:
    found = verdict(VerdictFacts("regression", (), y, prediction))
    assert words in found.sentence and found.level == "poor"


def test_difference_of_a_model_with_itself_is_zero_and_tied() -> None:
    y = np.arange(40) % 2
    found = paired_difference("binary", "accuracy", y, answers(y, 5), answers(y, 5))
    assert found["value"] == 0.0
    assert found["low"] == -found["high"] < 0
    assert result("accuracy", found) == "tied"


def test_pairing_finds_a_difference_that_two_separate_intervals_would_hide() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=100)
    shared = 3 * rng.normal(size=100)
    a, b = y + shared, y + 1.1 * shared
    found = paired_difference("regression", "rmse", y, a, b)
    assert found["high"] is not None and found["high"] < 0
    assert result("rmse", found) == "better"
    assert result("rmse", paired_difference("regression", "rmse", y, b, a)) == "worse"


def test_undefined_differences_are_tied() -> None:
    found = paired_difference("regression", "r2", np.ones(5), np.arange(5.0), np.ones(5))
    assert found == {"value": None, "low": None, "high": None}
    assert result("r2", found) == "tied"


def test_a_handful_of_rows_is_not_judged() -> None:
    found = verdict(
        VerdictFacts(task="binary", class_names=("pass", "fail"), y=np.array([0]), prediction=np.array([[0.9, 0.1]]))
    )
    assert found.sentence.startswith("How good the network is cannot be said: 1 validation row (it answered 1 right)")
    assert found.level == "poor"
