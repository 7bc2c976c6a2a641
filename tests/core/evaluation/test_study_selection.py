"""What the winner is worth once the luck of having been picked is taken off."""

import numpy as np
import pytest

from core.evaluation.answers import Answers
from core.evaluation.registry import METRICS
from core.evaluation.study_rows import LOSSES
from core.evaluation.study_selection import pooled_scores
from tests.core.evaluation.study_cases import groups_of, judged, right_in, study


@pytest.mark.parametrize("metric", sorted(LOSSES))
def test_all_settings_at_once_score_as_one_by_one(metric: str) -> None:
    generator = np.random.default_rng(0)
    number = metric in ("r2", "rmse", "mae")
    y = generator.normal(3, 1, 40) if number else generator.integers(3, size=40)
    tables = [y + generator.normal(size=40) if number else generator.dirichlet([1, 1, 1], 40) for _ in range(4)]
    all_answers = [Answers("regression" if number else "multiclass", y, table) for table in tables]
    counts = generator.integers(0, 3, (7, 40)).astype(float)
    losses = np.stack([LOSSES[metric](answers) for answers in all_answers])
    expected = np.stack([METRICS[metric].formula(answers, counts) for answers in all_answers], axis=1)
    assert pooled_scores(metric, y, losses, counts) == pytest.approx(expected)


def noise_study(metric: str, generator: np.random.Generator, number: int = 30, n: int = 100) -> dict:
    """Settings whose answers have nothing to do with the truth, or miss it by noise of size 1."""
    values = metric in ("r2", "rmse", "mae")
    y = generator.normal(size=n) if values else generator.integers(2, size=n)
    held = groups_of(n, 5, 1)

    def answer(rows: np.ndarray) -> np.ndarray:
        if values:
            return y[rows] + generator.normal(size=len(rows))
        chance = generator.random(len(rows))
        return np.stack([1 - chance, chance], axis=1)

    return judged(study(y, held, [[answer(rows) for rows in held] for _ in range(number)]), metric)


@pytest.mark.parametrize(
    ("metric", "truth", "flattered", "near"),
    [("accuracy", 0.5, 0.57, 0.025), ("balanced_accuracy", 0.5, 0.57, 0.025), ("mae", 0.798, 0.72, 0.03)],
)
def test_luck_of_the_best_of_thirty_is_taken_off(metric: str, truth: float, flattered: float, near: float) -> None:
    generator = np.random.default_rng(0)
    plain, corrected, held_truth = [], [], 0
    for _ in range(20):
        found = noise_study(metric, generator)
        plain.append(found["settings"][found["best"]]["score"]["value"])
        corrected.append(found["corrected"]["value"])
        held_truth += found["corrected"]["low"] <= truth <= found["corrected"]["high"]
    assert abs(np.mean(plain) - truth) > abs(flattered - truth)
    assert np.mean(corrected) == pytest.approx(truth, abs=near)
    assert held_truth >= 18


@pytest.mark.parametrize("step", [5, 8, 10, 13, 16])
def test_a_clear_winner_keeps_its_score(step: int) -> None:
    y = np.arange(80) % 2
    held = groups_of(80, 4, 1)
    wrong = list(range(0, 80, step))
    found = judged(study(y, held, right_in(y, held, [[*range(0, 80, 2)], wrong])), "accuracy")
    plain = 1 - len(wrong) / 80
    assert found["settings"][1]["score"]["value"] == pytest.approx(plain)
    assert plain - 0.01 <= found["corrected"]["value"] <= plain


def test_a_clear_winner_with_small_errors_keeps_them() -> None:
    generator = np.random.default_rng(0)
    y, held = np.zeros(80), groups_of(80, 4, 1)
    answers = [[size * generator.random(20) for _ in held] for size in (1.0, 3.0)]
    found = judged(study(y, held, answers), "mae")
    assert found["corrected"]["value"] == pytest.approx(found["settings"][0]["score"]["value"], abs=0.01)


def test_a_single_setting_was_not_picked() -> None:
    y = np.arange(80) % 2
    held = groups_of(80, 4, 1)
    found = judged(study(y, held, right_in(y, held, [[*range(0, 80, 10)]])), "accuracy")
    assert found["corrected"]["value"] == pytest.approx(0.9)
    assert found["corrected"]["low"] < 0.9 < found["corrected"]["high"]


def test_clusters_are_drawn_whole() -> None:
    """Ten patients that are each right or wrong throughout tell less than 100 rows."""
    y = np.arange(100) % 2
    held = groups_of(100, 5, 1)
    answers = right_in(y, held, [[*range(20)], [*range(50, 80)]])
    widths = []
    for clusters in (None, np.arange(100) // 10):
        corrected = judged(study(y, held, answers, clusters=clusters), "accuracy")["corrected"]
        widths.append(corrected["high"] - corrected["low"])
    assert widths[1] > 2 * widths[0]


def test_rows_that_were_never_held_out_are_ignored() -> None:
    """Half of the rows are held out; the others' truth changes nothing."""
    y = np.arange(160) % 2
    held = groups_of(80, 4, 1)
    answers = right_in(y, held, [[1, 2, 3], [5, 6]])
    other = y.copy()
    other[80:] = 0
    assert judged(study(y, held, answers), "accuracy") == judged(study(other, held, answers), "accuracy")


def test_of_a_long_table_only_the_luck_is_measured_on_a_sample() -> None:
    """Rows of 12,000 that the sample holds too often or too rarely are no part of the winner's luck."""
    generator = np.random.default_rng(0)
    y = generator.integers(2, size=12_000)
    held = groups_of(len(y), 3, 1)
    answers = right_in(y, held, [np.flatnonzero(generator.random(len(y)) < share).tolist() for share in (0.5, 0.4)])
    found = judged(study(y, held, answers), "accuracy")
    assert found["corrected"]["value"] == pytest.approx(found["settings"][1]["score"]["value"], abs=0.0005)
