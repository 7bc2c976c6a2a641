"""The page on gradient descent: the way, the question, the epoch by hand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Run
from core.workspace import Workspace
from tests.pages.test_learn_layers import solved
from tests.pages.test_shell import open_page, said


def with_rate(rate: float) -> AppTest:
    page = open_page("learn_descent.py")
    page.select_slider(key="descent:rate").set_value(rate).run()
    assert not page.exception
    return page


def test_it_opens_with_steps_that_are_too_long(workspace: Workspace) -> None:
    page = open_page("learn_descent.py")
    assert not page.exception
    assert "**After 40 steps the cost is" in said(page)
    assert not solved(page)


@pytest.mark.parametrize(("rate", "found"), [(0.1, False), (0.3, True), (1.0, False)])
def test_the_right_rate_solves_it(workspace: Workspace, rate: float, found: bool) -> None:
    assert solved(with_rate(rate)) == found


def test_more_steps_than_asked_for_are_no_answer(workspace: Workspace) -> None:
    page = with_rate(0.1)
    page.slider(key="descent:steps").set_value(100).run()
    assert not solved(page)


def test_a_way_that_runs_away_is_stopped_and_said(workspace: Workspace) -> None:
    assert "before the numbers got too large" in said(with_rate(1.0))


@pytest.mark.parametrize("method", ["momentum", "adam"])
@pytest.mark.parametrize("batch", [1, 20])
def test_every_way_to_step_is_shown_from_above_and_in_relief(workspace: Workspace, method: str, batch: int) -> None:
    page = open_page("learn_descent.py")
    page.button_group(key="descent:method").set_value(method)
    page.button_group(key="descent:batch").set_value(batch)
    page.button_group(key="descent:landscape").set_value("valleys")
    page.button_group(key="descent:view").set_value("in relief")
    page.run()
    assert not page.exception
    assert f"({40 * batch / 20:g} epochs)" in said(page)


def test_the_start_decides_in_which_valley_it_ends(workspace: Workspace) -> None:
    page = open_page("learn_descent.py")
    assert not [toggle for toggle in page.toggle if toggle.key == "descent:other"]
    page.button_group(key="descent:landscape").set_value("valleys")
    page.run()
    ends = [_end(page)]
    page.toggle(key="descent:other").set_value(True).run()
    ends.append(_end(page))
    assert ends[0][0] == -ends[1][0] > 0 and ends[0][1] == -ends[1][1] > 0


def _end(page: AppTest) -> tuple[float, float]:
    said_of_it = page.get("image")[0].proto.imgs[0].alt
    found = re.search(r"leads to first weight (-?[\d.]+) and second weight (-?[\d.]+);", said_of_it)
    assert found
    return float(found[1]), float(found[2])


def test_the_epoch_by_hand_is_worked_out(workspace: Workspace) -> None:
    page = open_page("learn_descent.py")
    assert "0.525 - 1 = -0.475" in said(page)
    assert "For History: -1 x -0.475 x 0.8 = +0.380" in said(page)
    page.slider(key="descent:hand:epoch").set_value(30).run()
    assert "After epoch 30" in said(page)


def test_own_network_tells_its_own_way(workspace: Workspace, finished_run: Callable[..., Run]) -> None:
    assert "Your own network" not in said(open_page("learn_descent.py"))
    finished_run("binary", "marks_*1*.csv")
    page = open_page("learn_descent.py")
    assert "Your own network" in said(page)
    assert "Its cost went from 1 to 0.25 in 3 epochs" in said(page)
