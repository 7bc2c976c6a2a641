"""What pages of Learn ask a worker."""

import numpy as np
import pytest

from core.lessons.overfitting import DRAWS, LEARNED, NEW, draw_points, probabilities
from core.training import answer
from core.training.lesson_questions import SCORED_EVERY, STEPS

KIND, NOISE = "circles", 0.6


def memorise(learned: int, l1: float = 0.0, l2: float = 0.0, dropout: float = 0.0) -> dict[str, np.ndarray]:
    return answer("memorise", KIND, NOISE, learned, l1, l2, dropout)


@pytest.fixture(scope="module")
def plain() -> dict[str, np.ndarray]:
    return memorise(40)


def weights_of(told: dict[str, np.ndarray]) -> list[np.ndarray]:
    return [told[f"weight_{place}"] for place in range(6)]


def test_small_network_knows_its_points_by_heart_and_not_new_ones(plain: dict[str, np.ndarray]) -> None:
    assert plain["steps"].tolist() == list(range(0, STEPS + 1, SCORED_EVERY))
    assert plain["cost"].shape == plain["right"].shape == (2, DRAWS, len(plain["steps"]))
    old, new = plain["cost"][:, :, -1].mean(axis=1)
    assert old < 0.1 and new > 0.8
    assert plain["right"][0, :, -1].mean() > 0.95
    # It was better before: it memorised since.
    assert plain["cost"][1].mean(axis=0).min() < 0.7 * new


def test_scores_are_those_of_its_weights_on_its_own_and_on_new_points(plain: dict[str, np.ndarray]) -> None:
    drawn, weights = draw_points(KIND, NOISE), weights_of(plain)
    for part, rows in enumerate((slice(0, 40), slice(-NEW, None))):
        for draw in range(DRAWS):
            own = [array[draw : draw + 1].astype(float) for array in weights]
            given, y = probabilities(own, drawn.x[draw, rows])[0], drawn.y[draw, rows]
            assert plain["right"][part, draw, -1] == pytest.approx(((given > 0.5) == (y > 0.5)).mean(), abs=1e-6)
            cost = -np.log(np.clip(np.where(y > 0.5, given, 1 - given), 1e-12, 1)).mean()
            assert plain["cost"][part, draw, -1] == pytest.approx(cost, rel=0.01, abs=1e-3)


def test_same_question_has_the_same_answer(plain: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(memorise(40)["cost"], plain["cost"])


@pytest.mark.parametrize("rates", [{"l1": 0.003}, {"l2": 0.01}, {"dropout": 0.3}])
def test_each_way_of_holding_back_helps_on_new_points(plain: dict[str, np.ndarray], rates: dict[str, float]) -> None:
    held = memorise(40, **rates)
    assert held["cost"][0, :, -1].mean() > plain["cost"][0, :, -1].mean()
    assert held["cost"][1, :, -1].mean() < 0.7 * plain["cost"][1, :, -1].mean()


def test_too_much_teaches_nothing() -> None:
    held = memorise(40, l1=0.3)
    assert held["cost"][0, :, -1].mean() > 0.6
    assert np.abs(held["weight_0"]).mean() < 0.05


@pytest.mark.parametrize("learned", LEARNED)
def test_nothing_but_its_own_points_is_learned_from(learned: int, plain: dict[str, np.ndarray]) -> None:
    told = memorise(learned)
    assert told["right"][0, :, -1].mean() > 0.9
    if learned < 40:
        assert told["cost"][1, :, -1].mean() > plain["cost"][1, :, -1].mean()
    elif learned > 40:
        assert told["cost"][1, :, -1].mean() < plain["cost"][1, :, -1].mean()
