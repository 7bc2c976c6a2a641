"""The sentence and the points of a study, word for word."""

import numpy as np
import pytest

from core.evaluation.study import SimpleModel
from core.evaluation.study_words import against, score_words, worse_by
from core.spec.study import Setting
from tests.core.evaluation.study_cases import groups_of, judged, right_in, study

Y = np.arange(400) % 2
HELD = groups_of(400, 5, 1)
# Wrong rows that are spread over the folds of 80 rows, unevenly.
SOME = [*range(0, 400, 8)]
MANY = [*range(0, 400, 3)]


def told(wrong: list, metric: str = "accuracy", baseline: list | None = None, **changes: object) -> dict:
    line = SimpleModel(
        "logistic", "a straight line (logistic regression)", tuple(right_in(Y, HELD, [baseline or []])[0])
    )
    found = study(Y, HELD, right_in(Y, HELD, wrong), **changes)
    return judged(found, metric, [] if baseline is None else [line])


def test_all_alike_are_said_to_be_so() -> None:
    text = told([SOME, [*SOME, 1], [*SOME, 1, 2]])["sentence"]
    assert (
        text == "No difference between the 3 settings is proven; no regularization has the best score (88 % correct)."
    )


def test_best_tied_and_worse_are_named_with_amounts() -> None:
    text = told([MANY, [*SOME, 1], SOME])["sentence"]
    assert text == (
        "L2 0.002 is best (88 % correct), but 1 other setting is not clearly worse; "
        "no regularization is 21 points worse (14 to 27)."
    )


def test_where_all_others_are_worse_the_winner_stands_alone() -> None:
    text = told([MANY, SOME, [*MANY, 1]])["sentence"]
    assert text.startswith("L2 0.001 is best (88 % correct): no regularization is 21 points worse (")
    assert text.endswith("), and 1 more setting is worse too.")


def test_one_setting_alone_is_not_called_best() -> None:
    assert told([SOME])["sentence"] == "Only one setting could be judged: no regularization (88 % correct)."


def test_a_straight_line_that_is_not_beaten_is_in_the_sentence() -> None:
    result = told([SOME, [*SOME, 1]], baseline=[*SOME, 3])
    assert result["sentence"].endswith(
        " The best setting is not clearly better than a straight line (logistic regression: 87 % correct)."
    )
    assert told([SOME, [*SOME, 1]], baseline=MANY)["sentence"].endswith("(88 % correct).")


@pytest.mark.parametrize(
    ("metric", "result", "value", "words"),
    [
        ("accuracy", "tied", 0.17, "not clearly better than"),
        ("accuracy", "tied", -0.05, "no better than"),
        ("rmse", "tied", -0.5, "not clearly better than"),
        ("rmse", "tied", 0.5, "no better than"),
        ("r2", "worse", -0.2, "worse than"),
    ],
)
def test_unproven_is_not_called_untrue(metric: str, result: str, value: float, words: str) -> None:
    assert against(metric, {"result": result, "versus_best": {"value": value}})[0] == words


def test_nothing_explained_is_zero() -> None:
    assert score_words("r2", -4.9e-05) == "R² 0.00"
    assert score_words("rmse", 4.9e-05) == "RMSE 4.9e-05"


def test_points_give_the_difference_from_the_baseline() -> None:
    points = told([SOME, [*SOME, 1]], baseline=MANY)["points"]
    assert (
        "The best setting is better than a straight line (logistic regression: 67 % correct): "
        "+21 (+14 to +27) percentage points." in points
    )


def test_points_offer_the_simplest_setting() -> None:
    points = told([SOME, [*SOME, 1]])["points"]
    assert points[0] == (
        "L2 0.001 is the simplest setting within one standard error of the best (87 % correct): "
        "where scores are this close, the simpler network is the safer choice."
    )
    assert "No simpler setting is within one standard error of the best one." in told([MANY, SOME])["points"]


def test_points_do_not_hide_the_luck_of_the_winner() -> None:
    generator = np.random.default_rng(0)
    wrong = [np.flatnonzero(generator.random(400) < 0.5).tolist() for _ in range(20)]
    result = told(wrong)
    text = next(point for point in result["points"] if point.startswith("Being picked"))
    plain, corrected = (result["settings"][result["best"]]["score"]["value"], result["corrected"]["value"])
    assert plain - corrected > 0.03
    assert f"score is {plain:.0%}".replace("%", " %") in text
    assert f"corrected for that {corrected:.0%} (".replace("%", " %") in text


@pytest.mark.parametrize(
    ("plain", "best", "expected"),
    [
        (1.0, 0.9, "no regularization 34 points better: regularization holds back memorising (overfitting)."),
        (0.68, 0.9, "no regularization 2 points better: no sign of memorising (overfitting)."),
        (0.80, 1.0, "it memorises (overfitting), and regularization changes that little."),
    ],
)
def test_points_compare_memorising_with_and_without_regularization(plain: float, best: float, expected: str) -> None:
    train = np.repeat([[plain], [best]], 5, axis=1)
    points = told([MANY, SOME], train_scores=train)["points"]
    assert any(point.startswith("On rows that it learned from, L2 0.001 is") and expected in point for point in points)


def test_points_tell_of_regularization_that_is_too_strong() -> None:
    train = np.repeat([[0.6], [0.95], [0.7]], 5, axis=1)
    points = told([MANY, SOME, MANY], train_scores=train)["points"]
    assert "L2 0.002 learns too little even of the rows that it sees (underfitting): 70 % correct there." in points


def test_points_name_diverged_settings_and_few_repeats() -> None:
    diverged = np.zeros((2, 5), bool)
    diverged[1, 0] = True
    points = told([SOME, SOME], diverged=diverged)["points"]
    assert points[-1].startswith("At least one network diverged (its cost became infinite) in L2 0.001:")
    held = groups_of(400, 2, 1)
    few = judged(study(Y, held, right_in(Y, held, [SOME, MANY])), "accuracy")["points"]
    assert few[-1] == "Each setting was judged only 2 times: more parts or repeats would show smaller differences."


def test_points_warn_of_few_rows() -> None:
    y, held = np.arange(30) % 2, groups_of(30, 5, 1)
    answers = right_in(y, held, [[1], [2, 3]])
    clusters = np.arange(30) // 3
    assert "Only 30 rows to judge by" in judged(study(y, held, answers), "accuracy")["points"][-1]
    assert "Only 10 groups to judge by" in judged(study(y, held, answers, clusters=clusters), "accuracy")["points"][-1]


def test_sentence_compares_with_no_regularization_of_the_same_size() -> None:
    settings = [Setting(0, l2, 0, units, None) for units in (4, 8) for l2 in (0.0, 0.1)]
    found = study(Y, HELD, right_in(Y, HELD, [[*MANY, 1, 2], MANY, MANY, SOME]))
    text = judged(found, "accuracy", settings=settings)["sentence"]
    assert text.startswith("L2 0.1, 8 neurons is best (88 % correct): no regularization, 8 neurons is 21 points worse")


@pytest.mark.parametrize(
    ("metric", "value", "words"),
    [
        ("accuracy", 0.824, "82 % correct"),
        ("balanced_accuracy", 0.824, "82 % correct, averaged over classes"),
        ("log_loss", 0.314, "log loss 0.31"),
        ("r2", -0.2, "R² -0.20"),
        ("rmse", 1234.5, "RMSE 1,234"),
        ("mae", None, "MAE not defined"),
    ],
)
def test_scores_in_words(metric: str, value: float | None, words: str) -> None:
    assert score_words(metric, value) == words


@pytest.mark.parametrize(
    ("metric", "versus", "words"),
    [
        ("accuracy", (-0.06, -0.1, -0.02), "6 points worse (2 to 10)"),
        ("accuracy", (-0.03, -0.056, -0.004), "3.0 points worse (0.4 to 5.6)"),
        ("r2", (-0.06, -0.1, -0.02), "worse by R² 0.06 (0.02 to 0.10)"),
        ("log_loss", (0.06, 0.02, 0.1), "worse by log loss 0.06 (0.02 to 0.10)"),
    ],
)
def test_differences_in_words(metric: str, versus: tuple, words: str) -> None:
    assert worse_by(metric, dict(zip(("value", "low", "high"), versus, strict=True))) == words
