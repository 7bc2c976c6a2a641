"""New tables are read as the training's was, or a sentence names what is wrong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.align import Schema, align
from core.data.dataset import Dataset, build_dataset
from core.data.preprocess import Preprocessing
from core.data.table import Table
from core.errors import UserError
from core.spec import DataSpec, SplitSpec, TableSource

TRAINING = pd.DataFrame(
    {
        "who": [f"s{i}" for i in range(40)],
        "age": np.arange(40) + 20,
        "dose": np.arange(40) / 8,
        "grade": ["1", "2.0", "x", None] * 10,
        "colour": ["red", "blue"] * 20,
        "same": 1,
        "y": ["no", "yes", "no", "no", "yes"] * 8,
    }
)
TABLE = Table.of(TRAINING)
DATASET: Dataset = build_dataset(TABLE, DataSpec(source=TableSource(fingerprint="0" * 64), target="y", id_column="who"))
SCHEMA = Schema.of(DATASET, TABLE.names)


def new(**columns: Any) -> Table:
    start = {"age": [30, 40], "dose": [0.5, 1.5], "grade": ["1", "x"], "colour": ["red", "blue"]}
    return Table.of(pd.DataFrame({**start, **columns}))


@pytest.mark.parametrize(("missing", "expected"), [(6, True), (4, False)])
def test_schema_knows_texts_that_are_mostly_missing(missing: int, expected: bool) -> None:
    pool = [*[None] * missing, *["no"] * 4, *["yes"] * (10 - 4 - missing)] * 8
    table = Table.of(pd.DataFrame({"pool": pool, "x": range(80), "y": ["a", "b"] * 40}))
    spec = DataSpec(source=TableSource(fingerprint="0" * 64), target="y", split=SplitSpec(test=0, validation=0.1))
    found = Schema.of(build_dataset(table, spec))
    assert found.features[-1].mostly_missing == expected
    assert Schema.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_schema_describes_the_training_rows_and_only_those() -> None:
    seen = TRAINING.iloc[DATASET.split.train]
    age, dose, grade, colour = SCHEMA.features
    assert (age.name, age.kind, age.whole) == ("age", "number", True)
    assert (age.minimum, age.maximum, age.median) == (seen["age"].min(), seen["age"].max(), seen["age"].median())
    assert dose.whole is False
    assert grade.categories == tuple(sorted(["1", "2.0", "x"], key=lambda c: (-(seen["grade"] == c).sum(), c)))
    assert set(colour.categories) == {"red", "blue"}
    assert SCHEMA.ignored == ("who", "same", "y")


def test_schema_survives_json() -> None:
    assert Schema.from_dict(json.loads(json.dumps(SCHEMA.to_dict()))) == SCHEMA


def test_number_that_is_missing_in_every_training_row_has_no_range() -> None:
    values = np.full(40, np.nan)
    values[DATASET.split.test[:2]] = [1, 2]
    table = Table.of(TRAINING.assign(rare=values))
    rare = Schema.of(build_dataset(table, DataSpec(source=TableSource(fingerprint="0" * 64), target="y"))).features[2]
    assert (rare.name, rare.minimum, rare.median) == ("rare", None, None)


def test_the_training_table_itself_aligns_to_the_same_inputs() -> None:
    features, notes = align(SCHEMA, TABLE)
    fitted = Preprocessing.fit(DATASET.features.take(DATASET.split.train), "standard")
    np.testing.assert_array_equal(fitted.transform(features.take(DATASET.rows)), fitted.transform(DATASET.features))
    assert notes == ["Empty cells in 'grade' treated as unknown."]


def test_reordered_columns_are_fine_and_extra_ones_are_named() -> None:
    table = new(height=[1, 2], who=["p", "q"])
    turned = Table.of(table.frame(columns=list(reversed(table.names))))
    features, notes = align(SCHEMA, turned)
    assert features.names == ("age", "dose", "grade", "colour")
    assert features.numbers.tolist() == [[30, 0.5], [40, 1.5]]
    assert notes == ["1 column not used, because the network does not know it: 'height'."]


def test_missing_columns_are_named() -> None:
    with pytest.raises(UserError, match=r"lacks 2 of the 4 columns .*'age' and 'colour'") as error:
        align(SCHEMA, Table.of(pd.DataFrame({"dose": [1.0], "grade": ["x"]})))
    assert error.value.remedy


def test_first_five_of_many_missing_columns_are_named() -> None:
    names = tuple(f"g{i}" for i in range(20))
    wide = Table(names, 12, np.random.default_rng(0).normal(size=(12, 20)), names)
    data = build_dataset(wide, DataSpec(source=TableSource(fingerprint="0" * 64), target="g0", task="regression"))
    with pytest.raises(UserError, match="'g1', 'g2', 'g3', 'g4', 'g5' and 14 more"):
        align(Schema.of(data), new())


def test_text_where_a_number_is_expected_names_column_row_and_cell() -> None:
    with pytest.raises(UserError, match=r"'age' must hold numbers.*row 2 holds 'forty'") as error:
        align(SCHEMA, new(age=["30", "forty"]))
    assert error.value.remedy


def test_numbers_spelled_as_texts_are_numbers() -> None:
    features, _ = align(SCHEMA, new(age=["030", None]))
    assert features.numbers[0, 0] == 30 and np.isnan(features.numbers[1, 0])


def test_numbers_are_matched_with_categories_however_they_are_written() -> None:
    features, notes = align(SCHEMA, new(grade=[1.0, 2.0]))
    grades = SCHEMA.features[2].categories
    assert [grades[code] for code in features.codes[:, 0]] == ["1", "2.0"]
    assert notes == []


def test_unknown_categories_are_named_and_become_no_input() -> None:
    features, notes = align(SCHEMA, new(grade=[1.0, 7.5], colour=["green", "red"]))
    assert features.codes[1, 0] == -1 and features.codes[0, 1] == -1
    assert notes[0].startswith("'grade' has 1 category that the network did not learn ('7.5')")
    assert "'green'" in notes[1]
    fitted = Preprocessing.fit(DATASET.features.take(DATASET.split.train), "standard")
    assert fitted.transform(features)[0, -2:].tolist() == [0, 0]


def test_missing_values_are_filled_as_in_training_and_noted() -> None:
    features, notes = align(SCHEMA, new(age=[np.nan, 40], dose=[np.inf, 1.5], colour=[None, "red"]))
    fitted = Preprocessing.fit(DATASET.features.take(DATASET.split.train), "standard")
    assert fitted.transform(features)[0, :2].tolist() == [0, 0]
    assert notes == [
        "2 missing numbers in 'age' and 'dose' filled with the training average.",
        "Empty cells in 'colour' treated as unknown.",
    ]


def test_column_that_is_empty_everywhere_is_missing_everywhere() -> None:
    features, _ = align(SCHEMA, new(colour=np.nan, age=[None, None]))
    assert features.codes[:, 1].tolist() == [-1, -1]
    assert np.isnan(features.numbers[:, 0]).all()


def test_table_without_rows_is_refused() -> None:
    with pytest.raises(UserError, match="no rows"):
        align(SCHEMA, Table.of(TRAINING.iloc[:0]))
