"""A network for pictures is asked with the mouse and with the camera."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from core.engine import Engine
from core.image_proposal import propose_image_files
from core.progress import progress
from core.runs import Run
from core.workspace import Workspace
from tests.browser.serving import SECONDS, quiet
from tests.pages.made_drawings import drawings_zip

Server = tuple[str, Workspace]
LAYERS = [
    {"kind": "Conv2D", "filters": 4, "strides": 2},
    {"kind": "Conv2D", "filters": 8, "strides": 2},
    {"kind": "Flatten"},
]
ANSWER = re.compile(r"^(bar|ring), (more than )?\d+ %$")


@pytest.fixture(scope="session")
def drawings(server: Server) -> Run:
    """A network that tells bars from rings, trained on 28 x 28 drawings."""
    workspace = server[1]
    config, _ = propose_image_files(workspace, [(workspace.keep(io.BytesIO(drawings_zip(40))), "drawings.zip")])
    training = config.training.change(epochs=12, learning_rate=0.01, early_stopping=False)
    network = config.network.parse({"preset": "custom", "layers": LAYERS})
    run = Run.create(workspace, config.change(training=training.model_dump(), network=network.model_dump()))
    engine = Engine(workspace)
    engine.submit(run)
    deadline = time.monotonic() + SECONDS
    while not progress(run).ended and time.monotonic() < deadline:
        time.sleep(0.1)
    engine.client().close()
    assert progress(run).state == "finished"
    return run


@pytest.fixture
def asked(page: Page) -> Iterator[list[str]]:
    """Addresses that the browser asked for."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    yield found


def open_tab(page: Page, server: Server, run: Run, name: str) -> None:
    page.goto(f"{server[0]}/predict?run={run.id}")
    quiet(page)
    page.get_by_role("tab", name=name).click()
    quiet(page)


def draw_ring(page: Page) -> None:
    canvas = page.locator("canvas.upper-canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    corners = [(110, 80), (210, 80), (240, 160), (210, 240), (110, 240), (80, 160), (110, 80)]
    places = [(box["x"] + x, box["y"] + y) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


def test_a_drawn_ring_is_answered_and_is_still_there_after_another_page(
    page: Page, server: Server, drawings: Run, asked: list[str]
) -> None:
    open_tab(page, server, drawings, "Draw")
    draw_ring(page)
    answer = page.get_by_role("heading", name=ANSWER)
    expect(answer).to_be_visible()
    assert answer.inner_text().startswith("ring")
    expect(page.get_by_text("what the network sees: 32 x 32, grey")).to_be_visible()
    page.get_by_role("link", name="Results", exact=True).first.click()
    page.wait_for_url("**/results*")
    quiet(page)
    page.get_by_role("link", name="Predict", exact=True).first.click()
    page.wait_for_url("**/predict*")
    quiet(page)
    page.get_by_role("tab", name="Draw").click()
    expect(page.get_by_role("heading", name=ANSWER)).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="Draw something")).to_be_visible()
    elsewhere = [address for address in asked if not address.startswith((server[0], "data:", "blob:"))]
    assert elsewhere == []


def test_a_photo_of_the_camera_gets_a_class(page: Page, server: Server, drawings: Run) -> None:
    page.context.grant_permissions(["camera"], origin=server[0])
    open_tab(page, server, drawings, "Camera")
    page.wait_for_function("() => document.querySelector('video')?.videoWidth > 0", timeout=1000 * SECONDS)
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_role("heading", name=ANSWER)).to_be_visible()
    expect(page.get_by_text("what the network sees: 32 x 32, grey")).to_be_visible()
    expect(page.get_by_test_id("stProgress")).to_have_count(2)
    # Chromium's own test picture is green; the drawings are white on black.
    expect(page.get_by_text("Unlike the pictures it learned from: none of these may be right.")).to_be_visible()
