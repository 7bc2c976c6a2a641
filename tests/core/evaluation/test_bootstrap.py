"""Intervals: honest at the border, with groups, and on long tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, norm, t

from core.evaluation import bootstrap
from core.evaluation.answers import Task
from core.evaluation.bootstrap import resample, wilson
from core.evaluation.metrics import score_with_intervals
from core.evaluation.threads import one_thread


@pytest.fixture(autouse=True)
def calm() -> Iterator[None]:
    with one_thread():
        yield


def intervals(
    task: Task, y: np.ndarray, p: np.ndarray, groups: np.ndarray | None = None, **more: Any
) -> dict[str, Any]:
    return score_with_intervals(task, y, p, groups, **more)


def certain(y: np.ndarray) -> np.ndarray:
    return np.column_stack([1 - y, y]) * 0.8 + 0.1


@pytest.mark.parametrize(("hits", "n"), [(30, 30), (0, 7), (23, 30), (1, 1)])
def test_wilson_equals_scipy(hits: int, n: int) -> None:
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_perfect_score_still_has_a_lower_end() -> None:
    y = np.arange(30) % 2
    found = intervals("binary", y, certain(y))
    for key in ("accuracy", "balanced_accuracy", "roc_auc", "f1_macro"):
        assert found[key]["high"] == 1.0
        assert found[key]["low"] == pytest.approx(wilson(1.0, 30)[0])


def test_a_perfect_score_on_a_rare_class_is_worth_little() -> None:
    y = np.repeat([0, 1], [27, 3])
    found = intervals("binary", y, certain(y))
    assert found["accuracy"]["low"] == pytest.approx(wilson(1.0, 30)[0])
    assert found["balanced_accuracy"]["low"] == pytest.approx(wilson(1.0, 4 / (1 / 27 + 1 / 3))[0])


def test_copies_within_a_group_do_not_add_certainty() -> None:
    y = np.tile(np.repeat([0, 1], 5), 4)
    groups = np.repeat(np.arange(8), 5)
    found = intervals("binary", y, certain(y), groups)
    assert found["accuracy"]["low"] == pytest.approx(wilson(1.0, 8)[0])


def test_groups_that_err_together_widen_every_interval() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([f"patient {i}" for i in range(20)], 10).astype(object)
    right = np.repeat(rng.random(20) < 0.7, 10)
    y = np.tile([0, 1], 100)
    p = certain(np.where(right, y, 1 - y))
    plain, grouped = intervals("binary", y, p), intervals("binary", y, p, groups)
    for key in plain:
        assert grouped[key]["high"] - grouped[key]["low"] > 2 * (plain[key]["high"] - plain[key]["low"])


def test_one_group_alone_gives_no_interval() -> None:
    y = np.arange(10) % 2
    found = intervals("binary", y, certain(y), groups=np.zeros(10))
    assert found["accuracy"] == {"value": 1.0, "low": None, "high": None}


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(200):
        y = rng.normal(size=60)
        found = intervals("regression", y, y + rng.normal(size=60), n_resamples=300)
        inside += found["rmse"]["low"] <= 1 <= found["rmse"]["high"]
    assert 0.90 <= inside / 200 <= 0.99


def test_same_seed_gives_the_same_interval() -> None:
    rng = np.random.default_rng(2)
    y, p = rng.normal(size=40), rng.normal(size=40)
    first, second, other = (intervals("regression", y, p, seed=seed) for seed in (1, 1, 2))
    assert first == second != other


def test_resamples_draw_as_many_rows_or_whole_groups() -> None:
    assert (resample(50).counts.sum(axis=1) == 50).all()
    draws = resample(6, np.array(["a", "b", "b", "c", "c", "c"]))
    assert draws.units == 3
    assert (draws.counts[:, 1] == draws.counts[:, 2]).all()
    assert (draws.counts[:, 0] + draws.counts[:, 1] + draws.counts[:, 3] == 3).all()


def test_a_very_long_table_is_sampled_and_its_interval_keeps_its_width() -> None:
    rng = np.random.default_rng(3)
    n = 4 * bootstrap.MOST_ROWS
    y = rng.normal(size=n)
    p = y + rng.normal(size=n)
    draws = resample(n)
    assert draws.counts.shape == (bootstrap.FEWEST_RESAMPLES, bootstrap.MOST_ROWS)
    assert draws.scale == 0.5
    found = intervals("regression", y, p)["rmse"]
    expected = 2 * 1.96 / np.sqrt(2 * n)
    assert found["high"] - found["low"] == pytest.approx(expected, rel=0.25)


def test_percentiles_are_taken_further_out_for_few_rows() -> None:
    for units in (10, 30, 1000):
        expected = norm.sf(np.sqrt(units / (units - 1)) * t.ppf(0.975, units - 1))
        assert bootstrap._expanded_tail(units) == pytest.approx(expected, rel=0.03)


def test_groups_of_the_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="4 entries"):
        resample(4, np.zeros(3))
