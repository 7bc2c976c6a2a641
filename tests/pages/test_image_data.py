"""Data for pictures: understood, looked at, left out, given another class, seen as numbers."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.data.images.image_set import ImageSet
from core.draft import load_draft, save_draft
from core.image_proposal import propose_image_files
from core.spec import ImageConfig
from core.workspace import Workspace
from pages.parts.image_data_facts import class_counts
from pages.parts.image_data_pixels import pixel_grid
from tests.core.data.images.pictures import Files, picture, zipped
from tests.core.data.images.pictures import saved as saved_as

Draft = Callable[[Files], ImageConfig]
NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


def pets(each: int = 8, names: tuple[str, ...] = ("cats", "dogs")) -> dict[str, bytes]:
    return {f"{name}/{number}.png": picture(100 * start + number, (20, 16))
            for start, name in enumerate(names) for number in range(each)}  # fmt: skip


@pytest.fixture
def draft_of(workspace: Workspace) -> Draft:
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
    calm(upload(open_page("home.py"), *files, field=1))
    assert saved(workspace).data.source.name == "pets"


def test_sample_of_drawings_begins_with_a_network_that_can_be_seen_into(workspace: Workspace) -> None:
    open_page("home.py").button(key="sample-chihuahua_or_muffin").click().run()
    config = saved(workspace)
    assert (config.network.preset, config.data.size, config.augmentation.active) == ("small_cnn", 64, True)


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


def tick(page: AppTest, *names: str) -> AppTest:
    for name in names:
        found = next(box for box in page.checkbox if box.label.replace("\\", "") == f"Tick {name}")
        page = found.check().run()
    return page


def test_ticked_pictures_are_left_out_and_one_click_brings_them_back(workspace: Workspace, draft_of: Draft) -> None:
    before = draft_of(pets(20))
    page = calm(tick(open_page(), "0.png", "1.png"))
    assert "**2 pictures ticked**" in said(page)
    page.button(key="gallery:do").click().run()
    assert calm(page).subheader[0].value.startswith("**38 pictures**")
    assert len(saved(workspace).data.left_out) == 2
    assert "Done: left 2 pictures out." in said(page)
    page.button(key="data:undo_it").click().run()
    assert saved(workspace) == before


def test_left_out_pictures_are_shown_and_brought_back(workspace: Workspace, draft_of: Draft) -> None:
    before = draft_of(pets(20))
    page = tick(open_page(), "0.png", "1.png")
    page.button(key="gallery:do").click().run()
    page.toggle(key="gallery:out").set_value(True).run()
    assert len(keys(page, "gallery:open:")) == 2
    page.button(key="gallery:tick_all").click().run()
    page.button(key="gallery:do").click().run()
    assert saved(workspace) == before
    assert not [toggle for toggle in page.toggle if toggle.key == "gallery:out"]


def test_ticked_pictures_get_another_class_and_the_loss_follows(workspace: Workspace, draft_of: Draft) -> None:
    before = draft_of(pets(8, ("cats", "dogs", "mice")))
    page = open_page(gallery__class="mice")
    page.button(key="gallery:tick_all").click().run()
    page.selectbox(key="gallery:give_class").set_value("dogs").run()
    page.button(key="gallery:give_class:do").click().run()
    assert calm(page).subheader[0].value.startswith("**24 pictures** × **2 classes** (cats / dogs)")
    config = saved(workspace)
    assert [name for _, name in config.data.relabelled] == ["dogs"] * 8
    assert (config.data.task, config.training.loss) == ("binary", "binary_crossentropy")
    page.button(key="data:undo_it").click().run()
    assert saved(workspace) == before


def test_opened_picture_tells_its_facts_and_can_be_left_out_or_moved(workspace: Workspace, draft_of: Draft) -> None:
    draft_of(pets(20) | {"cats/a_grey_one.png": saved_as(Image.new("L", (9, 7), 80))})
    page = open_page(gallery__class="cats")
    (chosen,) = (button for button in page.button if "a_grey_one" in button.help.replace("\\", ""))
    id = str(chosen.key).rpartition(":")[2]
    # A simulated page is drawn anew as a whole, which closes what is open: the choice is made before.
    page.session_state[f"opened:class:{id}"] = "dogs"
    chosen.click().run()
    assert "9 × 7 pixels, grey" in said(calm(page))
    page.button(key="opened:give").click().run()
    assert saved(workspace).data.relabelled == ((id, "dogs"),)
    page.button(key=keys(page, "gallery:open:")[0]).click().run()
    page.button(key="opened:out").click().run()
    assert len(saved(workspace).data.left_out) == 1
    calm(page)


def test_remedy_of_a_finding_is_applied_and_undone_and_its_pictures_are_shown(
    workspace: Workspace, draft_of: Draft
) -> None:
    files = pets(20)
    before = draft_of(files | {f"cats/copy {number}.png": files["cats/3.png"] for number in range(2)})
    page = open_page()
    assert "2 pictures repeat another one" in said(page)
    page.button(key="found:exact_duplicates").click().run()
    assert len([box for box in page.checkbox if str(box.key).startswith("found:tick:")]) == 2
    page = calm(open_page())
    page.button(key="remedy:exact_duplicates").click().run()
    assert saved(workspace).data.duplicates == "drop"
    page.button(key="data:undo_it").click().run()
    assert saved(workspace) == before
    calm(page)


def test_one_class_says_what_is_missing_and_cannot_be_trained(workspace: Workspace) -> None:
    page = upload(open_page(), ("pets.zip", zipped(pets(12, ("cats",)))))
    assert not page.exception
    assert "All pictures are of one class, 'cats'" in said(page)
    assert page.button(key="data:train").disabled
    assert page.subheader[0].value == "**12 pictures** of one class, **cats**; all 20 × 16 pixels."


def test_other_size_and_colour_take_the_network_along(workspace: Workspace, draft_of: Draft) -> None:
    before = draft_of(pets(20))
    page = open_page()
    page.select_slider(key="data:size").set_value(96).run()
    page.segmented_control(key="data:color").set_value("grey").run()
    config = saved(workspace)
    assert config.data.shape == (96, 96, 1)
    assert len(config.network.layers) > len(before.network.layers)
    assert "9,216 numbers" in said(page)


def test_pictures_are_seen_as_numbers_in_any_order_of_channels(workspace: Workspace, draft_of: Draft) -> None:
    image = Image.new("RGB", (32, 32), (10, 20, 30))
    draft_of({"cats/first.png": saved_as(image)} | pets(20))
    page = calm(unfold(open_page(), "numbers"))
    assert "**3,072 numbers from 0 to 255**: 32 rows, 32 columns, 3 channels (red, green, blue)" in said(page)
    assert "Its shape is `(32, 32, 3)`" in said(page)
    assert "in row 10, column 10 is `[10, 20, 30]`: red 10, green 20, blue 30." in said(page)
    page.segmented_control(key="numbers:order").set_value("BGR").run()
    assert "is `[30, 20, 10]`: blue 30, green 20, red 10." in said(calm(page))
    page.segmented_control(key="numbers:order").set_value("grey").run()
    assert "is `[18]`: grey 18." in said(calm(page))
    page.toggle(key="numbers:whole").set_value(True).run()
    assert "Rows 0 to 31, columns 0 to 31" in said(calm(page))


def test_split_shares_are_changed_and_counted(workspace: Workspace, draft_of: Draft) -> None:
    draft_of(pets(20))
    page = unfold(open_page(), "image_split", "files", "other")
    assert "24 pictures to learn from, 8 to choose by, 8 put aside" in said(calm(page))
    page.slider(key="field:data.split.test").set_value(0.0).run()
    assert "32 pictures to learn from, 8 to choose by; no picture is put aside." in said(calm(page))


def test_hostile_names_are_shown_as_they_are(workspace: Workspace, draft_of: Draft) -> None:
    classes = ("<script>alert(1)</script>", "**bold** $x$ :material/home:", "Katzen äöü 猫", "x" * 150)
    draft_of({
        f"{name.replace('/', '|')}/{number}.png": picture(100 * start + number, (20, 16))
        for start, name in enumerate(classes) for number in range(12)
    })  # fmt: skip
    page = calm(open_page())
    assert "**<script>alert(1)<|script>**" in said(page)
    assert all("\\*\\*bold" in part.value for part in page.markdown if "bold" in part.value)
    page.button(key=keys(page, "gallery:open:")[0]).click().run()
    calm(page)


def test_only_what_is_shown_is_read(workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    draft_of(pets(3, tuple(f"class {number:03d}" for number in range(70))))
    small = ImageSet.thumb

    def counted(image_set: ImageSet, place: int) -> Image.Image:
        read.append(place)
        return small(image_set, place)

    monkeypatch.setattr(ImageSet, "thumb", counted)
    page = calm(open_page())
    assert page.subheader[0].value.startswith("**210 pictures** × **70 classes**;")
    assert len(read) == len(set(read)) == 15
    page.button(key="gallery:classes:chevron_right").click().run()
    assert len(read) == 30
    page.selectbox(key="gallery:class").set_value("class 069").run()
    assert len(read) == 33
    page.button(key="gallery:without_class").click().run()
    assert saved(workspace).data.leave_out_classes == ("class 069",)


def test_zip_that_is_gone_is_told_and_settings_are_kept(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(pets(6))
    workspace.upload(config.data.source.fingerprint).unlink()
    shutil.rmtree(workspace.root / "image_sets")
    st.cache_resource.clear()
    page = open_page()
    assert not page.exception
    assert "no longer there" in said(page)
    assert saved(workspace) == config


def test_grid_of_pixels_writes_each_number_once_and_readably() -> None:
    values = np.arange(112, 256, dtype=np.uint8).reshape(12, 12)
    grid, dark, light = pixel_grid(values, 4, 8, "green").figure.data
    assert np.array_equal(grid.z, values)
    assert (grid.y[0], grid.x[0], grid.y[-1], grid.x[-1]) == (4, 8, 15, 19)
    assert sorted(map(int, (*dark.text, *light.text))) == list(range(112, 256))
    assert min(map(int, dark.text)) > max(map(int, light.text))


def test_many_classes_are_drawn_as_the_largest_and_the_smallest() -> None:
    chart = class_counts({f"class {number}": number + 1 for number in range(40)})
    assert list(chart.figure.data[0].x) == [40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 5, 4, 3, 2, 1]
    assert "largest 10 and the smallest 5 of 40" in chart.sentence
