"""Copies are exactly the rows, or columns, that are equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from core.data.copies import duplicate_columns, first_of_each, row_codes
from core.data.table import Table


def codes(rows: list[list[float]], texts: list[list[int]] | None = None) -> list[int]:
    numbers = np.array(rows, np.float32).reshape(len(rows), -1)
    return row_codes(numbers, np.array(texts or [[]] * len(rows), np.int32).reshape(len(rows), -1)).tolist()


def test_missing_equals_missing_and_zero_equals_minus_zero() -> None:
    other_nan = np.array([0x7FC00001], np.uint32).view(np.float32)[0]
    first, second, third, fourth = codes([[np.nan, 0.0], [other_nan, -0.0], [np.nan, 1.0], [0.0, np.nan]])
    assert first == second
    assert len({first, third, fourth}) == 3


def test_swapped_columns_and_texts_are_no_copies() -> None:
    assert len(set(codes([[1, 2], [2, 1], [-1, 2], [1, -2]]))) == 4
    assert len(set(codes([[1], [1], [1], [1]], [[0, 1], [1, 0], [-1, 1], [0, -1]]))) == 4


@given(st.lists(st.tuples(st.floats(width=32, allow_infinity=False), st.integers(-1, 3)), min_size=1, max_size=30))
def test_codes_are_equal_exactly_for_equal_rows(rows: list[tuple[float, int]]) -> None:
    found = codes([[number] for number, _ in rows], [[text] for _, text in rows])
    keys = ["nan" if number != number else number + 0.0 for number, _ in rows]
    for place, code in enumerate(found):
        equal = [keys[place] == key and rows[place][1] == text for key, (_, text) in zip(keys, rows, strict=True)]
        assert [code == other for other in found] == equal


def test_many_rows_in_blocks_equal_one_by_one() -> None:
    numbers = np.random.default_rng(0).integers(0, 3, (50, 30_000)).astype(np.float32)
    numbers[40] = numbers[3]
    found = row_codes(numbers, np.zeros((50, 0), np.int32))
    assert len(np.unique(found)) == 49 and found[40] == found[3]


def test_first_of_each_keeps_the_order_of_rows() -> None:
    assert first_of_each(np.array([5, 2, 5, 9, 2])).tolist() == [0, 1, 3]
    assert first_of_each(np.array([[5, 1], [5, 2], [5, 1]])).tolist() == [0, 1]


def test_copy_of_a_column_has_equal_cells_missing_ones_included() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, np.nan, 3.0], "b": [1.0, 2.0, 3.0], "c": [1.0, np.nan, 3.0], "d": [3.0, np.nan, 1.0],
            "t": ["x", None, "y"], "u": ["x", None, "y"], "v": ["y", None, "x"], "w": ["x", "x", "y"],
            "e": np.nan, "f": np.nan,
        }
    )  # fmt: skip
    table = Table.of(frame)
    assert duplicate_columns(table, table.names) == {"c": "a", "u": "t"}
    assert duplicate_columns(table, ("c", "u", "v")) == {}
