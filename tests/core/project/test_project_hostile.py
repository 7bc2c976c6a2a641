"""A project file may come from anybody: it is taken in whole, or refused with a sentence that leaves nothing behind."""

import io
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.draft import load_draft
from core.errors import UserError
from core.progress import progress
from core.project import arrays as arrays_module
from core.project import read_project
from core.project.arrays import read_npz, read_predictions
from core.project.entries import _check as check_entry
from core.project.events import MOST_EVENTS, checked_events
from core.run_compare import scores
from core.run_files import npz
from core.runs import all_runs
from core.studies import all_studies
from core.study_progress import study_progress
from core.workspace import Workspace
from tests.core.project.made_projects import (
    files_in,
    made_image_run,
    made_run,
    made_study,
    made_workspace,
    packed,
    project_of,
    tampered,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a bit of everything."""
    return made_workspace(Workspace(tmp_path_factory.mktemp("made")))


@pytest.fixture(scope="module")
def project(made: Workspace) -> bytes:
    """All of it as a file."""
    return project_of(made)


@pytest.fixture(scope="module")
def of_run(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A project of one run."""
    workspace = Workspace(tmp_path_factory.mktemp("run"))
    return project_of(workspace, made_run(workspace))


@pytest.fixture(scope="module")
def of_pictures(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A project of one run on pictures."""
    workspace = Workspace(tmp_path_factory.mktemp("pictures"))
    return project_of(workspace, made_image_run(workspace))


@pytest.fixture(scope="module")
def of_study(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A project of one study."""
    workspace = Workspace(tmp_path_factory.mktemp("study"))
    return project_of(workspace, made_study(workspace))


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    """An empty workspace in a folder in which nothing else may ever appear."""
    workspace = Workspace(tmp_path / "home" / "workspace")
    workspace.draft.parent.mkdir(parents=True, exist_ok=True)
    return workspace


def left(workspace: Workspace) -> list[str]:
    """Files that are in the workspace or around it."""
    around = workspace.root.parent
    return sorted(path.relative_to(around).as_posix() for path in around.rglob("*") if not path.is_dir())


def refused(workspace: Workspace, project: io.BytesIO | bytes, match: str = ".") -> None:
    before = left(workspace)
    with pytest.raises(UserError, match=match) as error:
        read_project(workspace, io.BytesIO(project) if isinstance(project, bytes) else project)
    assert error.value.remedy
    assert left(workspace) == before
    assert [path.name for path in workspace.root.glob(".*")] == []


def opened(workspace: Workspace) -> None:
    """Read everything that pages read of what is in a workspace."""
    load_draft(workspace)
    runs, studies = all_runs(workspace), all_studies(workspace)
    for run in runs:
        told = progress(run)
        assert told.ended and isinstance(run.name, str)
        run.predictions(), run.predictions(sealed=True), run.test(), run.importance(), run.robustness(), run.novelty()
        metrics = run.metrics()
        if metrics and metrics["main"]:
            scores([run], metrics["main"])
    for study in studies:
        assert study_progress(study).done and isinstance(study.name, str)
        study.result(), study.curves(), [study.answers(chunk) for chunk in study.chunks]


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt", "runs/../../outside.txt", "/etc/outside.txt", "C:\\outside.txt", "runs\\x\\config.json",
        "notes.txt", "uploads/readme", "uploads/" + "A" * 64, "uploads/" + "a" * 64 + "/x", "runs/notes/config.json",
        "runs/20260101-000000-abcdef/model.keras", "runs/20260101-000000-abcdef/checkpoint.npz",
        "runs/20260101-000000-abcdef/.new-x", "runs/20260101-000000-abcdef/exports/model.onnx",
        "runs/20260101-000000-abcdef/config.json/x", "studies/20260101-000000-abcdef/00.secret", "RUNS/x",
        "Draft.json", "visitors/" + "a" * 64 + "/draft.json", "shares/x", "shared/x.json", "engine/document.json",
        "tables/x/table.json",
    ],
)  # fmt: skip
def test_only_known_names_in_known_places(home: Workspace, of_run: bytes, name: str) -> None:
    refused(home, packed({**files_in(of_run), name: b"{}"}))


def test_names_that_repeat_are_refused(home: Workspace, of_run: bytes) -> None:
    files = files_in(of_run)
    (config,) = [name for name in files if name.endswith("config.json")]
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = packed([*files.items(), (config, files[config])])
    refused(home, twice, "two files of one name")


def test_links_and_devices_are_refused(home: Workspace, of_run: bytes) -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO):
        info = zipfile.ZipInfo("draft.json")
        info.external_attr = (kind | 0o777) << 16
        refused(home, packed([*files_in(of_run).items(), (info, b"/etc/passwd")]), "link or a device")


def test_locked_files_are_refused(home: Workspace, of_run: bytes) -> None:
    content = bytearray(packed(files_in(of_run)).getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    refused(home, bytes(content), "password")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip" * 100, packed({"a/1.png": b"x"}).getvalue()])
def test_what_is_no_project_file_is_said(home: Workspace, content: bytes) -> None:
    refused(home, content, "project file")


def test_file_that_was_cut_off_is_said(home: Workspace, of_run: bytes) -> None:
    refused(home, of_run[:-40], "damaged or cut off")


def test_bomb_is_refused_before_it_is_unpacked(home: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.project.entries.HARMLESS_ENTRY", 100_000)
    upload = f"uploads/{'a' * 64}"
    refused(home, packed({**files_in(of_run), upload: bytes(30_000_000)}), "beyond")
    monkeypatch.setattr("core.project.entries.HARMLESS_ENTRY", 10**9)
    monkeypatch.setattr("core.project.entries.HARMLESS_TOTAL", 100_000)
    refused(home, packed({**files_in(of_run), upload: bytes(30_000_000)}), "would expand")


def test_too_many_files_are_refused_without_opening(
    home: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.project.entries.MOST_ENTRIES", 3)
    monkeypatch.setattr("zipfile.ZipFile.__init__", lambda *_: pytest.fail("opened"))
    refused(home, of_run, "more than 3 files")


@pytest.mark.parametrize("name", ["/draft.json", "study_draft.json"])
def test_drafts_are_checked_too(home: Workspace, project: bytes, name: str) -> None:
    files = files_in(project)
    for content in (b"[]", b'{"axes": ["beauty"]}', b'{"values": {"l2": [' + b"1," * 60_000 + b"1]}}"):
        refused(home, packed({**files, name.removeprefix("/"): content}))


def test_upload_that_is_not_what_its_name_says_is_refused(home: Workspace, of_run: bytes) -> None:
    files = files_in(of_run)
    (upload,) = [name for name in files if name.startswith("uploads/")]
    refused(home, packed({**files, upload: files[upload] + b"x"}), "not what its name says")


def test_upload_that_nothing_needs_is_left_aside(home: Workspace, of_run: bytes) -> None:
    imported = read_project(home, packed({**files_in(of_run), f"uploads/{'a' * 64}": b"whatever"}))
    assert not home.upload("a" * 64).exists()
    assert any("nothing here needs" in note for note in imported.notes)


def test_damaged_entry_is_refused(home: Workspace, of_run: bytes) -> None:
    for part in ("muffin.json", "metrics.json", "weights.npz", "uploads/"):
        content = bytearray(of_run)
        with zipfile.ZipFile(io.BytesIO(of_run)) as file:
            (info,) = [info for info in file.infolist() if part in info.filename]
        start = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
        content[start : start + 4] = bytes(255 - byte for byte in content[start : start + 4])
        refused(home, bytes(content))


Change = Callable[[Any], Any]
DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{}", b"\xff\xfe", b'"x"', b"NaN", DEEP, b'{"a": 1e999}'])
@pytest.mark.parametrize(
    "name", ["config.json", "dataset.json", "metrics.json", "importance.json", "weights.npz", "predictions.parquet"]
)
def test_no_file_of_a_run_can_be_anything(home: Workspace, of_run: bytes, name: str, content: bytes) -> None:
    refused(home, tampered(of_run, name, content), name)


@pytest.mark.parametrize("content", [b"null", b"{}", b"[]", DEEP])
@pytest.mark.parametrize("name", ["study.json", "plan.json", "result.json", "00.board.npz", "01.answers.npz"])
def test_no_file_of_a_study_can_be_anything(home: Workspace, of_study: bytes, name: str, content: bytes) -> None:
    refused(home, tampered(of_study, name, content), name)


def test_one_bad_run_among_good_ones_takes_none_in(home: Workspace, project: bytes) -> None:
    refused(home, tampered(project, "importance.json", b"{}"))


METRIC_CHANGES: dict[str, Change] = {
    "value is a text": lambda m: m["parts"]["validation"]["metrics"]["accuracy"].update(value="<b>high</b>"),
    "value is a list": lambda m: m["parts"]["validation"]["metrics"]["accuracy"].update(value=[1]),
    "part is a list": lambda m: m["parts"].update(validation=[]),
    "unknown part": lambda m: m["parts"].update(other=m["parts"]["validation"]),
    "unknown score": lambda m: m["parts"]["train"]["metrics"].update(other={"value": 1, "low": 1, "high": 1}),
    "score of another task": lambda m: m["parts"]["train"]["metrics"].update(rmse={"value": 1, "low": 1, "high": 1}),
    "no validation": lambda m: m["parts"].pop("validation"),
    "main is not there": lambda m: m["parts"]["validation"]["metrics"].pop(m["main"]),
    "main is unknown": lambda m: m.update(main="beauty"),
    "main is a dict": lambda m: m.update(main={}),
    "another task": lambda m: m.update(task="multiclass"),
    "verdict is a text": lambda m: m.update(verdict="good"),
    "verdict without points": lambda m: m["verdict"].pop("points"),
    "points are numbers": lambda m: m["verdict"].update(points=[1]),
    "baselines are a dict": lambda m: m.update(baselines={}),
    "a baseline without a name": lambda m: m["baselines"][0].pop("key"),
    "an unknown field": lambda m: m.update(html="<script>"),
}


@pytest.mark.parametrize("change", METRIC_CHANGES.values(), ids=METRIC_CHANGES)
def test_scores_that_a_page_could_not_show_are_refused(home: Workspace, of_run: bytes, change: Change) -> None:
    refused(home, tampered(of_run, "metrics.json", lambda values: change(values) and None), "metrics.json")


FACT_CHANGES: dict[str, Change] = {
    "a class too many": lambda d: d["class_names"].append("maybe"),
    "no class": lambda d: d.update(class_names=[]),
    "classes are numbers": lambda d: d.update(class_names=[1, 2]),
    "features are of others": lambda d: d["schema"]["features"][0].update(name="other"),
    "minimum above maximum": lambda d: d["schema"]["features"][0].update(minimum=1e9),
    "a scale is zero": lambda d: d["preprocessing"]["scale"].__setitem__(0, 0.0),
    "lengths differ": lambda d: d["preprocessing"]["fill"].pop(),
    "mean of other inputs": lambda d: d["input_mean"].append(0.0),
    "more categories": lambda d: d["preprocessing"]["categories"][0].extend(["a"] * 100),
    "of pictures": lambda d: d.update(kind="images"),
}


@pytest.mark.parametrize("change", FACT_CHANGES.values(), ids=FACT_CHANGES)
def test_facts_that_do_not_fit_together_are_refused(home: Workspace, of_run: bytes, change: Change) -> None:
    refused(home, tampered(of_run, "dataset.json", lambda values: change(values) and None), "dataset.json")


def weights_of(*arrays: np.ndarray) -> bytes:
    return npz({f"{number:03d}": array for number, array in enumerate(arrays)})


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{"000": np.array([{"a": 1}], object)})
    return buffer.getvalue()


def compressed() -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{"000": np.zeros(10_000_000, np.float32)})
    return buffer.getvalue()


def boasting() -> bytes:
    """An array that says that it has a trillion numbers."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("000.npy", header.getvalue() + bytes(8))
    return buffer.getvalue()


def overlapping() -> bytes:
    """Forty names for the bytes of one array."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        array = io.BytesIO()
        np.save(array, np.zeros(1_000, np.float32))
        file.writestr("000.npy", array.getvalue())
        for number in range(1, 40):
            again = copy(file.infolist()[0])
            again.filename = again.orig_filename = f"{number:03d}.npy"
            file.filelist.append(again)
    return buffer.getvalue()


def test_arrays_that_share_their_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="over each other"):
        read_npz(overlapping())


@pytest.mark.parametrize(
    "content",
    [
        weights_of(np.zeros(3, np.float32)),
        weights_of(np.full(209, np.nan, np.float32)),
        weights_of(np.array(["text"])),
        pickled(),
        compressed(),
        boasting(),
        packed({"../000.npy": b"x"}).getvalue(),
    ],
    ids=["too few", "not a number", "texts", "pickled", "compressed", "boasting", "no array"],
)
def test_weights_are_as_many_finite_numbers_as_the_network_has(home: Workspace, of_run: bytes, content: bytes) -> None:
    refused(home, tampered(of_run, "weights.npz", content), "weights.npz")


def test_network_that_its_weights_are_not_of_is_never_built(home: Workspace, of_run: bytes) -> None:
    def huge(values: Any) -> None:
        values["network"] = {"preset": "custom", "layers": [{"kind": "Dense", "units": 4096}] * 20}

    refused(home, tampered(of_run, "config.json", huge), "not those of the network")


def table_of(project: bytes) -> pd.DataFrame:
    files = files_in(project)
    return pd.read_parquet(io.BytesIO(next(own for name, own in files.items() if name.endswith("predictions.parquet"))))


FRAMES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "class beyond": lambda f: f.assign(y_true=7),
    "class below": lambda f: f.assign(prediction=-1),
    "classes as texts": lambda f: f.assign(y_true="pass"),
    "no probability": lambda f: f.drop(columns="probability_1"),
    "a probability of 5": lambda f: f.assign(probability_0=5.0),
    "another column": lambda f: f.assign(other=1),
    "unknown part": lambda f: f.assign(part="other"),
    "sealed rows among the others": lambda f: f.assign(part="test"),
    "rows from 0": lambda f: f.assign(row=f["row"] - f["row"].min()),
    "a row twice": lambda f: f.assign(row=1),
    "no row number": lambda f: f.assign(row=None),
    "names are lists": lambda f: f.assign(id=[["a"]] * len(f)),
    "a name of a megabyte": lambda f: f.assign(id="x" * 1_000_000),
    "groups are texts": lambda f: f.assign(group="a"),
}


@pytest.mark.parametrize("change", FRAMES.values(), ids=FRAMES)
def test_predictions_have_known_columns_with_possible_values(
    home: Workspace, of_run: bytes, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    buffer = io.BytesIO()
    change(table_of(of_run)).to_parquet(buffer, index=False)
    refused(home, tampered(of_run, "predictions.parquet", buffer.getvalue()), "predictions.parquet")


def test_id_of_a_picture_stands_for_one_picture(home: Workspace, of_pictures: bytes) -> None:
    """Else holding two runs against each other would multiply their rows."""
    buffer = io.BytesIO()
    table_of(of_pictures).assign(id="same").to_parquet(buffer, index=False)
    refused(home, tampered(of_pictures, "predictions.parquet", buffer.getvalue()), "same id twice")


def test_table_that_is_small_in_the_file_and_endless_in_memory_is_refused(
    home: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.project.read.MOST_CELLS", 1_000_000)
    table = pa.table({"row": pa.nulls(2_000_000, pa.int64())})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    assert len(buffer.getvalue()) < 10_000
    refused(home, tampered(of_run, "predictions.parquet", buffer.getvalue()), "too many rows")


def test_what_a_table_says_about_itself_is_not_taken_over(home: Workspace, of_run: bytes) -> None:
    """Such as types of pandas or Arrow that are made by calling code."""
    table = pa.Table.from_pandas(table_of(of_run), preserve_index=False)
    field = table.schema.field("row").with_metadata(
        {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": b"cos\nsystem\n."}
    )
    schema = table.schema.set(0, field).with_metadata({b"pandas": b'{"index_columns": ["row"]}', b"x": b"y"})
    buffer = io.BytesIO()
    pq.write_table(table.cast(schema), buffer)
    read_project(home, tampered(of_run, "predictions.parquet", buffer.getvalue()))
    (run,) = all_runs(home)
    assert run.predictions()["row"].tolist() == table_of(of_run)["row"].tolist()
    assert b"py_extension_type" not in (run.folder / "predictions.parquet").read_bytes()


EVENTS = [
    b'{"event": "epoch", "time": 1}\n',
    b'{"event": "epoch", "time": 1, "epoch": "<b>", "loss": 1, "metric": 1, "val_loss": 1, "val_metric": 1}\n',
    b'{"event": "epoch", "time": 1, "epoch": null, "loss": 1, "metric": 1, "val_loss": 1, "val_metric": 1}\n',
    b'{"event": "failed", "time": 1, "problem": {}}\n',
    b'{"event": "failed", "time": 1, "problem": null}\n',
    b'{"event": "stage", "time": 1}\n',
    b'{"event": "step", "time": 1, "epoch": 1, "share": "half"}\n',
    b'{"event": "finished"}\n',
    b'{"event": "finished", "time": 1e300}\n',
    b'{"event": "finished", "time": 1, "seconds": "long"}\n',
    b'{"event": 1, "time": 1}\n',
    b'["finished"]\n',
]


@pytest.mark.parametrize("line", EVENTS)
def test_events_are_those_that_the_app_tells(home: Workspace, of_run: bytes, of_study: bytes, line: bytes) -> None:
    good = b'{"event": "finished", "time": 1.0}\n'
    for project in (of_run, of_study):
        refused(home, tampered(project, "events.jsonl", line + good), "events.jsonl")


def test_what_newer_muffins_tell_is_left_out(home: Workspace, of_run: bytes) -> None:
    events = next(own for name, own in files_in(of_run).items() if name.endswith("events.jsonl"))
    more = b'{"event": "sung", "time": {}}\n{"event": "started", "time": 1.0, "from_epoch": null, "mood": "<b>"}\n'
    read_project(home, tampered(of_run, "events.jsonl", more + events))
    (run,) = all_runs(home)
    assert run.events()[0] == {"event": "started", "time": 1.0, "from_epoch": None}
    assert len(run.events()) == events.count(b"\n") + 1


def test_last_line_that_was_torn_is_ignored(home: Workspace, of_run: bytes) -> None:
    events = next(own for name, own in files_in(of_run).items() if name.endswith("events.jsonl"))
    read_project(home, tampered(of_run, "events.jsonl", events + b'{"event": "epo'))
    (run,) = all_runs(home)
    assert progress(run).state == "finished" and len(run.events()) == events.count(b"\n")


STUDY_CHANGES: dict[str, tuple[str, Change]] = {
    "a member twice": ("plan.json", lambda p: p["chunks"].append(p["chunks"][0])),
    "members are missing": ("plan.json", lambda p: p["chunks"].pop()),
    "a setting that is not there": ("plan.json", lambda p: p["chunks"][0].update(settings=[9])),
    "millions of groups": ("plan.json", lambda p: p["chunks"][0].update(groups=[[0, 0]] * 100_000)),
    "best is not there": ("result.json", lambda r: r.update(best=9)),
    "best is a text": ("result.json", lambda r: r.update(best="first")),
    "best without a score": ("result.json", lambda r: r["settings"][r["best"]]["score"].update(value=None)),
    "a setting is missing": ("result.json", lambda r: r["settings"].pop()),
    "another score": ("result.json", lambda r: r.update(metric="rmse")),
    "an unknown score": ("result.json", lambda r: r.update(metric="beauty")),
    "scores of others": ("result.json", lambda r: r["settings"][0]["scores"].append(1.0)),
    "a result that is none": ("result.json", lambda r: r["settings"][0].update(result="great")),
    "weights without a histogram": ("result.json", lambda r: r["weights"].pop("edges")),
    "a histogram of other edges": ("result.json", lambda r: r["weights"]["edges"].pop()),
    "a feature without a name": ("result.json", lambda r: r["weights"]["settings"][0]["features"].append([99, 1, 1])),
}


@pytest.mark.parametrize(("name", "change"), STUDY_CHANGES.values(), ids=STUDY_CHANGES)
def test_studies_that_a_page_could_not_show_are_refused(
    home: Workspace, of_study: bytes, name: str, change: Change
) -> None:
    refused(home, tampered(of_study, name, lambda values: change(values) and None), name)


@pytest.mark.parametrize("name", ["00.board.npz", "00.weights.npz", "00.answers.npz"])
def test_arrays_of_a_study_have_the_shapes_of_its_networks(home: Workspace, of_study: bytes, name: str) -> None:
    refused(home, tampered(of_study, name, npz({"000": np.zeros((7, 7), np.float32)})), name)


def test_curves_of_more_epochs_than_are_kept_are_refused(home: Workspace, of_study: bytes) -> None:
    refused(home, tampered(of_study, "00.curves", bytes(4 * 6 * 4 * 600)), "curves")


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("dataset.json", lambda d: d.update(shape=[9, 9, 3])),
        ("dataset.json", lambda d: d.update(shape=[32, 32])),
        ("dataset.json", lambda d: d.update(class_names=["one"])),
        ("config.json", lambda c: c["data"].update(size=10**9)),
    ],
)
def test_pictures_have_the_shape_that_was_chosen(
    home: Workspace, of_pictures: bytes, name: str, change: Change
) -> None:
    refused(home, tampered(of_pictures, name, lambda values: change(values) and None), name)


def test_what_tells_of_unlike_pictures_fits_together(home: Workspace, of_pictures: bytes) -> None:
    arrays = {"typical": np.ones(1), "reference": np.zeros(3), "threshold": np.array(1.0)}
    view = {"0-centre": np.zeros(5), "0-scale": np.ones(5), "0-axes": np.zeros((2, 4)), "0-points": np.zeros((3, 3))}
    refused(home, tampered(of_pictures, "novelty.npz", npz(arrays | view)), "novelty.npz")


def test_names_of_runs_and_classes_stay_texts_whatever_is_in_them(home: Workspace, of_run: bytes) -> None:
    nasty = "=cmd|' /C calc'!A0 <script>alert(1)</script> ![](http://x) \u202e"
    project = tampered(of_run, "dataset.json", lambda d: d.update(class_names=[nasty, "b"]))
    read_project(home, project)
    assert all_runs(home)[0].dataset()["class_names"][0] == nasty


def test_full_disk_is_said_and_leaves_nothing(home: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.project.read.write_file", full)
    refused(home, of_run, "disk is full")


def test_same_file_loaded_twice_at_the_same_moment_is_a_sentence(
    home: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_project(home, io.BytesIO(of_run))
    monkeypatch.setattr("core.project.read._free", lambda id, place: id)
    refused(home, of_run, "at the same moment")


@pytest.mark.parametrize("fails_at", [0, 1, 2, 4])
def test_failure_while_everything_is_put_in_place_takes_it_out_again(
    home: Workspace, project: bytes, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    rename, done = os.rename, []

    def failing(source: Path, target: Path) -> None:
        if len(done) == fails_at:
            raise OSError(28, "No space left on device")
        done.append(target)
        rename(source, target)

    monkeypatch.setattr("core.project.read.os.rename", failing)
    refused(home, project, "disk is full")
    assert len(done) == fails_at
    assert list(home.runs()) == list(home.studies()) == []


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Somebody who may hold 1 MB."""
    limits = Path("limits.toml").read_text().replace("disk_mb = 500 ", "disk_mb = 1 ")
    (tmp_path / "limits.toml").write_text(limits.replace("project_mb = 100 ", "project_mb = 1 "))
    monkeypatch.setenv("MUFFIN_LIMITS", str(tmp_path / "limits.toml"))
    return Workspace(tmp_path / "server").visitor("somebody")


def test_workspace_over_its_limit_is_told_the_limit(visitor: Workspace, of_run: bytes) -> None:
    big = packed({**files_in(of_run), f"uploads/{'a' * 64}": os.urandom(2_000_000)})
    with pytest.raises(UserError, match=r"holds .* the limit is 1\.0 MB"):
        read_project(visitor, big)
    assert list(visitor.runs()) == []


def test_file_that_is_held_in_memory_is_limited_like_a_project_file(
    visitor: Workspace, of_run: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.project.read.check_disk", lambda *_: None)
    with pytest.raises(UserError, match=r"This project has 2\.0 MB in one file; the limit is 1 MB") as error:
        read_project(visitor, tampered(of_run, "weights.npz", bytes(2_000_000)))
    assert "damaged" not in str(error.value)
    assert list(visitor.runs()) == []


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("muffin.json", 100_000), ("title.json", 10_000), ("config.json", 2_000_000), ("metrics.json", 1_000_000),
        ("dataset.json", 20_000_000), ("events.jsonl", 12_000_000),
    ],
)  # fmt: skip
def test_json_is_refused_unread_where_it_is_larger_than_it_ever_needs_to_be(
    home: Workspace, of_run: bytes, name: str, size: int
) -> None:
    files = files_in(of_run)
    own = next((each for each in files if each.endswith(name)), f"runs/20260101-000000-abcdef/{name}")
    content = os.urandom(size // 100).hex().encode() * 51
    refused(home, packed({**files, own: content}), f"{name}' in this project file would take")


def test_small_json_that_expands_like_a_bomb_is_refused_unread(home: Workspace, of_run: bytes) -> None:
    content = b'{"name": "' + b" " * 1_900_000 + b'"}'
    refused(home, tampered(of_run, "config.json", content), "config.json' in this project file would take")


def test_features_of_a_wide_table_fit_in() -> None:
    name, feature = "runs/20260101-000000-abcdef/dataset.json", 310
    info = zipfile.ZipInfo(name)
    info.file_size, info.compress_size = 60_000 * feature, 60_000 * feature // 6
    check_entry(info)


def test_events_without_end_are_refused() -> None:
    line = b'{"event": "checkpoint", "time": 1}\n'
    assert checked_events("run", line * 5)[0].startswith(line.replace(b" ", b"").replace(b"1}", b"1.0}"))
    with pytest.raises(ValueError, match="too many events"):
        checked_events("run", line * (MOST_EVENTS + 1))


def test_rows_are_counted_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 30_000
    table = {"row": range(1, rows + 1), "part": ["train"] * rows, "y_true": [0.5] * rows, "prediction": [0.5] * rows}
    buffer = io.BytesIO()
    pd.DataFrame(table).to_parquet(buffer, index=False)
    assert len(read_predictions(buffer.getvalue(), 0, ["train"], False, 4 * rows)) == rows
    lying = SimpleNamespace(num_rows=1, num_columns=4, schema=pq.ParquetFile(buffer).metadata.schema)
    opened_file = arrays_module._opened

    class Lying:
        def __init__(self, file: pq.ParquetFile) -> None:
            self.metadata, self.schema_arrow, self.iter_batches = lying, file.schema_arrow, file.iter_batches

    monkeypatch.setattr(arrays_module, "_opened", lambda *given: Lying(opened_file(*given)))
    with pytest.raises(ValueError, match="too many rows"):
        read_predictions(buffer.getvalue(), 0, ["train"], False, 4 * rows - 1)


FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tried(home: Workspace, content: bytes) -> None:
    """Taken in and readable, or refused; never anything else, and never outside."""
    home.root.mkdir(exist_ok=True)
    before = left(home)
    try:
        read_project(home, io.BytesIO(content))
    except UserError:
        assert left(home) == before
    else:
        opened(home)
        assert all(name.startswith("workspace/") for name in left(home))
        shutil.rmtree(home.root)
    assert [path.name for path in home.root.glob(".*")] == []


@FUZZ
@given(st.binary(max_size=2_000))
def test_any_bytes(home: Workspace, content: bytes) -> None:
    tried(home, content)


@FUZZ
@given(data=st.data())
def test_any_bytes_changed_anywhere_in_the_file(home: Workspace, project: bytes, data: st.DataObject) -> None:
    content = bytearray(project)
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    tried(home, bytes(content))


@FUZZ
@given(data=st.data())
def test_any_bytes_changed_inside_one_of_its_files(home: Workspace, project: bytes, data: st.DataObject) -> None:
    files = files_in(project)
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    place = data.draw(st.integers(0, len(content)))
    content[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=30))
    tried(home, packed({**files, name: bytes(content)}).getvalue())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**6) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@FUZZ
@given(data=st.data())
def test_any_value_in_any_place_of_its_json(home: Workspace, project: bytes, data: st.DataObject) -> None:
    files = files_in(project)
    name = data.draw(st.sampled_from(sorted(name for name in files if name.endswith(".json"))))
    values = json.loads(files[name])
    place: Any = values
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key]) or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    tried(home, packed({**files, name: json.dumps(values).encode()}).getvalue())
