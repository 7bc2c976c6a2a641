"""A result travels: by a link that shows it and nothing else until it is revoked, and as a file."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.engine import Engine
from core.progress import progress
from core.proposal import propose_files
from core.runs import Run
from core.workspace import Workspace
from tests.browser.serving import SECONDS, quiet
from tests.browser.test_journeys import no_error, patients

Server = tuple[str, Workspace]


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Run:
    """A short run that has finished."""
    workspace = server[1]
    with patients(tmp_path).open("rb") as file:
        config, _ = propose_files(workspace, [(workspace.keep(file), "patients.csv")])
    run = Run.create(workspace, config.change(training={**config.training.model_dump(), "epochs": 5}))
    Engine(workspace).submit(run)
    deadline = time.monotonic() + SECONDS
    while not progress(run).ended and time.monotonic() < deadline:
        time.sleep(0.2)
    assert progress(run).state == "finished"
    return run


def test_link_shows_a_result_and_nothing_else_until_it_is_revoked(
    page: Page, browser: Browser, server: Server, run: Run
) -> None:
    page.goto(f"{server[0]}/results?run={run.id}")
    quiet(page)
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Create a link").click()
    quiet(page)
    link = page.locator("[data-testid=stCode]").inner_text().strip()
    assert re.fullmatch(rf"{server[0]}/results\?share=[\w-]{{43}}&run={run.id}", link)

    guest = browser.new_context().new_page()
    guest.goto(link)
    quiet(guest)
    expect(guest.get_by_text("Shared with you, read only")).to_be_visible()
    expect(guest.get_by_text("validation rows right")).to_be_visible()
    links = guest.locator("[data-testid=stSidebar]").get_by_role("link").all_inner_texts()
    assert [link.split()[-1] for link in links] == ["Results", "Predict"]
    for name in ("Train again with other settings", "Open the sealed test", "Share", "Make"):
        assert guest.get_by_role("button", name=name).count() == 0
    no_error(guest)

    page.get_by_role("button", name="Revoke").click()
    quiet(page)
    guest.reload()
    quiet(guest)
    expect(guest.get_by_text("This link does not work")).to_be_visible()
    assert guest.get_by_text("validation rows right").count() == 0
    guest.context.close()


def test_report_is_made_and_downloaded(page: Page, server: Server, run: Run, tmp_path: Path) -> None:
    page.goto(f"{server[0]}/results?run={run.id}")
    quiet(page)
    page.get_by_role("button", name="Make", exact=True).first.click()
    download = page.get_by_role("button", name="Download", exact=True)
    expect(download).to_be_visible()
    with page.expect_download() as waiting:
        download.click()
    waiting.value.save_as(tmp_path / "report.html")
    assert waiting.value.suggested_filename == f"{run.id}-report.html"
    report = (tmp_path / "report.html").read_text()
    assert report.startswith("<!DOCTYPE html>") and "patients.csv" in report and "Methods" in report
    no_error(page)
