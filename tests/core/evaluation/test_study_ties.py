"""Best, tied, worse and simplest: what a study may claim."""

import numpy as np
import pytest

from core.evaluation.answers import Answers
from core.evaluation.bootstrap import Z_95
from core.evaluation.compare import matched_pairs
from core.evaluation.study_rows import contributions, mean_by_row, paired_rows
from core.evaluation.study_rows import judged as judged_alone
from core.evaluation.study_student import t_quantile
from core.spec.study import Setting
from tests.core.evaluation.study_cases import groups_of, judged, probabilities, right_in, study

Y80 = np.arange(80) % 2


def test_score_and_interval_are_the_corrected_resampled_t() -> None:
    """Four folds of 20 rows with 0, 2, 6, 8 wrong: mean 0.8, s² = 0.1 / 3, variance s² (1/4 + 20/60)."""
    held = groups_of(80, 4, 1)
    wrong = [[*range(20, 22), *range(40, 46), *range(60, 68)]]
    entry = judged(study(Y80, held, right_in(Y80, held, wrong)), "accuracy")["settings"][0]
    scores = [1.0, 0.9, 0.7, 0.6]
    error = np.sqrt(np.var(scores, ddof=1) * (1 / 4 + 1 / 3))
    assert entry["scores"] == pytest.approx(scores)
    assert entry["standard_error"] == pytest.approx(error)
    assert entry["score"]["value"] == pytest.approx(0.8)
    assert entry["score"]["low"] == pytest.approx(0.8 - 3.18245 * error, abs=1e-5)
    assert entry["score"]["high"] == 1.0


def test_interval_of_a_perfect_score_is_wilsons_not_a_point() -> None:
    """30 right of 30, however often they are asked: 0.886 to 1."""
    y = np.arange(30) % 2
    held = groups_of(30, 3, 2, np.random.default_rng(0))
    found = study(y, held, right_in(y, held, [[]]), seeds=np.repeat([0, 1], 3))
    score = judged(found, "accuracy")["settings"][0]["score"]
    assert score["low"] == pytest.approx(0.8865, abs=1e-4)
    assert (score["value"], score["high"]) == (1.0, 1.0)


def test_interval_of_a_perfect_score_counts_clusters() -> None:
    """Ten patients, all right: Wilson's lower end is 10 / (10 + 1.96²)."""
    y = np.arange(100) % 2
    held = groups_of(100, 5, 1)
    found = study(y, held, right_in(y, held, [[]]), clusters=np.arange(100) // 10)
    assert judged(found, "accuracy")["settings"][0]["score"]["low"] == pytest.approx(0.7225, abs=1e-4)


@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_interval_over_rows_is_that_of_matched_pairs(metric: str) -> None:
    held = [np.arange(80)]
    first, second = (probabilities(Y80, ~np.isin(np.arange(80), rows)) for rows in ([1, 2], [5, 6, 7, 8, 9, 11, 13]))
    found = study(Y80, held, [[first], [second]])
    hits = [np.asarray(judged_alone(found, metric, [table]).losses[0]) for table in (first, second)]
    ours = paired_rows(found, metric, np.arange(80), hits[0] - hits[1], Z_95)
    both = [Answers("binary", Y80, each) for each in (first, second)]
    theirs = matched_pairs(both[0], both[1], metric == "balanced_accuracy")
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize(("rows_a_fold", "expected"), [(1, "tied"), (4, "worse")])
def test_equal_differences_in_all_folds_are_no_proof_by_themselves(rows_a_fold: int, expected: str) -> None:
    """One row of 20 in each of four folds: no variance between folds, but four rows of eighty."""
    held = groups_of(80, 4, 1)
    wrong = [[], [fold * 20 + i for fold in range(4) for i in range(rows_a_fold)]]
    found = judged(study(Y80, held, right_in(Y80, held, wrong)), "accuracy")
    assert found["best"] == 0
    assert found["settings"][1]["versus_best"]["value"] == pytest.approx(-rows_a_fold / 20)
    assert found["settings"][1]["result"] == expected


def test_repeating_the_same_rows_proves_nothing_new() -> None:
    """Four rows of eighty stay four rows, with ten repetitions as with one."""
    versus = []
    for seeds in (1, 10):
        held = groups_of(80, 4, seeds)
        answers = right_in(Y80, held, [[], [0, 20, 40, 60]])
        found = judged(study(Y80, held, answers, seeds=np.repeat(np.arange(seeds), 4)), "accuracy")
        assert found["tied"] == [1]
        versus.append(found["settings"][1]["versus_best"])
    assert versus[0] == pytest.approx(versus[1])


def test_rows_of_one_cluster_count_as_one() -> None:
    """Sixteen wrong rows prove something, but not if they are all of two patients."""
    held = groups_of(80, 4, 1)
    wrong = [[], [*range(8), *range(20, 28), *range(40, 44), *range(60, 64)]]
    clusters = np.arange(80) // 20
    alone = judged(study(Y80, held, right_in(Y80, held, wrong)), "accuracy")
    together = judged(study(Y80, held, right_in(Y80, held, wrong), clusters=clusters), "accuracy")
    assert [alone["settings"][1]["result"], together["settings"][1]["result"]] == ["worse", "tied"]


def test_more_comparisons_need_more_proof() -> None:
    """The margin of a difference grows as the t quantile at 5 % divided by the number of comparisons."""
    generator = np.random.default_rng(1)
    y = generator.normal(size=200)
    held = groups_of(200, 5, 1)
    noise = generator.normal(size=(2, 200)) * np.array([[0.5], [0.8]])
    pair = [[(y + each)[rows] for rows in held] for each in noise]
    widths = []
    for copies in (1, 9):
        versus = judged(study(y, held, [pair[0], *[pair[1]] * copies]), "rmse")["settings"][1]["versus_best"]
        widths.append(versus["high"] - versus["low"])
    assert widths[1] / widths[0] == pytest.approx(t_quantile(0.025 / 9, 4) / t_quantile(0.025, 4))


def test_two_groups_prove_hardly_anything() -> None:
    held = groups_of(80, 2, 1)
    found = judged(study(Y80, held, right_in(Y80, held, [[], [*range(10), *range(40, 48)]])), "accuracy")
    versus = found["settings"][1]["versus_best"]
    assert found["settings"][1]["result"] == "tied"
    error = np.sqrt(np.var([0.25, 0.2], ddof=1) * (1 / 2 + 1))
    assert versus["low"] == pytest.approx(-0.225 - 12.7062 * error, abs=1e-4)


@pytest.mark.parametrize(("metric", "best"), [("accuracy", 1), ("log_loss", 0)])
def test_best_minds_the_direction_of_the_metric(metric: str, best: int) -> None:
    """Being right more often but very sure when wrong wins by accuracy and loses by log loss."""
    held = groups_of(80, 4, 1)
    careful = probabilities(Y80, np.arange(80) % 10 != 0)
    sure = np.where(probabilities(Y80, np.arange(80) % 16 != 0) > 0.5, 1.0, 0.0)
    found = judged(study(Y80, held, [[table[rows] for rows in held] for table in (careful, sure)]), metric)
    assert found["best"] == best


def test_exact_ties_go_to_the_simpler_setting() -> None:
    """Fewest weights, then the strongest penalty, then the highest dropout."""
    held = groups_of(80, 4, 1)
    found = study(Y80, held, right_in(Y80, held, [[3]] * 4))
    settings = [Setting(0, 0.1, 0, 4, None), Setting(0, 0, 0.5, 2, None), Setting(0, 0.1, 0, 2, None)]
    settings.append(Setting(0.05, 0.05, 0.3, 2, None))
    assert judged(found, "accuracy", settings=settings, parameters=[40, 20, 20, 20])["best"] == 3
    assert judged(found, "accuracy", settings=settings, parameters=[10, 20, 20, 20])["best"] == 0


@pytest.mark.parametrize(("errors", "simplest"), [((1.0, 1.1, 2.0), 1), ((1.0, 1.12, 2.0), 0)])
def test_simplest_is_within_one_standard_error_of_the_best(errors: tuple[float, ...], simplest: int) -> None:
    """The best one's folds have errors 1.2, 1, 0.9, 0.9: s² = 0.02, standard error sqrt(0.02 (1/4 + 1/3)) = 0.108."""
    y = np.zeros(80)
    held = groups_of(80, 4, 1)
    shifts = [0.2, 0.0, -0.1, -0.1]
    answers = [[np.full(20, level + shift) for shift in shifts] for level in errors]
    found = judged(study(y, held, answers), "mae")
    assert found["best"] == 0
    assert found["settings"][0]["standard_error"] == pytest.approx(np.sqrt(0.02 * (1 / 4 + 1 / 3)))
    assert found["simplest"] == simplest


def test_diverged_and_unfinished_settings_are_not_compared() -> None:
    held = groups_of(80, 4, 1)
    answers: list = right_in(Y80, held, [[1, 2, 3], [], [1], []])
    answers[2] = [answers[2][0], None, None, None]
    answers[3] = [np.full((20, 2), np.nan), *answers[3][1:]]
    diverged = np.zeros((4, 4), bool)
    diverged[1, 2] = True
    found = judged(study(Y80, held, answers, diverged=diverged), "accuracy")
    assert [each["result"] for each in found["settings"]] == ["best", "diverged", "missing", "diverged"]
    assert found["settings"][1]["versus_best"] is None
    assert found["settings"][2]["score"] == {"value": None, "low": None, "high": None}
    assert found["settings"][3]["scores"] == [None, 1.0, 1.0, 1.0]


def test_a_diverged_setting_is_best_only_where_all_diverged() -> None:
    held = groups_of(80, 4, 1)
    answers = [[None, *each[1:]] for each in right_in(Y80, held, [[30, 31], [30]])]
    diverged = np.tile([True, False, False, False], (2, 1))
    found = judged(study(Y80, held, answers, diverged=diverged), "accuracy")
    assert (found["best"], found["tied"]) == (1, [])
    assert [each["result"] for each in found["settings"]] == ["diverged", "best"]
    assert found["sentence"].startswith("In every setting that could be judged a network diverged; L2 0.001 has")


def test_only_groups_that_both_have_are_compared() -> None:
    """The first has only the two easy folds: there the second is as good, and wins on them by what it got right."""
    held = groups_of(80, 4, 1)
    answers: list = right_in(Y80, held, [[0], [*range(40, 60)]])
    answers[0] = [*answers[0][:2], None, None]
    found = judged(study(Y80, held, answers), "accuracy")
    assert found["best"] == 1
    assert found["settings"][0]["versus_best"]["value"] == pytest.approx(-0.025)
    assert found["settings"][1]["score"]["value"] == pytest.approx(0.75)


def test_settings_that_were_stopped_early_do_not_hinder_the_others() -> None:
    """No group is in all three: the last one with the fewest is left out, the others share two."""
    held = groups_of(80, 4, 1)
    answers: list = right_in(Y80, held, [[0], [1, 2], []])
    answers[1], answers[2] = [*answers[1][:2], None, None], [None, None, *answers[2][2:]]
    found = judged(study(Y80, held, answers), "accuracy")
    assert [each["result"] for each in found["settings"]] == ["best", "tied", "missing"]


@pytest.mark.parametrize("metric", ["r2", "rmse", "mae"])
def test_rows_contribute_what_makes_up_the_score(metric: str) -> None:
    generator = np.random.default_rng(0)
    y = generator.normal(size=30)
    found = study(y, [np.arange(30)], [[y + generator.normal(size=30)]])
    own = judged_alone(found, metric, found.answers[0])
    assert contributions(metric, own.scores[0], np.asarray(own.losses[0])).mean() == pytest.approx(own.scores[0])


def test_repetitions_of_a_row_are_averaged() -> None:
    found = study(np.zeros(4), [np.array([0, 1]), np.array([3, 1])], [])
    rows, means = mean_by_row(found, [(0, np.array([1.0, 2.0])), (1, np.array([5.0, 6.0]))])
    assert rows.tolist() == [0, 1, 3]
    assert means.tolist() == [1.0, 4.0, 5.0]


@pytest.mark.parametrize(("metric", "folds", "seeds"), [("accuracy", 5, 3), ("rmse", 3, 1), ("log_loss", 5, 1)])
def test_settings_of_equal_worth_are_rarely_told_apart(metric: str, folds: int, seeds: int) -> None:
    """Family-wise: of 60 studies of five alike settings, in at most 10 % is any called worse."""
    generator = np.random.default_rng(0)
    told = 0
    for _ in range(60):
        n = 60
        difficulty = generator.normal(size=n)
        y = generator.integers(2, size=n) if metric != "rmse" else generator.normal(size=n)
        held = groups_of(n, folds, seeds, generator)
        answers = []
        for _ in range(5):
            own = difficulty + 1.5 * generator.normal(size=n)
            noisy = [own[rows] + generator.normal(size=len(rows)) for rows in held]
            of_truth = [1 / (1 + np.exp(-0.8 - z)) for z in noisy]
            if metric == "rmse":
                answers.append([y[rows] + z for rows, z in zip(held, noisy, strict=True)])
            else:
                is_true = [y[rows][:, None] == np.arange(2) for rows in held]
                pairs = zip(is_true, of_truth, strict=True)
                answers.append([np.where(mask, p[:, None], 1 - p[:, None]) for mask, p in pairs])
        found = judged(study(y, held, answers, seeds=np.repeat(np.arange(seeds), folds)), metric)
        told += any(each["result"] == "worse" for each in found["settings"])
    assert told <= 6
