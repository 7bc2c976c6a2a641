"""Compare: a study while it trains, its answer, and where there is nothing to show."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.export.csv import safe_csv
from core.export.make import make_export
from core.runs import Run
from core.spec import StudySpec
from core.studies import Study
from core.study_axes import Line, Point, with_value
from core.study_draft import load_study_draft
from core.study_opened import all_members_table, settings_table
from core.workspace import Workspace
from pages.parts.charts_study import regularization_path
from pages.parts.compare_curves import early, evenly
from pages.parts.compare_live import live_table, live_words
from pages.parts.compare_opened import opened
from pages.parts.header import Now, steps_done
from tests.pages.compare_shown import SilentEngine, labelled, open_page, said
from tests.pages.made_images import image_config
from tests.pages.made_runs import config_for
from tests.pages.made_studies import finish, made_result, new_study, study_spec, train_so_far

Make = Callable[..., Study]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> SilentEngine:
    silent = SilentEngine()
    monkeypatch.setattr("pages.parts.session._engine_of", lambda root: silent)
    return silent


@pytest.fixture
def study(workspace: Workspace) -> Make:
    """``study(chunks=1, folds=5, seeds=3, l2=[…], …)`` makes a study that waits."""

    def make(chunks: int = 1, **asked: Any) -> Study:
        return new_study(workspace, study_spec(config_for(workspace, "binary"), **asked), chunks)

    return make


def tab(page: AppTest, name: str) -> AppTest:
    page.session_state["compare_part"] = name
    return page.run()


@pytest.mark.parametrize("named", ["20200101-000000-abcdef", "../../etc", "x" * 5000, "%00"])
def test_a_study_that_is_not_here_is_said_so(workspace: Workspace, named: str) -> None:
    page = open_page("compare.py", study=named)
    assert not page.exception
    assert "This comparison is not here" in said(page)


def test_a_waiting_study_can_be_watched_and_stopped(study: Make) -> None:
    found = study()
    page = open_page("compare.py", study=found.id)
    assert not page.exception
    assert "Getting ready to compare 90 networks" in said(page)
    labelled(page, "Stop")[0].click().run()
    assert found.stop_requested
    assert "What was learned so far is kept" in said(page)


def test_a_study_that_waits_for_another_one_says_so(study: Make) -> None:
    train_so_far(study())
    page = open_page("compare.py", study=study().id)
    assert "90 networks wait for a free worker" in said(page)


def test_a_running_study_shows_how_far_it_is_and_who_diverged(study: Make) -> None:
    found = study(chunks=2)
    train_so_far(found, epochs=5, share_ended=0.0, diverged=(5,))
    page = open_page("compare.py")
    assert not page.exception
    assert "Comparing 90 networks" in said(page)
    assert "15 networks have diverged; the others go on" in said(page)
    assert "On held-out rows, L2 0.001 is ahead" in said(page)
    assert "Comparison marks.csv: under way" in [link.proto.label for link in page.get("page_link")]


def test_nobody_is_ahead_before_anything_was_learned(study: Make) -> None:
    found = study(l2=[0.0, 0.1])
    train_so_far(found, epochs=0, share_ended=0.0)
    assert "The picture appears after the first epochs" in said(open_page("compare.py"))


def test_equal_scores_put_nobody_ahead(study: Make) -> None:
    found = study(l2=[0.0, 0.1])
    train_so_far(found, epochs=2, share_ended=0.0)
    board = found.board()
    board.scores[:] = 0.43
    table = live_table(found.spec, board, "l2")
    assert live_words(table, True, "l2") == "On held-out rows all have the same score so far, 43 %."
    table.loc[table["value"] == "none", "score"] = 0.5
    assert live_words(table, True, "l2") == "On held-out rows, no L2 is ahead with 50 %."


def test_a_failed_study_says_why_and_offers_the_question_again(study: Make, workspace: Workspace) -> None:
    found = study(l2=[0.0, 0.02], seeds=4)
    found.fail("The worker <b>ended</b> three times.", "Choose fewer networks.")
    page = open_page("compare.py", study=found.id)
    assert "The worker <b>ended</b> three times. Choose fewer networks." in said(page)
    labelled(page, "Change the question and compare again")[0].click().run()
    assert load_draft(workspace) == found.spec.run
    kept = load_study_draft(workspace)
    assert kept is not None and kept.values["l2"] == (0.0, 0.02) and kept.seeds == 4
    assert "8 networks" in said(page) or "2 settings x 5 parts x 4 repeats" in said(page)


def test_a_study_stopped_before_anything_was_learned_says_so(study: Make) -> None:
    found = study()
    found.finish("stopped", seconds=0.0, members=90)
    page = open_page("compare.py", study=found.id)
    assert not page.exception
    assert "It was stopped before there was anything to compare" in said(page)


def test_a_report_of_a_comparison_is_made_and_downloaded(study: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    found = finish(study())
    monkeypatch.setattr(
        "pages.parts.results_export.ask",
        lambda question, record, key, seconds: make_export(record, key).name if question == "export_study" else "",
    )
    page = open_page("compare.py", study=found.id)
    page.button(key="make:report").click().run()
    assert not page.exception
    assert found.export("report").read_text().startswith("<!DOCTYPE html>")
    assert "Download" in [each.label for each in page.download_button]


def test_a_stopped_study_shows_what_was_kept(study: Make) -> None:
    page = open_page("compare.py", study=finish(study(), "stopped").id)
    assert "stopped early" in said(page)


def test_a_part_that_could_not_be_trained_is_said_beside_what_was_kept(study: Make) -> None:
    found = finish(study(), "stopped", problem="There was not enough memory.", remedy="Try fewer units.")
    page = open_page("compare.py", study=found.id)
    assert "There was not enough memory" in page.error[0].value and "Try fewer units" in page.error[0].value
    assert "could not be trained to its end" in said(page) and not page.exception
    assert "scores best" in said(page)


def test_the_sentence_stands_first_then_what_to_do(study: Make) -> None:
    found = finish(study())
    page = open_page("compare.py", study=found.id)
    assert not page.exception
    result = found.result()
    assert result is not None
    assert page.subheader[0].value.replace("\\", "").endswith(result["sentence"])
    assert result["points"][0] in said(page)
    assert result["method"] in said(page)
    best, simplest = (found.spec.words[result[name]] for name in ("best", "simplest"))
    assert best != simplest
    assert labelled(page, f"Use {best}") and labelled(page, f"Use the simplest: {simplest}")


def test_optimism_is_told_beside_the_score(study: Make) -> None:
    found = finish(study())
    page = open_page("compare.py", study=found.id)
    result = found.result()
    assert result is not None
    measured, corrected = result["settings"][result["best"]]["score"]["value"], result["corrected"]["value"]
    assert [metric.value for metric in page.metric] == [f"{100 * measured:.1f} %", f"{100 * corrected:.1f} %"]


def test_use_this_setting_refits_and_opens_the_run(
    study: Make, workspace: Workspace, engine: SilentEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finish(study())
    asked: list[int] = []

    def refit(study: Study, setting: int) -> Run:
        asked.append(setting)
        return Run.create(workspace, study.spec.run)

    monkeypatch.setattr("pages.parts.compare_answer.refit", refit)
    page = open_page("compare.py", study=found.id)
    result = found.result()
    assert result is not None
    labelled(page, f"Use {found.spec.words[result['best']]}")[0].click().run()
    assert asked == [result["best"]]
    assert engine.submitted == list(workspace.runs())
    assert "Waiting for a free worker" in said(page)


@pytest.mark.parametrize(
    "grid",
    [
        {"l2": [0.0, 0.001, 0.1]},
        {"l2": [0.0, 0.001], "dropout": [0.0, 0.3]},
        {"l1": [0.0, 0.001, 0.01], "l2": [0.0, 0.1], "units": [4, 16], "depth": [0, 2]},
        {"l2": [0.001], "units": [4, 8, 64]},
    ],
)
def test_every_part_of_the_answer_is_drawn(study: Make, grid: dict[str, list[float]]) -> None:
    found = finish(study(folds=2, seeds=2, **grid), diverged=(1,))
    page = open_page("compare.py", study=found.id)
    several = len(found.spec.grid.varied) > 1
    for name in ["Path", *(["Combinations"] if several else []), "All settings", "All curves", "Weights"]:
        tab(page, name)
        assert not page.exception, name
    assert "4 networks diverged" in said(page)


def test_the_axis_and_the_values_it_is_held_at_can_be_chosen(study: Make) -> None:
    found = finish(study(folds=2, seeds=2, l2=[0.0, 0.001, 0.1], dropout=[0.0, 0.3]))
    page = open_page("compare.py", study=found.id)
    axis = page.selectbox(key=f"path_axis:{found.id}")
    assert axis.value == "l2"
    axis.set_value("dropout").run()
    assert not page.exception
    page.selectbox(key=f"path_held:{found.id}:l2").set_value(0.1).run()
    assert not page.exception


def test_best_setting_stands_first_in_the_table_and_its_networks_open(
    study: Make, workspace: Workspace, finished_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = finish(study(folds=2, seeds=2))
    run = finished_run("binary")
    asked: list[tuple[Any, ...]] = []

    def ask(question: str, study: Study, member: int) -> str:
        asked.append((question, study.id, member))
        return run.id

    monkeypatch.setattr("pages.parts.compare_table.ask", ask)
    page = tab(open_page("compare.py", study=found.id), "All settings")
    result = found.result()
    assert result is not None
    best = result["best"]
    assert page.dataframe[0].value["Setting"].iloc[0] == found.spec.words[best]
    page.session_state[f"settings:{found.id}"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.session_state[f"members:{found.id}:{best}"] = {"selection": {"rows": [3], "columns": [], "cells": []}}
    page.run()
    assert len(page.dataframe[1].value) == 4
    labelled(page, "Open this network as a run")[0].click().run()
    assert asked == [("open_member", found.id, best * 4 + 3)]
    assert "Results" in said(page)


def test_best_setting_stands_before_others_with_the_same_score(study: Make) -> None:
    found = finish(study(folds=2, seeds=2))
    result = found.result()
    assert result is not None
    for each in result["settings"]:
        each["score"] = result["settings"][result["best"]]["score"]
    found.save_result(result)
    page = tab(open_page("compare.py", study=found.id), "All settings")
    assert result["best"] > 0
    assert page.dataframe[0].value["Result"].iloc[0] == "best"


def test_nothing_explained_stands_as_zero_in_tables(study: Make) -> None:
    found = finish(study(folds=2, seeds=2))
    result = found.result()
    assert result is not None
    for each in result["settings"]:
        each["train"] = -4e-16
        each["score"]["value"] = -7.5e-05
    found.save_result(result | {"metric": "r2"})
    page = tab(open_page("compare.py", study=found.id), "All settings")
    table = page.dataframe[0].value
    assert [str(value) for name in ("Score", "On learned rows") for value in table[name]] == ["0.0"] * 2 * len(table)


def test_a_winner_that_diverged_itself_is_not_offered(study: Make) -> None:
    found = study(folds=2, seeds=2)
    result = made_result(found.spec)
    train_so_far(found, 5, 1.0, diverged=(result["best"],))
    found.save_result(result | {"diverged": 4})
    found.finish("finished", seconds=1.0, members=len(found.spec.members))
    page = open_page("compare.py", study=found.id)
    assert not page.exception and "4 networks diverged" in said(page)
    assert not [button for button in page.button if button.label.startswith("Use ")]
    assert not page.metric and labelled(page, "Ask another question")


def test_tables_tell_each_setting_and_each_network(study: Make) -> None:
    found = finish(study(folds=2, seeds=3, l2=[0.0, 0.001, 0.1]), diverged=(2,))
    answer = opened(found)
    assert answer is not None
    settings, members = settings_table(answer), all_members_table(answer)
    assert list(settings["Setting"]) == ["no regularization", "L2 0.001", "L2 0.1"]
    assert settings["Result"].iloc[2] == "diverged: its cost ran away" and np.isnan(settings["Score"].iloc[2])
    assert settings["Score"].iloc[1] == pytest.approx(100 * answer.result["settings"][1]["score"]["value"])
    assert len(members) == 18
    row = members.iloc[6 + 3]
    assert (row["Setting"], row["Part held out"], row["Repeat"]) == ("L2 0.001", 2, 2)
    assert row["Score"] == pytest.approx(100 * answer.result["settings"][1]["scores"][3])
    read = pd.read_csv(io.BytesIO(safe_csv(members)), encoding="utf-8-sig")
    assert list(read["State"]) == ["finished"] * 12 + ["diverged"] * 6


def test_names_from_data_stay_plain_text_in_charts(study: Make) -> None:
    found = finish(study(l1=[0.0, 0.001], l2=[0.0]))
    page = tab(open_page("compare.py", study=found.id), "Weights")
    page.selectbox(key=f"weights_of:{found.id}").set_value(1).run()
    drawn = "".join(chart.proto.spec for chart in page.get("plotly_chart"))
    assert "&lt;b&gt;gene" in drawn and "<b>gene" not in drawn


def test_a_result_without_weights_has_no_weights_tab(study: Make) -> None:
    found = study()
    train_so_far(found, share_ended=1.0)
    result = made_result(found.spec)
    del result["weights"]
    found.save_result({**result, "corrected": None})
    found.finish("finished", seconds=1.0, members=90)
    page = open_page("compare.py", study=found.id)
    assert not page.exception
    assert not page.metric


def test_a_finished_study_ticks_its_step_and_is_listed_on_home(study: Make, workspace: Workspace) -> None:
    found = finish(study())
    assert "compare" in steps_done(Now.look())
    page = open_page("home.py")
    assert not page.exception
    assert "comparison of 90 networks by L2" in said(page)
    result = found.result()
    assert result is not None and result["sentence"] in said(page)
    page.text_input(key=f"name-{found.id}").set_value("Which L2?").run()
    page.button(key=f"rename-{found.id}").click().run()
    assert found.name == "Which L2?"
    page.checkbox(key=f"sure-{found.id}").check().run()
    page.button(key=f"delete-{found.id}").click().run()
    assert list(workspace.studies()) == []


def test_a_study_is_duplicated_as_a_draft(study: Make, workspace: Workspace) -> None:
    found = finish(study(l2=[0.0], dropout=[0.0, 0.4]))
    save_draft(workspace, config_for(workspace, "regression"))
    page = open_page("home.py")
    page.button(key=f"copy-{found.id}").click().run()
    assert load_draft(workspace) == found.spec.run
    kept = load_study_draft(workspace)
    assert kept is not None and kept.axes == ("dropout",) and kept.values["dropout"] == (0.0, 0.4)


def test_another_question_asks_first_where_the_draft_is_another_one(study: Make, workspace: Workspace) -> None:
    found = finish(study())
    other = save_draft(workspace, config_for(workspace, "regression"))
    page = open_page("compare.py", study=found.id)
    labelled(page, "Ask about the draft")[0].click().run()
    assert load_draft(workspace) == other
    assert "Which regularization, and is the difference real?" in said(page)


def test_path_marks_best_tied_and_unknown_and_says_it() -> None:
    points = [
        Point(0.0, 0.70, 0.6, 0.8, 0.99, "worse"),
        Point(0.001, 0.81, 0.8, 0.82, 0.9, "best"),
        Point(0.01, 0.80, 0.79, 0.82, 0.85, "tied"),
        Point(0.1, None, None, None, None, "diverged"),
    ]
    chart = regularization_path("l2", points, [Line("<i>mean</i>", 0.65)], "accuracy", True)
    traces = {trace.name: trace for trace in chart.figure.data}
    assert list(traces["best"].x) == [-3.0] and list(traces["tied"].x) == [-2.0]
    assert list(traces["validation"].x) == [-4.0, -3.0, -2.0]
    assert list(traces["no score"].x) == [-1.0]
    assert "&lt;i&gt;mean&lt;/i&gt; 65 %" in traces
    assert list(chart.figure.layout.xaxis.ticktext) == ["none", "0.001", "0.01", "0.1"]
    assert chart.sentence.startswith("L2 0.001 scores best; 1 other is tied with it.")
    assert "none: 70 % (60 % to 80 %), learned rows 99 %" in chart.sentence


@pytest.mark.parametrize(("other", "end"), [("worse", "best, clearly"), ("diverged", "best"), ("missing", "best")])
def test_only_a_proven_winner_is_called_clear(other: str, end: str) -> None:
    points = [Point(0.0, 0.70, 0.6, 0.8, 0.99, other), Point(0.001, 0.81, 0.8, 0.82, 0.9, "best")]
    assert regularization_path("l2", points, [], "accuracy", True).figure.layout.title.text.endswith(end)


def test_values_are_named_with_their_axis() -> None:
    found = [with_value(axis, value) for axis, value in (("l2", 0.0), ("dropout", 0.3), ("depth", 1), ("depth", 0))]
    assert found == ["no L2", "dropout 0.3", "1 hidden layer", "0 hidden layers"]


def test_names_below_the_path_do_not_run_into_each_other() -> None:
    rates = [0.0, 1e-5, 1e-4, 1e-3, 0.0012, 1e-2, 1e-1]
    points = [Point(rate, 0.5, 0.4, 0.6, 0.9, "tied") for rate in rates]
    drawn = regularization_path("l2", points, [], "accuracy", True).figure
    assert list(drawn.layout.xaxis.ticktext) == ["none", "0.00001", "0.0001", "0.001", "0.01", "0.1"]
    assert next(len(trace.x) for trace in drawn.data if trace.name == "validation") == 7


def test_wide_intervals_do_not_flatten_the_path() -> None:
    points = [Point(0.0, 0.5, -40.0, 41.0, 0.9, "best"), Point(0.1, 0.4, -30.0, 31.0, 0.6, "tied")]
    low, high = regularization_path("l2", points, [], "R²", False).figure.layout.yaxis.range
    assert -0.5 < low < 0.4 and 0.9 < high < 1.6


def test_curves_are_thinned_evenly_with_both_ends() -> None:
    assert list(evenly(np.arange(5), 9)) == [0, 1, 2, 3, 4]
    some = evenly(np.arange(2000), 200)
    assert len(some) == 200 and some[0] == 0 and some[-1] == 1999
    assert set(np.diff(some)) <= {10, 11}


def test_epochs_are_kept_where_curves_bend() -> None:
    assert list(early(4, 9)) == [0, 1, 2, 3]
    kept = early(500, 40)
    assert len(kept) <= 40 and list(kept[:2]) == [0, 1] and kept[-1] == 499
    assert kept[len(kept) // 2] < 160


def test_two_thousand_networks_are_drawn_with_few_points(study: Make) -> None:
    found = finish(study(folds=10, seeds=4, l1=[0.0, 1e-4, 1e-3, 1e-2, 0.1], dropout=[0.0, 0.5], l2=[0.0, 1e-3, 1e-2]))
    page = tab(open_page("compare.py", study=found.id), "All curves")
    assert not page.exception
    assert "200 of 1,200 are drawn, chosen evenly" in said(page)
    (chart,) = page.get("plotly_chart")
    traces = json.loads(chart.proto.spec)["data"]
    assert 0 < sum(len(trace["text"]) for trace in traces if "text" in trace) <= 10_000


def test_a_comparison_of_pictures_speaks_of_pictures_and_of_times(workspace: Workspace) -> None:
    config = image_config(workspace).change(augmentation={"mirror": 0.5})
    grid = {"l2": [0.0], "augmentation": [0.0, 1.0], "width": [1.0, 2.0]}
    asked = {"run": config.model_dump(), "grid": grid, "folds": 2, "seeds": 2}
    found = finish(new_study(workspace, StudySpec.parse(asked)))
    result = found.result()
    assert result is not None
    result["points"] = ["On rows that it learned from it is better than on new rows."]
    found.save_result(result)
    page = open_page("compare.py", study=found.id)
    assert not page.exception
    assert "On pictures that it learned from it is better than on new pictures." in said(page)
    assert "Blue: pictures they learn from; orange: pictures held out" in said(page)
    assert found.spec.words[:2] == ("no augmentation, filters x 1", "no augmentation, filters x 2")
    for name in ("All settings", "All curves", "Weights"):
        assert not tab(page, name).exception
