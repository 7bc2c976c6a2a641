"""Data for pictures: understood, looked at, left out, given another class, seen as numbers."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.image_proposal import propose_image_files
from core.spec import ImageConfig, RunConfig
from core.workspace import Workspace
from tests.core.data.images.pictures import Files, picture, zipped

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


def pets(each: int = 8, names: tuple[str, ...] = ("cats", "dogs")) -> dict[str, bytes]:
    return {f"{name}/{number}.png": picture(100 * start + number, (20, 16))
            for start, name in enumerate(names) for number in range(each)}  # fmt: skip


@pytest.fixture
def draft_of(workspace: Workspace) -> Callable[[Files], ImageConfig]:
    """The proposal for a zip of these files, kept as the draft."""

    def make(files: Files) -> ImageConfig:
        config, _ = propose_image_files(workspace, [(workspace.keep(io.BytesIO(zipped(files))), "pets.zip")])
        return save_draft(workspace, config)

    return make


def open_page(name: str = "data.py", **state: Any) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=120)
    for key, value in state.items():
        page.session_state[key.replace("__", ":")] = value
    return page.switch_page(name).run()


def upload(page: AppTest, *files: tuple[str, bytes], field: int = 0) -> AppTest:
    page.file_uploader[field].set_value([(name, content, "application/octet-stream") for name, content in files])
    return page.run()


def unfold(page: AppTest, *sections: str) -> AppTest:
    for section in sections:
        page.session_state[f"data:open:{section}"] = True
    return page.run()


def saved(workspace: Workspace) -> ImageConfig:
    config = load_draft(workspace)
    assert isinstance(config, ImageConfig)
    return config


def said(page: AppTest) -> str:
    """Everything that stands on the page as text."""
    parts: list[Any] = [*page.subheader, *page.markdown, *page.caption, *page.error]
    return "\n".join(str(part.value) for part in parts).replace("\\", "")


def calm(page: AppTest) -> AppTest:
    assert not page.exception
    assert not page.error, said(page)
    return page


def keys(page: AppTest, beginning: str) -> list[str]:
    return [str(button.key) for button in page.button if str(button.key).startswith(beginning)]


def test_uploaded_zip_becomes_a_gallery_that_is_ready_to_train(workspace: Workspace) -> None:
    page = calm(upload(open_page(), ("pets.zip", zipped(pets(10)))))
    assert page.subheader[0].value == "**20 pictures** × **2 classes** (cats / dogs); all 20 × 16 pixels."
    assert not page.button(key="data:train").disabled
    assert len(keys(page, "gallery:open:")) == 16
    assert saved(workspace).network.preset == "small_cnn"


def test_folder_and_home_lead_to_the_same_page(workspace: Workspace) -> None:
    files = [(f"pets/{name}", content) for name, content in pets().items()]
    page = calm(upload(open_page("home.py"), *files, field=1))
    assert saved(workspace).data.source.name == "pets"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("pets.zip", zipped(pets(3))), ("grades.csv", b"a,b\n1,2\n")], "A zip and a table"),
        ([("IMG_1.png", picture(1)), ("IMG_2.png", picture(2))], "2 pictures came without classes"),
        ([("pets.zip", b"PK\x03\x04 no zip at all")], "a zip file was expected"),
    ],
)
def test_what_cannot_be_used_is_told_and_changes_nothing(
    workspace: Workspace, files: list[tuple[str, bytes]], words: str
) -> None:
    page = upload(open_page(), *files)
    assert not page.exception
    assert words.casefold() in said(page).casefold()
    assert load_draft(workspace) is None
