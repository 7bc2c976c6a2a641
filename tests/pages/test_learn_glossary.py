"""The Glossary: searched, narrowed to a lesson, opened by an address; and the terms on the pages of lessons."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from core.glossary import TERMS
from core.workspace import Workspace
from pages.parts.course import GLOSSARY, LESSONS, PAGES
from tests.pages.test_shell import engine, open_page

__all__ = ["engine"]


@pytest.fixture
def page(workspace: Workspace) -> AppTest:
    return open_page("learn_glossary.py")


def told(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(str(each.value) for each in page.markdown)


def test_all_terms_stand_there_by_their_letters(page: AppTest) -> None:
    text = told(page)
    assert all(f"**{term.title}**" in text and term.means in text for term in TERMS)
    letters = [each.value for each in page.subheader]
    assert letters == sorted(letters) == sorted({term.title[0] for term in TERMS})


def test_search_finds_by_name_other_name_and_meaning(page: AppTest) -> None:
    text = told(page.text_input(key="glossary:asked").input("cnn").run())
    assert "**Convolutional neural network** (also CNN)" in text and "**Adam**" not in text
    assert not page.subheader
    text = told(page.text_input(key="glossary:asked").input("lowest point").run())
    assert "**Learning rate**" in text


def test_only_the_terms_of_a_lesson(page: AppTest) -> None:
    text = told(page.selectbox(key="glossary:lesson").select("neuron").run())
    assert "**Bias**" in text and "**Softmax**" not in text
    assert page.selectbox(key="glossary:lesson").options == ["all pages", *(lesson.title for lesson in LESSONS)]


@pytest.mark.parametrize("asked", ["zzzz", "<b>*x*</b>", "\\", "(" * 400, "😀"])
def test_what_is_not_there_is_said_so(page: AppTest, asked: str) -> None:
    page.text_input(key="glossary:asked").input(asked).run()
    assert "No term matches" in page.info[0].value
    assert "<b>" not in page.info[0].value.replace("\\<", "")


def test_address_names_a_term_once(workspace: Workspace) -> None:
    page = open_page("learn_glossary.py", term="learning rate")
    assert page.text_input(key="glossary:asked").value == "learning rate"
    assert told(page).index("**Learning rate**") < told(page).index("**Divergence**")
    assert "term" not in page.query_params
    assert "**Softmax**" in told(page.text_input(key="glossary:asked").input("softmax").run())


def test_glossary_stands_last_and_is_no_lesson() -> None:
    assert PAGES[-1] is GLOSSARY
    assert GLOSSARY not in LESSONS


def test_lesson_opens_the_terms_of_its_idea(workspace: Workspace) -> None:
    text = told(open_page("learn_neuron.py"))
    assert "**Threshold**: The value from which on the answer is yes." in text
