"""The samples are what their cards and their README say."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.samples import FOLDER, SAMPLES, Sample, joined_path, new_path, path

BY_KEY = {sample.key: sample for sample in SAMPLES}
TABLES = [sample for sample in SAMPLES if not sample.pictures]
PICTURES = [sample for sample in SAMPLES if sample.pictures]
SYNTHETIC = (
    "grades.csv",
    "grades_new.csv",
    "lecture_grades.csv",
    "lecture_grades_new.csv",
    "rna_expression.csv",
    "doxorubicin_response.csv",
)


def rows(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as handle:
        return list(csv.reader(handle))


def expression_with_response() -> tuple[np.ndarray, np.ndarray]:
    sample = BY_KEY["rna"]
    expression = pd.read_csv(path(sample), index_col=0).T
    response = pd.read_csv(FOLDER / str(sample.joined), index_col=0)
    both = expression.join(response, how="inner")
    return both[expression.columns].to_numpy(), both[sample.target].to_numpy()


def test_cards_stand_in_the_order_of_home() -> None:
    assert [sample.key for sample in SAMPLES] == [
        *("grades", "rna", "chihuahua_or_muffin", "digits", "clothes", "tumours", "breast_cancer", "lecture"),
    ]


@pytest.mark.parametrize("sample", TABLES, ids=lambda sample: sample.key)
def test_target_is_a_column_of_a_file_that_is_there(sample: Sample) -> None:
    header = rows(joined_path(sample) or path(sample))[0]
    assert sample.target in header
    new = new_path(sample)
    if new:
        assert rows(new)[0] == [name for name in header if name != sample.target]


@pytest.mark.parametrize("sample", TABLES, ids=lambda sample: sample.key)
def test_card_tells_the_true_size(sample: Sample) -> None:
    table = rows(path(sample))
    size = [len(table) - 1, len(table[0])]
    if sample.key == "rna":
        size = [len(table[0]) - 1, len(table) - 1]
    assert [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", sample.cells)] == size


@pytest.mark.parametrize("sample", PICTURES, ids=lambda sample: sample.key)
def test_card_of_pictures_tells_their_true_number_and_classes(sample: Sample) -> None:
    with zipfile.ZipFile(path(sample)) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    size = [len(names), len({name.split("/")[-2] for name in names})]
    assert [int(number.replace(",", "")) for number in re.findall(r"[\d,]+", sample.cells)] == size
    assert f"`{sample.file}`" in (FOLDER / "README.md").read_text()


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.csv")), ids=lambda file: file.name)
def test_every_file_is_rectangular_and_named_in_the_readme(file: Path) -> None:
    table = rows(file)
    assert {len(row) for row in table} == {len(table[0])}
    assert len(set(table[0])) == len(table[0])
    assert f"`{file.name}`" in (FOLDER / "README.md").read_text()


def test_samples_stay_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.csv")) < 4_000_000


def test_script_writes_the_synthetic_files_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, FOLDER / "make_samples.py", tmp_path], check=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(SYNTHETIC)
    for name in SYNTHETIC:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_lecture_example_is_the_lecture_s_own() -> None:
    assert rows(FOLDER / "lecture_grades.csv")[1:] == [
        ["S1", "80", "60", "70", "pass"],
        ["S2", "50", "45", "51", "fail"],
        ["S3", "60", "70", "50", "pass"],
    ]
    assert rows(FOLDER / "lecture_grades_new.csv")[1:] == [
        ["S4", "88", "87", "65"],
        ["S5", "64", "57", "78"],
        ["S6", "65", "32", "46"],
    ]


def test_grades_are_neither_hopeless_nor_trivial_for_a_straight_line() -> None:
    table = pd.read_csv(path(BY_KEY["grades"]))
    numbers = table.drop(columns=["student", "track", "result"])
    assert 5 <= numbers.isna().sum().sum() <= 60
    features = numbers.fillna(numbers.mean())
    model = make_pipeline(StandardScaler(), LogisticRegression())
    score = cross_val_score(model, features, table["result"] == "pass", cv=5, scoring="balanced_accuracy").mean()
    assert 0.8 < score < 0.92


def test_drug_response_is_partly_predictable_from_expression() -> None:
    expression, response = expression_with_response()
    assert expression.shape == (192, 1000)
    model = make_pipeline(StandardScaler(), RidgeCV(np.logspace(1, 5, 9)))
    folds = KFold(5, shuffle=True, random_state=0)
    score = cross_val_score(model, np.log1p(expression), response, cv=folds, scoring="r2").mean()
    assert 0.25 < score < 0.5


def test_expression_is_skewed_and_both_tables_miss_samples_of_the_other() -> None:
    expression, _ = expression_with_response()
    assert expression.mean() > 2 * np.median(expression)
    measured = rows(path(BY_KEY["rna"]))[0][1:]
    tested = [row[0] for row in rows(FOLDER / "doxorubicin_response.csv")[1:]]
    assert len(set(measured) - set(tested)) == 8
    assert len(set(tested) - set(measured)) == 6
    assert [name for name in tested if name in measured] != [name for name in measured if name in tested]


def test_tumour_types_have_the_counts_of_the_paper() -> None:
    table = pd.read_csv(path(BY_KEY["tumours"]), usecols=["tumour"])["tumour"]
    assert table.value_counts().to_dict() == {"EWS": 29, "RMS": 25, "NB": 18, "BL": 11}
    assert table[:63].value_counts().to_dict() == {"EWS": 23, "RMS": 20, "NB": 12, "BL": 8}


def test_diagnosis_is_written_out_and_not_swapped() -> None:
    table = pd.read_csv(path(BY_KEY["breast_cancer"]))
    assert table["diagnosis"].value_counts().to_dict() == {"benign": 357, "malignant": 212}
    means = table.groupby("diagnosis")["radius (mean)"].mean()
    assert means["malignant"] > means["benign"]
