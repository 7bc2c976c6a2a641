"""Predict: the form, the answer beside the truth, whole tables, and every state on the way."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data.dataset import build_dataset
from core.data.schema import FeatureSchema, Schema
from core.errors import UserError
from core.export.csv import safe_csv
from core.proposal import propose_files
from core.runs import Run
from core.samples import FOLDER
from core.workspace import Workspace
from pages.parts import predict_answer, predict_table
from pages.parts.predict_case import Known, outside, readable

NAVIGATION = Path(__file__).resolve().parents[2] / "pages" / "navigation.py"
HOSTILE = "**bold** $x$ <b>html</b> :smile:"


def grades(rows: int = 80) -> pd.DataFrame:
    random = np.random.default_rng(0)
    hours = random.uniform(0, 10, rows).round(1)
    frame = pd.DataFrame({"hours": hours, "marks": random.integers(20, 90, rows)})
    frame["track"] = random.choice(["arts", "science"], rows)
    frame[HOSTILE] = random.normal(0, 1, rows).round(3)
    frame["result"] = np.where(hours + random.normal(0, 1, rows) > 5, "pass", "fail")
    return frame


def genes(rows: int = 60, columns: int = 150) -> pd.DataFrame:
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(5, 1, (rows, columns)).round(3), columns=[f"G{i:03d}" for i in range(columns)])
    frame["response"] = (frame["G000"] * 2 + random.normal(0, 0.5, rows)).round(3)
    return frame


def finished_run(workspace: Workspace, frame: pd.DataFrame, name: str = "table.csv") -> Run:
    """A run folder as training leaves it, but for the network itself."""
    config, table = propose_files(workspace, [(workspace.keep(io.BytesIO(frame.to_csv(index=False).encode())), name)])
    run = Run.create(workspace, config)
    dataset = build_dataset(table, config.data)
    rows = np.concatenate([dataset.split.train, dataset.split.validation])
    parts = ["train"] * len(dataset.split.train) + ["validation"] * len(dataset.split.validation)
    predictions = pd.DataFrame({"row": dataset.rows[rows] + 1, "part": parts, "y_true": dataset.y[rows]})
    if dataset.class_names:
        predictions["prediction"] = 1
        predictions["probability_0"], predictions["probability_1"] = 0.2, 0.8
    else:
        predictions["prediction"] = dataset.y[rows] + np.linspace(-1, 1, len(rows))
    run.save_dataset({"schema": Schema.of(dataset).to_dict(), "class_names": list(dataset.class_names)})
    run.save_predictions(predictions)
    accuracy = {"value": 0.8, "low": 0.7, "high": 0.9}
    run.save_metrics({"parts": {"validation": {"rows": 16, "metrics": {"accuracy": accuracy}}}, "verdict": None})
    run.model.write_bytes(b"stands for a network")
    run.finish("finished", best_epoch=3, epochs=5, seconds=1.0)
    return run


class Worker:
    """Answers as a worker would, from one feature, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.problem: UserError | None = None

    def __call__(self, question: str, run: Run, value: Any, *_: str, seconds: float = 120) -> Any:
        self.asked.append((question, run.id, value))
        if self.problem is not None:
            raise self.problem
        return {"explain_row": self.explain, "predict_table": self.table}[question](run, value)

    def explain(self, run: Run, values: dict[str, Any]) -> dict[str, Any]:
        facts = run.dataset()
        assert facts is not None
        names = [feature["name"] for feature in facts["schema"]["features"]]
        pushes = [(name, values.get(name), 0.01) for name in names[:200]]
        if not facts["class_names"]:
            return {"prediction": [9.5], "average": [9.5 - 0.01 * len(pushes)], "answer": 0, "contributions": pushes,
                    "rest": 0.0}  # fmt: skip
        second = 0.9 if values.get("hours", 0) > 5 else 0.3
        return {
            "prediction": [1 - second, second],
            "average": [0.4, 0.6],
            "answer": 1,
            "contributions": pushes,
            "rest": 0.0,
        }

    def table(self, run: Run, source: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
        names = ["=HYPERLINK(1)", "-5", "pass"]
        facts = run.dataset()
        assert facts is not None
        frame = pd.DataFrame({"student": names, "prediction": ["pass", "fail", "pass"]})
        for place, name in enumerate(facts["class_names"]):
            frame[f"probability_{name}"] = [0.55, 0.9, 0.2] if place else [0.45, 0.1, 0.8]
        return frame, ["1 column not used, because the network does not know it: 'shoe *size*'."]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    worker = Worker()
    monkeypatch.setattr(predict_answer, "ask", worker)
    monkeypatch.setattr(predict_table, "ask", worker)
    return worker


@pytest.fixture
def open_page(workspace: Workspace, worker: Worker) -> Callable[..., AppTest]:
    def open_it(run: str | None = None) -> AppTest:
        page = AppTest.from_file(NAVIGATION, default_timeout=60)
        if run:
            page.query_params["run"] = run
        page.switch_page("predict.py")
        return good(page.run())

    return open_it


def good(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "error")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind)).replace("\\", "")


def number(page: AppTest, label: str) -> Any:
    return next(field for field in page.number_input if field.label.replace("\\", "") == label)


def button(page: AppTest, label: str) -> Any:
    return next(each for each in page.button if each.label == label)


def test_without_a_run_the_page_says_where_to_begin(open_page: Callable[..., AppTest]) -> None:
    assert "no network to ask yet" in text(open_page())


def test_an_unknown_run_is_said_plainly(open_page: Callable[..., AppTest]) -> None:
    assert "This run is not here" in text(open_page("20260101-000000-abcdef"))
    assert "no run called" in text(open_page("../../etc/passwd"))


def test_a_run_that_failed_or_still_trains_cannot_be_asked(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run = finished_run(workspace, grades())
    run.model.unlink()
    (run.folder / "events.jsonl").unlink()
    run.append("started", from_epoch=None)
    assert "not finished yet" in text(open_page(run.id))
    run.fail("The disk is full.", "Make room.")
    assert "The disk is full. Make room." in text(open_page(run.id))
    assert worker.asked == []


def test_the_typical_number_has_no_more_digits_than_single_precision_carries() -> None:
    middle = float(np.float32(20.6) + np.float32(20.7)) / 2
    odd = float(np.nextafter(np.float32(middle), np.float32(99)))
    features = (FeatureSchema("a", "number", median=odd), FeatureSchema("year", "number", median=2009.5, whole=True))
    assert Known(Schema(features)).typical == {"a": 20.65, "year": 2010.0}


def test_a_text_that_is_mostly_missing_is_missing_in_a_typical_case() -> None:
    features = (
        FeatureSchema("pool", "text", categories=("yes", "no"), mostly_missing=True),
        FeatureSchema("town", "text", categories=("A", "B")),
    )
    assert Known(Schema(features)).typical == {"pool": None, "town": "A"}


def test_the_form_starts_at_a_typical_case(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    run = finished_run(workspace, grades())
    page = open_page(run.id)
    facts = run.dataset()
    assert facts is not None
    medians = {feature["name"]: feature["median"] for feature in facts["schema"]["features"]}
    assert number(page, "hours").value == pytest.approx(medians["hours"])
    assert number(page, HOSTILE).value == pytest.approx(medians[HOSTILE])
    assert number(page, "marks").value == round(medians["marks"])
    track = next(field for field in page.selectbox if field.label == "track")
    assert track.options == [*facts["schema"]["features"][-1]["categories"], "unknown / missing"]
    assert "**bold**" not in number(page, HOSTILE).label


def test_a_change_is_asked_at_once_and_an_empty_field_is_missing(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run = finished_run(workspace, grades())
    assert run.config.data.task == "binary"
    second = (run.dataset() or {})["class_names"][1]
    page = open_page(run.id)
    good(number(page, "hours").set_value(9.0).run())
    assert page.subheader[0].value == f"result: {second}, 90 %"
    assert worker.asked[-1][2]["hours"] == 9.0
    assert f"the probability of {second} is 60 %, for this one 90 %. What moves it most: hours (up)" in text(page)
    good(number(page, "hours").set_value(None).run())
    assert "hours" not in worker.asked[-1][2] and "marks" in worker.asked[-1][2]


def test_why_speaks_of_the_class_that_is_answered(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    run = finished_run(workspace, grades())
    first = (run.dataset() or {})["class_names"][0]
    page = open_page(run.id)
    good(number(page, "hours").set_value(1.0).run())
    assert page.subheader[0].value == f"result: {first}, 70 %"
    assert f"the probability of {first} is 40 %, for this one 70 %. What moves it most: hours (down)" in text(page)


def test_values_outside_the_training_are_allowed_and_noted(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(finished_run(workspace, grades()).id)
    assert "outside what the network has seen" not in text(page)
    good(number(page, "marks").set_value(500.0).run())
    assert worker.asked[-1][2]["marks"] == 500.0
    assert "outside what the network has seen: 2" in text(page)


def test_an_unseen_row_comes_from_validation_and_shows_what_was_true(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run, frame = finished_run(workspace, grades()), grades()
    seen = run.predictions()
    assert seen is not None
    validation = set(seen.loc[seen["part"] == "validation", "row"])
    page = open_page(run.id)
    rows = set()
    for _ in range(4):
        good(button(page, "Try a row that the network never saw").click().run())
        said = next(info.value.replace("\\", "") for info in page.info)
        row = int(said.split()[1])
        rows.add(row)
        assert row in validation
        assert f"truly **{frame['result'].tolist()[row - 1]}**" in said
        assert number(page, "hours").value == pytest.approx(frame.loc[row - 1, "hours"])
        cells = frame.loc[row - 1, ["hours", "track", HOSTILE]].to_dict()
        assert any(cells.items() <= values.items() for _, _, values in worker.asked)
    assert len(rows) > 1
    good(number(page, "hours").set_value(0.05).run())
    assert any("before your changes" in info.value for info in page.info)
    good(button(page, "Typical case").click().run())
    assert not page.info


def test_what_was_typed_survives_leaving_the_page(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    run = finished_run(workspace, grades())
    page = open_page(run.id)
    good(number(page, "hours").set_value(9.0).run())
    page.switch_page("results.py").run()
    page.switch_page("predict.py")
    page.query_params["run"] = run.id
    assert number(good(page.run()), "hours").value == 9.0


def test_a_number_comes_with_an_honest_range(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    run = finished_run(workspace, genes())
    assert run.config.data.task == "regression"
    kept = run.predictions()
    assert kept is not None
    validation = kept[kept["part"] == "validation"]
    off = np.quantile((validation["y_true"] - validation["prediction"]).abs(), 0.8)
    shown = text(open_page(run.id))
    assert "response: 9.50" in shown
    assert f"off by less than {off:.2f}" in shown
    assert f"between **{9.5 - off:.2f}** and **{9.5 + off:.2f}**" in shown


def test_of_many_features_the_important_ones_are_worked_out_first(
    workspace: Workspace, open_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_run(workspace, genes())
    asked = []

    def weigh(question: str, run: Run) -> dict[str, Any]:
        asked.append(question)
        run.save_importance({"features": [{"feature": "G077", "importance": 1.0, "low": 0.5, "high": 2.0}]})
        return run.importance() or {}

    monkeypatch.setattr("pages.parts.results_features.ask", weigh)
    page = open_page(run.id)
    assert page.number_input[0].label == "G077"
    good(page.run())
    open_page(finished_run(workspace, grades()).id)
    assert asked == ["feature_importance"]


def test_of_many_features_only_the_important_are_fields_and_others_can_be_found(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run = finished_run(workspace, genes())
    run.save_importance({"features": [{"feature": "G140", "importance": 1.0, "low": 0.5, "high": 2.0}]})
    page = open_page(run.id)
    assert [field.label for field in page.number_input] == ["G140", *(f"G{i:03d}" for i in range(11))]
    assert "138 more features stay at their typical values" in text(page)
    good(next(field for field in page.text_input if field.label == "Find a feature").set_value("g12").run())
    more = page.multiselect[0]
    assert more.options == [f"G{i}" for i in range(120, 130)]
    good(more.set_value(["G125"]).run())
    assert page.number_input[-1].label == "G125"
    good(page.number_input[-1].set_value(7.25).run())
    asked = worker.asked[-1][2]
    assert asked["G125"] == 7.25 and len(asked) == 150


def test_an_error_of_the_worker_is_shown_and_the_values_stay(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(finished_run(workspace, grades()).id)
    worker.problem = UserError("No worker answered.", "Try again in a moment.")
    good(number(page, "hours").set_value(1.5).run())
    assert "No worker answered. Try again in a moment." in text(page)
    worker.problem = None
    good(button(page, "Ask again").click().run())
    assert number(page, "hours").value == 1.5
    assert not page.error


def test_another_run_can_be_chosen(workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker) -> None:
    first, second = finished_run(workspace, grades()), finished_run(workspace, genes())
    page = open_page(first.id)
    good(next(field for field in page.selectbox if field.label == "Network").set_value(second.id).run())
    assert page.query_params["run"] in (second.id, [second.id])
    assert worker.asked[-1][1] == second.id


def test_a_table_goes_in_and_predictions_come_out(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    run = finished_run(workspace, grades())
    page = open_page(run.id)
    new = grades(5).drop(columns="result").to_csv(index=False).encode()
    good(page.file_uploader[0].set_value([("new.csv", new, "text/csv")]).run())
    question, run_id, source = worker.asked[-1]
    assert (question, run_id, source["name"]) == ("predict_table", run.id, "new.csv")
    assert workspace.upload(source["fingerprint"]).read_bytes() == new
    shown = text(page)
    assert "new.csv: 3 rows predicted." in shown and "pass: 2, fail: 1" in shown
    assert "1 (33 %) are close calls" in shown
    assert "shoe *size*" in shown
    assert page.dataframe[0].value["prediction"].tolist() == ["pass", "fail", "pass"]
    asked = len(worker.asked)
    good(page.run())
    assert [each for each in worker.asked[asked:] if each[0] == "predict_table"] == []
    good(button(page, "Take the table away").click().run())
    assert not page.dataframe


def test_a_table_that_lacks_columns_is_refused_by_name(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(finished_run(workspace, grades()).id)
    worker.problem = UserError("The table lacks 1 of the 4 columns: 'hours'.", "Add them.")
    good(page.file_uploader[0].set_value([("new.csv", b"marks,track\n1,arts\n", "text/csv")]).run())
    assert "new.csv cannot be predicted. The table lacks 1 of the 4 columns: 'hours'. Add them." in text(page)
    assert not page.dataframe


def test_a_file_that_is_no_table_is_refused(workspace: Workspace, open_page: Callable[..., AppTest]) -> None:
    page = open_page(finished_run(workspace, grades()).id)
    good(page.file_uploader[0].set_value([("new.csv", b"", "text/csv")]).run())
    assert "new.csv cannot be predicted." in text(page)


def test_new_cases_of_a_sample_are_one_click_away(
    workspace: Workspace, open_page: Callable[..., AppTest], worker: Worker
) -> None:
    page = open_page(finished_run(workspace, grades(), "grades.csv").id)
    good(button(page, "Use the sample's new cases (grades_new.csv)").click().run())
    source = worker.asked[-1][2]
    assert workspace.upload(source["fingerprint"]).read_bytes() == (FOLDER / "grades_new.csv").read_bytes()
    other = open_page(finished_run(workspace, grades(), "other.csv").id)
    assert not any("sample" in each.label for each in other.button)


def test_the_download_starts_no_formula(workspace: Workspace) -> None:
    frame, _ = Worker().table(finished_run(workspace, grades()), {})
    lines = safe_csv(frame).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("'=HYPERLINK(1),pass,0.45")
    assert lines[2].startswith("-5,fail")


def test_what_the_network_has_not_seen_is_said_at_both_ends() -> None:
    schema = Schema.from_dict(
        {
            "features": [
                {"name": "a", "kind": "number", "minimum": 0.1, "maximum": 100.0, "median": 50.0, "whole": False,
                 "categories": []},
                {"name": "b", "kind": "text", "categories": ["x"]},
                {"name": "c", "kind": "number", "categories": []},
            ],
            "ignored": [],
        }
    )  # fmt: skip
    number, text, never = schema.features
    assert [bool(outside(number, value)) for value in (0.1, 100.0, None, 0.09, 100.5)] == [False] * 3 + [True] * 2
    assert outside(number, -1.0) == "outside what the network has seen: 0.1 to 100"
    assert (outside(text, "x"), outside(text, None)) == ("", "")
    assert "counts as unknown" in outside(text, "y")
    assert "never seen a value" in outside(never, 1.0)
    assert readable(float(np.float32(0.3))) == 0.3
