"""Compare: any finished runs side by side, and how Home leads there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.run_compare import MOST, NOT_COMPARABLE, Scored
from core.runs import Run
from core.workspace import Workspace
from pages.parts.charts_study_curves import RUN_COLOURS, RunCurve, run_curves
from pages.parts.compare_runs import run_names, sentence
from tests.pages.compare_shown import SilentEngine, labelled, open_page, said

Make = Callable[..., Run]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = SilentEngine()
    monkeypatch.setattr("pages.parts.session._engine_of", lambda root: silent)


def test_runs_are_ticked_on_home_and_compared(workspace: Workspace, finished_run: Make) -> None:
    runs = [finished_run("binary"), finished_run("binary"), finished_run("regression")]
    page = open_page("home.py")
    assert labelled(page, "Compare runs")[0].disabled
    for run in runs:
        page.checkbox(key=f"tick-{run.id}").check().run()
    labelled(page, "Compare these 3 runs")[0].click().run()
    assert not page.exception
    assert "3 runs side by side" in said(page)
    scores, choices = (frame.value for frame in page.dataframe)
    assert len(scores) == 3 and "on other data or another split: not comparable" in set(scores["Verdict"])
    assert "What should be predicted (target)" in set(choices["Choice"])


@pytest.mark.parametrize("named", ["", "../../etc", "../../etc,..", "20200101-000000-abcdef,20200101-000000-abcdee"])
def test_runs_that_are_not_here_are_said_so(workspace: Workspace, named: str) -> None:
    page = open_page("compare.py", runs=named)
    assert not page.exception
    assert "These runs cannot be compared" in said(page)


def test_thirteen_runs_are_too_many(workspace: Workspace) -> None:
    named = ",".join(f"20200101-000000-00000{number:x}" for number in range(13))
    assert "2 to 12 runs can be compared; got 13" in said(open_page("compare.py", runs=named))


def test_a_run_that_was_deleted_meanwhile_is_said_so(workspace: Workspace, finished_run: Make) -> None:
    first, second = finished_run("binary"), finished_run("binary")
    page = open_page("compare.py", runs=f"{first.id},{second.id}")
    assert "cannot be told apart" in said(page)
    second.delete()
    page.run()
    assert not page.exception
    assert "not here" in said(page)


def test_runs_without_results_are_listed_without_a_score(workspace: Workspace, finished_run: Make) -> None:
    first = finished_run("binary")
    second = Run.create(workspace, first.config)
    page = open_page("compare.py", runs=f"{second.id},{first.id}")
    assert not page.exception
    assert "has no results" in said(page)
    assert "Nothing: these runs were made with the same choices" in said(page)


def test_names_that_look_the_same_are_told_apart(workspace: Workspace, finished_run: Make) -> None:
    first, second = finished_run("binary"), finished_run("binary")
    third = finished_run("binary", "other.csv")
    names = run_names([first, second, third])
    assert len(set(names)) == 3
    assert names[2] == "other.csv"


def test_the_sentence_says_who_is_better_worse_and_tied() -> None:
    told = [Scored(None), Scored(None, result="better"), Scored(None, result="tied"), Scored(None, result="worse")]
    assert sentence(["A", "B", "C", "D"], told) == (
        "B is better than A; D is worse than A; C cannot be told apart from A."
    )
    apart = [Scored(None), Scored(None, reason=NOT_COMPARABLE)]
    assert "cannot be compared by their scores" in sentence(["A", "B"], apart)


def test_each_run_keeps_a_colour_of_its_own() -> None:
    assert len(set(RUN_COLOURS)) == MOST
    chart = run_curves([RunCurve(f"<b>{n}</b>", [0, 1], [1.0, 0.5], [1.0, None]) for n in range(MOST)])
    solid = [trace for trace in chart.figure.data if trace.line.dash == "solid"]
    assert [trace.line.color for trace in solid] == list(RUN_COLOURS)
    assert solid[0].name == "&lt;b&gt;0&lt;/b&gt;"
    assert "reaches 1 at epoch 0" in chart.sentence
