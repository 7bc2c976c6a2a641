"""What is wrong with a table is found, explained and mended by one change; honest tables are left in peace."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets

from core.data.dataset import build_dataset
from core.data.findings import Finding, findings
from core.data.propose import propose
from core.data.table import Table
from core.errors import UserError
from core.spec import DataSpec, TableSource, TrainingSpec

SOURCE = TableSource(fingerprint="0" * 64)
ROWS = 200
DOZEN = [f"p{i % 40}" for i in range(ROWS)]


def spec(**choices: Any) -> DataSpec:
    return DataSpec(**{"source": SOURCE, "target": "y", **choices})


def table(rows: int = ROWS, **columns: Any) -> Table:
    rng = np.random.default_rng(0)
    start = {"a": rng.normal(size=rows), "b": rng.normal(size=rows), "y": rng.permutation(["no", "yes"] * (rows // 2))}
    return Table.of(pd.DataFrame({**start, **columns}))


def answers() -> np.ndarray:
    return (table().column("y") == "yes").astype(int)


def kinds(found: list[Finding]) -> dict[str, Finding]:
    assert len({finding.kind for finding in found}) == len(found)
    return {finding.kind: finding for finding in found}


def found(choices: DataSpec | None = None, **columns: Any) -> dict[str, Finding]:
    return kinds(findings(table(**columns), choices or spec()))


def mended(choices: DataSpec, finding: Finding) -> DataSpec:
    """The choices after a click on the remedy; the changes must be valid, as must the JSON."""
    json.loads(finding.model_dump_json())
    training = {key.removeprefix("training."): value for key, value in finding.changes.items() if "." in key}
    TrainingSpec().change(**training)
    return choices.change(**{key: value for key, value in finding.changes.items() if "." not in key})


def test_honest_table_has_no_findings() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("kind", "columns", "named"),
    [
        ("missing", {"c": [np.nan, 1, 2, 3, 4] * 40, "t": [None, *"pqrstuvwx"] * 20}, ("c", "t")),
        ("constant", {"c": 1, "t": "p"}, ("c", "t")),
        ("empty", {"c": np.nan, "t": None}, ("c", "t")),
        ("duplicate_columns", {"c": np.random.default_rng(0).normal(size=ROWS)}, ("c",)),
        ("id_like", {"c": range(5, 5 + ROWS)}, ("c",)),
        ("id_like", {"t": [f"s{i}" for i in range(ROWS)]}, ("t",)),
        ("dates", {"t": [f"2020-{1 + i % 12:02d}-01" for i in range(ROWS)]}, ("t",)),
        ("free_text", {"t": [f"a long remark, number {i}, that is not repeated" for i in range(ROWS)]}, ("t",)),
        ("many_categories", {"t": [f"c{i // 3}" for i in range(ROWS)]}, ("t",)),
        ("infinite", {"c": [np.inf, *range(199)]}, ("c",)),
        ("scales", {"c": np.random.default_rng(1).normal(size=ROWS) * 1e5}, ("a", "c")),
        ("skew", {"c": np.exp(np.linspace(-4, 4, ROWS)), "d": np.exp(np.linspace(4, -5, ROWS))}, ("c", "d")),
        ("repeated_ids", {"patient_id": DOZEN}, ("patient_id",)),
        ("leak", {"c": 5.0 + answers()}, ("c",)),
        ("missing_leak", {"c": np.where(answers(), np.random.default_rng(2).normal(size=ROWS), np.nan)}, ("c",)),
        ("missing_target", {"y": [None, "no", "yes", "no", "yes"] * 40}, ("y",)),
        ("imbalance", {"y": ["yes"] * 20 + ["no"] * 180}, ("y",)),
    ],
)
def test_each_flaw_is_found_and_mended(kind: str, columns: dict[str, Any], named: tuple[str, ...]) -> None:
    finding = found(**columns)[kind]
    assert finding.columns == named
    assert finding.title and finding.meaning
    if finding.remedy:
        assert finding.changes
        after = mended(spec(), finding)
        if finding.changes.keys().isdisjoint({"training.class_weights", "missing_values"}):
            assert kind not in kinds(findings(table(**columns), after))
        build_dataset(table(**columns), after)


def test_leak_survives_a_few_errors_and_other_spellings() -> None:
    codes = answers()
    wrong = codes.copy()
    wrong[:2] = 1 - wrong[:2]
    noisy = np.random.default_rng(3).normal(size=ROWS) + 20 * codes
    words = ["placed" if code else "waiting" for code in codes]
    towns = [f"{'north' if code else 'south'} {place % 5}" for place, code in enumerate(codes)]
    leak = (
        found(wrong=wrong)["leak"],
        found(noisy=noisy)["leak"],
        found(words=words)["leak"],
        found(towns=towns)["leak"],
    )
    assert [finding.columns for finding in leak] == [("wrong",), ("noisy",), ("words",), ("towns",)]


def test_leak_of_several_classes() -> None:
    y = np.arange(ROWS) % 4
    choices = spec(task="multiclass")
    assert found(choices, y=[f"k{i}" for i in y], code=(y * 7) % 4 + 0.5)["leak"].columns == ("code",)
    assert found(choices, y=[f"k{i}" for i in y], half=y // 2).keys().isdisjoint({"leak", "easy"})


def test_leak_of_a_number() -> None:
    y = np.random.default_rng(4).lognormal(0, 1.5, ROWS)
    choices = spec(task="regression")
    columns = {
        "y": y,
        "log": np.log(y),
        "straight": 3 - 2 * y,
        "honest": y + np.random.default_rng(5).normal(0, 1, ROWS),
    }
    assert found(choices, **columns)["leak"].columns == ("log", "straight")
    columns["log"][:5] = np.nan
    assert found(choices, **columns)["leak"].columns == ("log", "straight")


def test_salary_that_is_known_only_for_most_of_the_placed_is_a_leak() -> None:
    codes = answers()
    salary = np.where(codes, np.random.default_rng(2).normal(size=ROWS), np.nan)
    salary[np.flatnonzero(codes)[:5]] = np.nan
    finding = found(salary=salary)["missing_leak"]
    assert finding.columns == ("salary",)
    assert "leak" not in found(salary=salary)
    assert finding.changes == {"drop": ("salary",)}


def test_missing_by_chance_is_no_leak() -> None:
    missing = np.random.default_rng(6).random(ROWS) < 0.5
    assert "missing_leak" not in found(c=np.where(missing, np.nan, 1.0 + np.arange(ROWS) % 7))


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "digits", "diabetes"])
def test_strong_honest_features_are_no_leak(name: str) -> None:
    data = Table.of(getattr(datasets, f"load_{name}")(as_frame=True).frame)
    assert {"leak", "missing_leak", "easy"}.isdisjoint(kinds(findings(data, propose(data, SOURCE))))


def test_chance_among_thousands_of_genes_is_no_leak() -> None:
    numbers = np.random.default_rng(7).normal(size=(16, 20_001)).astype(np.float32)
    numbers[:, -1] = np.arange(16) % 2
    numbers[numbers < -2.2] = np.nan
    names = (*(f"g{i}" for i in range(20_000)), "y")
    perfect = [np.diff(numbers[np.argsort(numbers[:, i]), -1]).astype(bool).sum() == 1 for i in range(20_000)]
    assert any(perfect)
    assert {"leak", "missing_leak", "easy"}.isdisjoint(kinds(findings(Table(names, 16, numbers, names), spec())))


def test_many_perfect_features_are_called_an_easy_question() -> None:
    rng = np.random.default_rng(8)
    genes = {f"g{i}": rng.normal(size=ROWS) + 12 * answers() for i in range(8)}
    easy = found(**genes)
    assert easy["easy"].severity == "note" and len(easy["easy"].columns) == 8
    assert "leak" not in easy


def test_rows_without_target_do_not_hide_a_leak() -> None:
    y = np.where(answers() == 1, "yes", "no").astype(object)
    y[:50] = None
    code = answers().copy()
    code[:50] = np.arange(50) % 2
    assert found(y=y, code=code)["leak"].columns == ("code",)


def test_duplicate_rows_are_counted_with_contradictions() -> None:
    base = table().frame()
    double = pd.concat([base, base.iloc[:30]], ignore_index=True)
    double.loc[200:209, "y"] = np.where(double.loc[:9, "y"] == "yes", "no", "yes")
    finding = kinds(findings(Table.of(double), spec()))["duplicate_rows"]
    assert finding.title.startswith("30 rows repeat") and "10 copies have another target" in finding.meaning
    assert finding.changes == {"duplicate_rows": "drop"} and finding.severity == "warning"
    assert len(build_dataset(Table.of(double), spec(duplicate_rows="drop"))) == 210


def test_missing_values_remedy_depends_on_how_much_is_lost() -> None:
    sparse = found(c=[np.nan, np.nan, 1.0, 2.0, np.nan] * 40)["missing"]
    assert (sparse.severity, sparse.changes) == ("warning", {"drop": ("c",)})
    spread: dict[str, Any] = {
        f"c{i}": np.where(np.arange(ROWS) % 5 == i, np.nan, np.arange(ROWS) ** 0.5 + i) for i in range(5)
    }
    assert found(**spread)["missing"].changes == {}
    dropping = found(spec(missing_values="drop_rows"), **{"c": [np.nan, *range(199)]})["missing"]
    assert dropping.changes == {"missing_values": "fill"}


def test_missing_values_are_counted_where_the_target_is_known() -> None:
    y = np.array([None] * 50 + ["no", "yes"] * 75, dtype=object)
    assert "missing" not in found(y=y, c=np.where(np.arange(ROWS) < 50, np.nan, np.arange(ROWS) ** 0.5))
    lacking = found(y=y, t=[None] * 80 + ["p", "q"] * 60, c=np.where(y == "no", 1.0, np.nan))["missing"]
    assert lacking.meaning.startswith("'t' and 'c' lack values, 'c' most (50%). ")


@pytest.mark.parametrize(("empty", "words"), [(160, "40%"), (1, "less than 1%")])
def test_one_column_with_missing_values_is_described_in_the_singular(empty: int, words: str) -> None:
    lacking = found(rows=400, c=np.where(np.arange(400) < empty, np.nan, np.arange(400) ** 0.5))["missing"]
    assert lacking.meaning.startswith(f"'c' lacks {words} of its values. {words} of the rows are concerned;")


def test_wrong_task_is_a_problem_with_the_right_task_as_remedy() -> None:
    numbers = np.random.default_rng(9).normal(size=ROWS)
    first = findings(table(y=numbers), spec())[0]
    assert (first.kind, first.severity, first.changes) == ("unfit_target", "problem", {"task": "regression"})
    assert found(spec(task="regression"))["unfit_target"].changes == {"task": "binary"}
    other = found(y="same")["unfit_target"]
    assert other.changes == {"target": "b"} and other.remedy == "Predict 'b' instead"


def test_class_with_one_row_can_be_left_out_and_the_rest_is_learned() -> None:
    own = table(y=["a"] * 80 + ["b"] * 119 + ["c"])
    problem = findings(own, spec(task="multiclass"))[0]
    assert (problem.kind, problem.remedy) == ("unfit_target", "Leave out 1 class with a single row")
    mended = spec(task="multiclass").change(**problem.changes)
    assert (mended.leave_out_classes, mended.task) == (("c",), "binary")
    assert not [finding for finding in findings(own, mended) if finding.severity == "problem"]
    dataset = build_dataset(own, mended)
    assert (len(dataset), dataset.class_names) == (199, ("a", "b"))


def test_classes_with_few_rows_can_be_left_out_where_two_others_remain() -> None:
    small = found(spec(task="multiclass"), y=["a"] * 100 + ["b"] * 95 + ["c"] * 5)["few_rows_in_class"]
    assert small.changes == {"leave_out_classes": ("c",), "task": "binary"}
    assert found(y=["a"] * 195 + ["b"] * 5)["few_rows_in_class"].remedy == ""


def test_few_rows_and_rare_classes() -> None:
    lecture = pd.DataFrame({"History": [80, 50, 60], "y": ["pass", "fail", "pass"]})
    tiny = findings(Table.of(lecture), spec())
    assert [(finding.kind, finding.severity) for finding in tiny] == [("few_rows", "warning")]
    assert findings(Table.of(lecture.iloc[:2]), spec())[0].severity == "problem"
    assert found(rows=60)["few_rows"].severity == "warning"
    rare = found(y=["yes"] * 4 + ["no"] * 196)
    assert rare["few_rows_in_class"].severity == rare["imbalance"].severity == "warning"
    assert rare["imbalance"].changes == {"training.class_weights": True}


def test_many_numeric_classes_may_be_a_number() -> None:
    finding = found(spec(task="multiclass"), y=np.arange(ROWS) % 25)["many_classes"]
    assert finding.changes == {"task": "regression"}


def test_groups_are_suggested_and_few_groups_are_warned_of() -> None:
    chosen = spec(id_column="sample")
    finding = found(chosen, sample=DOZEN)["repeated_ids"]
    assert finding.changes == {"group_column": "sample", "id_column": None}
    after = mended(chosen, finding)
    assert after.group_column == "sample"
    assert found(after, sample=DOZEN) == {}
    assert found(spec(group_column="g"), g=["p", "q", "r", "s"] * 50)["few_groups"].changes == {"group_column": None}


def test_unscaled_features_of_different_scale_are_a_warning() -> None:
    finding = found(spec(scaling="none"), c=np.random.default_rng(1).normal(size=ROWS) * 1e5)["scales"]
    assert (finding.severity, finding.changes) == ("warning", {"scaling": "standard"})


def test_choices_that_do_not_fit_the_table_are_the_only_finding() -> None:
    choices = spec(drop=("gone", "a"), id_column="lost", group_column="y")
    only = findings(table(), choices)
    assert [finding.kind for finding in only] == ["unknown_columns"]
    assert "'lost'" in only[0].meaning
    after = mended(choices, only[0])
    assert (after.drop, after.id_column, after.group_column, after.target) == (("a",), None, None, "y")
    assert mended(spec(target="z"), findings(table(), spec(target="z"))[0]).target == ""


def test_what_is_left_out_is_told_and_not_complained_about() -> None:
    finding = found(spec(drop=("c",)), c=range(ROWS))
    assert finding.keys() == {"left_out"}
    assert mended(spec(drop=("c",)), finding["left_out"]).drop == ()


def test_what_is_left_out_comes_with_its_reason() -> None:
    columns = {
        "none": np.nan, "same": 1, "copy": table().column("a"), "when": ["2024-01-31", "2024-02-01"] * (ROWS // 2),
        "row": range(ROWS), "mine": [i % 7 for i in range(ROWS)], "said": [f"text {i} " * 9 for i in range(ROWS)],
    }  # fmt: skip
    finding = found(spec(drop=tuple(columns)), **columns)["left_out"]
    assert finding.meaning == (
        "The network does not get to see 'none' (no value); 'same' (the same in every row); 'copy' (copies of others); "
        "'when' (dates, which a network of this kind cannot read); 'row' (another value in nearly every row); "
        "'said' (sentences, not categories); 'mine'."
    )


def test_heaviest_first() -> None:
    severities = [f.severity for f in findings(table(rows=60, c=1, y="same", d=[np.inf, *range(59)]), spec())]
    assert severities == sorted(severities, key=["problem", "warning", "note"].index)
    assert set(severities) == {"problem", "warning", "note"}


def test_without_a_target_columns_are_checked_all_the_same() -> None:
    assert found(spec(target=""), c=1).keys() == {"constant"}


def test_thousands_of_flawed_columns_make_a_short_list() -> None:
    numbers = np.random.default_rng(10).lognormal(size=(50, 6000)).astype(np.float32)
    numbers[:, :2000] = 0
    numbers[:, 2000:3000] = numbers[:, 3000:4000]
    numbers[:25, 4000:5000] = np.nan
    numbers[:, -1] = np.arange(50) % 2
    names = tuple(f"gene {i} " + "x" * 300 for i in range(6000))
    listed = findings(Table(names, 50, numbers, names), spec(target=names[-1]))
    assert len(listed) <= 8
    assert max(len(finding.title + finding.meaning) for finding in listed) < 900
    assert len(kinds(listed)["constant"].columns) == 2000
    assert kinds(listed)["duplicate_columns"].columns == names[3000:4000]
    assert len(mended(spec(target=names[-1]), kinds(listed)["constant"]).drop) == 2000


CELLS = st.one_of(st.none(), st.sampled_from(["", "a", "b", "1", "2020-01-01", "x" * 100]))
NUMBERS = st.one_of(st.just(np.nan), st.sampled_from([0.0, 1.0, 2.0, np.inf, -1e300]), st.floats(-10, 10))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_wild_tables_give_findings_or_sentences_but_never_a_traceback(data: st.DataObject) -> None:
    rows = data.draw(st.integers(0, 25))
    kinds_of_cell = data.draw(st.lists(st.sampled_from([CELLS, NUMBERS]), min_size=1, max_size=5))
    drawn = [data.draw(st.lists(cells, min_size=rows, max_size=rows)) for cells in kinds_of_cell]
    columns = {
        f"{name}{place}": pd.Series(cells, dtype=object if kinds_of_cell[place] is CELLS else float)
        for place, (name, cells) in enumerate(zip(["id", "y", "patient", "<b>", "z"], drawn, strict=False))
    }
    wild = Table.of(pd.DataFrame(columns))
    proposed = propose(wild, SOURCE)
    target = data.draw(st.sampled_from([proposed.target, *wild.names]))
    choices = propose(wild, SOURCE, target=target).change(
        scaling=data.draw(st.sampled_from(["standard", "log", "none"])),
        missing_values=data.draw(st.sampled_from(["fill", "drop_rows"])),
        duplicate_rows=data.draw(st.sampled_from(["together", "drop"])),
    )
    for finding in findings(wild, choices):
        mended(choices, finding)
    try:
        built = build_dataset(wild, choices)
    except UserError as error:
        assert error.problem and error.remedy
    else:
        assert not any(finding.severity == "problem" for finding in findings(wild, choices))
        assert len(built.split.train) > 0
