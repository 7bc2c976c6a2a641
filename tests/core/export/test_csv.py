"""CSV files that leave the app hold no formula."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.export.csv import safe_csv


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " ="])
def test_each_way_to_begin_a_formula_is_disarmed(start: str) -> None:
    content = safe_csv(pd.DataFrame({"name": [f"{start}cmd"]})).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline="")))[1] == [f"'{start}cmd"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1))
def test_no_downloaded_text_is_a_formula(cells: list[str]) -> None:
    content = safe_csv(pd.DataFrame({"=name": cells, "number": [-1.5] * len(cells)})).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[0] == ["'=name", "number"]
    for (text, number), cell in zip(rows[1:], cells, strict=True):
        assert number == "-1.5"
        assert text in (cell, f"'{cell}")
        if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")):
            float(text)


def test_programs_get_plain_utf8_lines_with_formulas_disarmed() -> None:
    frame = pd.DataFrame({"file": ["=1+1", "é"], "probability": [0.5, -1.0]})
    assert safe_csv(frame, for_programs=True) == "file,probability\n'=1+1,0.5\né,-1.0\n".encode()
    assert safe_csv(frame).startswith(b"\xef\xbb\xbffile")
