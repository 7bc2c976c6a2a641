"""The lesson about convolution: step by step, on pictures, and with the kernels of one's own network."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.convolution import INPUT, KERNEL, convolve
from core.workspace import Workspace
from pages.parts.lesson_convolution import size_words
from pages.parts.lesson_convolution_photo import map_picture
from tests.core.data.images.pictures import picture
from tests.pages.made_images import image_config, image_run
from tests.pages.test_learn_neuron import open_lesson, said

pytestmark = pytest.mark.usefixtures("workspace")

ON_PICTURE, OWN = ":material/photo: On a picture", ":material/hub: Your network's kernels"


def tab(name: str) -> AppTest:
    page = open_lesson("convolution")
    page.session_state["convolution:way"] = name
    page.run()
    assert not page.exception
    return page


def place(page: AppTest) -> tuple[int, int, float]:
    """Which place of how many the page works out, and its sum."""
    found = re.search(r"\*\*Place (\d+) of (\d+):\*\* (.*) = \*\*(.*)\*\*", said(page))
    assert found
    terms = [term.split(" x ") for term in found[3].split(" + ")]
    assert sum(float(value) * float(weight) for value, weight in terms) == pytest.approx(float(found[4]))
    return int(found[1]), int(found[2]), float(found[4])


def test_every_place_of_the_lectures_example_has_its_sum() -> None:
    page = open_lesson("convolution")
    assert "(7 + 0 - 3) / 1 + 1 = 5" in said(page)
    for number in (1, 5, 16, 23, 25):
        page.slider(key="convolution:place").set_value(number).run()
        assert place(page) == (number, 25, convolve(INPUT, KERNEL).flat[number - 1])


def test_buttons_step_forth_and_back_and_end_at_the_edges() -> None:
    page = open_lesson("convolution")
    assert page.button(key="convolution:Back").disabled
    page.button(key="convolution:Next").click().run()
    assert place(page)[0] == 2
    page.button(key="convolution:Back").click().run()
    assert place(page)[0] == 1
    page.slider(key="convolution:place").set_value(25).run()
    assert page.button(key="convolution:Next").disabled


def test_playing_moves_on_until_the_last_place_and_begins_again_from_there() -> None:
    page = open_lesson("convolution")
    page.slider(key="convolution:place").set_value(24).run()
    page.toggle(key="convolution:playing").set_value(True).run()
    assert place(page)[0] == 25
    assert not page.toggle(key="convolution:playing").value
    page.toggle(key="convolution:playing").set_value(True).run()
    assert page.toggle(key="convolution:playing").value
    assert place(page)[0] <= 3


def test_question_is_solved_by_padding_and_not_by_a_stride() -> None:
    page = open_lesson("convolution")
    page.segmented_control(key="convolution:stride").set_value(2).run()
    assert not page.success
    assert place(page)[1] == 9
    page.segmented_control(key="convolution:stride").set_value(1)
    page.segmented_control(key="convolution:padding").set_value("same").run()
    assert "You found it" in page.success[0].value
    assert place(page)[1] == 49


def test_every_setting_has_a_place_that_stays_inside() -> None:
    page = open_lesson("convolution")
    page.slider(key="convolution:place").set_value(25).run()
    for size, stride, padding in ((2, 1, "same"), (4, 3, "same"), (5, 3, "valid"), (2, 3, "valid")):
        page.segmented_control(key="convolution:size").set_value(size)
        page.segmented_control(key="convolution:stride").set_value(stride)
        page.segmented_control(key="convolution:padding").set_value(padding).run()
        assert not page.exception
        number, count, _ = place(page)
        assert number <= count == convolve(INPUT, np.ones((size, size)), stride, padding).size  # type: ignore[arg-type]


def test_formula_is_written_with_its_numbers() -> None:
    assert size_words(7, 3, 2, "same").endswith("(7 + 2 - 3) / 2 + 1 = 4.")


def test_filters_on_a_picture_say_the_shape_that_leaves_the_layer() -> None:
    page = tab(ON_PICTURE)
    assert "**2 filters** of 3 x 3: `(128, 128, 1)` becomes `(126, 126, 2)`" in said(page)
    assert "20 numbers" in said(page)
    page.button_group(key="convolution:filters").set_value(["blur", "sharpen", "own"])
    page.segmented_control(key="convolution:photo:stride").set_value(2)
    page.segmented_control(key="convolution:photo:padding").set_value("same")
    page.segmented_control(key="convolution:photo:size").set_value(5).run()
    assert not page.exception
    assert "becomes `(64, 64, 3)`" in said(page)
    assert said(page).index("**Blur**") < said(page).index("**Your own**")


def test_no_filter_and_a_picture_that_is_too_narrow_are_told() -> None:
    page = tab(ON_PICTURE)
    page.button_group(key="convolution:filters").set_value([]).run()
    assert "at least one filter" in page.info[0].value
    page.button_group(key="convolution:filters").set_value(["blur"])
    page.selectbox(key="convolution:photo").set_value("Upload a photo").run()
    page.file_uploader[0].set_value(("tiny.png", picture(1, (2, 40)), "image/png")).run()
    assert "too narrow" in page.error[0].value
    page.file_uploader[0].set_value(("small.png", picture(1, (8, 30)), "image/png")).run()
    assert not page.error
    assert "`(30, 8, 1)` becomes `(28, 6, 1)`" in said(page)
    page.segmented_control(key="convolution:photo:padding").set_value("same").run()
    assert "`(30, 8, 1)` becomes `(30, 8, 1)`" in said(page)


def test_maps_are_grey_or_black_where_nothing_was_found() -> None:
    values = np.array([[-2.0, 0.0, 4.0]])
    assert map_picture(values, signed=True, relu=False)[0, :, 0].tolist() == [64, 128, 255]
    assert map_picture(values, signed=True, relu=True)[0, :, 0].tolist() == [0, 0, 255]
    assert map_picture(2 * values[:, ::-1] - 4, signed=True, relu=True)[0, :, 0].tolist() == [255, 0, 0]
    assert map_picture(np.array([[-9.0, 77.4, 300.0]]), signed=False, relu=False)[0, :, 0].tolist() == [0, 77, 255]
    assert map_picture(np.zeros((2, 2)), signed=True, relu=False).max() == 128


def test_kernels_of_the_own_network_move_over_the_picture(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    image_run(workspace, image_config(workspace, each=10))
    kernels = np.random.default_rng(0).normal(size=(4, 3, 3, 3)).astype(np.float32)
    told = {"layer": "Conv2D_1", "shape": [3, 3, 3, 4], "kernels": kernels, "inputs": []}
    answers: dict[str, Any] = {"kernels": [told]}
    monkeypatch.setattr("pages.parts.image_results_ask.ask", lambda question, *values: answers[question])
    page = tab(OWN)
    assert "4 kernels of 3 x 3 x 3" in said(page)
    page.slider(key="convolution:own:filter").set_value(3).run()
    assert "**Kernel 3**" in said(page)


def test_nobody_without_a_network_for_pictures_is_offered_its_kernels() -> None:
    assert [each.label for each in open_lesson("convolution").tabs] == [":material/grid_on: Step by step", ON_PICTURE]
