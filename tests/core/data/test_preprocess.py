"""Preprocessing: learned from training rows only, and exactly what its formula says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.features import Features
from core.data.preprocess import NEVER_VARIED, Preprocessing, Scaling, frequent_categories

NAN = np.nan


def features(
    numbers: list[list[float]], codes: list[int] | None = None, names: tuple[str, ...] = ("a", "b")
) -> Features:
    array = np.array(numbers, np.float32).reshape(len(numbers), -1)
    texts = np.zeros((len(array), 0), np.int32) if codes is None else np.array(codes, np.int32).reshape(-1, 1)
    number_names = tuple(f"x{i}" for i in range(array.shape[1]))
    return Features(array, texts, number_names, () if codes is None else ("t",), () if codes is None else (names,))


def wild(seed: int, rows: int = 30) -> Features:
    rng = np.random.default_rng(seed)
    numbers = rng.lognormal(0, 3, (rows, 4)).astype(np.float32)
    numbers[:, 1] -= 5
    numbers[rng.random((rows, 4)) < 0.2] = np.nan
    codes = rng.integers(-1, 4, (rows, 2)).astype(np.int32)
    return Features(numbers, codes, ("a", "b", "c", "d"), ("t", "u"), (("p", "q", "r", "s"), ("w", "x", "y", "z")))


def test_standardised_inputs_have_mean_0_and_spread_1_and_missing_is_the_mean() -> None:
    data = features([[1, 10], [3, NAN], [NAN, 30], [5, 20]])
    inputs = Preprocessing.fit(data, "standard").transform(data)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[:, 0], np.array([-2, 0, 0, 2]) / np.sqrt(8 / 3), rtol=1e-6)
    np.testing.assert_allclose(inputs[:, 1], np.array([-10, 0, 10, 0]) / np.sqrt(200 / 3), rtol=1e-6)


def test_log_scaling_spares_features_that_go_below_zero() -> None:
    data = features([[0, -1], [99, 0], [9, 1]])
    fitted = Preprocessing.fit(data, "log")
    assert fitted.log.tolist() == [True, False]
    logs = np.log1p([0, 99, 9])
    np.testing.assert_allclose(fitted.transform(data)[:, 0], (logs - logs.mean()) / logs.std(), rtol=1e-6)
    below = fitted.transform(features([[-7, 0], [0, 0]]))
    assert below[0, 0] == below[1, 0]


def test_log_scaling_fills_with_the_mean_of_the_logarithms() -> None:
    fitted = Preprocessing.fit(features([[0], [NAN], [99]]), "log")
    assert fitted.fill[0] == pytest.approx(np.log(100) / 2)


def test_no_scaling_leaves_numbers_and_fills_with_the_mean() -> None:
    data = features([[1, 7], [NAN, 7], [5, 7]])
    assert Preprocessing.fit(data, "none").transform(data).tolist() == [[1, 7], [3, 7], [5, 7]]


def test_number_that_never_varied_in_training_says_nothing_later() -> None:
    fitted = Preprocessing.fit(features([[4, NAN], [4, NAN]]), "standard")
    assert fitted.scale.tolist() == [NEVER_VARIED, NEVER_VARIED]
    later = fitted.transform(features([[4, NAN], [-1e6, 3]]))
    assert np.abs(later).max() < 1e-20


def test_category_is_one_input_and_unknown_or_missing_is_none() -> None:
    fitted = Preprocessing.fit(features([[1], [2], [3]], codes=[1, 1, 0], names=("red", "blue")), "none")
    assert fitted.input_names == ("x0", "t = blue", "t = red")
    assert fitted.input_feature.tolist() == [0, 1, 1]
    new = features([[0], [0], [0], [0]], codes=[0, 1, 2, -1], names=("green", "red", "blue"))
    assert fitted.transform(new)[:, 1:].tolist() == [[0, 0], [0, 1], [1, 0], [0, 0]]


def test_only_the_fifty_most_frequent_categories_become_inputs() -> None:
    names = tuple(f"c{i:03d}" for i in range(5000))
    codes = np.r_[np.arange(5000), np.repeat(np.arange(4950, 5000), 2)].astype(np.int32)
    assert frequent_categories(codes, names) == names[4950:]


def test_input_feature_counts_numbers_before_texts() -> None:
    fitted = Preprocessing.fit(wild(0), "standard")
    assert fitted.inputs == len(fitted.input_names) == len(fitted.input_feature) == 12
    assert fitted.input_feature.tolist() == [0, 1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5]


@pytest.mark.parametrize("scaling", ["standard", "log", "none"])
def test_json_round_trip_is_exact(scaling: Scaling) -> None:
    fitted = Preprocessing.fit(wild(1), scaling)
    again = Preprocessing.from_dict(json.loads(json.dumps(fitted.to_dict())))
    np.testing.assert_array_equal(fitted.transform(wild(2)), again.transform(wild(2)))
    assert again.to_dict() == fitted.to_dict()
    assert again.input_names == fitted.input_names


def test_other_columns_are_refused() -> None:
    fitted = Preprocessing.fit(features([[1], [2]]), "none")
    with pytest.raises(ValueError, match="align"):
        fitted.transform(features([[1, 2]]))


def test_table_of_texts_only() -> None:
    data = Features(np.zeros((3, 0), np.float32), np.array([[0], [1], [0]], np.int32), (), ("t",), (("a", "b"),))
    assert Preprocessing.fit(data, "standard").transform(data).tolist() == [[1, 0], [0, 1], [1, 0]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-(2.0**122), 2.0**122, width=32) | st.just(NAN), min_size=2, max_size=20),
    st.sampled_from(["standard", "log"]),
)
def test_inputs_are_never_missing(values: list[float], scaling: Scaling) -> None:
    data = features([[value] for value in values])
    assert not np.isnan(Preprocessing.fit(data, scaling).transform(data)).any()


def test_wide_table_in_blocks_equals_column_by_column() -> None:
    numbers = np.random.default_rng(3).lognormal(size=(700, 7000)).astype(np.float32)
    data = Features(numbers, np.zeros((700, 0), np.int32), tuple(map(str, range(7000))), (), ())
    inputs = Preprocessing.fit(data, "log").transform(data)
    for column in (0, 2857, 2858, 6999):
        logs = np.log1p(numbers[:, column].astype(float))
        np.testing.assert_allclose(inputs[:, column], (logs - logs.mean()) / logs.std(), rtol=1e-5, atol=1e-6)
