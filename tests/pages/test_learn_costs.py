"""The page of cost functions: the lecture's predictions, its question, and the costliest of one's own network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Run
from core.workspace import Workspace
from pages.parts.lesson_costs import cost_chart
from pages.parts.lesson_costs_own import costs_of
from pages.parts.results_opened import opened
from tests.pages.made_images import image_config, image_run
from tests.pages.test_learn_activations import cells, solved
from tests.pages.test_shell import open_page, said

PAGE = "learn_costs.py"


def costs(page: AppTest) -> list[float]:
    return [float(each.value) for each in page.metric]


def predict(page: AppTest, second: float, third: float) -> AppTest:
    page.slider(key="costs:S2").set_value(second)
    return page.slider(key="costs:S3").set_value(third).run()


def test_it_opens_with_the_lecture_s_predictions(workspace: Workspace) -> None:
    page = open_page(PAGE)
    assert not page.exception
    assert costs(page) == [0.667, 10.745, 1.0, 10.745]
    table = cells(page)
    assert table["Mean squared error (MSE)"] == [
        "(1 - 1)² = 0",
        "(0 - 1)² = 1",
        "(1 - 0)² = 1",
        "(0 + 1 + 1) / 3 = 0.667",
    ]
    assert table["Hinge"][1] == "max(0, 1 - (-1) x 1) = 2"
    assert not solved(page)


def test_doubt_answers_the_question_and_right_answers_do_not(workspace: Workspace) -> None:
    page = open_page(PAGE)
    assert "1 of 3 answers right" in said(page)
    assert not solved(predict(page, 0.0, 1.0))
    assert "3 of 3 answers right" in said(page)
    assert not solved(predict(page, 0.5, 0.05))
    assert costs(predict(page, 0.6, 0.4)) == [0.24, 0.611, 0.733, 0.611]
    assert "1 of 3 answers right" in said(page)
    assert solved(page)


def test_the_picture_follows_the_prediction_that_moves(workspace: Workspace) -> None:
    page = open_page(PAGE)
    assert page.session_state["costs:student"] == "S3"
    page.slider(key="costs:S2").set_value(0.2).run()
    assert page.session_state["costs:student"] == "S2"


@pytest.mark.parametrize(
    ("truth", "predicted", "words"),
    [
        (1.0, 0.0, "is wrong and sure. It costs: Mean squared error (MSE) 1, Binary cross-entropy 16.118"),
        (0.0, 0.3, "is right and unsure"),
        (0.0, 0.5, "is undecided"),
        (1.0, 1.0, "is right and sure. It costs: Mean squared error (MSE) 0, Binary cross-entropy 0, Hinge 0"),
    ],
)
def test_the_picture_says_what_the_prediction_costs(truth: float, predicted: float, words: str) -> None:
    assert words in cost_chart(truth, predicted, "S3").sentence


def test_with_three_classes_only_the_true_one_counts(workspace: Workspace) -> None:
    page = open_page(PAGE)
    before = cells(page, 1)
    assert before["Term"][0] == "-0 x log 0.09 = 0"
    assert "It costs 1.408" in said(page)
    page.radio(key="costs:truth").set_value("passes").run()
    assert "It costs 0.408" in said(page)
    page.slider(key="costs:sum:passes").set_value(-6.0)
    page.slider(key="costs:sum:fails").set_value(6.0).run()
    assert "It costs 12.007" in said(page)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_costliest_mistakes_of_the_own_network(
    workspace: Workspace, finished_run: Callable[..., Run], task: str
) -> None:
    assert "costs your network most" not in said(open_page(PAGE))
    shown = opened(finished_run(task))
    page = open_page(PAGE)
    assert not page.exception
    assert "What costs your network most" in said(page)
    frame = page.dataframe[0].value
    costs = np.sort(costs_of(shown))[::-1]
    np.testing.assert_allclose(frame["Cost"].astype(float), costs[:5], rtol=0.05, atol=0.01)
    if task == "binary":
        wrong = frame["Truth"] != frame["Answer"]
        assert wrong.tolist() == sorted(wrong, reverse=True)
        assert wrong.any()


def test_costliest_pictures_of_the_own_network(workspace: Workspace) -> None:
    image_run(workspace, image_config(workspace))
    page = open_page(PAGE)
    assert not page.exception
    assert "These 5 of 8 validation pictures make up" in said(page)
    assert sum("cost " in str(each.value) for each in page.caption) == 5


def test_run_whose_table_is_gone_still_shows_what_it_costs(
    workspace: Workspace, finished_run: Callable[..., Run]
) -> None:
    run = finished_run("binary")
    for file in workspace.root.rglob(f"*{run.table_config.data.source.fingerprint}*"):
        if file.is_file():
            file.unlink()
    page = open_page(PAGE)
    assert not page.exception
    assert len(page.dataframe[0].value) == 5
