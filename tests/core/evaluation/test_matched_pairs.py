"""A few rows that only one of two models gets right are no proof."""

import numpy as np
import pytest

from core.evaluation.compare import paired_difference, result


def answers(y: np.ndarray, wrong: list[int]) -> np.ndarray:
    right = y.astype(float)
    right[wrong] = 1 - right[wrong]
    return np.stack([1 - right, right], axis=1) * 0.8 + 0.1


@pytest.mark.parametrize(
    ("gained", "lost", "expected"), [(4, 0, "tied"), (5, 0, "tied"), (10, 1, "better"), (1, 10, "worse")]
)
@pytest.mark.parametrize("metric", ["accuracy", "balanced_accuracy"])
def test_verdict_needs_more_than_a_handful_of_rows(metric: str, gained: int, lost: int, expected: str) -> None:
    y = np.arange(80) % 2
    first, second = answers(y, list(range(20, 20 + lost))), answers(y, list(range(gained)))
    found = paired_difference("binary", metric, y, first, second)
    assert found["value"] == pytest.approx((gained - lost) / 80)
    assert result(metric, found) == expected


def test_two_models_of_equal_worth_are_rarely_told_apart() -> None:
    """At 5 %, as the interval promises: 400 pairs that are each right on 85 % of 80 rows."""
    generator = np.random.default_rng(0)
    y = np.arange(80) % 2
    told = 0
    for _ in range(400):
        pair = [answers(y, np.flatnonzero(generator.random(80) < 0.15).tolist()) for _ in range(2)]
        found = paired_difference("binary", "accuracy", y, *pair, n_resamples=200)
        told += result("accuracy", found) != "tied"
    assert told <= 0.05 * 400
