"""A table becomes a dataset, or a sentence says why it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import Dataset, build_dataset
from core.data.preprocess import Preprocessing
from core.data.table import Table, Text
from core.errors import UserError
from core.spec import DataSpec, SplitSpec, TableSource

SOURCE = TableSource(fingerprint="0" * 64)
ROWS = 40


def spec(**choices: Any) -> DataSpec:
    return DataSpec(**{"source": SOURCE, "target": "y", **choices})


def frame(**columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    start = {"a": rng.normal(size=ROWS), "b": rng.normal(size=ROWS), "y": ["no", "yes"] * (ROWS // 2)}
    return pd.DataFrame({**start, **columns})


def build(choices: DataSpec | None = None, **columns: Any) -> Dataset:
    return build_dataset(Table.of(frame(**columns)), choices or spec())


def test_columns_become_features_target_and_ids() -> None:
    colours = [None, "red", "blue", "red"] * 10
    data = build(
        spec(id_column="who", drop=("b",)), who=[f"s{i}" for i in range(ROWS)], colour=colours, same=1, empty=np.nan
    )
    assert data.features.names == ("a", "colour")
    assert data.features.numbers.dtype == np.float32 and data.features.codes.dtype == np.int32
    assert data.features.categories == (("red", "blue"),)
    assert data.features.codes[:4, 0].tolist() == [-1, 0, 1, 0]
    assert data.class_names == ("no", "yes")
    assert data.y.tolist() == [0, 1] * 20 and data.y.dtype == np.int64
    assert data.ids is not None and data.ids[:2] == ("s0", "s1")
    assert data.groups is None
    assert data.rows.tolist() == list(range(ROWS))


def test_rows_without_a_target_are_left_out() -> None:
    y = [None, "no", "yes", "no"] * 10
    data = build(y=y)
    assert data.rows.tolist() == [i for i in range(ROWS) if i % 4]
    assert data.y.tolist() == [0, 1, 0] * 10
    numeric = build(spec(task="regression"), y=[np.nan, np.inf, 1.5, 2.5] * 10)
    assert numeric.y.tolist() == [1.5, 2.5] * 10 and numeric.class_names == ()
    np.testing.assert_allclose(numeric.features.numbers[:, 0], frame()["a"].to_numpy()[numeric.rows], rtol=1e-6)


def test_column_that_varies_only_where_the_target_is_missing_is_left_out() -> None:
    y = [None, None] + ["no", "yes"] * 19
    assert build(y=y, c=[1.0, 2.0] + [3.0] * 38, d=["p", "q"] + ["r"] * 38).features.names == ("a", "b")


@pytest.mark.parametrize(
    ("values", "task", "names"),
    [
        ([0, 1], "binary", ("0", "1")),
        ([1.5, -2], "binary", ("-2", "1.5")),
        ([10, 9, 2], "multiclass", ("2", "9", "10")),
        (["pass", "fail"], "binary", ("pass", "fail")),
        (["Yes", "No"], "binary", ("No", "Yes")),
        (["malignant", "benign"], "binary", ("benign", "malignant")),
        (["TRUE", "what"], "binary", ("what", "TRUE")),
        (["b", "a", "C"], "multiclass", ("a", "b", "C")),
    ],
)
def test_classes_are_named_and_ordered(values: list[Any], task: Any, names: tuple[str, ...]) -> None:
    y = (values * ROWS)[:ROWS]
    data = build(spec(task=task), y=y)
    assert data.class_names == names
    assert [names[code] for code in data.y] == [f"{v:g}" if isinstance(v, float) else str(v) for v in y]


def test_class_names_of_a_wide_table_have_no_rounding_noise() -> None:
    numbers = np.random.default_rng(0).normal(size=(40, 60_000)).astype(np.float32)
    numbers[:, -1] = np.tile([0.1, 0.7], 20)
    names = tuple(f"g{i}" for i in range(numbers.shape[1]))
    assert build_dataset(Table(names, 40, numbers, names), spec(target="g59999")).class_names == ("0.1", "0.7")


def test_infinite_and_huge_numbers_count_as_missing() -> None:
    data = build(c=[np.inf, -np.inf, 1e300, 1.0] + [2.0] * 36)
    assert np.isnan(data.features.numbers[:3, 2]).all()
    assert data.features.numbers[3, 2] == 1.0


def test_rows_with_missing_features_can_be_left_out() -> None:
    data = build(
        spec(missing_values="drop_rows", id_column="who"),
        c=[np.nan, 1, 2, 3] * 10, t=["p", None, "q", "p"] * 10, empty=np.nan, who=[None] * ROWS,
    )  # fmt: skip
    assert data.rows.tolist() == [i for i in range(ROWS) if i % 4 > 1]
    assert data.features.names == ("a", "b", "c", "t")


def test_copies_never_straddle_a_split() -> None:
    rng = np.random.default_rng(3)
    base = frame(c=["p", "q", None, "r"] * 10)
    table = Table.of(
        pd.concat([base, base, base.iloc[:15]]).sample(frac=1, random_state=1).assign(y=rng.integers(0, 2, 95))
    )
    for seed in range(5):
        data = build_dataset(table, spec(split=SplitSpec(seed=seed)))
        seen = [{tuple(row) for row in data.features.numbers[part].tolist()} for part in vars(data.split).values()]
        assert sum(map(len, seen)) == 40
        assert data.groups is not None and data.groups.max() == 39
        assert len(data.split.validation) == pytest.approx(19, abs=2)


def test_groups_and_copies_are_merged() -> None:
    a = np.arange(ROWS, dtype=float)
    a[1] = a[0]
    group: list[str | None] = [f"g{i // 2}" for i in range(ROWS)]
    group[1] = "g5"
    group[7] = None
    data = build(spec(group_column="group"), a=a, b=a, group=group)
    assert data.groups is not None
    assert len(set(data.groups[[0, 1, 10, 11]].tolist())) == 1
    assert (data.groups == data.groups[7]).sum() == 1
    for part in vars(data.split).values():
        outside = np.setdiff1d(np.arange(ROWS), part)
        assert not set(data.groups[part].tolist()) & set(data.groups[outside].tolist())


def test_duplicate_rows_can_be_dropped_but_contradictions_stay() -> None:
    a = np.r_[np.arange(37.0), 0.0, 0.0, 1.0]
    data = build(spec(duplicate_rows="drop"), a=a, b=a)
    assert data.rows.tolist() == [*range(37), 37]


def test_changing_validation_and_test_rows_never_changes_the_preprocessing() -> None:
    table = Table.of(frame(c=["p", "q", None, "r"] * 10))
    for scaling in ("standard", "log", "none"):
        data = build_dataset(table, spec(scaling=scaling))
        held = np.concatenate([data.split.validation, data.split.test])
        fitted = Preprocessing.fit(data.features.take(data.split.train), scaling)
        numbers, codes = table.numbers.copy(), table.texts["c"].codes.copy()
        numbers[held] = 1e6 * (1 + np.arange(len(held)))[:, None]
        codes[held] = 1
        texts = {**table.texts, "c": Text(codes, table.texts["c"].values)}
        changed = replace(table, numbers=numbers, texts=texts)
        other = build_dataset(changed, spec(scaling=scaling))
        np.testing.assert_array_equal(other.split.train, data.split.train)
        assert other.features.numbers[held].tolist() != data.features.numbers[held].tolist()
        assert Preprocessing.fit(other.features.take(other.split.train), scaling).to_dict() == fitted.to_dict()


@pytest.mark.parametrize(
    ("choices", "columns", "words"),
    [
        ({"target": ""}, {}, "No target is chosen"),
        ({"target": "z"}, {}, "no column 'z' .target."),
        ({"drop": ("a", "q")}, {}, "no column 'q' .left out."),
        ({"id_column": "y"}, {}, "both the target and the id"),
        ({"drop": ("y",)}, {}, "both the target and left out"),
        ({"task": "regression"}, {}, "holds texts such as 'no' and 'yes'"),
        ({"task": "multiclass"}, {}, "has only two"),
        ({}, {"y": np.arange(ROWS)}, "has 40 different values"),
        ({"task": "multiclass"}, {"y": np.arange(ROWS)}, "too many to learn as classes"),
        ({}, {"y": "no"}, "is 'no' in every row"),
        ({"task": "regression"}, {"y": 3.0}, "is 3 in every row"),
        ({}, {"y": None}, "has no value in any row"),
        ({}, {"y": ["no"] * 39 + ["yes"]}, "only one row .'yes'."),
        ({}, {"y": [None] * 38 + ["pass", "fail"]}, "Only 2 rows can be used"),
        ({"drop": ("a", "b")}, {}, "No feature is left"),
        ({}, {"a": 1, "b": np.nan}, "same value in every row"),
        ({"missing_values": "drop_rows"}, {"a": [1, None, 2, None] * 10, "b": [None, 1, None, 2] * 10}, "Every row"),
        ({"group_column": "b"}, {"b": ["p"] * 39 + ["q"]}, "form only 2 groups"),
        ({"group_column": "g"}, {"y": ["no"] * 20 + ["yes"] * 20, "g": ["p"] * 20 + ["q"] * 20}, "only 2 groups"),
        ({}, {"y": ["no"] * 38 + ["yes"] * 2, "name\n" + "x" * 500: range(40), "target": ""}, None),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_said_in_a_sentence(
    choices: dict[str, Any], columns: dict[str, Any], words: str | None
) -> None:
    if words is None:
        assert build(spec(**choices), **columns).class_names == ("no", "yes")
        return
    with pytest.raises(UserError, match=words) as error:
        build(spec(**choices), **columns)
    assert error.value.remedy
    assert len(str(error.value)) < 600


def test_class_that_lives_in_one_held_out_group_is_named() -> None:
    y = ["p"] * 14 + ["q"] * 13 + ["r"] * 13
    group = ["1"] * 14 + ["2"] * 13 + ["3"] * 13
    with pytest.raises(UserError, match="No training row is left for"):
        build(spec(task="multiclass", group_column="g"), y=y, g=group)


def test_names_in_a_sentence_are_short_and_on_one_line() -> None:
    name = "a\nb" + "<b>" * 3000
    with pytest.raises(UserError) as error:
        build(spec(target=name))
    assert len(error.value.problem) < 200 and "\n" not in error.value.problem
