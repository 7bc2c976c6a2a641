"""Reports: their numbers are those of the run, whatever comes from data stays text, and nothing is asked of outside."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.evaluation.registry import METRICS
from core.evaluation.study_words import capital
from core.export import report
from core.export.methods_network import network_paragraph
from core.export.report import make_report, make_study_report
from core.export.report_facts import Facts
from core.export.report_limits import limitations
from core.limits import all_limits, time_over
from core.runs import Run
from core.spec import Origin, Task
from core.workspace import Workspace
from tests.core.export.report_cases import KINDS, ended_run, ended_study, importance, open_sealed

XHTML = "{http://www.w3.org/1999/xhtml}"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ACTIVE = ("script", "iframe", "object", "embed", "link", "base", "form", "input", "foreignObject", "use-external", "a")
NASTY = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "</style></svg></table><b>",
    "&lt;i&gt; &amp; ]]> <!-- -->",
    "$x^2$ \\frac{1}{2} %s {0}",
    "עברית \u202eabc\u202c العربية",
    "😀 数据 \x00\x07\x1b\n\r\t\ud800 end",
    "x" * 300,
    "=HYPERLINK(\"http://evil\")",
    "https://example.org/pixel.png",
]  # fmt: skip


def parsed(path: Path) -> ElementTree.Element:
    """The page, read as strictly as XML is."""
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>\n")
    return ElementTree.fromstring(text.removeprefix("<!DOCTYPE html>\n"))


def text_of(node: ElementTree.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def table_of(page: ElementTree.Element, caption: str) -> list[list[str]]:
    for each in page.iter("table"):
        if text_of(each.find("caption")) == caption if each.find("caption") is not None else False:
            return [[text_of(cell) for cell in row] for row in each.iter("tr")]
    raise AssertionError(caption)


def numbers(cell: str) -> list[float]:
    found = [float(each.replace(",", "")) for each in re.findall(r"-?\d[\d,]*\.?\d*(?:e-?\d+)?", cell)]
    return [each / 100 for each in found] if "%" in cell else found


def assert_same(cell: str, found: dict[str, float | None]) -> None:
    for told, name in zip(numbers(cell), ("value", "low", "high"), strict=False):
        wanted = found[name]
        assert wanted is not None
        assert told == pytest.approx(wanted, abs=0.0051, rel=0.001), cell


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_scores_equal_those_of_the_metrics(workspace: Workspace, tmp_path: Path, kind: str, task: Task) -> None:
    run = ended_run(workspace, kind, task)
    make_report(run, tmp_path / "report.html")
    page, metrics = parsed(tmp_path / "report.html"), run.metrics() or {}
    noun = "picture" if kind == "pictures" else "row"
    head, *rows = table_of(page, f"All scores on validation {noun}s")
    assert head[:3] == ["Score", "Network, validation", "Network, training"]
    assert len(rows) == len(metrics["parts"]["validation"]["metrics"])
    for (key, own), row in zip(metrics["parts"]["validation"]["metrics"].items(), rows, strict=True):
        assert row[0] == capital(METRICS[key].label).replace("rows", f"{noun}s")
        assert_same(row[1], own)
        assert_same(row[2], metrics["parts"]["train"]["metrics"][key])
        for cell, baseline in zip(row[3:], metrics["baselines"], strict=True):
            assert_same(cell, baseline["parts"]["validation"][key])
            result = baseline["difference"]["validation"][key]["result"]
            assert cell.endswith({"better": "network better", "tied": "tied", "worse": "network worse"}[result])


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_verdict_stands_first(workspace: Workspace, tmp_path: Path, kind: str, task: Task) -> None:
    run = ended_run(workspace, kind, task)
    make_report(run, tmp_path / "report.html")
    header, verdict, *rest = parsed(tmp_path / "report.html").findall("body/main/*")
    wanted = (run.metrics() or {})["verdict"]["sentence"]
    told = wanted.replace("rows", "pictures") if kind == "pictures" else wanted
    assert text_of(verdict[0]) == told
    assert (header.tag, rest[0].tag) == ("header", "section")


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_nothing_is_asked_of_the_outside(workspace: Workspace, tmp_path: Path, kind: str, task: Task) -> None:
    run = ended_run(workspace, kind, task)
    run.save_importance(importance(["History", "https://example.org/a.png"]))
    open_sealed(run)
    make_report(run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    assert_closed(page)
    assert len(list(page.iter("{http://www.w3.org/2000/svg}svg"))) >= 6


def assert_closed(page: ElementTree.Element) -> None:
    policies = [
        each.get("content") for each in page.iter("meta") if each.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [POLICY]
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    for each in page.iter():
        tag = each.tag.rpartition("}")[2]
        assert tag not in ACTIVE, tag
        for key, value in each.attrib.items():
            name = key.rpartition("}")[2]
            assert not name.startswith("on") and name not in ("src", "srcset", "action", "data", "poster"), key
            if name == "href":
                assert value.startswith("data:image/png") or value[1:] in ids, value
            for target in re.findall(r"url\(([^)]*)\)", value):
                assert target.strip("\"'")[1:] in ids, value
    styles = "".join(each.text or "" for each in page.iter("style"))
    assert "url(" not in styles and "@import" not in styles and "http" not in styles
    assert [each.tag for each in page.iter() if each.tag.endswith("style")] == ["style"]


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures have tests of their own, and take most of a report's time."""
    monkeypatch.setattr(report, "pictures_of", lambda shown: [])
    monkeypatch.setattr(report, "study_pictures", lambda answer: [])


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return ended_run(Workspace(tmp_path_factory.mktemp("hostile")), "table", "binary")


def named(run: Run, name: str) -> None:
    """Everything that a name can be given to is called so: run, classes, features."""
    run._write_json("title.json", {"name": name})
    facts, metrics = run.dataset() or {}, run.metrics() or {}
    run.save_dataset({**facts, "class_names": [name, f"{name}2"]})
    points = [f'Few of these rows are "{name}" (9): what is said about so small a class is uncertain.']
    run.save_metrics({**metrics, "verdict": {**metrics["verdict"], "points": points}, "note": name})
    run.save_importance(importance([name, "other"]))


@pytest.mark.usefixtures("without_figures")
@given(name=st.text(min_size=1, max_size=80))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_stay_text(hostile_run: Run, tmp_path: Path, name: str) -> None:
    assert_only_text(hostile_run, tmp_path, name)


@pytest.mark.usefixtures("without_figures")
@pytest.mark.parametrize("name", NASTY)
def test_hostile_names_stay_text(hostile_run: Run, tmp_path: Path, name: str) -> None:
    assert_only_text(hostile_run, tmp_path, name)


def assert_only_text(run: Run, folder: Path, name: str) -> None:
    """Neither elements nor attributes change when a plain name is replaced by this one."""
    shapes = []
    for called in ("plain", name):
        named(run, called)
        make_report(run, folder / "report.html")
        page = parsed(folder / "report.html")
        shapes.append(Counter((each.tag, *sorted(each.attrib)) for each in page.iter()))
    assert shapes[0] == shapes[1]
    visible = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if visible:
        assert visible[:20] in text_of(page.find("body/main/header"))  # type: ignore[arg-type]
    assert_closed(page)


def test_hostile_names_in_figures_stay_text(hostile_run: Run, tmp_path: Path) -> None:
    named(hostile_run, '<script>alert("$x^2$")</script>')
    make_report(hostile_run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    assert_closed(page)
    assert any("$x^2$" in (each.text or "") for each in page.iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.usefixtures("without_figures")
def test_sealed_test_is_told_as_it_is(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "table", "regression")
    make_report(run, tmp_path / "report.html")
    assert "Still sealed: 24 rows were put aside" in text_of(parsed(tmp_path / "report.html"))
    open_sealed(run, times=3)
    make_report(run, tmp_path / "report.html")
    text = text_of(parsed(tmp_path / "report.html"))
    assert "they were scored 3 times" in text and "Still sealed" not in text
    assert "The sealed test was opened 3 times; choices made after the first time" in text
    assert "scored 3 times, the network reached: R²" in text


def test_limitations_follow_from_the_run(workspace: Workspace) -> None:
    run = ended_run(workspace, "table", "binary")
    told = " ".join(limitations(Facts.of(run)))
    assert "is not clearly better than the logistic regression" in told
    assert "Only 24 rows had a say in the score" in told
    assert "The validation rows also decided when training stopped" in told
    assert "The sealed test was not opened" in told
    assert "stopped by hand" not in told
    run.append("stopped", best_epoch=12, epochs=39, seconds=1.5)
    assert "Training was stopped by hand" in " ".join(limitations(Facts.of(run)))


def test_what_stopped_a_training_is_told_as_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = ended_run(workspace, "table", "binary")
    for minutes, said in ((1, "1 minute"), (20, "20 minutes"), (1e7, "1e+07 minutes")):
        own = all_limits().own.model_copy(update={"run_minutes": minutes})
        monkeypatch.setattr("core.limits.limits_of", lambda workspace, own=own: own)
        problem, remedy = time_over(workspace)
        run.append("stopped", best_epoch=12, epochs=39, seconds=1.5, problem=problem, remedy=remedy)
        facts = Facts.of(run)
        assert f"Training was stopped by the limit of {said}, so that" in " ".join(limitations(facts))
        assert f"Training was stopped by the limit of {said} after 39 epochs. Of" in network_paragraph(facts)
    run.append("stopped", best_epoch=12, epochs=39, seconds=1.5)
    assert "Training was stopped by hand after 39 epochs" in network_paragraph(Facts.of(run))


@pytest.mark.usefixtures("without_figures")
def test_report_without_the_data_says_so(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "table", "binary")
    workspace.upload(run.config.data.source.fingerprint).unlink()
    make_report(run, tmp_path / "report.html")
    assert "The data itself was not at hand" in text_of(parsed(tmp_path / "report.html"))


@pytest.mark.usefixtures("without_figures")
def test_data_sections_count_classes_and_name_fingerprints(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "table", "multiclass")
    make_report(run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    _, *rows = table_of(page, "Rows of each class")
    frame, names = run.predictions(), (run.dataset() or {})["class_names"]
    assert frame is not None
    for name, (told, *counts) in zip(names, rows, strict=True):
        own = frame[frame["y_true"] == names.index(name)]["part"].value_counts()
        assert (told, *map(int, counts)) == (name, own["train"], own["validation"])
    assert run.config.data.source.fingerprint in text_of(page)


@pytest.mark.usefixtures("without_figures")
def test_settings_are_listed_with_their_help(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "pictures", "binary", augmentation={"rotate": 0.25})
    make_report(run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    network = {row[0]: row[1] for row in table_of(page, "Network")[1:]}
    assert network["Augmentation: rotate"] == "0.25" and "Augmentation: noise" not in network
    training = {row[0]: row[1:] for row in table_of(page, "Training")[1:]}
    assert training["Batch size"] == ["32 pictures", "How many pictures are looked at before each step."]
    data = {row[0]: row[1] for row in table_of(page, "Data")[1:]}
    assert data["Image size"] == "64 pixels" or data["Image size"] == "32 pixels"


@pytest.mark.usefixtures("without_figures")
def test_study_of_a_run_is_part_of_its_report(workspace: Workspace, tmp_path: Path) -> None:
    study = ended_study(workspace, l2=[0.0, 0.001, 0.01])
    origin = Origin(study=study.id, setting=1)
    run = ended_run(workspace, "table", "binary", origin=origin.model_dump())
    make_report(run, tmp_path / "report.html")
    text = text_of(parsed(tmp_path / "report.html"))
    page = parsed(tmp_path / "report.html")
    assert ["Setting of this run", "L2 0.001"] in [[text_of(cell) for cell in row] for row in page.iter("tr")]
    assert (study.result() or {})["sentence"] in text
    assert "Best, corrected for having been picked" in text
    study.delete()
    make_report(run, tmp_path / "report.html")
    assert "The comparison of settings" not in text_of(parsed(tmp_path / "report.html"))


@pytest.mark.usefixtures("without_figures")
def test_report_of_a_study_alone(workspace: Workspace, tmp_path: Path) -> None:
    study = ended_study(workspace, l2=[0.0, 0.001, 0.01], dropout=[0.0, 0.3])
    make_study_report(study, tmp_path / "report.html")
    page, result = parsed(tmp_path / "report.html"), study.result() or {}
    assert_closed(page)
    _, *rows = table_of(page, "Settings")
    scores = [each["score"]["value"] for each in result["settings"]]
    assert [row[0] for row in rows] == [study.spec.words[place] for place in np.argsort(scores)[::-1]]
    for row, place in zip(rows, np.argsort(scores)[::-1], strict=True):
        assert_same(row[2], result["settings"][place]["score"])


def test_a_run_without_results_has_no_report(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "table", "binary")
    (run.folder / "metrics.json").unlink()
    with pytest.raises(UserError, match="no results"):
        make_report(run, tmp_path / "report.html")


@pytest.mark.parametrize("lost", ["validation", "predictions", "events", "a class", "the network"])
def test_what_is_lost_leaves_a_report_of_the_rest(workspace: Workspace, tmp_path: Path, lost: str) -> None:
    run = ended_run(workspace, "table", "multiclass")
    metrics, rows = run.metrics(), run.predictions()
    assert metrics is not None and rows is not None
    match lost:
        case "validation":
            parts = {"train": metrics["parts"]["train"]}
            run.save_metrics({**metrics, "parts": parts, "main": None, "verdict": None})
            run.save_predictions(rows[rows["part"] == "train"])
        case "predictions":
            (run.folder / "predictions.parquet").unlink()
        case "events":
            (run.folder / "events.jsonl").unlink()
        case "a class":
            run.save_predictions(rows[(rows["part"] == "train") | (rows["y_true"] > 0)])
        case _:
            run.model.unlink()
    make_report(run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    assert_closed(page)
    assert "Limitations" in text_of(page) and not re.search(r"\bnan\b", text_of(page))
    assert ("How good it is cannot be said" in text_of(page)) == (lost == "validation")


@pytest.mark.usefixtures("without_figures")
def test_robustness_is_told_where_somebody_asked(workspace: Workspace, tmp_path: Path) -> None:
    run = ended_run(workspace, "pictures", "binary")
    level = {"words": "10°", "value": 0.8, "low": 0.6, "high": 0.9, "loss": {"value": 0.1, "low": -0.1, "high": 0.3}}
    untouched = {"value": 0.9, "low": 0.7, "high": 1.0}
    changes = [{"key": "rotate", "levels": [level]}]
    run.save_robustness({"images": 12, "seed": 0, "untouched": untouched, "changes": changes})
    make_report(run, tmp_path / "report.html")
    page = parsed(tmp_path / "report.html")
    rows = [[text_of(cell) for cell in row] for row in page.iter("tr")]
    assert ["Turned", "10°", "80 % (60 % to 90 %)", "10 % (-10 % to 30 %)"] in rows
    assert "On 12 pictures as they are, 90 % (70 % to 100 %) are right." in text_of(page)


def test_page_is_made_to_print() -> None:
    css = (Path(report.__file__).parent / "report.css").read_text()
    assert "@page" in css and "@media print" in css and "break-inside: avoid" in css
    assert "size:" not in css.replace("font-size:", "").replace("box-sizing:", "")  # A4 or Letter is the printer's.
