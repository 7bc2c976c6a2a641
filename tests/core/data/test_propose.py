"""Proposals are right for the tables that people bring."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data.dataset import build_dataset
from core.data.profile import profile
from core.data.propose import propose, propose_join, propose_target, propose_task, propose_transpose
from core.data.propose_join import fits_turned
from core.data.table import Table
from core.spec import DataSpec, TableSource

SOURCE = TableSource(fingerprint="0" * 64)
SAMPLES = Path(__file__).parents[3] / "sample_data"
RNG = np.random.default_rng(0)


def table(rows: int = 60, **columns: Any) -> Table:
    start = {"a": np.random.default_rng(1).normal(size=rows), "b": np.random.default_rng(2).normal(size=rows)}
    return Table.of(pd.DataFrame({**start, **columns}))


def sample(name: str) -> Table:
    return Table.of(pd.read_csv(SAMPLES / name))


def proposed(rows: int = 60, **columns: Any) -> DataSpec:
    return propose(table(rows, **columns), SOURCE)


def test_grades_sample() -> None:
    spec = propose(sample("grades.csv"), SOURCE)
    assert (spec.target, spec.task, spec.id_column, spec.group_column) == ("result", "binary", "student", None)
    assert (spec.drop, spec.scaling) == ((), "standard")
    build_dataset(sample("grades.csv"), spec)


def test_clinical_sample_with_its_target_first() -> None:
    spec = propose(sample("breast_cancer.csv"), SOURCE)
    assert (spec.target, spec.task, spec.id_column, spec.group_column) == ("diagnosis", "binary", None, None)
    assert (spec.drop, spec.scaling) == ((), "standard")


def test_tumour_sample() -> None:
    spec = propose(sample("tumours.csv"), SOURCE)
    assert (spec.target, spec.task, spec.id_column) == ("tumour", "multiclass", "sample")


def test_rna_sample_joined_with_its_response() -> None:
    lying, response = sample("rna_expression.csv"), pd.read_csv(SAMPLES / "doxorubicin_response.csv")
    assert propose_transpose(lying)
    upright = pd.read_csv(SAMPLES / "rna_expression.csv", index_col=0).T.rename_axis("sample").reset_index()
    assert not propose_transpose(Table.of(upright))
    assert propose(Table.of(upright), SOURCE).target == ""
    assert propose_join(Table.of(upright), Table.of(response)) == "sample"
    spec = propose(Table.of(upright.merge(response, on="sample")), SOURCE)
    assert (spec.target, spec.task, spec.id_column) == ("doxorubicin_ln_ic50", "regression", "sample")
    assert spec.scaling == "log"


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ({"Outcome": [0, 1] * 30, "z": range(60)}, "Outcome"),
        ({"y": [0, 1] * 30, "z": range(60)}, "y"),
        ({"Survived": [0, 1] * 30, "Pclass": [1, 2, 3] * 20, "class": ["p", "q"] * 30}, "class"),
        ({"final_result": ["p", "q"] * 30, "z": RNG.normal(size=60)}, "final_result"),
        ({"LN_IC50": RNG.normal(size=60), "z": RNG.normal(size=60)}, "LN_IC50"),
        ({"SalePrice": RNG.normal(size=60), "z": RNG.normal(size=60)}, "SalePrice"),
        ({"marital_status": ["p", "q"] * 30, "income": RNG.normal(size=60), "label": ["p", "q"] * 30}, "label"),
        ({"z": RNG.normal(size=60)}, "z"),
        ({"result": [1] * 60, "z": RNG.normal(size=60)}, "z"),
        ({"z": RNG.normal(size=60), "note": [f"text {i}" for i in range(60)]}, "z"),
        ({"z": RNG.normal(size=60), "day": [f"2020-01-{1 + i % 20:02d}" for i in range(60)]}, "z"),
    ],
)
def test_target_is_found_by_name_or_is_the_last_usable_column(columns: dict[str, Any], target: str) -> None:
    assert proposed(**columns).target == target


def test_no_target_when_no_column_could_be_one() -> None:
    only = Table.of(pd.DataFrame({"name": ["p", "q", "r"], "same": [1, 1, 1]}))
    assert propose_target(only, profile(only)) == ""
    assert propose(only, SOURCE).target == ""


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["p", "q"] * 30, "binary"),
        ([0, 1] * 30, "binary"),
        ([0.5, np.nan, 2.5] * 20, "binary"),
        (["p", "q", "r"] * 20, "multiclass"),
        ([1, 2, 3] * 20, "multiclass"),
        ([1.0, 2.5, 3.0] * 20, "regression"),
        (list(range(60)), "regression"),
        (list(range(20)) * 3, "regression"),
        ([1] * 30 + [2] * 29 + [3], "regression"),
    ],
)
def test_task_follows_from_the_values(values: list[Any], task: str) -> None:
    assert propose_task(table(t=values), "t") == task


def test_chosen_target_is_kept() -> None:
    spec = propose(table(y=[0, 1] * 30), SOURCE, target="a")
    assert (spec.target, spec.task) == ("a", "regression")


def test_id_is_named_or_is_the_first_text_that_never_repeats() -> None:
    unique = [f"k{i}" for i in range(60)]
    assert proposed(town=unique, Sample_ID=range(60), y=[0, 1] * 30).id_column == "Sample_ID"
    assert proposed(town=unique, y=[0, 1] * 30).id_column == "town"
    assert proposed(town=unique[:59] + [unique[0]], y=[0, 1] * 30).id_column is None
    assert proposed(day=[f"{1 + i % 28}.{1 + i // 28}.2020" for i in range(60)], y=[0, 1] * 30).id_column is None


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("patient_id", [f"p{i // 3}" for i in range(60)], True),
        ("Patient", np.arange(60) // 10, True),
        ("student", [f"p{i // 2}" for i in range(60)], True),
        ("cell_line", [f"p{i // 6}" for i in range(60)], True),
        ("patient_id", [f"p{i}" for i in range(60)], False),
        ("patient_age", 20 + np.arange(60) // 3, False),
        ("subject", ["Math", "Art", "History"] * 20, False),
        ("city", [f"p{i // 3}" for i in range(60)], False),
        ("patient", ["p", "q"] * 30, False),
    ],
)
def test_group_is_proposed_only_when_its_name_says_so_and_it_repeats(name: str, values: Any, found: bool) -> None:
    assert proposed(**{name: values, "y": [0, 1, 1] * 20}).group_column == (name if found else None)


def test_columns_that_teach_nothing_are_left_out_in_file_order() -> None:
    a = np.random.default_rng(1).normal(size=60)
    texts: dict[str, Any] = {
        "age": RNG.permutation(200)[:60],
        "name": [f"k{i}" for i in range(60)],
        "ticket": [f"t{i}" for i in range(60)],
        "day": [f"2020-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(60)],
        "remark": [f"the {i}th long remark that nobody will ever repeat" for i in range(60)],
        "colour": ["red", "blue", None] * 20,
        "hue": ["red", "blue", None] * 20,
    }
    spec = proposed(**texts, running=range(7, 67), same=3, empty=np.nan, again=a, y=[0, 1] * 30)
    assert spec.id_column == "name"
    assert spec.drop == ("ticket", "day", "remark", "hue", "running", "same", "empty", "again")


def test_logarithm_is_proposed_for_skewed_features_only() -> None:
    skewed = {f"g{i}": np.random.default_rng(i).lognormal(0, 1.5, 200) for i in range(6)}
    assert proposed(200, **skewed, y=[0, 1] * 100).scaling == "log"
    assert proposed(200, y=[0, 1] * 100, rare=[0] * 190 + [1] * 10).scaling == "standard"
    below = {name: -values for name, values in skewed.items()}
    assert proposed(200, **below, y=[0, 1] * 100).scaling == "standard"


def genes(rows: int, names: list[str], corner: str = "x") -> Table:
    level = np.random.default_rng(0).lognormal(1, 1.5, (rows, 1))
    values = level * np.random.default_rng(1).lognormal(0, 0.4, (rows, 30))
    return Table.of(pd.DataFrame({corner: names, **{f"S{i}": values[:, i] for i in range(30)}}))


def test_transpose_is_proposed_for_genes_in_rows() -> None:
    assert propose_transpose(genes(400, [f"ENSG{i:011d}" for i in range(400)]))
    assert propose_transpose(genes(400, [f"m{i}" for i in range(400)]))
    assert propose_transpose(genes(40, [f"ENSMUSG{i:011d}.{i % 9}" for i in range(40)]))
    assert propose_transpose(genes(40, ["TP53", "GAPDH", "ACTB", *(f"m{i}" for i in range(37))]))
    assert propose_transpose(genes(40, [f"m{i}" for i in range(40)], corner="Gene ID"))


def test_transpose_is_proposed_for_students_in_columns() -> None:
    lying = {"": ["History", "Math", "result"], "S1": ["80", "60", "pass"], "S2": ["50", "45", "fail"]}
    assert propose_transpose(Table.of(pd.DataFrame(lying)))
    assert propose_transpose(Table.of(pd.DataFrame({"x": ["History", "passed"], "S1": [80, 1], "S2": [50, 0]})))


def ordinary() -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(5)
    ability = rng.normal(size=(2000, 1))
    grades = pd.DataFrame(np.clip(60 + 12 * ability + 6 * rng.normal(size=(2000, 12)), 0, 100).round())
    grades.insert(0, "student", [f"S{i}" for i in range(2000)])
    likert = pd.DataFrame(rng.integers(1, 6, (1000, 20)))
    likert.insert(0, "person", [f"P{i}" for i in range(1000)])
    iris = pd.DataFrame(rng.normal(5, 1, (150, 4))).assign(species=["a", "b", "c"] * 50)
    named_iris = iris.copy()
    named_iris.insert(0, "id", [f"f{i}" for i in range(150)])
    wide = pd.DataFrame(rng.lognormal(size=(80, 500)))
    wide.insert(0, "sample", [f"T{i}" for i in range(80)])
    mixed = pd.DataFrame(
        {"id": list("abcdef"), "size": ["10", "20", "big", "5", "7", "8"], "w": ["1", "x", "2", "3", "4", "5"]}
    )
    pima = pd.DataFrame(rng.lognormal(size=(768, 8)) * [3, 120, 70, 20, 80, 32, 0.5, 33]).assign(Outcome=[0, 1] * 384)
    pima.insert(0, "who", [f"w{i}" for i in range(768)])
    return {
        "grades": grades, "likert": likert, "iris": iris, "named iris": named_iris, "wide": wide, "mixed": mixed,
        "pima": pima, "pima without names": pima.drop(columns="who"), "tiny": mixed.iloc[:2],
    }  # fmt: skip


@pytest.mark.parametrize("name", list(ordinary()))
def test_transpose_is_not_proposed_for_ordinary_tables(name: str) -> None:
    frame = ordinary()[name]
    assert not propose_transpose(Table.of(frame.rename(columns=str)))


@pytest.mark.parametrize(
    "name", ["grades.csv", "breast_cancer.csv", "tumours.csv", "lecture_grades.csv", "doxorubicin_response.csv"]
)
def test_transpose_is_not_proposed_for_upright_samples(name: str) -> None:
    assert not propose_transpose(sample(name))


def test_join_column_may_have_another_name_but_must_share_values() -> None:
    left = table(id=[f"s{i}" for i in range(60)], town=["p", "q"] * 30)
    right = pd.DataFrame({"sample": [f"s{i}" for i in range(59, 10, -1)], "ic50": range(49), "town": ["p"] * 49})
    assert propose_join(left, Table.of(right)) == "id"
    assert propose_join(left, Table.of(right.assign(sample=[f"x{i}" for i in range(49)]))) is None
    assert propose_join(left, Table.of(right.assign(sample=["s1"] * 49))) is None


def test_numbers_are_a_join_column_only_when_named_so() -> None:
    left, right = table(sample=range(60)), Table.of(pd.DataFrame({"sample": range(60), "count": range(60)}))
    assert propose_join(left, right) == "sample"
    assert propose_join(table(age=range(60)), right) is None


def lying(names: list[str], rows: int = 4) -> Table:
    """A matrix with a feature in each row and a sample in each column."""
    matrix = pd.DataFrame(RNG.normal(size=(rows, len(names))), columns=names)
    matrix.insert(0, "marker", [f"m{i}" for i in range(rows)])
    return Table.of(matrix)


def test_matrix_whose_columns_are_the_rows_of_the_other_table_fits_turned() -> None:
    samples = [f"s{i}" for i in range(100)]
    answers = pd.DataFrame({"id": samples[::-1], "y": RNG.normal(size=100)})
    assert fits_turned(lying(samples), Table.of(answers))
    assert fits_turned(lying(samples[:60]), Table.of(answers))
    assert fits_turned(lying([f"x{i}" for i in range(100)]), Table.of(answers[["y"]]))
    assert not fits_turned(Table.of(answers), lying(samples))
    assert fits_turned(lying(samples, rows=1), Table.of(answers))


def test_tables_that_fit_as_they_are_or_not_at_all_are_not_turned() -> None:
    samples = [f"s{i}" for i in range(100)]
    answers = Table.of(pd.DataFrame({"id": samples, "y": RNG.normal(size=100)}))
    upright = table(rows=100, id=samples, a=RNG.normal(size=100), b=RNG.normal(size=100))
    assert not fits_turned(upright, answers)
    assert not fits_turned(lying([f"x{i}" for i in range(99)]), answers)
    by_row = pd.DataFrame({"marker": [f"m{i}" for i in range(100)]} | {f"x{i}": range(100) for i in range(100)})
    assert not fits_turned(Table.of(by_row), Table.of(pd.DataFrame({"y": range(100)})))


def test_hostile_names_do_no_harm() -> None:
    names = ["<b>x</b>", "😀", "x" * 10_000, "__class__", "1"]
    frame = pd.DataFrame({name: np.random.default_rng(1).normal(size=20) for name in names})
    assert propose(Table.of(frame), SOURCE).target in names
