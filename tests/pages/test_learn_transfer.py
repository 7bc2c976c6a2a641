"""Two networks learn from ten pictures while one looks on; what is said follows from what they answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.draft import save_draft
from core.errors import UserError
from core.lessons.transfer import Pictures
from core.spec import RunConfig
from core.workspace import Workspace
from pages.parts.lesson_transfer import EPOCHS, Lot, Race
from tests.conftest import grades
from tests.pages.made_images import image_config
from tests.pages.test_shell import open_page, said

AT_ONCE = 30
STEPS = 1 + 1 + EPOCHS // AT_ONCE


def answered(question: str, *values: Any) -> Any:
    """A worker on which the pretrained network knows two classes by heart, but no more than two."""
    if question == "described":
        return np.zeros((len(values[0]), 1280), np.float32)
    way, x, y, learned, _, state, until = values
    assert len(x) == len(y) and (until == 0) == (state is None)
    assert x.shape[1:] == ((64, 64, 3) if way == "scratch" else (1280,))
    knows = way == "pretrained" and y.max() == 1 and until > 0
    right = np.arange(len(y) - learned) < (90 if knows else 50)
    answers = np.where(right, y[learned:], (y[learned:] + 1) % (y.max() + 1))
    return {"state": {"epoch": np.array(until)}, "probabilities": np.eye(y.max() + 1)[answers]}


@pytest.fixture
def asked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    def by(worker: Callable[..., Any]) -> None:
        monkeypatch.setattr("pages.parts.lesson_transfer.ask_lesson", worker)

    by(answered)
    monkeypatch.setattr("pages.parts.lesson_transfer.DESCRIBED_AT_ONCE", 200)
    monkeypatch.setattr("pages.parts.lesson_transfer.EPOCHS_AT_ONCE", AT_ONCE)
    st.cache_data.clear()
    return by


def trained(page: AppTest) -> AppTest:
    page = page.button(key="transfer:train").click().run()
    for _ in range(STEPS):
        page.run()
    assert not page.exception
    return page


def offered(page: AppTest) -> list[str]:
    return list(page.segmented_control(key="transfer:count").options)


def test_help_on_drawings_and_none_on_digits_answers_the_question(asked: Callable[..., None]) -> None:
    page = open_page("learn_transfer.py")
    assert page.title[0].value == "Transfer learning" and not page.table
    assert "these 10 pictures, and are judged on 100 others" in said(page)
    page = trained(page)
    assert [metric.value for metric in page.metric] == ["50 of 100 right", "90 of 100 right"]
    assert "pretrained network is better here" in said(page) and not page.success
    page = trained(page.selectbox(key="transfer:source").set_value("digits").run())
    assert "No difference can be told" in said(page)
    assert page.table[0].value["From scratch"].tolist() == ["50 of 100", "50 of 100"]
    assert page.table[0].value["Pretrained"].tolist() == ["50 of 100", "90 of 100"]
    assert "You found it" in page.success[0].value


def test_a_try_can_be_stopped_and_other_pictures_drawn(asked: Callable[..., None]) -> None:
    page = open_page("learn_transfer.py").button(key="transfer:train").click().run()
    assert page.selectbox(key="transfer:source").disabled
    stop = next(button for button in page.button if button.label == "Stop")
    page = stop.click().run()
    assert not page.metric and not page.selectbox(key="transfer:source").disabled
    page = page.button(key="transfer:other").click().run()
    assert page.session_state["transfer:draw"] == 2 and not page.exception


def test_where_no_worker_answers_it_is_said_and_nothing_goes_on(asked: Callable[..., None]) -> None:
    def silent(*values: Any) -> Any:
        raise UserError("No worker answered.", "Try again in a moment.")

    asked(silent)
    page = open_page("learn_transfer.py").button(key="transfer:train").click().run()
    assert "No worker answered" in said(page) and not page.metric and not page.exception


def test_own_pictures_are_offered_and_too_few_of_them_are_told(
    workspace: Workspace, asked: Callable[..., None], draft_of: Callable[..., RunConfig]
) -> None:
    save_draft(workspace, image_config(workspace, each=60))
    page = open_page("learn_transfer.py").selectbox(key="transfer:source").set_value("own").run()
    assert "these 10 pictures, and are judged on " in said(page)
    save_draft(workspace, draft_of(grades()))
    page = page.run()
    assert page.selectbox(key="transfer:source").value == "chihuahua_or_muffin" and not page.exception
    save_draft(workspace, image_config(workspace, each=12))
    page = page.run().selectbox(key="transfer:source").set_value("own").run()
    assert "different validation pictures; at least 10 are needed" in said(page) and not page.exception
    assert "transfer:train" not in [button.key for button in page.button]


def test_no_more_own_pictures_are_offered_than_may_be_learned_from(
    workspace: Workspace, asked: Callable[..., None]
) -> None:
    told: list[tuple[int, int]] = []

    def noted(question: str, *values: Any) -> Any:
        if question == "learn_on":
            told.append((len(values[2]), values[3]))
        return answered(question, *values)

    asked(noted)
    save_draft(workspace, image_config(workspace, each=30))
    page = open_page("learn_transfer.py")
    assert offered(page) == ["10", "20", "40"]
    page = page.segmented_control(key="transfer:count").set_value(40).run()
    assert "these 40 pictures, and are judged on 100 others" in said(page)
    page = page.selectbox(key="transfer:source").set_value("own").run()
    assert offered(page) == ["10", "20"]
    assert "these 10 pictures, and are judged on 12 others" in said(page)
    page = trained(page.segmented_control(key="transfer:count").set_value(20).run())
    assert set(told) == {(32, 20)}
    assert [metric.value for metric in page.metric] == ["12 of 12 right", "12 of 12 right"]


def test_a_race_learns_from_no_picture_that_judges_even_where_fewer_are_dealt_than_asked_for() -> None:
    pictures = Pictures(np.zeros((45, 128, 128, 3), np.uint8), np.arange(45) % 2, ("a", "b"), 33)
    race = Race.of(Lot("own", 40, 1, "some"), pictures)
    assert race.learned == 33
    np.testing.assert_array_equal(race.unseen, pictures.y[33:])


def test_results_with_pictures_that_are_no_longer_open_are_not_shown_as_those_of_others(
    workspace: Workspace, asked: Callable[..., None]
) -> None:
    before, after = image_config(workspace, each=30), image_config(workspace, each=40)
    save_draft(workspace, before)
    page = trained(open_page("learn_transfer.py").selectbox(key="transfer:source").set_value("own").run())
    assert len(page.metric) == 2 and len(page.table[0].value) == 1
    save_draft(workspace, after)
    page = page.run()
    assert not page.metric and not page.table and "judged on 16 others" in said(page)
    page = page.button(key="transfer:train").click().run()
    assert page.selectbox(key="transfer:source").disabled
    save_draft(workspace, before)
    page = page.run()
    assert not page.selectbox(key="transfer:source").disabled and not page.exception
    assert not page.metric and len(page.table[0].value) == 1
