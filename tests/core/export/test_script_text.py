"""What comes from data stays data: in literals, comments, Markdown and the cells of a table."""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile

import nbformat
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.csv import FORMULA_STARTS
from core.export.data import escaped, part_column, write_csv
from core.export.script_cells import Code, Name, Text, as_notebook, as_script, literal
from tests.core.export.script_cases import HOSTILE

TEXTS = st.one_of(
    st.text(), st.sampled_from(HOSTILE), st.text(alphabet="'\"\\{}#\n\r\u2028\u2029\x85\x0c=+-@`<&[](!*_")
)
VALUES = st.recursive(
    TEXTS | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXTS, inner),
)


@given(VALUES)
def test_literal_is_the_value_and_nothing_else(value: object) -> None:
    source = literal(value)
    assert ast.literal_eval(source) == value
    assert all(letter.isprintable() or letter == "\n" for letter in source)


def test_long_lists_take_several_lines() -> None:
    source = literal({"names": ["a" * 30] * 5, "short": [1, 2]})
    assert max(map(len, source.splitlines())) <= 100
    assert source.splitlines()[-2:] == ['    "short": [1, 2],', "}"]


def story(name: str) -> list[Text | Code]:
    return [
        Text(Name(name), ("Learns.", ["It predicts ", Name(name), " well."])),
        Text("Setup"),
        Code(f"value = {literal(name)}"),
    ]


@given(TEXTS)
def test_names_in_explanations_stay_comments(name: str) -> None:
    script = as_script(story(name))
    (statement,) = ast.parse(script).body
    assert isinstance(statement, ast.Assign) and ast.literal_eval(statement.value) == name
    assert all(line.startswith(("#", "value = ")) or not line for line in re.split(r"[\n\r]", script))


@given(TEXTS)
def test_names_in_a_notebook_are_no_markup(name: str) -> None:
    text = as_notebook(story(name))
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    told, *_, code = notebook.cells
    assert ast.literal_eval(code.source.removeprefix("value = ")) == name
    own = told.source.replace("# ", "", 1).replace("Learns.", "").replace("It predicts ", "").replace(" well.", "")
    assert not set(re.sub(r"&#\d+;", "", own)) & set("<>[]()`*_!#\\:/@&'\"{}=.|~")
    assert len(told.source.splitlines()) == 5


def test_notebook_holds_the_same_code_as_the_script() -> None:
    cells = [Text("Title", ("One.",)), Code("import math\n\n\ndef one():\n    return math.e"), Code("one()")]
    notebook = nbformat.reads(as_notebook(cells), as_version=4)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code"]
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert as_script(cells).endswith("\n\n\n".join(code) + "\n")
    assert json.loads(as_notebook(cells))["cells"][1]["source"][:2] == ["import math\n", "\n"]


@given(st.lists(TEXTS, min_size=1))
def test_texts_come_back_from_the_csv_and_none_begins_like_a_formula(texts: list[str]) -> None:
    cells = [escaped(text) for text in texts]
    assert not any(cell.lstrip(" ").startswith(FORMULA_STARTS) for cell in cells)
    assert [cell.removeprefix("'") for cell in cells] == texts


# An empty cell is a missing one, and no text of a table is empty or has spaces around it.
CELLS = TEXTS.map(str.strip).filter(bool)


@given(st.lists(st.tuples(CELLS, st.floats(allow_nan=True, allow_infinity=False, width=64)), min_size=1), CELLS)
def test_pandas_reads_what_was_written(rows: list[tuple[str, float]], name: str) -> None:
    texts, numbers = zip(*rows, strict=True)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        columns = [("n", pa.array(numbers, from_pandas=True)), (f"t{name}", pa.array([*map(escaped, texts)]))]
        write_csv(archive, columns)
    with zipfile.ZipFile(buffer) as archive, archive.open("data.csv") as file:
        read = pd.read_csv(
            file, encoding="utf-8-sig", dtype={1: str}, keep_default_na=False, na_values=[""], low_memory=False
        )
    assert read.columns[1] == f"t{name}"
    assert read.iloc[:, 1].str.removeprefix("'").tolist() == list(texts)
    np.testing.assert_allclose(read["n"].to_numpy("float64"), numbers, rtol=1e-15)


@pytest.mark.parametrize(("names", "part"), [(["a"], "part"), (["part", "a"], "part_"), (["part_", "part"], "part__")])
def test_column_with_the_parts_has_a_name_of_its_own(names: list[str], part: str) -> None:
    assert part_column(names) == part
