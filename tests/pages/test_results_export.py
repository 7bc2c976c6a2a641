"""Take it along: every format is offered with what it is good for, made when asked for, and errors are sentences."""

from __future__ import annotations

import zipfile

import pytest

from core.errors import UserError
from core.export.formats import FORMATS, why_not
from core.export.make import make_export
from core.runs import Run
from tests.pages.test_results import MakeRun, results, words


def test_each_format_is_made_when_asked_for_and_then_downloaded(
    finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, asked = finished_run("binary"), []

    def export(question: str, record: Run, key: str, seconds: float) -> str:
        asked.append((question, key))
        return make_export(record, key).name

    monkeypatch.setattr("pages.parts.results_export.ask", export)
    page = results(run.id)
    made = {each.key for each in page.button if str(each.key).startswith("make:")}
    assert made == {f"make:{key}" for key in FORMATS if not why_not(run, key)}
    page.button(key="make:figures").click().run()
    assert asked == [("export_run", "figures")]
    assert [each.label for each in page.download_button].count("Download") == 1
    assert zipfile.ZipFile(run.export("figures")).namelist()


def test_what_cannot_be_exported_says_so_before_the_click(finished_run: MakeRun) -> None:
    run = finished_run("binary")
    run.workspace.upload(run.config.data.source.fingerprint).unlink(missing_ok=True)
    run.model.unlink(missing_ok=True)
    page = results(run.id)
    assert not [each for each in page.button if each.key in ("make:onnx", "make:data")]
    assert "no trained network" in words(page) and "was deleted, or not shared" in words(page)


def test_an_export_that_fails_says_why(finished_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise UserError("The disk is full.", "Make room, then try again.")

    monkeypatch.setattr("pages.parts.results_export.ask", refuse)
    page = results(finished_run("binary").id)
    page.button(key="make:report").click().run()
    assert "The disk is full" in words(page)
    assert "Download" not in [each.label for each in page.download_button]
