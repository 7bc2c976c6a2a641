"""Nine versions of a picture, how far they may go, and what one's own network says of them."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UserError
from core.workspace import Workspace
from pages.parts.image_predict_ask import Answer
from pages.parts.lesson_augmentation import captions
from tests.pages.made_images import image_config, image_run
from tests.pages.test_shell import open_page, said


@pytest.fixture
def varied(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def nine(root: str, augmentation: str, original: np.ndarray, seed: int) -> np.ndarray:
        return np.stack([original] * 9)

    monkeypatch.setattr("pages.parts.image_network_varied._asked", nine)


def test_a_quarter_turn_is_found_and_half_a_turn_is_too_much(varied: None) -> None:
    page = open_page("learn_augmentation.py")
    assert page.title[0].value == "Data augmentation" and not page.success
    assert "Turned by up to 180° either way" in said(page) and "Would you read each of them as a 9?" in said(page)
    assert "No network of yours has learned from pictures yet" in said(page)
    page = page.slider(key="augmentation:strength").set_value(0.0).run()
    assert "all nine are the same picture" in said(page) and not page.success
    page = page.slider(key="augmentation:strength").set_value(0.5).run()
    assert "Turned by up to 90° either way" in said(page) and "Each can still be read as a 9" in said(page)
    assert "You found it" in page.success[0].value
    page = page.radio(key="augmentation:name").set_value("mirror").run()
    assert "seen from its other side" in said(page) and "Would you read each of them as a 9?" in said(page)
    assert not page.exception


def test_brightness_and_contrast_come_with_all_settings_and_go_with_them(varied: None) -> None:
    page = open_page("learn_augmentation.py")
    assert len(page.radio(key="augmentation:name").options) == 6
    page.session_state["all_settings"] = True
    page = page.run()
    assert len(page.radio(key="augmentation:name").options) == 8
    page = page.radio(key="augmentation:name").set_value("contrast").run()
    assert "mist" in said(page)
    page.session_state["all_settings"] = False
    page = page.run()
    assert "Another pose" in said(page) and not page.exception


def test_own_network_says_what_it_makes_of_each_version(
    workspace: Workspace, varied: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = image_run(workspace, image_config(workspace))
    told = [Answer(np.array([0.9, 0.1]), True, 0.0)] * 8 + [Answer(np.array([0.2, 0.8]), False, 1.0)] * 2
    shapes = []

    def answers(shown: object, pictures: list[np.ndarray]) -> list[Answer]:
        shapes.extend(each.shape for each in pictures)
        return told

    monkeypatch.setattr("pages.parts.lesson_augmentation.answers", answers)
    monkeypatch.setattr("pages.parts.lesson_augmentation.warm_up", lambda shown: None)
    page = open_page("learn_augmentation.py")
    assert "has not learned from digits" in said(page) and "now " not in said(page)
    shapes.clear()
    page = page.selectbox(key="augmentation:photo").set_value("Muffin").run()
    assert set(shapes) == {(*run.image_config.data.shape,)} and len(shapes) == 10
    assert "says circle (90 %) to the picture, and to 7 of its 9 versions" in said(page)
    assert "unlike all that it learned from" in said(page) and not page.exception


def test_a_version_that_gets_another_answer_is_marked_in_words() -> None:
    told = [Answer(np.array(shares), False, 1.0) for shares in ([0.9, 0.1], [0.7, 0.3], [0.2, 0.8])]
    assert captions(told, ["circle", "square"]) == ["circle, 70 %", "now square, 80 %"]


def test_where_no_worker_answers_it_asks_again(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*values: object) -> np.ndarray:
        raise UserError("No worker answered.", "")

    monkeypatch.setattr("pages.parts.image_network_varied._asked", silent)
    page = open_page("learn_augmentation.py")
    assert "engine is getting ready" in said(page) and not page.exception
