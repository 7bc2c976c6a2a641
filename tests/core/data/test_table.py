"""Tables keep names, numbers and texts, in memory and on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.table import Table, Text, number_type, shorten
from core.errors import UserError

FRAME = pd.DataFrame({"id": ["a", None, "a"], "x": [1.5, np.nan, 3.0], "b": ["no", "yes", "no"], "n": [1, 2, 3]})


def same(left: Table, right: Table) -> bool:
    assert (left.names, left.rows, left.number_names, left.notes) == (
        right.names, right.rows, right.number_names, right.notes,
    )  # fmt: skip
    np.testing.assert_array_equal(left.numbers, right.numbers)
    assert left.texts.keys() == right.texts.keys()
    return all(left.column(name).tolist() == right.column(name).tolist() for name in left.texts)


def test_frame_becomes_numbers_and_texts_in_file_order() -> None:
    table = Table.of(FRAME, notes=["one note"])
    assert table.names == ("id", "x", "b", "n")
    assert table.number_names == ("x", "n")
    assert table.text_names == ("id", "b")
    assert table.column("id").tolist() == ["a", None, "a"]
    assert table.texts["b"].values == ("no", "yes")
    assert table.texts["b"].codes.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(table.column("x"), [1.5, np.nan, 3.0])
    assert table.numbers.dtype == np.float64


def test_saved_table_opens_equal_and_read_only(tmp_path: Path) -> None:
    table = Table.of(FRAME, notes=["one note"])
    table.save(tmp_path)
    opened = Table.open(tmp_path)
    assert same(table, opened)
    with pytest.raises(ValueError, match="read-only"):
        opened.numbers[0, 0] = 9


def test_table_of_texts_only_and_of_numbers_only_open_again(tmp_path: Path) -> None:
    for columns in (["id", "b"], ["x"]):
        table = Table.of(FRAME[columns])
        table.save(tmp_path)
        assert same(table, Table.open(tmp_path))


def test_frame_shows_chosen_rows_and_columns() -> None:
    shown = Table.of(FRAME).frame(slice(1, 3), ["n", "id"])
    assert list(shown.columns) == ["n", "id"]
    assert list(shown.index) == [1, 2]
    assert shown["n"].tolist() == [2.0, 3.0]
    assert shown["id"].tolist() == [None, "a"] or shown["id"].isna().tolist() == [True, False]
    assert Table.of(FRAME).frame(np.array([2, 0]), ["x"])["x"].tolist() == [3.0, 1.5]


def test_unknown_column_is_named_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no column called 'price'.*'id', 'x', 'b', 'n'"):
        Table.of(FRAME).column("price")


def test_large_tables_use_single_precision() -> None:
    assert number_type(2_000_000, 1) is np.float64
    assert number_type(2_000_001, 1) is np.float32


def test_long_texts_are_cut_for_sentences() -> None:
    assert len(shorten("x" * 10_000)) == 60
    assert shorten("short") == "short"
    assert Text.of(["b", "a", "b"]).values == ("b", "a")
