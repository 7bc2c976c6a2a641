"""The page on validation and overfitting, with a worker that answers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.errors import UserError
from core.lessons.overfitting import DRAWS
from core.runs import Run
from core.workspace import Workspace
from tests.pages.test_shell import NAVIGATION

PAGE = "learn_overfitting.py"
Asked = list[tuple[Any, ...]]


def answer(question: str, kind: str, noise: float, learned: int, l1: float, l2: float, dropout: float) -> dict:
    """Networks that memorise less the more they are held back, and learn nothing with an L1 rate of 0.1."""
    generator = np.random.default_rng(0)
    steps = np.arange(0, 101, 20)
    held = min(1.0, 30 * l1 + 30 * l2 + dropout)
    ends = (0.69, 0.69) if l1 >= 0.1 else (0.02 + 0.3 * held, 1.4 - held)
    rights = (0.5, 0.5) if l1 >= 0.1 else (1.0 - 0.1 * held, 0.86)
    cost = np.stack([np.linspace(0.8, end, 6) + 0.01 * generator.normal(size=(DRAWS, 1)) for end in ends])
    right = np.stack([np.linspace(0.5, end, 6) + 0 * generator.normal(size=(DRAWS, 1)) for end in rights])
    shapes = ((2, 4), (4,), (4, 1), (1,))
    weights = {f"weight_{i}": generator.normal(0, 1.01 - held, (DRAWS, *shape)) for i, shape in enumerate(shapes)}
    return {"steps": steps, "cost": cost, "right": right, **weights}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    questions: Asked = []

    def ask(*values: Any, seconds: float = 30) -> dict:
        questions.append(values)
        return answer(*values)

    monkeypatch.setattr("pages.parts.lesson_overfitting.ask_lesson", ask)
    return questions


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    from pages.parts.lesson_overfitting import _learned

    _learned.clear()


def opened() -> AppTest:
    page = AppTest.from_file(NAVIGATION, default_timeout=120).switch_page(PAGE).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in [*page.markdown, *page.caption, *page.success, *page.error])


def test_page_opens_with_a_network_that_knows_its_points_by_heart(workspace: Workspace, asked: Asked) -> None:
    page = opened()
    assert asked == [("memorise", "circles", 0.6, 40, 0.0, 0.0, 0.0)]
    assert "Known by heart: on average they are right about 100 % of their own points, and about only 86 %" in said(
        page
    )
    assert "New points end at a cost of 1.4" in said(page)
    assert not page.success


def test_holding_it_back_solves_the_question_and_is_held_against_none(workspace: Workspace, asked: Asked) -> None:
    page = opened()
    page.button_group(key="overfitting:way").set_value("l2").run()
    assert not page.success
    page.select_slider(key="overfitting:rate:l2").set_value(0.1).run()
    assert asked[-1] == ("memorise", "circles", 0.6, 40, 0.0, 0.1, 0.0)
    assert "You found it." in page.success[0].value
    assert "more than chance explains" in said(page)
    assert "share of right answers 0 (0 to 0) percentage points: **no difference can be told**" in said(page)
    page.button_group(key="overfitting:way").set_value("none").run()
    assert page.success, "the answer stays"


def test_too_much_is_said_to_teach_nothing(workspace: Workspace) -> None:
    page = opened()
    page.button_group(key="overfitting:way").set_value("l1").run()
    page.select_slider(key="overfitting:rate:l1").set_value(0.1).run()
    assert "Held back too much" in said(page)
    assert not page.success


def test_every_rate_is_tried_once_and_stays_while_rates_are_looked_at(workspace: Workspace, asked: Asked) -> None:
    page = opened()
    page.button_group(key="overfitting:way").set_value("dropout").run()
    charts = len(page.get("plotly_chart"))
    page.button(key="overfitting:try").click().run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == charts + 1
    assert [values[-1] for values in asked] == [0.0, *(pytest.approx(0.1 * each) for each in range(1, 9))]
    page.select_slider(key="overfitting:rate:dropout").set_value(0.5).run()
    assert len(page.get("plotly_chart")) == charts + 1 and len(asked) == 9
    page.button_group(key="overfitting:count").set_value(80).run()
    assert len(page.get("plotly_chart")) == charts


def test_points_and_noise_are_chosen_under_all_settings(workspace: Workspace, asked: Asked) -> None:
    page = opened()
    page.toggle(key="all_settings").set_value(True).run()
    page.button_group(key="overfitting:kind").set_value("spirals").run()
    page.slider(key="overfitting:noise").set_value(0.0).run()
    page.slider(key="overfitting:draw").set_value(DRAWS).run()
    page.toggle(key="overfitting:new").set_value(True).run()
    assert not page.exception
    assert asked[-1][:3] == ("memorise", "spirals", 0.0)


def test_new_students_get_other_answers_from_other_neurons(workspace: Workspace) -> None:
    page = opened()
    tables = set()
    for neuron in "ABCDE":
        page.button_group(key="overfitting:neuron").set_value(neuron).run()
        table = page.table[0].value
        assert table["Answer"].tolist()[:3] == table["Truth"].tolist()[:3] == ["1", "0", "1"]
        tables.add(tuple(table["Answer"].tolist()[3:]))
    assert len(tables) > 1
    assert "Of 1,000 neurons that are right about S1 to S3" in said(page)


def test_silent_worker_is_told_and_asked_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*values: Any, seconds: float = 30) -> dict:
        raise UserError("No worker answered.", "Try again in a moment.")

    monkeypatch.setattr("pages.parts.lesson_overfitting.ask_lesson", silent)
    page = opened()
    assert "No worker answered" in said(page)
    monkeypatch.setattr("pages.parts.lesson_overfitting.ask_lesson", lambda *values, seconds=30: answer(*values))
    next(button for button in page.button if button.label == "Try again").click().run()
    assert "Known by heart" in said(page) and not page.error


def test_own_network_is_shown_where_there_is_one(workspace: Workspace, finished_run: Callable[..., Run]) -> None:
    assert len(opened().get("plotly_chart")) == 2
    finished_run("binary")
    page = opened()
    assert any(each.label == "Your own network: marks.csv" for each in page.expander)
    assert len(page.get("plotly_chart")) == 3


def test_weights_are_drawn_once_somebody_opens_them(workspace: Workspace) -> None:
    page = opened()
    charts = len(page.get("plotly_chart"))
    page.session_state["overfitting:opened"] = True
    page.button_group(key="overfitting:way").set_value("l2").run()
    assert not page.exception
    assert len(page.get("plotly_chart")) == charts + 1
    assert "of the weights are as good as zero (below 0.01)." in said(page)
