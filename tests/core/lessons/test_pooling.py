"""Pooling, flatten, temperature and threshold, against Keras and by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lessons.pooling import (
    CLASSES,
    LECTURE,
    SCORES,
    STROKE,
    Kind,
    answered,
    decided,
    flattened,
    left_out,
    moved,
    places,
    pooled,
    scores_of,
    tempered,
    unlike,
    worked_out,
)

LAYERS = {"max": keras.layers.MaxPooling2D, "average": keras.layers.AveragePooling2D}


@pytest.mark.parametrize("kind", ["max", "average"])
@pytest.mark.parametrize(("window", "stride"), [(1, 1), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (5, 1)])
def test_pooling_is_that_of_keras(kind: Kind, window: int, stride: int) -> None:
    values = np.random.default_rng(window).normal(size=(7, 5, 3))
    theirs = LAYERS[kind](window, stride)(values[None].astype(np.float32))[0]
    assert np.allclose(pooled(values, window, stride, kind), theirs, atol=1e-6)


def test_pooling_over_the_whole_map_is_the_global_pooling_of_keras() -> None:
    values = np.random.default_rng(0).normal(size=(6, 6, 4))
    theirs = keras.layers.GlobalAveragePooling2D()(values[None].astype(np.float32))[0]
    assert np.allclose(pooled(values, 6, 6, "average")[0, 0], theirs, atol=1e-6)


def test_the_result_of_the_lecture_is_pooled_by_hand() -> None:
    assert LECTURE.astype(int).tolist() == [
        [1, 2, 0, 2, 4], [1, 2, 2, 0, 0], [1, 0, 2, 2, 1], [3, 2, 2, 2, 2], [0, 1, 2, 1, 1],
    ]  # fmt: skip
    assert pooled(LECTURE, 2, 2, "max").tolist() == [[2, 2], [3, 2]]
    assert pooled(LECTURE, 2, 2, "average").tolist() == [[1.5, 1], [1.5, 2]]
    assert flattened(pooled(LECTURE, 2, 2, "max")).tolist() == [2, 2, 3, 2]


def test_flatten_is_that_of_keras() -> None:
    values = np.random.default_rng(1).normal(size=(3, 4, 2)).astype(np.float32)
    assert np.array_equal(flattened(values), keras.layers.Flatten()(values[None])[0])


def test_only_windows_that_hold_both_columns_do_not_show_the_move() -> None:
    silent = {
        (kind, window, stride)
        for kind in ("max", "average")
        for window in (2, 3)
        for stride in (1, 2, 3)
        if not unlike(pooled(STROKE, window, stride, kind), pooled(moved(STROKE), window, stride, kind)).any()
    }
    assert silent == {("max", 3, 3), ("average", 3, 3)}
    assert pooled(STROKE, 3, 3, "max").tolist() == [[9, 0], [9, 0]]
    assert int(unlike(pooled(STROKE, 2, 2, "max"), pooled(moved(STROKE), 2, 2, "max")).sum()) == 6


def test_moving_brings_zeros_in_and_keeps_the_size() -> None:
    assert moved(np.array([[1, 2, 3]])).tolist() == [[0, 1, 2]]


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 4))
def test_every_place_gives_its_cell_of_the_result(rows: int, columns: int, window: int, stride: int) -> None:
    if window > min(rows, columns):
        return
    values = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    for kind, own in (("max", np.max), ("average", np.mean)):
        result = pooled(values, window, stride, kind)
        found = [
            own(values[p.top : p.top + window, p.left : p.left + window])
            for p in places((rows, columns), window, stride)
        ]
        assert np.allclose(result.ravel(), found)


def test_cells_in_no_window_change_nothing() -> None:
    assert left_out((5, 5), 2, 2).sum() == 9
    assert left_out((6, 6), 2, 3).sum() == 36 - 16
    assert not left_out((6, 6), 2, 2).any()
    for window, stride in ((2, 2), (2, 3), (3, 3)):
        lost = left_out((5, 7), window, stride)
        values = np.random.default_rng(3).normal(size=(5, 7))
        assert np.array_equal(
            pooled(values, window, stride, "max"), pooled(np.where(lost, 99.0, values), window, stride, "max")
        )


def test_a_window_is_worked_out_as_people_write_it() -> None:
    cells = np.array([[1, 2], [1, 2]])
    assert worked_out(cells, "max") == "max(1, 2, 1, 2) = 2"
    assert worked_out(cells, "average") == "(1 + 2 + 1 + 2) / 4 = 1.5"


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 2.0, 5.0])
def test_softmax_with_temperature_is_that_of_keras(temperature: float) -> None:
    scores = np.random.default_rng(2).normal(scale=3, size=(4, 5))
    theirs = keras.ops.softmax(scores / temperature)
    assert np.allclose(tempered(scores, temperature), theirs, atol=1e-6)


def test_the_page_opens_below_its_threshold_and_a_lower_temperature_passes_it() -> None:
    assert tempered(np.array(SCORES), 1.0).round(2).tolist() == [0.66, 0.24, 0.10]
    assert decided(tempered(np.array(SCORES), 1.0), 0.9) is None
    best = decided(tempered(np.array(SCORES), 0.4), 0.9)
    assert best is not None and CLASSES[best] == "chihuahua"


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.floats(0.1, 5))
def test_scores_come_back_from_probabilities_up_to_a_number_added_to_all(scores: list[float], heat: float) -> None:
    if max(scores) - min(scores) > 25:  # Below the least probability that is told apart from 0.
        return
    probabilities = tempered(np.array(scores), 1.0)
    assert np.allclose(tempered(scores_of(probabilities), 1.0), probabilities, atol=1e-9)
    assert np.allclose(tempered(scores_of(probabilities), heat), tempered(np.array(scores), heat), atol=1e-9)


def test_sigmoid_of_one_score_with_temperature_is_the_same_as_of_two() -> None:
    yes = 1 / (1 + np.exp(-1.7))
    hot = tempered(scores_of(np.array([1 - yes, yes])), 2.5)
    assert hot[1] == pytest.approx(1 / (1 + np.exp(-1.7 / 2.5)))


def test_a_probability_of_nothing_gives_a_finite_score() -> None:
    assert np.isfinite(scores_of(np.array([[1.0, 0.0]]))).all()


def test_a_threshold_counts_answers_and_right_ones() -> None:
    probabilities = np.array([[0.95, 0.05], [0.6, 0.4], [0.1, 0.9], [0.08, 0.92]])
    truth = np.array([0, 0, 0, 1])
    assert answered(probabilities, truth, 0.9) == (3, 2, 4)
    assert answered(probabilities, truth, 0.0) == (4, 3, 4)
    assert answered(probabilities, truth, 0.99) == (0, 0, 4)
