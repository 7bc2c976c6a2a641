"""Lists to choose from: Streamlit finds a choice by its label, so a second one that looks the same would be taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.runs import Run
from pages.parts.data_pick import labels
from pages.parts.labels import distinct
from pages.parts.results_facts import run_label, run_labels

SHELL = Path(__file__).parents[2] / "pages" / "navigation.py"


@given(st.lists(st.sampled_from(["a", "a (1)", "a (2)", "a (1) (2)", "b"])))
def test_no_two_labels_look_the_same_and_lonely_ones_stay(given: list[str]) -> None:
    found = distinct(given)
    assert len(set(found)) == len(given)
    assert all(new == old for new, old in zip(found, given, strict=True) if given.count(old) == 1)
    assert all(new.startswith(old) for new, old in zip(found, given, strict=True))


def test_long_column_names_that_differ_in_the_middle_are_numbered() -> None:
    names = [f"{'x' * 55}{middle}{'y' * 30}" for middle in "pq"]
    assert [label[-4:] for label in labels(names).values()] == [" (1)", " (2)"]


def test_runs_of_the_same_minute_are_told_apart(finished_run: Callable[..., Run]) -> None:
    first, second = finished_run("binary"), finished_run("binary")
    told = run_labels([first, second])
    assert len(set(told.values())) == 2
    assert run_labels([first]) == {first.id: run_label(first)}
    assert all(label.startswith(run_label(run)) for run, label in zip([first, second], told.values(), strict=True))


@pytest.mark.parametrize(("page", "key"), [("results.py", "results_run"), ("predict.py", "predict_run")])
def test_a_click_keeps_the_run_among_runs_of_the_same_name(
    finished_run: Callable[..., Run], page: str, key: str
) -> None:
    runs = [finished_run("binary") for _ in range(3)]
    app = AppTest.from_file(SHELL, default_timeout=60)
    app.switch_page(page)
    app.query_params["run"] = runs[1].id
    app.run()
    options = app.selectbox(key=key).options
    assert len(set(options)) == len(options) == 3
    app.run()
    assert app.selectbox(key=key).value == runs[1].id
