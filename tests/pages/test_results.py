"""Results answers how good a run is, opens the rows behind every mistake, and never leads to a dead end."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.errors import UserError
from core.runs import Run
from core.workspace import Workspace
from pages.parts import results_features, results_sealed
from pages.parts.results_classes import rows_of_cell
from pages.parts.results_downloads import metrics_json, predictions_csv
from pages.parts.results_facts import on_other_data
from pages.parts.results_features import importance_table
from pages.parts.results_numbers import rows_by_error
from pages.parts.results_opened import Opened, opened
from pages.parts.results_rows import MOST_COLUMNS, features_by_weight, side_by_side
from pages.parts.results_scores import scores_table
from pages.parts.results_training import MOST_EPOCHS, thinned
from tests.core.export.report_cases import open_sealed
from tests.pages.made_runs import config_for, small_table

SHELL = Path(__file__).parents[2] / "pages" / "navigation.py"
MakeRun = Callable[..., Run]
IMPORTANCE = {
    "features": [
        {"feature": "Maths", "importance": 0.4, "low": 0.2, "high": 0.6},
        {"feature": "History", "importance": 0.1, "low": 0.0, "high": 0.2},
    ]
}


def results(run: str = "", part: str = "") -> AppTest:
    page = AppTest.from_file(SHELL, default_timeout=60)
    page.switch_page("results.py")
    if run:
        page.query_params["run"] = run
    if part:
        page.session_state["results_part"] = part
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def table_of_rows(page: AppTest, heading: str) -> pd.DataFrame:
    return next(each.value for each in page.dataframe if any(str(c).startswith(heading) for c in each.value.columns))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_verdict_stands_first(finished_run: MakeRun, task: str) -> None:
    run = finished_run(task)
    page = results(run.id)
    metrics = run.metrics()
    assert metrics is not None
    shown = page.subheader[0].value.replace("\\", "")
    assert metrics["verdict"]["sentence"] in shown
    assert "3 features" in words(page)
    assert "the network of epoch 2 was kept" in words(page)


def test_without_an_address_the_newest_finished_run_is_shown(workspace: Workspace, finished_run: MakeRun) -> None:
    finished_run("binary", name="older.csv")
    Run.create(workspace, config_for(workspace, "binary", name="waiting.csv"))
    page = results()
    assert "older" in words(page)
    assert "not finished" not in words(page)


def test_another_run_can_be_chosen_and_stands_in_the_address(finished_run: MakeRun) -> None:
    first, second = finished_run("binary"), finished_run("regression")
    page = results(second.id)
    page.selectbox(key="results_run").select(first.id).run()
    assert first.id in page.query_params["run"]
    assert "right: better than" in words(page).replace("\\", "")


def test_all_scores_stand_beside_baselines_with_intervals(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    metrics = run.metrics()
    assert metrics is not None
    table = scores_table(metrics, ["validation", "train"])
    accuracy = table.loc["Share of correct answers (accuracy)"]
    low = metrics["parts"]["validation"]["metrics"]["accuracy"]["low"]
    assert f"({100 * low:.0f} % to" in accuracy["Network, validation"]
    assert str(accuracy["Most frequent class"]).endswith("network better")
    assert {"Network, training", "Logistic regression", "What it says"} <= set(table.columns)
    assert str(table.loc["Penalty for confident mistakes (log loss)", "What it says"]).endswith("Lower is better.")
    assert results(run.id).table[0].value.shape == table.shape


def test_the_surest_mistakes_open_first_with_their_own_features(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    page = results(run.id)
    keys = (f"cell_true:{run.id}", f"cell_predicted:{run.id}")
    for key, index in zip(keys, (0, 1), strict=True):
        page.selectbox(key=key).select(index)
    page.run()
    rows = table_of_rows(page, "Row")
    shown = opened(run)
    wrong = shown.rows[(shown.truth == 0) & (shown.answers() == 1)]
    probability = next(name for name in rows.columns if name.startswith("Probability of"))
    assert sorted(rows["Row"]) == sorted(wrong["row"])
    assert list(rows[probability]) == sorted(wrong["probability_1"], reverse=True)
    for row, history in zip(rows["Row"], rows["History"], strict=True):
        assert history == small_table()["History"][row - 1]


def test_training_rows_are_never_among_the_judged(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    predictions = run.predictions()
    assert predictions is not None
    page = results(run.id)
    assert "of 24 rows" in words(page)
    judged = predictions[predictions["part"] == "validation"]
    assert list(opened(run).rows["row"]) == list(judged["row"])


def test_moving_the_threshold_moves_the_numbers_and_the_cells(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    page = results(run.id)
    shown = opened(run)
    page.slider(key=f"threshold:{run.id}").set_value(0.01).run()
    positives, negatives = int((shown.truth == 1).sum()), int((shown.truth == 0).sum())
    values = {metric.label: metric.value for metric in page.metric}
    assert values["Found (sensitivity)"] == "100 %"
    expected = (shown.probabilities[shown.truth == 0, 1] < 0.01).mean()
    assert values["Left alone (specificity)"] == f"{100 * expected:.0f} %"
    assert f"{positives} of {positives} that are" in words(page)
    page.selectbox(key=f"cell_true:{run.id}").select(0)
    page.selectbox(key=f"cell_predicted:{run.id}").select(1).run()
    assert len(table_of_rows(page, "Row")) == negatives


def test_the_threshold_is_the_same_on_every_tab(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    page = results(run.id)
    page.slider(key=f"threshold:{run.id}").set_value(0.7).run()
    page.session_state["results_part"] = "Probabilities"
    page.run()
    assert page.slider(key=f"threshold:{run.id}").value == 0.7
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    assert any("threshold (70 %)" in json.dumps(chart) for chart in charts)


def test_several_classes_choose_one_against_the_rest(finished_run: MakeRun) -> None:
    run = finished_run("multiclass")
    page = results(run.id, "Probabilities")
    assert not page.slider
    page.selectbox(key=f"curve_class:{run.id}").select(2).run()
    assert not page.exception
    name = opened(run).class_names[2]
    assert any(f"Probability of {name}" in chart.proto.spec for chart in page.get("plotly_chart"))


def test_largest_errors_open_as_rows(finished_run: MakeRun) -> None:
    run = finished_run("regression")
    page = results(run.id)
    rows = table_of_rows(page, "Row")
    sizes = np.abs(rows["True minus predicted"].to_numpy())
    assert list(sizes) == sorted(sizes, reverse=True)
    assert {"student", "History", "Maths", "town"} <= set(rows.columns)
    page.session_state[f"clicked_row:{run.id}"] = 7
    page.run()
    assert table_of_rows(page, "Row")["Row"].iloc[0] == opened(run).rows["row"][7]


def test_importance_is_asked_for_once_and_drawn(finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run("binary")
    asked = []

    def ask(question: str, run: Run) -> dict[str, Any]:
        asked.append(question)
        run.save_importance(IMPORTANCE)
        return IMPORTANCE

    monkeypatch.setattr(results_features, "ask", ask)
    page = results(run.id, "Features that matter")
    page.run()
    assert asked == ["feature_importance"]
    assert any("Only Maths clearly matters" in chart.proto.spec for chart in page.get("plotly_chart"))
    assert features_by_weight(opened(run))[:2] == ["Maths", "History"]


def test_a_silent_worker_is_reported_with_a_way_to_try_again(
    finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_run("binary")
    asked = []

    def ask(question: str, run: Run) -> dict[str, Any]:
        asked.append(question)
        raise UserError("No worker answered.", "Try again in a moment.")

    monkeypatch.setattr(results_features, "ask", ask)
    page = results(run.id, "Features that matter")
    page.run()
    assert asked == ["feature_importance"]
    assert "No worker answered" in page.error[0].value.replace("\\", "")
    button(page, "Try again").click().run()
    assert len(asked) == 2


def test_the_sealed_test_opens_only_by_its_button(finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run("binary")

    def ask(question: str, run: Run) -> None:
        run.append("test_opened")
        metrics = run.metrics() or {}
        test = {key: value for key, value in metrics.items() if key != "parts"}
        run.save_test({**test, "parts": {"test": metrics["parts"]["validation"]}, "baselines": []})
        predictions = run.predictions()
        assert predictions is not None and question == "open_test"
        run.save_predictions(predictions[:10].assign(part="test"), sealed=True)

    monkeypatch.setattr(results_sealed, "ask", ask)
    page = results(run.id)
    assert "24 rows were put aside" in words(page)
    assert "Opened" not in words(page)
    button(page, "Open the sealed test").click().run()
    assert "Opened 1 time." in words(page)
    assert "Open the sealed test" not in [each.label for each in page.button]
    assert len(pd.read_csv(io.BytesIO(predictions_csv(opened(run))))) == 96 + 10


def test_rows_that_another_run_has_opened_are_not_called_unseen(finished_run: MakeRun) -> None:
    first, second = finished_run("binary"), finished_run("binary")
    assert "no run here was scored on them" in words(results(second.id))
    open_sealed(first)
    sealed, learned = first.predictions(sealed=True), first.predictions()
    assert sealed is not None and learned is not None
    places = sorted(set(range(1, 121)) - set(learned["row"]))
    first.save_predictions(sealed.assign(row=places), sealed=True)
    page = results(second.id)
    assert "You have opened these rows 1 time, in other runs." in words(page)
    assert "no run here" not in words(page)
    assert "Open the sealed test" in [each.label for each in page.button]
    open_sealed(second)
    assert "You have opened these rows 2 times, in this run and in others." in words(results(second.id))


def test_a_run_without_sealed_rows_says_so(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    facts = run.dataset()
    assert facts is not None
    run.save_dataset({**facts, "rows": {**facts["rows"], "test": 0}})
    page = results(run.id)
    assert "put no rows aside" in words(page)
    assert "Open the sealed test" not in [each.label for each in page.button]


def test_training_again_copies_the_run_into_the_draft(workspace: Workspace, finished_run: MakeRun) -> None:
    run = finished_run("binary")
    page = results(run.id)
    button(page, "Train again with other settings").click().run()
    assert load_draft(workspace) == run.config


def test_a_draft_on_other_data_is_replaced_only_when_confirmed(workspace: Workspace, finished_run: MakeRun) -> None:
    run = finished_run("binary")
    other = save_draft(workspace, config_for(workspace, "regression", name="later.csv"))
    page = results(run.id)
    assert "now predicts size" in words(page)
    assert load_draft(workspace) == other
    button(page, "Replace them and go on").click().run()
    assert load_draft(workspace) == run.config


def test_other_data_is_named(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config_for(workspace, "binary")
    other = config.change(data={**config.data.model_dump(), "source": {"fingerprint": "0" * 64, "name": "new.csv"}})
    save_draft(workspace, other)
    monkeypatch.setattr("pages.parts.results_facts.draft", lambda: load_draft(workspace))
    assert "new.csv" in on_other_data(config.data)
    save_draft(workspace, config)
    assert on_other_data(config.data) == ""


def test_an_empty_workspace_says_what_to_do(workspace: Workspace) -> None:
    page = results()
    assert page.title[0].value == "There are no results yet"
    assert "Choose your data first" in words(page)


@pytest.mark.parametrize("address", ["20260101-000000-abcdef", "../../etc/passwd", "<b>x</b>"])
def test_a_run_that_is_not_here_is_said(finished_run: MakeRun, address: str) -> None:
    finished_run("binary")
    page = results(address)
    assert page.title[0].value == "This run is not here"
    assert page.error


def test_a_running_run_leads_to_train(workspace: Workspace) -> None:
    run = Run.create(workspace, config_for(workspace, "binary"))
    run.append("started", from_epoch=None)
    run.append("epoch", epoch=3, loss=1.0, val_loss=1.0, metric=0.5, val_metric=0.5)
    page = results(run.id)
    assert "epoch 3 of at most 10" in page.info[0].value


def test_a_failed_run_shows_problem_and_remedy(workspace: Workspace) -> None:
    run = Run.create(workspace, config_for(workspace, "binary"))
    run.fail("The disk is full.", "Free some space.")
    page = results(run.id)
    assert page.error[0].value.replace("\\", "") == "The disk is full. Free some space."
    button(page, "Change settings and train again").click().run()
    assert load_draft(workspace) == run.config


def test_a_run_stopped_before_it_learned_says_so(workspace: Workspace) -> None:
    run = Run.create(workspace, config_for(workspace, "binary"))
    run.finish("stopped", best_epoch=0, epochs=0, seconds=0.0)
    assert "stopped before it learned" in results(run.id).info[0].value


def test_a_stopped_run_with_a_network_is_judged(finished_run: MakeRun) -> None:
    assert "stopped by hand after 3 epochs" in words(results(finished_run("binary", event="stopped").id))


def test_a_run_that_its_limit_stopped_says_so(finished_run: MakeRun) -> None:
    problem = "Training was stopped after 20 minutes, which is the limit; what was learned by then is kept."
    run = finished_run("binary", event="stopped", problem=problem, remedy="Choose fewer epochs.")
    assert "stopped by the limit of 20 minutes after 3 epochs" in words(results(run.id))


def test_without_validation_rows_nothing_is_claimed(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    metrics, predictions = run.metrics(), run.predictions()
    assert metrics is not None and predictions is not None
    parts = {"train": metrics["parts"]["train"]}
    run.save_metrics({**metrics, "parts": parts, "main": None, "verdict": None})
    run.save_predictions(predictions[predictions["part"] == "train"])
    page = results(run.id)
    assert "cannot be said" in page.subheader[0].value
    assert not page.tabs


def test_a_deleted_upload_leaves_the_mistakes_readable(workspace: Workspace, finished_run: MakeRun) -> None:
    run = finished_run("multiclass")
    workspace.upload(run.config.data.source.fingerprint).unlink()
    for folder in (workspace.root / "tables").iterdir():
        folder.rename(folder.with_name(f".gone-{folder.name}"))
    page = results(run.id)
    assert "cannot be shown" in words(page)
    assert "Row" in table_of_rows(page, "Row").columns


def test_names_from_data_are_never_markup(finished_run: MakeRun) -> None:
    page = results(finished_run("binary", name="<b>x</b> [a](http://evil) **bold**.csv").id)
    shown = next(each.value for each in page.markdown if each.value.startswith("**Data:**"))
    assert "\\<b\\>x" in shown and "\\[a\\](http" in shown


def test_downloads_hold_what_was_true_and_predicted(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    shown = opened(run)
    table = pd.read_csv(io.BytesIO(predictions_csv(shown)))
    assert list(table.columns) == [
        "row",
        "part",
        "student",
        "true",
        "prediction",
        "probability_pass",
        "probability_fail",
    ]
    assert len(table) == 96
    assert set(table["true"]) == {"pass", "fail"}
    assert json.loads(metrics_json(shown))["main"] == shown.metrics["main"]
    page = results(run.id)
    assert {each.label for each in page.download_button} == {"Predictions (CSV)", "Scores (JSON)"}


def test_a_cell_lists_mistakes_from_the_surest_and_right_answers_from_the_least_sure() -> None:
    truth = np.array([0, 0, 0, 1, 0, 0])
    table = np.array([[0.4, 0.6], [0.1, 0.9], [0.3, 0.7], [0.2, 0.8], [0.9, 0.1], [0.6, 0.4]])
    answered = table.argmax(axis=1)
    assert rows_of_cell(truth, answered, table, 0, 1).tolist() == [1, 2, 0]
    assert rows_of_cell(truth, answered, table, 0, 0).tolist() == [5, 4]
    assert rows_of_cell(truth, answered, table, 1, 0).tolist() == []


def test_errors_to_one_side_are_kept_apart() -> None:
    truth, predicted = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.0, 0.0, 4.5])
    assert rows_by_error(truth, predicted, "largest").tolist() == [2, 0, 3, 1]
    assert rows_by_error(truth, predicted, "high").tolist() == [0, 3]
    assert rows_by_error(truth, predicted, "low").tolist() == [2]


def test_headings_stay_short_and_different_whatever_features_are_called() -> None:
    cells = pd.DataFrame([[1, 2, 3, 4]], columns=["Row", "x" * 100 + "a", "x" * 100 + "b", ""])
    frame = side_by_side({"Row": np.array([9])}, cells)
    assert len(set(frame.columns)) == 5
    assert max(map(len, frame.columns)) <= 60
    assert frame.iloc[0].tolist() == [9, 1, 2, 3, 4]


def test_thousands_of_features_never_reach_the_browser(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    shown = opened(run)
    many = tuple(f"gene {number}" for number in range(20_000))
    wide = Opened(run, shown.config, shown.told, shown.metrics, shown.facts, shown.rows)
    wide.__dict__["features"] = many
    assert features_by_weight(wide)[:MOST_COLUMNS] == list(many[:MOST_COLUMNS])
    assert len(features_by_weight(wide)) == 20_000


def test_importance_is_ranked_in_the_table() -> None:
    assert list(importance_table(IMPORTANCE["features"][::-1])["Feature"]) == ["Maths", "History"]


@given(st.integers(1, 20_000))
def test_long_histories_are_thinned_but_keep_their_ends(epochs: int) -> None:
    kept = thinned([{"epoch": epoch} for epoch in range(epochs)])
    assert kept[0]["epoch"] == 0 and kept[-1]["epoch"] == epochs - 1
    assert len(kept) <= 2 * MOST_EPOCHS + 1
    assert len({epoch["epoch"] for epoch in kept}) == len(kept)


def test_results_never_import_heavy_libraries() -> None:
    code = (
        "import sys, pages.parts.results_classes, pages.parts.results_curves, pages.parts.results_downloads, "
        "pages.parts.results_features, pages.parts.results_numbers, pages.parts.results_sealed, "
        "pages.parts.results_scores, pages.parts.states, pages.parts.results_training; "
        "print([name for name in ('tensorflow', 'keras', 'sklearn', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """Runs of two tests may share an id only in theory, but caches outlive a test."""
    streamlit.cache_resource.clear()
    streamlit.cache_data.clear()
    yield
