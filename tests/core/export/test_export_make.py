"""An export is made once, kept while what it was made of is the same, and never there in part."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import keras
import pytest

from core.errors import UserError
from core.export import keras as keras_format
from core.export import make
from core.export.formats import FORMATS, why_not
from core.export.make import make_export
from core.runs import Run
from core.training import QUESTIONS, answer, export_questions
from core.workspace import Workspace
from tests.core.export.export_cases import run_on, table

DENSE = [{"kind": "Dense", "units": 3}]


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return run_on(workspace, table("binary"), "binary", DENSE)


def test_worker_tells_the_name_of_the_file_that_the_run_tells_too(run: Run) -> None:
    assert "export_questions" in QUESTIONS
    assert answer("export_run", str(run.workspace.root), run.id, "keras") == "model.keras"
    path = run.export("keras")
    assert path == run.folder / "exports" / "model.keras"
    assert keras.models.load_model(path).name == "muffin"
    assert {"model.json", "README.txt"} < set(zipfile.ZipFile(path).namelist())
    assert export_questions.export_run(str(run.workspace.root), run.id, "keras") == path.name


def test_file_is_made_again_only_when_what_it_was_made_of_has_changed(run: Run) -> None:
    path = make_export(run, "keras")
    first = path.stat()
    assert make_export(run, "keras").stat().st_mtime_ns == first.st_mtime_ns
    run.rename("<b>another</b> name")
    assert b"another" in zipfile.ZipFile(make_export(run, "keras")).read("model.json")
    second = path.stat().st_mtime_ns
    os.utime(run.model, ns=(1, 1))
    assert make_export(run, "keras").stat().st_mtime_ns != second
    assert {each.name for each in path.parent.iterdir()} == {"model.keras", ".model.keras.json"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "full"), "The disk is full"),
        (KeyError("<b>"), "KeyError"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_what_goes_wrong_is_told_and_leaves_the_file_that_was_there(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    path = make_export(run, "keras")
    before = path.read_bytes()
    run.rename("other")

    def broken(run: Run, target: Path) -> None:
        target.write_bytes(b"half a file")
        raise error

    monkeypatch.setattr(keras_format, "make_keras", broken)
    with pytest.raises(UserError, match=words) as told:
        make_export(run, "keras")
    assert told.value.remedy and "Traceback" not in str(told.value)
    assert path.read_bytes() == before
    assert {each.name for each in path.parent.iterdir()} == {"model.keras", ".model.keras.json"}


def test_whoever_asks_while_another_file_is_made_is_told_so_soon(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "PATIENCE", 0.1)
    with make._one_at_a_time, pytest.raises(UserError, match=r"Another file is being made .* Try again in a moment"):
        make_export(run, "keras")
    assert make_export(run, "keras").is_file()


def test_what_a_worker_left_that_was_ended_goes_and_what_another_one_makes_stays(run: Run) -> None:
    folder = make_export(run, "keras").parent
    for name, seconds in ((".new-old", 2 * make.LEFT_BEHIND), (".new-now", 1)):
        (folder / name).mkdir()
        (folder / name / "model.keras").write_bytes(b"half")
        os.utime(folder / name, (time.time() - seconds,) * 2)
    run.rename("other")
    make_export(run, "keras")
    assert {each.name for each in folder.iterdir()} == {"model.keras", ".model.keras.json", ".new-now"}


def test_a_run_without_a_network_says_why_for_every_format(workspace: Workspace, run: Run) -> None:
    assert [why_not(run, key) for key in ("keras", "saved_model", "litert", "onnx")] == [""] * 4
    waiting = Run.create(workspace, run.config)
    for key in FORMATS:
        assert why_not(waiting, key).endswith(".")
        with pytest.raises(UserError, match=r"This run has no (trained network|results) \(yet\)"):
            make_export(waiting, key)
    assert not (waiting.folder / "exports").exists()


def test_what_needs_the_data_says_when_it_is_gone(run: Run) -> None:
    run.save_metrics({})
    assert [why_not(run, key) for key in ("script", "data", "report")] == [""] * 3
    run.workspace.upload(run.config.data.source.fingerprint).unlink()
    for key in ("script", "notebook", "data"):
        assert "'table.csv', is not here" in why_not(run, key)
    assert why_not(run, "report") == ""


@pytest.mark.parametrize("key", ["", "../keras", "make", "exe"])
def test_no_other_format_leads_anywhere(run: Run, key: str) -> None:
    for ask in (lambda: run.export(key), lambda: why_not(run, key), lambda: make.make_export(run, key)):
        with pytest.raises(UserError, match="no export called"):
            ask()


def test_names_of_files_are_plain_and_differ() -> None:
    names = [each.file_name for each in FORMATS.values()]
    assert len(set(names)) == len(names) and all(name.replace(".", "").replace("_", "").isalnum() for name in names)
    assert all(key == each.key and each.help.endswith(".") and each.title for key, each in FORMATS.items())


def test_the_list_of_formats_is_cheap_to_import() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import core.export.formats, core.runs, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"tensorflow", "keras", "sklearn", "onnx", "matplotlib"}
