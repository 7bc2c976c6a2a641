"""The app as a person meets it: a real server, a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.engine import Engine
from core.training import answer
from core.workspace import Workspace
from tests.browser.serving import SECONDS, chromium, quiet, served

expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Workspace]]:
    """The app with its engine warm; its address and its workspace."""
    workspace = Workspace(tmp_path_factory.mktemp("browser"))
    with pytest.MonkeyPatch.context() as patch, served(workspace.root) as (address, _):
        patch.setenv("MUFFIN_WORKERS", "1")
        patch.delenv("MUFFIN_SCHEDULER", raising=False)
        engine = Engine(workspace)
        try:
            engine.ask(answer, "is_ready", seconds=2 * SECONDS)
            yield address, workspace
        finally:
            engine.client().shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with chromium() as browser:
        yield browser


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
