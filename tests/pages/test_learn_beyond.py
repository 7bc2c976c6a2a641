"""Kinds of answers on one picture, a box that is moved, and where to go next."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.beyond import true_boxes
from core.workspace import Workspace
from pages.parts.course import LESSONS
from pages.parts.lesson_beyond_topics import TOPICS

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


@pytest.fixture
def page(workspace: Workspace) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=60).switch_page("learn_beyond.py").run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*page.markdown, *page.caption, *page.success])


def test_opens_with_a_poor_box_and_is_solved_by_moving_its_edges(page: AppTest) -> None:
    assert page.metric[0].value == "0.38", "28,380 of 72,900, rounded down"
    assert "does not count as a find" in said(page)
    truth = true_boxes()[0]
    page.slider(key="beyond:across").set_value((60, 230)).run()
    assert "it counts as a find (PASCAL VOC)" in said(page)
    assert not page.success
    page.slider(key="beyond:across").set_value((80, 210))
    page.slider(key="beyond:down").set_value((76, 296)).run()
    assert float(page.metric[0].value) > 0.9
    assert "You found it" in page.success[0].value
    assert truth.left < 80 and truth.bottom > 290


def test_box_without_area_and_box_elsewhere_overlap_by_nothing(page: AppTest) -> None:
    page.slider(key="beyond:across").set_value((480, 480))
    page.slider(key="beyond:down").set_value((320, 320)).run()
    assert not page.exception
    assert page.metric[0].value == "0.00"
    page.slider(key="beyond:across").set_value((400, 480)).run()
    assert page.metric[0].value == "0.00"


@pytest.mark.parametrize(
    ("task", "numbers"),
    [("classification", "2 numbers"), ("semantic", "460,800 numbers"), ("instance", "460,806 numbers")],
)
def test_each_kind_of_answer_says_how_many_numbers_it_takes(page: AppTest, task: str, numbers: str) -> None:
    page.radio(key="beyond:task").set_value(task).run()
    assert not page.exception
    assert numbers in said(page)
    assert not page.metric


def test_own_box_stays_while_other_answers_are_looked_at(page: AppTest) -> None:
    page.slider(key="beyond:across").set_value((80, 210)).run()
    page.radio(key="beyond:task").set_value("semantic").run()
    page.radio(key="beyond:task").set_value("detection").run()
    assert page.slider(key="beyond:across").value == (80, 210)


def test_every_topic_is_told_and_builds_on_a_lesson(page: AppTest) -> None:
    for topic in TOPICS:
        assert topic.about in said(page)
        assert topic.words in said(page)
        assert topic.builds_on in {lesson.key for lesson in LESSONS}
