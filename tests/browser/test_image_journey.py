"""From a zip of pictures to what the network sees, with clicks alone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from core.runs import Run
from tests.browser.serving import quiet
from tests.browser.test_journeys import Server, newest, no_error, upload
from tests.core.data.images.pictures import zipped
from tests.pages.made_images import drawn


def shapes(folder: Path) -> Path:
    """Circles and crosses, a few of them in the wrong folder."""
    files = {
        f"shapes/{name}/{number}.png": drawn(other if number % 8 == 0 else name, number + 100 * place)
        for place, (name, other) in enumerate((("circle", "cross"), ("cross", "circle")))
        for number in range(40)
    }
    path = folder / "shapes.zip"
    path.write_bytes(zipped(files))
    return path


def test_a_zip_becomes_a_network_whose_mistakes_open_as_pictures(page: Page, server: Server, tmp_path: Path) -> None:
    upload(page, shapes(tmp_path))
    quiet(page)
    expect(page.get_by_text("80 pictures", exact=False).first).to_be_visible()
    expect(page.locator("[data-testid=stImage] img").nth(7)).to_be_visible()
    no_error(page)
    page.get_by_role("button", name="Train now").click()
    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results*")
    quiet(page)
    no_error(page)
    run = newest(server[1])
    assert page.url.endswith(run.id)
    expect(page.get_by_text("The surest mistakes")).to_be_visible()
    name, count = _open_the_fullest_cell(page, run)
    told = page.get_by_text(re.compile(rf"^{count} pictures? (is|are) truly {name} and predicted {name}\b"))
    expect(told).to_be_visible()
    expect(page.locator("[data-testid=stImage] img").nth(count - 1)).to_be_visible()
    page.get_by_role("tab", name="What it sees").click()
    expect(page.get_by_text("(Grad-CAM)").first).to_be_visible()
    quiet(page)
    expect(page.locator("[data-testid=stImage] img").nth(1)).to_be_visible()
    no_error(page)


def _open_the_fullest_cell(page: Page, run: Run) -> tuple[str, int]:
    """Click the cell of a class whose pictures are most often right; the class, and how many pictures are there."""
    frame, facts = run.predictions(), run.dataset()
    assert frame is not None and facts is not None
    right = frame[(frame["part"] == "validation") & (frame["y_true"] == frame["prediction"])]
    place = int(right["y_true"].mode().iloc[0])
    plot = page.locator(".js-plotly-plot", has_text="are right").locator(".nsewdrag")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    page.mouse.click(
        *(box[corner] + (0.25 + 0.5 * place) * box[size] for corner, size in (("x", "width"), ("y", "height")))
    )
    quiet(page)
    return facts["class_names"][place], int((right["y_true"] == place).sum())
