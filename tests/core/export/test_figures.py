"""Figures: the numbers in them are those of the run, and files open, alone, whatever names come from data."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import UserError
from core.evaluation.curves import confusion_matrix
from core.export.csv import safe_csv
from core.export.figures import make_figures, make_study_figures, pictures_of
from core.export.figures_classes import confusion
from core.export.figures_scores import importance as importance_figure
from core.export.figures_style import png_of, svg_of
from core.run_opened import open_run
from core.spec import Task
from core.studies import Study
from core.workspace import Workspace
from tests.core.export.report_cases import KINDS, ended_run, ended_study, importance, open_sealed, read_csv

SVG = "{http://www.w3.org/2000/svg}"
FORBIDDEN = ("script", "style", "foreignObject", "metadata", "a", "animate", "set", "iframe")
ALWAYS = {"learning_curves", "scores", "test_scores"}
EXPECTED = {
    "binary": {"confusion", "roc", "precision_recall", "calibration", "probabilities", "test_confusion"},
    "multiclass": {"confusion", "roc", "precision_recall", "test_confusion"},
    "regression": {"predicted_and_true", "errors", "test_predicted_and_true"},
}
NASTY = [
    "<script>x</script>",
    "$\\frac{1}{2}$ {0} %s",
    "a\n\r\tb\x00\u202e\ud800",
    "y" * 300,
    "עברית العربية",
    "😀 数据",
    "=1+1",
]


def files(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def assert_alone(svg: bytes | str) -> ElementTree.Element:
    """Well-formed, without anything that acts or refers to the outside."""
    text = svg.decode() if isinstance(svg, bytes) else svg
    assert "<!DOCTYPE" not in text and "<?" not in text
    root = ElementTree.fromstring(text)
    assert root.tag == f"{SVG}svg"
    ids = {each.get("id") for each in root.iter()}
    for each in root.iter():
        assert each.tag.removeprefix(SVG) not in FORBIDDEN
        for key, value in each.attrib.items():
            assert not key.startswith("on")
            if key.endswith("href"):
                assert value.startswith("data:image/png;base64,") or value[1:] in ids, value
            assert all(target.strip("'\"")[1:] in ids for target in re.findall(r"url\(([^)]*)\)", value)), value
    return root


@pytest.mark.parametrize(("kind", "task"), KINDS)
def test_each_figure_is_there_as_png_svg_and_numbers(
    workspace: Workspace, tmp_path: Path, kind: str, task: Task
) -> None:
    run = ended_run(workspace, kind, task)
    open_sealed(run)
    make_figures(run, tmp_path / "figures.zip")
    found = files(tmp_path / "figures.zip")
    wanted = ALWAYS | EXPECTED[task] | ({"network"} if kind == "pictures" else set())
    assert set(found) == {"README.txt", *(f"{name}.{end}" for name in wanted for end in ("png", "svg", "csv"))}
    for name, content in found.items():
        if name.endswith(".png"):
            with Image.open(io.BytesIO(content)) as image:
                image.load()
                assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
                assert 3.0 <= image.width / 300 <= 6.5
        elif name.endswith(".svg"):
            root = assert_alone(content)
            title = root.get("aria-label")
            assert title and f"{name[:-4]}: {title}." in found["README.txt"].decode()
        elif name.endswith(".csv"):
            assert len(read_csv(content))
    assert_numbers(run, found, task)


def assert_numbers(run: object, found: dict[str, bytes], task: Task) -> None:
    """The CSV files hold what the run holds."""
    shown = open_run(run)  # type: ignore[arg-type]
    curves = read_csv(found["learning_curves.csv"])
    assert curves["epoch"].tolist() == [row["epoch"] for row in shown.told.history]
    assert curves["val_loss"].tolist() == pytest.approx([row["val_loss"] for row in shown.told.history])
    score = "r2" if task == "regression" else "accuracy"
    assert curves[f"val_{score}"].tolist() == pytest.approx([row["val_metric"] for row in shown.told.history])
    scores = read_csv(found["scores.csv"]).set_index(["model", "metric"])
    for key, own in shown.metrics["parts"]["validation"]["metrics"].items():
        assert scores.loc[("Network", key)].tolist() == pytest.approx([own[name] for name in ("value", "low", "high")])
    if task == "regression":
        told = read_csv(found["predicted_and_true.csv"])
        assert told["row"].tolist() == shown.rows["row"].tolist()
        np.testing.assert_allclose(told["predicted"], shown.values)
        np.testing.assert_allclose(told["true_minus_predicted"], shown.truth - shown.values)
        return
    names = shown.class_names
    cells = read_csv(found["confusion.csv"])
    wanted = confusion_matrix(shown.truth, shown.answers(0.5), len(names)).counts
    assert cells["true"].tolist() == [name for name in names for _ in names]
    assert cells["predicted"].tolist() == [*names] * len(names)
    assert cells["count"].to_numpy().reshape(len(names), -1).tolist() == wanted.tolist()
    roc = read_csv(found["roc.csv"])
    areas = [np.trapezoid(own["true_positive_rate"], own["false_positive_rate"]) for _, own in roc.groupby("class")]
    assert np.mean(areas) == pytest.approx(shown.metrics["parts"]["validation"]["metrics"]["roc_auc"]["value"])


def test_titles_say_what_is_seen(workspace: Workspace) -> None:
    run = ended_run(workspace, "table", "binary")
    run.save_importance(importance(["History", "Maths"]))
    told = "".join(f"{each.name}: {each.title}." for each in pictures_of(open_run(run)))
    assert "learning_curves: Validation stops improving at epoch 12." in told
    assert "confusion: 21 of 24 are right; most often wrong: fail taken for pass (2)." in told
    assert "features: History matters most, then Maths." in told
    assert "scores: Network 88 %, Most frequent class 63 %" in told


def test_equal_runs_give_equal_files(workspace: Workspace, tmp_path: Path) -> None:
    study = ended_study(workspace, l2=[0.0, 0.001])
    for name in ("one.zip", "two.zip"):
        make_study_figures(study, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_path_holds_the_scores_of_the_study(workspace: Workspace, tmp_path: Path) -> None:
    study = ended_study(workspace, l2=[0.0, 1e-4, 1e-3, 1e-2], dropout=[0.0, 0.3])
    make_study_figures(study, tmp_path / "figures.zip")
    found, result = files(tmp_path / "figures.zip"), study.result() or {}
    told = read_csv(found["regularization_path.csv"])
    best = study.spec.settings[result["best"]]
    along = [place for place, each in enumerate(study.spec.settings) if each.dropout == best.dropout]
    assert told["value"].tolist() == [study.spec.settings[place].l2 for place in along]
    for name in ("value", "low", "high"):
        column = "score" if name == "value" else name
        wanted = [result["settings"][place]["score"][name] for place in along]
        assert told[column].tolist() == pytest.approx(wanted)
    assert told["result"].tolist() == [result["settings"][place]["result"] for place in along]
    assert_alone(found["regularization_path.svg"])


def test_a_study_without_an_answer_has_no_figures(workspace: Workspace, tmp_path: Path) -> None:
    study = ended_study(workspace, l2=[0.0, 0.001])
    (Study(workspace, study.id).folder / "result.json").unlink()
    with pytest.raises(UserError, match="no answer"):
        make_study_figures(study, tmp_path / "figures.zip")


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.filterwarnings("error")
def test_hostile_names_are_drawn_as_they_are(name: str) -> None:
    assert_drawn(name, png=True)


@given(name=st.text(min_size=1, max_size=60))
@settings(max_examples=20, deadline=None)
def test_any_name_is_drawn(name: str) -> None:
    assert_drawn(name, png=False)


def assert_drawn(name: str, png: bool) -> None:
    truth = np.array([0, 0, 1, 1])
    picture = confusion(truth, np.array([0, 1, 1, 1]), [name, "other"])
    root = assert_alone(svg_of(picture.figure, "p-", picture.title))
    visible = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    drawn = [" ".join((each.text or "").split()) for each in root.iter(f"{SVG}text")]
    if visible:
        assert any(each.rstrip("…") and visible.startswith(each.rstrip("…")) for each in drawn)
    if png:
        with Image.open(io.BytesIO(png_of(picture.figure))) as image:
            assert image.width < 2000 and image.height < 2000


def test_formulas_in_names_stay_text() -> None:
    picture = confusion(np.array([0, 1]), np.array([0, 1]), ["=1+1", "@SUM(A1)"])
    told = read_csv(safe_csv(picture.data))
    assert set(told["true"]) == {"'=1+1", "'@SUM(A1)"}


def test_many_features_fit_and_all_are_in_the_table() -> None:
    names = [f"gene {number}" for number in range(200)]
    picture = importance_figure(importance(names)["features"], regression=False)
    assert picture.data["feature"].tolist() == names
    assert sum("gene" in (each.text or "") for each in ElementTree.fromstring(svg_of(picture.figure)).iter()) <= 16
