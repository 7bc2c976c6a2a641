"""What the course of training says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.evaluation.learning import History, epochs_point, fit_of, rows_for_margin


def history(loss: Sequence[float | None], val_loss: Sequence[float | None]) -> History:
    return [{"epoch": i + 1, "loss": a, "val_loss": b} for i, (a, b) in enumerate(zip(loss, val_loss, strict=True))]


FALLING = list(np.linspace(1.0, 0.1, 40))


def test_validation_that_turns_up_is_dated() -> None:
    turned = list(np.linspace(1.0, 0.5, 10)) + list(np.linspace(0.51, 0.9, 30))
    assert "smallest at epoch 10 of 40 and rose afterwards" in epochs_point(history(FALLING, turned))


def test_validation_that_still_falls_asks_for_more_epochs() -> None:
    assert "still falling when training ended after 40 epochs" in epochs_point(history(FALLING, FALLING))


def test_a_flat_end_needs_no_word() -> None:
    flat = list(np.linspace(1.0, 0.5, 20)) + [0.5] * 20
    assert epochs_point(history(FALLING, flat)) == ""


def test_validation_that_never_improved_is_said() -> None:
    assert "never fell below that of the first epoch" in epochs_point(history(FALLING, FALLING[::-1]))


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), None])
def test_a_loss_that_is_no_number_asks_for_a_smaller_learning_rate(broken: float | None) -> None:
    assert "smaller learning rate" in epochs_point(history([1.0, broken, 1.0, 1.0, 1.0], [1.0] * 5))


def test_short_or_unvalidated_histories_say_nothing() -> None:
    assert epochs_point([]) == ""
    assert epochs_point(history(FALLING[:4], FALLING[:4])) == ""
    assert epochs_point([{"epoch": i, "loss": 1.0 / (i + 1)} for i in range(20)]) == ""


def test_a_gap_counts_only_where_it_is_large_and_certain() -> None:
    found = {"value": 0.8, "low": 0.7, "high": 0.87}
    assert fit_of("accuracy", 0.95, found, False) == "overfits"
    assert fit_of("accuracy", 0.86, found, False) == "fits"
    assert fit_of("accuracy", 0.84, {"value": 0.8, "low": 0.79, "high": 0.81}, False) == "fits"
    assert fit_of("accuracy", 0.95, found, True) == "underfits"
    assert fit_of("accuracy", None, found, False) == "unknown"


def test_four_times_the_rows_halve_the_interval() -> None:
    assert rows_for_margin(0.7, 0.9, 50) == 200
    assert rows_for_margin(0.79, 0.85, 50) is None
