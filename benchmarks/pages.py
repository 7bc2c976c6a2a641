"""What the web process costs: a rerun of a page while a run trains, and memory after the whole journey."""

from __future__ import annotations

import re
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from core.engine import Engine
from core.workspace import Workspace
from tests.browser.serving import chromium, quiet, served, train_long

RERUNS = 15
LIMIT_MB = 300.0


def run() -> list[dict[str, Any]]:
    """Rows (d) and (e)."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, pid), chromium() as browser:
        page = browser.new_page()
        reruns = _journey(page, address)
        megabytes = _resident(pid)
        end_engine(Path(folder))
    median = 1000 * statistics.median(reruns)
    return [
        {
            "name": "(d) page rerun while a run trains, milliseconds", "ours": median, "peer": None, "ratio": None,
            "goal": "median under 200 ms", "met": median < 200,
        },
        {
            "name": "(e) web process after the whole journey, MB", "ours": megabytes, "peer": None, "ratio": None,
            "goal": f"under {LIMIT_MB:g} MB", "met": megabytes < LIMIT_MB,
        },
    ]  # fmt: skip


def end_engine(folder: Path) -> None:
    """End the cluster that outlives the server of workspace ``folder``."""
    Engine(Workspace(folder)).client().shutdown()


def _journey(page: Page, address: str) -> list[float]:
    page.goto(address)
    quiet(page)
    page.get_by_role("button", name="Use this sample").first.click()
    page.wait_for_url("**/data*")
    quiet(page)
    page.get_by_text("Network", exact=True).first.click()
    page.get_by_role("button", name="Train", exact=True).wait_for()
    quiet(page)
    train_long(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Stop").wait_for(timeout=120_000)
    page.get_by_text(re.compile(r"Training, epoch \d+")).wait_for(timeout=120_000)
    reruns = _reruns(page)
    page.get_by_text("Train", exact=True).first.click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="See the results").click(timeout=120_000)
    page.wait_for_url("**/results*")
    quiet(page)
    page.wait_for_timeout(3000)
    page.get_by_text("Predict", exact=True).first.click()
    quiet(page)
    page.wait_for_timeout(3000)
    return reruns


def _reruns(page: Page) -> list[float]:
    """Seconds from a click on a switch of the Network page, which saves the draft, until the page stands again."""
    page.get_by_text("Network", exact=True).first.click()
    page.get_by_role("button", name="Train", exact=True).wait_for()
    quiet(page)
    seconds = []
    for _ in range(RERUNS):
        watch_rerun(page, "click")
        page.get_by_text("Count rare classes more").click()
        took = page.evaluate("() => window.took")
        if took is None:
            raise RuntimeError("the page did not run again within five seconds")
        seconds.append(took / 1000)
        page.wait_for_timeout(200)
    return seconds


def watch_rerun(page: Page, event: str) -> None:
    """From the next ``event`` on: ``window.took`` is how long until the page has run again, in ms; None after 5 s."""
    page.evaluate(
        "event => { const app = document.querySelector('[data-testid=stApp]'); let began = null; "
        "document.addEventListener(event, () => { began = performance.now(); }, {capture: true, once: true}); "
        "window.took = new Promise(done => { new MutationObserver(() => { "
        "if (began !== null && app.dataset.testScriptState === 'notRunning') done(performance.now() - began); })"
        ".observe(app, {attributes: true}); setTimeout(() => done(null), 5000); }); }",
        event,
    )


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")
