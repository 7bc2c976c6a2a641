"""Names that come from files are words on every page, never markup."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from core.workspace import Workspace
from tests.browser.serving import quiet

NAMES = [":material/home:", ":smile: :red[x]", ":streamlit:", "a -- b", "<b>bold</b>", "http://evil.example", "$x$ *y*"]


def test_names_that_streamlit_could_draw_are_shown_as_they_are(
    page: Page, server: tuple[str, Workspace], tmp_path: Path
) -> None:
    frame = pd.DataFrame({name: [(row * (place + 3)) % 17 for row in range(40)] for place, name in enumerate(NAMES)})
    frame[":material_star:"] = [":streamlit:", ":material/home: yes"] * 20
    file = tmp_path / ":material_home: www.evil.example.csv"
    frame.to_csv(file, index=False)
    page.locator("input[type=file]").first.set_input_files(str(file))
    page.get_by_role("button", name="Train now").click()
    page.get_by_role("button", name="See the results").click()
    page.wait_for_url("**/results*")
    for place in ("Home", "Data", "Results", "Predict"):
        page.get_by_role("link", name=place, exact=True).first.click()
        quiet(page)
        page.wait_for_timeout(500)
        shown = page.inner_text("body").replace("\N{WORD JOINER}", "")
        assert ":material_home: www.evil.ex" in shown
        assert ":material_star:" in shown or place == "Predict"
        assert page.locator("[data-testid=stMain] img[alt='Streamlit logo']").count() == 0
        icons = page.locator("[data-testid=stMain] [role=img]").all_inner_texts()
        assert not {"home", "star"} & set(icons)
        assert page.locator("a[href*='evil.example']").count() == 0
    assert all(name in shown for name in NAMES)
