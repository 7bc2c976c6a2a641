"""How soon the pages of Learn answer: from a key or a click in Chromium until the page stands again; warm workers."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from benchmarks.pages import end_engine, watch_rerun
from tests.browser.serving import SECONDS, chromium, quiet, served

TIMES = 9
LIMIT = 300
Move = Callable[[Page, int], None]


def slide(name: str) -> Move:
    """To the right and back on the slider called ``name``, or the other way round where it begins at its end."""

    def move(page: Page, turn: int) -> None:
        slider = page.get_by_role("slider", name=name).first
        at_end = slider.evaluate("it => (it.ariaValueNow ?? it.value) === (it.ariaValueMax ?? it.max)")
        slider.press("ArrowLeft" if turn % 2 or at_end else "ArrowRight")

    return move


def press(*names: str) -> Move:
    """The buttons or options called ``names``, in turn."""

    def move(page: Page, turn: int) -> None:
        name = names[turn % len(names)]
        page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).click()

    return move


MOVES: dict[str, Move] = {
    "neuron": slide("Bias"),
    "activations": slide("Bias"),
    "layers": press("Step"),
    "costs": slide("Prediction for S3"),
    "descent": press("5", "all 20"),
    "overfitting": slide("L2 rate"),
    "pixels": slide("Row"),
    "convolution": press("Next"),
    "pooling": slide("Temperature"),
    "augmentation": slide("Strength"),
    "transfer": press("20", "10"),
    "beyond": slide("Left and right edge"),
}


def run() -> list[dict[str, Any]]:
    """A row a page."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, _), chromium() as browser:
        page = browser.new_page()
        rows = [_row(name, _medians(page, address, name, move)) for name, move in MOVES.items()]
        end_engine(Path(folder))
    return rows


def _row(name: str, median: float) -> dict[str, Any]:
    return {
        "name": f"Learn, {name}: answer to a key or click, milliseconds", "ours": median, "peer": None, "ratio": None,
        "goal": f"median under {LIMIT} ms", "met": median < LIMIT,
    }  # fmt: skip


def _medians(page: Page, address: str, name: str, move: Move) -> float:
    page.goto(f"{address}/learn_{name}")
    page.get_by_text("Try it:").first.wait_for(timeout=SECONDS * 1000)
    quiet(page)
    if name == "overfitting":
        _hold_back(page)
    if name == "augmentation":
        page.get_by_text("version 9").wait_for(timeout=SECONDS * 1000)
    taken = []
    for turn in range(TIMES):
        watch_rerun(page, "keydown" if move.__qualname__.startswith("slide") else "click")
        move(page, turn)
        took = page.evaluate("() => window.took")
        if took is None:
            raise RuntimeError(f"the page {name} did not run again within five seconds")
        taken.append(took)
        page.wait_for_timeout(400)
    return statistics.median(taken)


def _hold_back(page: Page) -> None:
    """With L2; the first question has to compile its program."""
    page.get_by_role("radio", name="L2", exact=True).click(timeout=SECONDS * 1000)
    expect(page.get_by_role("slider", name="L2 rate")).to_be_visible(timeout=SECONDS * 1000)
    quiet(page)
    for turn in range(2):
        slide("L2 rate")(page, turn)
        quiet(page)
