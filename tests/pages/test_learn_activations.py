"""The page of activation functions: what it says as function and bias change, and with a network of one's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.lessons.activations import curves
from core.runs import Run
from core.workspace import Workspace
from pages.parts.lesson_activations import Shown, curve_chart
from pages.parts.lesson_activations_own import sums_chart
from pages.parts.results_opened import opened
from tests.pages.test_shell import open_page, said

PAGE = "learn_activations.py"


def cells(page: AppTest, place: int = 0) -> dict[str, list[str]]:
    return page.table[place].value.to_dict("list")


def solved(page: AppTest) -> bool:
    return any("You found it" in str(part.value) for part in page.success)


def choose(page: AppTest, name: str, bias: float) -> AppTest:
    page.radio(key="activations:name").set_value(name)
    return page.slider(key="activations:bias").set_value(bias).run()


def test_it_opens_where_the_step_is_flat_for_the_student_that_it_gets_wrong(workspace: Workspace) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert cells(page)["Sum"] == ["1.00", "-5.40", "-2.00"]
    assert [float(each) for each in cells(page)["Answer"]] == [1, 0, 0]
    assert [float(each) for each in cells(page)["Slope"]] == [0, 0, 0]
    assert not solved(page)


def test_sigmoid_at_zero_answers_the_question_and_nothing_else_does(workspace: Workspace) -> None:
    page = open_page(PAGE)
    for name, bias in (("sigmoid", 0.0), ("tanh", 20.0), ("relu", 25.0), ("leaky_relu", 20.0), ("sigmoid", 40.0)):
        assert not solved(choose(page, name, bias)), name
    assert solved(choose(page, "sigmoid", 20.0))
    assert cells(page)["Slope"][2] == "0.25"
    assert cells(page)["Answer"][2] == "0.5"
    assert "one part in 1,048,576 of a push" in said(page)
    assert solved(choose(page, "relu", 0.0))


def test_softmax_shares_the_answer_among_three_classes(workspace: Workspace) -> None:
    page = choose(open_page(PAGE), "softmax", 0.0)
    page.slider(key="activations:third").set_value(0.0).run()
    shares = np.array([[float(each) for each in column] for column in list(cells(page).values())[2:]])
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=2e-3)
    assert shares[0, 0] == shares[2, 0]
    page.slider(key="activations:third").set_value(6.0).run()
    assert float(cells(page)["“with distinction”"][0]) > 0.98


def test_every_student_and_wild_weights_can_be_looked_at(workspace: Workspace) -> None:
    page = open_page(PAGE)
    for subject in ("History", "Math", "Science"):
        page.slider(key=f"activations:weight:{subject}").set_value(-3.0)
    page.button_group(key="activations:student").set_value("S1")
    for name in ("step", "sigmoid", "tanh", "relu", "leaky_relu", "softmax"):
        assert not choose(page, name, -60.0).exception, name
    assert cells(page)["Sum of “passes”"][0] == "-89.00"


@pytest.mark.parametrize(
    ("name", "title"),
    [("step", "Step: where S3 is, the curve is flat"), ("sigmoid", "Sigmoid: where S3 is, the slope is 0.105")],
)
def test_the_picture_says_how_steep_it_is(name: str, title: str) -> None:
    lines = curves(name)
    chart = curve_chart(Shown(name.capitalize(), lines, lines["answer"], np.array([1.0, -5.4, -2.0]), 2))
    assert chart.sentence.startswith(title)
    assert "S2: sum -5.40" in chart.sentence


def test_own_network_s_sums_are_shown_where_it_ends_in_sigmoid(
    workspace: Workspace, finished_run: Callable[..., Run]
) -> None:
    numbers = finished_run("regression")
    assert "The same with your network" not in said(open_page(PAGE))
    numbers.delete()
    run = finished_run("binary")
    assert "The same with your network" in said(open_page(PAGE))
    found = opened(run)
    sure = (np.abs(found.probabilities[:, 1] - 0.5) > 0.4472).sum()
    assert sums_chart(found).sentence.startswith(f"{sure} of {len(found.rows)} validation rows lie where")
