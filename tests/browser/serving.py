"""The app on a free port of this machine, and a Chromium to look at it; for tests, benchmarks and pictures."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@contextmanager
def served(folder: Path, workers: int = 1) -> Iterator[tuple[str, int]]:
    """The app with ``folder`` as its workspace and so many workers; its address and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MUFFIN_WORKSPACE": str(folder), "MUFFIN_WORKERS": str(workers)}
    environment.pop("MUFFIN_SCHEDULER", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
         "--server.address", "127.0.0.1", "--server.headless", "true"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu", *FAKE_CAMERA])
        yield browser
        browser.close()


def quiet(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=SECONDS * 1000)
    page.wait_for_timeout(300)


def train_long(page: Page) -> None:
    """Set ten thousand epochs without early stopping on the Network page: it still trains when it is looked at."""
    epochs = page.get_by_role("spinbutton", name="Epochs (at most)")
    epochs.fill("10000")
    epochs.press("Enter")
    quiet(page)
    page.get_by_text("Stop when validation no longer improves").click()
    quiet(page)
