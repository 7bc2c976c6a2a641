"""What the web process costs: a rerun of a page while a run trains, and memory after the whole journey."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RERUNS = 15
LIMIT_MB = 300.0


def run() -> list[dict[str, Any]]:
    """Rows (d) and (e)."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, pid), sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        reruns = _journey(page, address)
        megabytes = _resident(pid)
        browser.close()
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


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """The app on a free port of this machine, with an empty workspace; address and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.address", "127.0.0.1", "--server.headless", "true"],
        cwd=ROOT,
        env={**os.environ, "MUFFIN_WORKSPACE": str(folder), "MUFFIN_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _journey(page: Any, address: str) -> list[float]:
    page.goto(address)
    _ready(page)
    page.get_by_role("button", name="Use this sample").first.click()
    page.wait_for_url("**/data*")
    _ready(page)
    page.get_by_text("Network", exact=True).first.click()
    page.get_by_role("button", name="Train", exact=True).wait_for()
    _ready(page)
    _slow_settings(page)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("button", name="Stop").wait_for(timeout=120_000)
    page.get_by_text(re.compile(r"Training, epoch \d+")).wait_for(timeout=120_000)
    reruns = _reruns(page, address)
    page.get_by_text("Train", exact=True).first.click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="See the results").click(timeout=120_000)
    page.wait_for_url("**/results*")
    _ready(page)
    page.wait_for_timeout(3000)
    page.get_by_text("Predict", exact=True).first.click()
    _ready(page)
    page.wait_for_timeout(3000)
    return reruns


def _slow_settings(page: Any) -> None:
    """Ten thousand epochs without early stopping: it still trains while the pages are measured."""
    epochs = page.get_by_role("spinbutton", name="Epochs (at most)")
    epochs.fill("10000")
    epochs.press("Enter")
    _ready(page)
    page.get_by_text("Stop when validation no longer improves").click()
    _ready(page)


def _reruns(page: Any, address: str) -> list[float]:
    """Seconds from a click on the All settings switch until the Network page stands again."""
    page.get_by_text("Network", exact=True).first.click()
    page.get_by_role("button", name="Train", exact=True).wait_for()
    _ready(page)
    seconds = []
    for _ in range(RERUNS):
        page.evaluate(
            "() => { const app = document.querySelector('[data-testid=stApp]'); window.took = new Promise(done => {"
            "let began = null; new MutationObserver(() => { const state = app.dataset.testScriptState;"
            "if (state === 'running' && began === null) began = performance.now();"
            "if (state === 'notRunning' && began !== null) done(performance.now() - began); })"
            ".observe(app, {attributes: true}); }); }"
        )
        page.get_by_text("All settings", exact=True).click()
        seconds.append(page.evaluate("() => window.took") / 1000)
        page.wait_for_timeout(200)
    return seconds


def _ready(page: Any) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(300)


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")
