"""Joined tables hold matching rows only, and say what was left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.join import join, partner, shared_columns
from core.data.table import Table
from core.errors import UserError

LEFT = Table.of(pd.DataFrame({"sample": ["s3", "s1", None, "s2"], "gene": [3.0, 1.0, 9.0, 2.0]}), ["left note"])
RIGHT = Table.of(pd.DataFrame({"id": ["s1", "s2", "s3", "s9"], "gene": [10, 20, 30, 90], "drug": ["a", "b", "a", "c"]}))


def test_rows_meet_by_id_whatever_its_column_is_called() -> None:
    joined = join(LEFT, RIGHT, "sample")
    assert joined.names == ("sample", "gene", "gene (2)", "drug")
    assert joined.column("sample").tolist() == ["s3", "s1", "s2"]
    assert joined.column("gene").tolist() == [3, 1, 2]
    assert joined.column("gene (2)").tolist() == [30, 10, 20]
    assert joined.column("drug").tolist() == ["a", "a", "b"]
    assert joined.texts["drug"].values == ("a", "b")
    assert joined.notes == (
        "left note",
        "'sample' of the first table was matched with 'id' of the second.",
        "Rows of the first table without a match in the second were left out (1 of them).",
        "Rows of the second table without a match in the first were left out (1 of them).",
        "Columns of the second table with a name of the first were renamed: 'gene (2)'.",
    )


def test_column_of_either_table_names_the_pair() -> None:
    assert [partner(LEFT, RIGHT, name) for name in ("sample", "id")] == ["sample", "sample"]
    with pytest.raises(UserError, match=r"No column of the first table shares its values with 'drug'.*'a', 'b', 'c'"):
        partner(LEFT, RIGHT, "drug")


def test_texts_are_numbered_anew_in_order_of_appearance() -> None:
    left = Table.of(pd.DataFrame({"id": ["s9", "s2", "s9"]}))
    joined = join(left, RIGHT, "id")
    assert joined.column("drug").tolist() == ["c", "b", "c"]
    assert joined.texts["drug"].values == ("c", "b")


def test_numeric_ids_meet_text_ids() -> None:
    left = Table.of(pd.DataFrame({"id": [7, 8, 8], "x": [1.0, 2.0, 3.0]}))
    right = Table.of(pd.DataFrame({"id": ["8", "7"], "y": [80.0, 70.0]}))
    assert join(left, right, "id").column("y").tolist() == [70, 80, 80]


def test_row_order_joins_equal_lengths_only() -> None:
    right = Table.of(pd.DataFrame({"y": [1.0, np.nan, 3.0, 4.0]}))
    joined = join(LEFT, right, None)
    assert joined.names == ("sample", "gene", "y")
    np.testing.assert_array_equal(joined.column("y"), [1, np.nan, 3, 4])
    with pytest.raises(UserError, match="4 and 1 rows"):
        join(LEFT, Table.of(pd.DataFrame({"y": [1.0]})), None)


def test_value_twice_on_the_right_is_refused() -> None:
    right = Table.of(pd.DataFrame({"sample": ["s1", "s2", "s1"], "y": [1, 2, 3]}))
    with pytest.raises(UserError, match=r"'s1' stands more than once in 'sample'.*rows 1 and 3"):
        join(LEFT, right, "sample")


def test_ids_that_never_meet_are_shown_from_both_sides() -> None:
    right = Table.of(pd.DataFrame({"sample": ["S-1", "S-2"], "y": [1, 2]}))
    with pytest.raises(UserError, match=r"'s3', 's1', 's2'.*'S-1', 'S-2'"):
        join(LEFT, right, "sample")


def test_unknown_column_is_refused() -> None:
    with pytest.raises(UserError, match="no column called 'nothing'"):
        join(LEFT, RIGHT, "nothing")


def test_shared_columns_come_best_first() -> None:
    left = Table.of(
        pd.DataFrame({"patient": [11, 12, 13, 14], "sample": ["a", "b", "c", "d"], "age": [50, 50, 60, 61]})
    )
    right = Table.of(pd.DataFrame({"patient": [11, 12, 13, 15], "key": ["d", "c", "b", "a"], "age2": [60, 61, 62, 63]}))
    assert shared_columns(left, right)[:2] == [("sample", "key", 1.0), ("patient", "patient", 0.75)]
    assert ("age", "age2", 2 / 3) not in shared_columns(left, right)


def test_measurements_share_nothing() -> None:
    rng = np.random.default_rng(0)
    left = Table.of(pd.DataFrame({"x": rng.normal(size=9), "grade": [1, 2, 3, 4, 5, 1, 2, 3, 4]}))
    right = Table.of(pd.DataFrame({"y": rng.normal(size=9)}))
    assert shared_columns(left, right) == []
