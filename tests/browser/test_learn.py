"""Three lessons in a browser, by keyboard alone, on a large screen and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from core.workspace import Workspace
from tests.browser.serving import quiet

Server = tuple[str, Workspace]
PHONE = {"width": 390, "height": 844}
LESSONS = ("neuron", "convolution", "overfitting")


@pytest.fixture
def open_lesson(page: Page, server: Server) -> Callable[[str], Page]:
    """A lesson by its address, in a fresh browser."""

    def opened(key: str) -> Page:
        page.goto(f"{server[0]}/learn_{key}")
        page.get_by_text("Try it:").first.wait_for()
        quiet(page)
        return page

    return opened


def press(page: Page, key: str, times: int = 1) -> None:
    """Quick presses, as people do; then wait for the answer."""
    for _ in range(times):
        page.keyboard.press(key)
    quiet(page)


def tab_to(page: Page, wanted: Locator) -> None:
    """Reach it with the Tab key from the title on, as who uses no mouse."""
    page.get_by_role("heading", level=1).click()
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("not reached by Tab")


def choose(page: Page, first: str, name: str) -> None:
    """From the chosen one of a row of options to the one called ``name``, with arrow keys and the space bar."""
    tab_to(page, page.get_by_role("radio", name=first, exact=True))
    wanted = page.get_by_role("radio", name=name, exact=True)
    for _ in range(6):
        if wanted.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("ArrowRight")
    press(page, "Space")
    expect(wanted).to_be_checked()


def test_a_neuron_is_found_from_home_and_solved_by_keyboard(page: Page) -> None:
    page.get_by_role("link", name="A neuron", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/learn_neuron*")
    expect(page.get_by_text("2 of 3 answers are right")).to_be_visible()
    quiet(page)
    tab_to(page, page.get_by_role("slider", name="Bias"))
    press(page, "ArrowRight", times=5)
    expect(page.get_by_text("3 of 3 answers are right")).to_be_visible()
    expect(page.get_by_text("You found it")).to_be_visible()
    press(page, "Home")
    expect(page.get_by_text("1 of 3 answers are right")).to_be_visible()
    page.get_by_role("link", name="Next: Activation functions").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/learn_activations*")


def test_a_convolution_is_stepped_through_and_solved_by_keyboard(open_lesson: Callable[[str], Page]) -> None:
    page = open_lesson("convolution")
    expect(page.get_by_text("Place 1 of 25")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Next", exact=True))
    press(page, "Enter")
    expect(page.get_by_text("Place 2 of 25")).to_be_visible()
    tab_to(page, page.get_by_role("slider", name="Place of the kernel"))
    press(page, "End")
    expect(page.get_by_text(re.compile(r"Place 25 of 25:.* = 1$"))).to_be_visible()
    result = page.get_by_role(
        "img", name=re.compile("^The result: 1 2 0 2 4; 1 2 2 0 0; 1 0 2 2 1; 3 2 2 2 2; 0 1 2 1 1")
    )
    expect(result).to_be_visible()
    choose(page, "none", "zeros (same)")
    expect(page.get_by_text("Place 25 of 49")).to_be_visible()
    expect(page.get_by_text("You found it")).to_be_visible()


def test_a_network_that_memorises_is_held_back_by_keyboard(open_lesson: Callable[[str], Page]) -> None:
    page = open_lesson("overfitting")
    plane = page.get_by_role("figure", name=re.compile("points on the wrong side of it are mistakes"))
    expect(plane).to_have_attribute("aria-label", re.compile("100 %"))
    expect(page.get_by_text("You found it")).to_have_count(0)
    choose(page, "nothing", "L2")
    rate = page.get_by_role("slider", name="L2 rate")
    tab_to(page, rate)
    for _ in range(8):
        if rate.get_attribute("aria-valuetext") == "0.01":
            break
        press(page, "ArrowRight")
    expect(page.get_by_text("You found it")).to_be_visible()
    expect(plane).not_to_have_attribute("aria-label", re.compile("100 %"))


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_fits_on_a_phone_and_says_what_its_pictures_show(key: str, open_lesson: Callable[[str], Page]) -> None:
    page = open_lesson(key)
    page.set_viewport_size(PHONE)
    pictures = page.locator("[data-testid=stPlotlyChart], [data-testid=stMain] [data-testid=stImage] img")
    pictures.first.wait_for()
    quiet(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert page.locator("[data-testid=stException]").count() == 0
    for chart in page.locator("[data-testid=stPlotlyChart]").all():
        assert len(chart.get_attribute("aria-label") or "") > 20
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box is None or box["x"] + box["width"] <= PHONE["width"]
