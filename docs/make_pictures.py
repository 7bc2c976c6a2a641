"""Makes the README's pictures: ``python -m docs.make_pictures`` trains on the grades sample and looks at each page."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from core.engine import Engine
from core.workspace import Workspace
from tests.browser.serving import chromium, quiet, served

PICTURES = Path(__file__).parent / "pictures"
WIDTH, HEIGHT = 1280, 1000


def main() -> None:
    """Write light pictures of the steps, and one dark and one phone picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, _), chromium() as browser:
        page = _page(browser, "light", WIDTH)
        page.goto(address)
        quiet(page)
        page.get_by_role("button", name="Use this sample").first.click()
        page.wait_for_url("**/data*")
        _take(page, "data-light")
        page.goto(f"{address}/network")
        _take(page, "network-light")
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_role("button", name="See the results").click(timeout=300_000)
        page.wait_for_url("**/results*")
        _take(page, "results-light")
        results = page.url
        page.goto(f"{address}/compare?study=new")
        quiet(page)
        page.get_by_role("button", name="Compare", exact=True).click()
        page.get_by_role("button", name=re.compile("^Use ")).first.wait_for(timeout=300_000)
        _take(page, "compare-light")
        for name, scheme, width in (("results-dark", "dark", WIDTH), ("results-phone", "light", 390)):
            other = _page(browser, scheme, width)
            other.goto(results)
            _take(other, name)
        Engine(Workspace(folder)).client().shutdown()


def _page(browser: Browser, scheme: str, width: int) -> Page:
    return browser.new_context(color_scheme=scheme, viewport={"width": width, "height": HEIGHT}).new_page()  # type: ignore[arg-type]


def _take(page: Page, name: str) -> None:
    quiet(page)
    page.wait_for_timeout(2500)
    page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
