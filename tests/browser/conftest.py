"""The app as a person meets it: a real server, a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.engine import Engine
from core.training import answer
from core.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Workspace]]:
    """The app on a free port of this machine, with its engine warm; its address and its workspace."""
    workspace = Workspace(tmp_path_factory.mktemp("browser"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MUFFIN_WORKSPACE": str(workspace.root), "MUFFIN_WORKERS": "1"}
    environment.pop("MUFFIN_SCHEDULER", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
         "--server.address", "127.0.0.1", "--server.headless", "true"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUFFIN_WORKERS", "1")
        engine = Engine(workspace)
        try:
            engine.ask(answer, "is_ready", seconds=2 * SECONDS)
            yield f"http://127.0.0.1:{port}", workspace
        finally:
            engine.client().shutdown()
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: tuple[str, Workspace]) -> Iterator[Page]:
    """A fresh browser profile at Home."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    page.goto(server[0])
    quiet(page)
    yield page
    context.close()


def quiet(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(300)


def no_error(page: Page) -> None:
    """No traceback and no error box stands on the page."""
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").count() == 0
