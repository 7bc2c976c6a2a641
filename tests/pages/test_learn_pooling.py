"""Pooling of maps and photos, and the way from scores to a class, also of one's own network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Run
from core.spec import Task
from core.workspace import Workspace
from pages.parts.lesson_photo import Photo

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


@pytest.fixture
def page(workspace: Workspace) -> AppTest:
    return opened()


def opened() -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=60).switch_page("learn_pooling.py").run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*page.markdown, *page.caption, *page.success]).replace("\\", "")


def test_the_move_shows_until_both_columns_lie_in_one_window(page: AppTest) -> None:
    assert "6 of 9 pooled numbers change" in said(page)
    assert not page.success
    page.segmented_control(key="pooling:window").set_value(3).run()
    assert not page.success
    page.segmented_control(key="pooling:stride").set_value(3).run()
    assert "0 of 4 pooled numbers change" in said(page)
    assert "You found it" in page.success[0].value


def test_pooling_over_the_whole_map_leaves_one_number_and_no_stride(page: AppTest) -> None:
    page.segmented_control(key="pooling:window").set_value(6).run()
    assert "0 of 1 pooled number change" in said(page)
    assert "gets 1 input" in said(page)
    assert "pooling:stride" not in {each.key for each in page.segmented_control}
    assert page.success


def test_each_window_is_worked_out(page: AppTest) -> None:
    assert "max(0, 9, 0, 7) = 9" in said(page)
    page.segmented_control(key="pooling:kind").set_value("average").run()
    assert "(0 + 9 + 0 + 7) / 4 = 4" in said(page)
    next(each for each in page.slider if "place" in each.key).set_value(2).run()
    assert "(0 + 0 + 0 + 0) / 4 = 0" in said(page)


def test_the_result_of_the_lecture_loses_its_last_row_and_column(page: AppTest) -> None:
    page.segmented_control(key="pooling:map").set_value("lecture").run()
    assert "max(1, 2, 1, 2) = 2" in said(page)
    assert "The map, 5 x 5" in said(page) and "Pooled, 2 x 2" in said(page)
    assert "Pale: 9 numbers in no window" in said(page)
    assert "gets 4 inputs" in said(page)
    page.segmented_control(key="pooling:window").set_value(6).run()
    assert not page.exception
    assert not page.success


def test_photo_shrinks_by_its_window(page: AppTest) -> None:
    assert "Of 64 numbers one is left" in said(page)
    side = next(each for each in page.segmented_control if each.key.startswith("pooling:side"))
    side.set_value(16).run()
    assert "Of 256 numbers one is left" in said(page)
    page.selectbox(key="pooling:photo").set_value("Handwritten digit").run()
    assert not page.exception
    assert "numbers one is left" in said(page)


@pytest.mark.parametrize(("shape", "told"), [((1, 300, 3), "Of 1 number one"), ((3, 5, 3), "Of 4 numbers one")])
def test_tiny_photo_with_a_name_full_of_markup_is_pooled_too(
    shape: tuple[int, ...], told: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Photo("<b>*x*</b>.png", np.zeros(shape, np.uint8))
    monkeypatch.setattr("pages.parts.lesson_pooling.photo", lambda key: tiny)
    assert told in said(opened())


def test_the_answer_comes_once_a_probability_reaches_the_threshold(page: AppTest) -> None:
    assert "No answer:** no class reaches 90 %. The likeliest one has 66 %" in said(page)
    page.slider(key="pooling:temperature").set_value(0.4).run()
    assert "It answers chihuahua** (92 %)" in said(page)
    page.slider(key="pooling:temperature").set_value(1.0).run()
    page.slider(key="pooling:threshold").set_value(0.6).run()
    assert "It answers chihuahua** (66 %)" in said(page)


def test_scores_that_are_far_apart_and_equal_ones_are_answered(page: AppTest) -> None:
    page.slider(key="pooling:temperature").set_value(0.1)
    page.slider(key="pooling:score:muffin").set_value(5.0)
    page.slider(key="pooling:score:chihuahua").set_value(-5.0).run()
    assert "It answers muffin**" in said(page)
    for name in ("chihuahua", "muffin", "coffee cup"):
        page.slider(key=f"pooling:score:{name}").set_value(-5.0)
    page.run()
    assert not page.exception
    assert "The likeliest one has 33 %" in said(page)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_own_network_shows_its_validation_rows(task: Task, finished_run: Callable[..., Run]) -> None:
    finished_run(task)
    page = opened()
    assert "Truth:" in said(page)
    rows = page.number_input[0]
    assert rows.label == f"Which of {int(rows.max)} validation rows"
    before = answers(page)
    page.slider(key="pooling:temperature").set_value(0.3).run()
    assert answers(page)[0] > before[0]
    page.segmented_control(key="pooling:source").set_value("An example").run()
    assert "Truth:" not in said(page)
    assert not page.exception


def answers(page: AppTest) -> list[int]:
    found = re.search(r"answers (\d+) of (\d+) validation rows?; (\d+) of these", said(page))
    assert found
    return [int(each) for each in found.groups()]


def test_network_that_predicts_numbers_has_no_classes_to_show(finished_run: Callable[..., Run]) -> None:
    finished_run("regression")
    page = opened()
    assert "pooling:source" not in {each.key for each in page.segmented_control}
    assert "The likeliest one has 66 %" in said(page)
