"""The lesson about pictures as numbers, and the picture that lessons are tried on."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.draft import save_draft
from core.lessons.photos import drawing
from core.workspace import Workspace
from pages.parts.lesson_grid import Grid, grid_svg, told
from pages.parts.lesson_pixels import WINDOW, framed, sheet_words
from tests.core.data.images.pictures import picture
from tests.pages.made_images import image_config
from tests.pages.test_learn_neuron import open_lesson, said

pytestmark = pytest.mark.usefixtures("workspace")


def test_opens_with_the_colours_wrong_and_is_solved_by_their_order() -> None:
    page = open_lesson("pixels")
    assert not page.success
    blue_first = pixel(page)
    page.segmented_control(key="pixels:order").set_value("RGB").run()
    assert "You found it" in page.success[0].value
    assert pixel(page) == blue_first[::-1]


def test_every_number_is_that_of_the_picture() -> None:
    page = open_lesson("pixels")
    page.segmented_control(key="pixels:order").set_value("RGB").run()
    page.select_slider(key="pixels:side").set_value(128).run()
    page.slider(key="pixels:row:128").set_value(5)
    page.slider(key="pixels:column:128").set_value(100).run()
    # The drawing has 128 x 128 pixels, so that nothing was averaged.
    assert pixel(page) == drawing("Chihuahua", 128)[5, 100].tolist()


def test_shapes_follow_the_size_and_the_batch() -> None:
    page = open_lesson("pixels")
    page.select_slider(key="pixels:side").set_value(16)
    page.slider(key="pixels:batch").set_value(10).run()
    table = page.table[0].value
    assert table["Shape"].tolist() == ["`(3,)`", "`(16, 16)`", "`(16, 16, 3)`", "`(10, 16, 16, 3)`"]
    assert table["Numbers"].tolist() == ["3", "256", "768", "7,680"]


def test_adding_to_a_channel_changes_its_numbers_and_no_others() -> None:
    page = open_lesson("pixels")
    before = pixel(page)
    page.slider(key="pixels:added:BGR:blue").set_value(255).run()
    assert pixel(page) == [255, *before[1:]]


@pytest.mark.parametrize("order", ["RGB", "BGR", "grey"])
def test_smallest_picture_has_no_place_to_choose(order: str) -> None:
    page = open_lesson("pixels")
    page.segmented_control(key="pixels:order").set_value(order)
    page.select_slider(key="pixels:side").set_value(8).run()
    assert not page.exception
    assert not [each for each in page.slider if each.label in ("Row", "Column")]
    assert len(pixel(page)) == (1 if order == "grey" else 3)


def test_upload_is_shown_in_every_lesson_and_what_is_no_picture_is_refused() -> None:
    page = open_lesson("pixels")
    page.selectbox(key="pixels:photo").set_value("Upload a photo").run()
    assert "you see a drawing" in said(page)
    page.file_uploader[0].set_value(("odd *name*.png", picture(3, (40, 30)), "image/png")).run()
    assert not page.exception
    assert "You see odd *name*.png." in said(page).replace("\\", "")
    page.file_uploader[0].set_value(("broken.png", b"no picture", "image/png")).run()
    assert "broken.png" in page.error[0].value
    assert "odd" in said(page)
    page.session_state["convolution:way"] = ":material/photo: On a picture"
    page.switch_page("learn_convolution.py").run()
    page.selectbox(key="convolution:photo").set_value("Upload a photo").run()
    assert "You see odd *name*.png." in said(page).replace("\\", "")
    assert "`(30, 40, 1)`" in said(page)


@pytest.mark.parametrize("size", [(8, 8), (9, 36), (5000, 1250)])
def test_odd_shapes_become_squares(size: tuple[int, int]) -> None:
    page = open_lesson("pixels")
    page.selectbox(key="pixels:photo").set_value("Upload a photo").run()
    content = io.BytesIO()
    Image.new("L", size, 77).save(content, "PNG")
    page.file_uploader[0].set_value(("odd.png", content.getvalue(), "image/png")).run()
    assert not page.exception
    assert pixel(page) == [77, 77, 77]


def test_own_pictures_are_offered_where_there_are_some(workspace: Workspace) -> None:
    assert "One of your pictures" not in open_lesson("pixels").selectbox(key="pixels:photo").options
    save_draft(workspace, image_config(workspace, each=2))
    page = open_lesson("pixels")
    page.selectbox(key="pixels:photo").set_value("One of your pictures").run()
    assert page.number_input(key="pixels:photo:own").max == 4
    first = pixel(page)
    page.number_input(key="pixels:photo:own").set_value(4).run()
    assert pixel(page) != first


def test_frame_lies_around_the_pixels_whose_numbers_are_shown() -> None:
    values = np.full((64, 64, 3), 100, np.uint8)
    large = framed(values, 0, 56)
    times = len(large) // 64
    changed = np.argwhere((large != 100).any(axis=2))
    assert changed[:, 0].max() <= WINDOW * times + 6
    assert changed[:, 1].min() >= 56 * times - 6
    assert (large[: WINDOW * times, 56 * times :] == 100).all()


def test_grid_says_its_numbers_and_marks_its_cells() -> None:
    values = np.array([[1.0, np.nan], [-0.004, 1234.567]])
    drawn = grid_svg(Grid(values, marked=values == 1, corners=np.array([[2, np.nan], [np.nan, np.nan]])), "#000000")
    assert re.findall(r">([^<>]+)</text>", drawn) == ["1", "x2", "0", "1234.57"]
    assert re.findall(r'<path d="([^"]+)"', drawn) == ["M2 2h44M2 46h44M2 2v44M46 2v44"]
    both = grid_svg(Grid(values, marked=np.array([[True, True], [False, False]])), "#000000")
    assert re.findall(r'<path d="([^"]+)"', both) == ["M2 2h44M2 46h44M2 2v44M46 2h44M46 46h44M90 2v44"]
    assert told(-0.001) == "0"


def test_shaded_grid_writes_black_on_bright_and_white_on_dark() -> None:
    drawn = grid_svg(Grid(np.array([[0.0, 255.0]]), shade=(0, 255)), "#123456")
    assert re.findall(r'fill="(rgb[^"]+|#\w+)"', drawn) == ["rgb(0,0,0)", "#FFFFFF", "rgb(255,255,255)", "#000000"]


def test_sheet_says_the_front_channel() -> None:
    window = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert sheet_words(window, "BGR", 2) == "The red channel, row by row: 2 5; 8 11."


def pixel(page: AppTest) -> list[int]:
    """The numbers of the pixel that the page tells in words."""
    found = re.search(r"is `\[([\d, ]+)\]`", said(page))
    assert found
    return [int(value) for value in found[1].split(",")]
