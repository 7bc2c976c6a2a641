"""The page on layers: what stands there, and what training changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.draft import save_draft
from core.spec import RunConfig
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.pages.test_shell import open_page

STATE = "layers:state"


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network rests after 60 epochs, all of them in one go: AppTest has no clock that runs a fragment again."""
    monkeypatch.setattr("pages.parts.lesson_layers_live.EPOCHS", 60)
    monkeypatch.setattr("pages.parts.lesson_layers_live.EPOCHS_A_TICK", 60)


def right(page: AppTest) -> float:
    (metric,) = [each for each in page.metric if each.label == "Points that are right"]
    return float(metric.value.rstrip("%"))


def epoch(page: AppTest) -> int:
    return int(page.metric[0].value)


def solved(page: AppTest) -> bool:
    return any("You found it" in str(each.value) for each in page.success)


def test_it_opens_with_one_neuron_that_cannot_do_it(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    assert not page.exception
    assert epoch(page) == 40 and 50 < right(page) < 80
    assert not solved(page)
    assert "my table" not in page.button_group(key="layers:points").options


def test_three_neurons_solve_it_and_the_answer_stays(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    page.slider(key="layers:units:1").set_value(3).run()
    assert not page.exception
    assert epoch(page) == 60 and right(page) >= 95
    assert solved(page)
    page.button_group(key="layers:points").set_value("spirals").run()
    assert right(page) < 95 and solved(page)


def test_other_points_solved_are_no_answer_to_the_question(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    page.button_group(key="layers:points").set_value("blobs").run()
    assert right(page) >= 95 and not solved(page)


def test_play_step_and_start_again(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    page.button(key="layers:step").click().run()
    assert epoch(page) == 41
    page.button(key="layers:play").click().run()
    assert epoch(page) == 101
    before = page.session_state[STATE].network.seed
    page.button(key="layers:again").click().run()
    assert epoch(page) == 0
    assert page.session_state[STATE].network.seed == before + 1


def test_pause_holds_the_network_still(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.lesson_layers_live.EPOCHS_A_TICK", 5)
    page = open_page("learn_layers.py")
    page.button(key="layers:play").click().run()
    held = epoch(page)
    assert page.button(key="layers:step").disabled
    page.button(key="layers:pause").click().run()
    page.run()
    assert epoch(page) == held


def test_any_neuron_can_be_looked_at_and_a_smaller_network_forgets_it(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    page.button_group(key="layers:count").set_value(2).run()
    page.selectbox(key="layers:look").set_value((2, 3)).run()
    assert not page.exception
    page.button_group(key="layers:count").set_value(0).run()
    assert not page.exception
    assert page.selectbox(key="layers:look").value == (1, 0)
    assert page.caption[0].value.startswith("2 inputs → 1 answer: 3 numbers to learn")


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "linear"])
def test_every_activation_is_shown(workspace: Workspace, activation: str) -> None:
    page = open_page("learn_layers.py")
    page.button_group(key="layers:activation").set_value(activation).run()
    assert not page.exception and epoch(page) == 60


def test_rate_and_noise_stand_under_all_settings(workspace: Workspace) -> None:
    page = open_page("learn_layers.py")
    assert not page.select_slider
    page.toggle(key="all_settings").set_value(True).run()
    page.slider(key="layers:noise").set_value(1.0).run()
    page.select_slider(key="layers:rate").set_value(0.3).run()
    assert not page.exception


def test_own_table_is_offered_and_only_its_training_rows_are_seen(
    workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    save_draft(workspace, draft_of(grades(rows=200)))
    page = open_page("learn_layers.py")
    page.button_group(key="layers:points").set_value("own").run()
    assert not page.exception
    shown = page.session_state[STATE].shown
    assert shown.axes == ("math", "history") or shown.axes == ("history", "math")
    assert 100 <= len(shown.x) < 160
    assert right(page) > 70


def test_own_number_becomes_above_or_below_its_middle(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    save_draft(workspace, draft_of(response(rows=100)))
    page = open_page("learn_layers.py")
    page.button_group(key="layers:points").set_value("own").run()
    shown = page.session_state[STATE].shown
    assert shown.axes[0] == "a"
    assert shown.names[1].startswith("above ")
    assert abs(shown.y.mean() - 0.5) < 0.05


def test_table_without_two_columns_of_numbers_says_so(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"<b>one</b>": generator.normal(size=60).round(3)})
    frame["class"] = generator.choice(["a", "b", "c"], 60)
    save_draft(workspace, draft_of(frame))
    page = open_page("learn_layers.py")
    page.button_group(key="layers:points").set_value("own").run()
    assert not page.exception
    assert "fewer than two columns of numbers" in page.error[0].value
