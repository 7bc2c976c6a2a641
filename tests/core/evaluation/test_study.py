"""The whole judgement of a study: its keys, its metric, and plain JSON whatever comes in."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.answers import Task
from core.evaluation.study import SimpleModel, score, study_metric
from tests.core.evaluation.study_cases import groups_of, judged, probabilities, right_in, study

KEYS = {
    "task", "metric", "label", "higher_is_better", "folds", "seeds", "settings", "best", "simplest", "tied",
    "baselines", "corrected", "sentence", "points", "method",
}  # fmt: skip
SETTING_KEYS = {
    "score", "standard_error", "train", "scores", "train_scores", "versus_best", "result",
}  # fmt: skip
Y80 = np.arange(80) % 2


@pytest.mark.parametrize(
    ("task", "y", "wish", "expected"),
    [
        ("binary", [0, 1, 0, 1], "", "accuracy"),
        ("binary", [0, 0, 0, 0, 1], "", "balanced_accuracy"),
        ("regression", [0.5, 1.5], "", "r2"),
        ("regression", [0.5, 1.5], "mae", "mae"),
        ("multiclass", [0, 1, 2], "log_loss", "log_loss"),
    ],
)
def test_metric_is_the_wish_or_what_results_speaks_of(task: Task, y: list, wish: str, expected: str) -> None:
    assert study_metric(task, np.array(y), wish) == expected


@pytest.mark.parametrize(("task", "wish"), [("binary", "r2"), ("regression", "accuracy"), ("binary", "roc_auc")])
def test_metric_that_cannot_decide_is_refused(task: Task, wish: str) -> None:
    with pytest.raises(ValueError, match=f"Got '{wish}' instead"):
        study_metric(task, np.array([0, 1]), wish)


def test_score_of_one_member() -> None:
    assert score("binary", "accuracy", Y80, probabilities(Y80, np.arange(80) >= 8)) == pytest.approx(0.9)
    assert score("regression", "mae", np.array([1.0, 2.0]), np.array([1.5, 2.0])) == pytest.approx(0.25)
    assert math.isnan(score("regression", "r2", np.array([1.0, 1.0]), np.array([1.0, 2.0])))
    assert math.isnan(score("regression", "mae", np.array([1.0]), np.array([np.nan])))


def test_judgement_has_the_keys_of_the_result_file() -> None:
    held = groups_of(80, 4, 2)
    answers = right_in(Y80, held, [[1, 2], [1]])
    baseline = SimpleModel("majority", "always answering the most frequent class", tuple(answers[0]))
    train = np.tile([0.5, 1.0, np.nan, np.nan], (2, 2))
    found = study(Y80, held, answers, seeds=np.repeat([0, 1], 4), train_scores=train)
    told = judged(found, "accuracy", [baseline])
    assert set(told) == KEYS
    assert all(set(each) == SETTING_KEYS for each in told["settings"])
    assert set(told["baselines"][0]) == {"key", "label", "score", "scores", "versus_best", "result"}
    assert (told["folds"], told["seeds"], told["label"]) == (4, 2, "share of correct answers (accuracy)")
    assert told["settings"][0]["train"] == 0.75
    assert told["settings"][0]["train_scores"] == [0.5, 1.0, None, None] * 2
    assert told["settings"][1]["versus_best"] is None


@pytest.mark.parametrize(("wrong", "expected"), [(40, "better"), (1, "tied"), (0, "tied")])
def test_best_setting_against_a_baseline(wrong: int, expected: str) -> None:
    held = groups_of(80, 4, 1)
    baseline = SimpleModel("logistic", "a straight line", tuple(right_in(Y80, held, [[*range(0, 2 * wrong, 2)]])[0]))
    told = judged(study(Y80, held, right_in(Y80, held, [[], [5]])), "accuracy", [baseline])["baselines"][0]
    assert told["result"] == expected
    assert told["versus_best"]["value"] == pytest.approx(wrong / 80)


def test_a_baseline_can_be_better_than_the_best_setting() -> None:
    held = groups_of(80, 4, 1)
    perfect = SimpleModel("logistic", "a straight line", tuple(right_in(Y80, held, [[]])[0]))
    told = judged(study(Y80, held, right_in(Y80, held, [[*range(0, 80, 2)]])), "accuracy", [perfect])
    assert told["baselines"][0]["result"] == "worse"
    assert "The best setting is worse than a straight line (100 % correct)." in told["sentence"]


NUMBERS = st.one_of(st.floats(-5, 5), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e160, -1e308, 1e-300]))


@st.composite
def odd_studies(draw: st.DrawFn) -> tuple:
    """Anything a stopped, diverged, tiny or constant study could hand over."""
    metric = draw(st.sampled_from(["accuracy", "balanced_accuracy", "log_loss", "r2", "rmse", "mae"]))
    number = metric in ("r2", "rmse", "mae")
    n, folds, seeds, size = (draw(st.integers(*ends)) for ends in ((2, 9), (1, 3), (1, 2), (1, 4)))
    values = st.sampled_from([0.0, 1.0, 1e200]) if number else st.integers(0, 2)
    y = np.array(draw(st.lists(values, min_size=n, max_size=n)))
    held = groups_of(n, folds, seeds)

    def answer(rows: np.ndarray) -> np.ndarray | None:
        kind = draw(st.sampled_from(["missing", "constant", "wild", "sane"]))
        shape = (len(rows),) if number else (len(rows), 3)
        if kind == "missing":
            return None
        if kind == "constant":
            return np.full(shape, draw(NUMBERS))
        if kind == "wild":
            cells = draw(st.lists(NUMBERS, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
            return np.array(cells).reshape(shape)
        return np.full(shape, 0.4) + 0.01 * np.arange(len(rows)).reshape(-1, *[1] * (len(shape) - 1))

    answers = [[answer(rows) for rows in held] for _ in range(size + 1)]
    train = np.array(draw(st.lists(NUMBERS, min_size=len(held), max_size=len(held))))
    first = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    diverged = np.outer(first, np.arange(len(held)) == 0)
    names = np.array([f"patient {i % 2}" for i in range(n)], object)
    found = study(
        y,
        held,
        answers[:-1],
        task="regression" if number else "multiclass",
        seeds=np.repeat(np.arange(seeds), folds),
        learned=np.full(len(held), draw(st.integers(0, 20))),
        diverged=diverged,
        train_scores=np.tile(train, (size, 1)),
        clusters=draw(st.sampled_from([None, np.arange(n) // 2, names])),
    )
    return metric, found, SimpleModel("mean", "always answering the average", tuple(answers[-1]))


def ordered(interval: dict | None) -> bool:
    """Whether low, value and high stand in order, as far as they are known."""
    parts = [] if interval is None else [interval[key] for key in ("low", "value", "high")]
    known = [part for part in parts if part is not None]
    return known == sorted(known)


@settings(max_examples=100, deadline=None)
@given(odd_studies())
def test_whatever_comes_in_the_judgement_is_finite_json(case: tuple) -> None:
    metric, found, baseline = case
    told = judged(found, metric, [baseline])
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert set(told) == KEYS
    results = [each["result"] for each in told["settings"]]
    assert results.count("best") == (told["best"] is not None)
    assert told["tied"] == [i for i, result in enumerate(results) if result == "tied"]
    assert (told["best"] is None) == (told["simplest"] is None)
    intervals = [each[key] for each in told["settings"] for key in ("score", "versus_best")]
    assert all(ordered(each) for each in [*intervals, told["corrected"], told["baselines"][0]["versus_best"]])
    if metric in ("accuracy", "balanced_accuracy"):
        ends = [each["score"][key] for each in told["settings"] for key in ("low", "high")]
        assert all(0 <= end <= 1 for end in ends if end is not None)
    assert all(text[0].isupper() and text.endswith(".") for text in [told["sentence"], *told["points"]])


def test_a_study_without_any_answer_says_so() -> None:
    held = groups_of(6, 3, 1)
    told = judged(study(np.arange(6) % 2, held, [[None] * 3, [None] * 3]), "accuracy")
    assert told["best"] is None
    assert told["sentence"].startswith("No setting could be judged")
    assert told["points"] == ["Too few networks could be scored to judge no regularization; L2 0.001."]


def test_a_fold_of_one_class_is_scored_by_that_class() -> None:
    y = np.repeat([0, 1], 20)
    held = groups_of(40, 2, 1)
    told = judged(study(y, held, right_in(y, held, [[0, 1, 2, 3], [39]])), "balanced_accuracy")
    assert told["settings"][0]["scores"] == pytest.approx([0.8, 1.0])
    assert told["best"] == 1
