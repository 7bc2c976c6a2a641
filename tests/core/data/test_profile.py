"""Column statistics equal those computed one column at a time."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.profile import profile
from core.data.table import Table

CELL = st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 1e300, 0.0, 1.0, 1.0, 2.0])


def test_each_number_of_a_column_is_right() -> None:
    cells = [3.0, np.nan, 1.0, np.inf, 1.0, 7.0]
    column = profile(Table.of(pd.DataFrame({"x": cells}))).column("x")
    assert (column.kind, column.missing, column.infinite, column.distinct, column.whole) == ("number", 2, 1, 3, True)
    assert (column.minimum, column.median, column.maximum, column.mean) == (1, 2, 7, 3)
    assert column.std == pytest.approx(np.sqrt(24 / 4))
    assert column.skew == pytest.approx((2 * -8 + 64) / 4 / 6**1.5)


def test_text_column_counts_its_texts() -> None:
    text = profile(Table.of(pd.DataFrame({"t": ["b", "a", None, "a"]}))).column("t")
    assert (text.kind, text.missing, text.distinct, text.top) == ("text", 1, 2, (("a", 2), ("b", 1)))
    assert text.minimum is None


def test_only_the_ten_most_frequent_texts_are_kept() -> None:
    column = profile(Table.of(pd.DataFrame({"t": [str(i) for i in range(50)] + ["49"]}))).column("t")
    assert (len(column.top), column.top[0], column.distinct) == (10, ("49", 2), 50)


def test_constant_and_empty_columns() -> None:
    known = profile(Table.of(pd.DataFrame({"c": [0.1] * 7, "e": [np.nan] * 7})))
    constant, empty = known.column("c"), known.column("e")
    assert (constant.distinct, constant.std, constant.skew, constant.whole) == (1, 0, 0, False)
    assert (empty.missing, empty.distinct, empty.minimum, empty.mean, empty.whole) == (7, 0, None, None, False)


def test_statistics_are_computed_once_a_table_and_forgotten_with_it() -> None:
    table = Table.of(pd.DataFrame({"a": [1, 2]}))
    known = weakref.ref(profile(table))
    assert profile(table) is known()
    del table
    gc.collect()
    assert known() is None


def test_table_without_rows() -> None:
    assert profile(Table.of(pd.DataFrame({"a": np.zeros(0)}))).column("a").minimum is None


def test_unknown_column_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        profile(Table.of(pd.DataFrame({"a": [1]}))).column("b")


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12))
def test_equals_pandas(rows: list[tuple[float, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=float)
    known = profile(Table.of(frame))
    for name in frame:
        cells = frame[name].where(frame[name].abs() <= 1e37)
        column = known.column(str(name))
        assert (column.missing, column.distinct) == (cells.isna().sum(), cells.nunique())
        if cells.notna().any():
            expected = [cells.min(), cells.median(), cells.max(), cells.mean(), cells.std(ddof=0)]
            found = [column.minimum, column.median, column.maximum, column.mean, column.std]
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_many_columns_in_blocks_equal_one_by_one() -> None:
    numbers = np.random.default_rng(0).lognormal(size=(300, 3000)).astype(np.float32)
    names = tuple(map(str, range(3000)))
    known = profile(Table(names, 300, numbers, names)).numbers
    deviations = numbers.astype(float) - numbers.mean(axis=0, dtype=float)
    np.testing.assert_allclose(known.skew, (deviations**3).mean(axis=0) / deviations.std(axis=0) ** 3, rtol=1e-9)
    np.testing.assert_allclose(known.median, np.median(numbers, axis=0), rtol=1e-6)
