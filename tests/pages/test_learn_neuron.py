"""The first lesson, the frame around every lesson, and the path of ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.draft import load_draft, save_draft
from core.runs import Run
from core.workspace import Workspace
from pages.parts.lesson import LESSONS

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")


@pytest.fixture(autouse=True)
def own_workspace(workspace: Workspace) -> None:
    """An empty one for each test."""


def open_lesson(key: str) -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=60).switch_page(f"learn_{key}.py").run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*page.title, *page.markdown, *page.caption, *page.success])


def test_opens_with_one_student_wrong_and_is_solved_by_the_bias() -> None:
    page = open_lesson("neuron")
    assert "2 of 3 answers are right" in said(page)
    assert not page.success
    page.slider(key="neuron:bias").set_value(25.0).run()
    assert "3 of 3 answers are right" in said(page)
    assert "You found it" in page.success[0].value


def test_answer_stays_when_the_person_goes_on_trying() -> None:
    page = open_lesson("neuron")
    page.slider(key="neuron:bias").set_value(25.0).run()
    page.slider(key="neuron:bias").set_value(-200.0).run()
    assert "1 of 3 answers are right" in said(page)
    assert page.success


def test_two_marks_can_be_divided_by_a_line() -> None:
    page = open_lesson("neuron")
    page.segmented_control(key="neuron:inputs").set_value(2).run()
    assert "1 of 3 answers are right" in said(page)
    for subject in ("History", "Math"):
        page.slider(key=f"neuron:weight:{subject}").set_value(1.6)
    page.run()
    assert not page.exception
    assert "3 of 3 answers are right" in said(page)


def test_picture_says_in_words_what_the_chosen_student_meets() -> None:
    page = open_lesson("neuron")
    page.segmented_control(key="neuron:student").set_value("S1").run()
    assert "add up to 210; that is at least 200, so the neuron answers 1" in said(page)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.key)
def test_every_lesson_opens_in_an_empty_workspace_with_a_question_and_an_answer(lesson) -> None:  # type: ignore[no-untyped-def]
    page = open_lesson(lesson.key)
    assert page.title[0].value == lesson.title
    assert "**Try it:**" in said(page)
    assert page.expander or page.success
    ideas = page.markdown[0].value
    assert 2 <= ideas.count(". ") + 1 <= 4


def test_person_without_anything_gets_the_sample() -> None:
    page = open_lesson("neuron")
    button = next(each for each in page.button if "Grades" in each.label)
    button.click().run()
    config = load_draft(Workspace())
    assert config is not None and config.data.target == "result"


def test_person_with_data_is_led_to_the_same_idea_there(workspace: Workspace, finished_run: Callable[..., Run]) -> None:
    save_draft(workspace, finished_run("binary").config)
    page = open_lesson("neuron")
    assert not [each for each in page.button if "sample" in each.label]
    assert "See the neurons of your own network" in [link.proto.label for link in page.get("page_link")]


def test_path_leads_from_home_to_the_first_training() -> None:
    page = AppTest.from_file(NAVIGATION, default_timeout=60).run()
    next(each for each in page.button if "ten minutes" in each.label.lower()).click().run()
    stops = sorted((lesson for lesson in LESSONS if lesson.stop), key=lambda lesson: lesson.stop)
    assert page.title[0].value == stops[0].title
    for stop in stops:
        page.switch_page(stop.file).run()
        assert f"step {stop.stop} of {len(stops) + 1}" in said(page)
    last = next(each for each in page.button if "train your first network" in each.label)
    last.click().run()
    assert load_draft(Workspace()) is not None
    assert "step" not in said(page.switch_page(stops[0].file).run()).split("Try it")[0]
