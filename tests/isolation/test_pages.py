"""No page lists, shows, changes or deletes somebody else's things, however it is asked and whatever is clicked."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts import course, session
from tests.isolation.conftest import B, World, sent
from tests.isolation.table import PAGES

FOLDER = Path(__file__).parents[2] / "pages"
WHO = ("another visitor", "no key", "a tampered key", "a link to something else", "a revoked link", "a tampered link")
# These are refused before any page is chosen, so one page is enough.
ODD = ("the name of the folder as a key", "a path as a key", "the name of the folder as a link")
# Each takes a while to read, and makes nothing but a draft of one's own.
SLOW = ("Use this sample", "Open the sample")


def test_table_has_a_row_for_each_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} - {"navigation", "__init__"} == set(PAGES)
    shell = ast.parse((FOLDER / "navigation.py").read_text())
    steps = next(node.value for node in shell.body if isinstance(node, ast.Assign) and node.targets[0].id == "STEPS")  # type: ignore[attr-defined]
    assert {*ast.literal_eval(steps), *(each.address for each in course.PAGES)} == set(PAGES)


def test_who_is_tried_is_who_there_is(world: World) -> None:
    assert set(world.tried) == {*WHO, *ODD}


@pytest.mark.parametrize(
    ("page", "who"), [*((page, who) for page in PAGES for who in WHO), *(("results", who) for who in ODD)]
)
def test_page_shows_nothing_of_somebody_elses(
    page: str, who: str, safe: World, open_as: Callable[..., AppTest]
) -> None:
    ids = {"run": safe.run.id, "study": safe.study.id, "runs": f"{safe.run.id},{safe.run.id}"}
    asked = [{}, *({name: ids[name]} for name in PAGES[page])]
    for query in asked:
        shown = open_as(who, page, **query)
        assert not shown.exception
        told = sent(shown)
        hidden = [secret for secret in safe.secrets if secret not in query.values()]
        assert [secret for secret in hidden if secret in told] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_button_reaches_somebody_elses_things(page: str, safe: World, open_as: Callable[..., AppTest]) -> None:
    shown = open_as("another visitor", page)
    assert "bobs_own" in sent(shown) or page == "workspace", "the page shows B's own things, so its buttons are there"
    tried: set[str] = set()
    while label := next((each.label for each in shown.button if each.label not in tried), None):
        tried.add(label)
        if label.startswith(SLOW):
            continue
        for box in shown.checkbox:  # Yes, delete it.
            box.check()
        button = next((each for each in shown.run().button if each.label == label), None)
        if button is not None and not button.disabled:
            button.click().run()
            assert [secret for secret in safe.secrets if secret in sent(shown)] == []
            shown = open_as("another visitor", page)
    assert tried or page.startswith("learn_"), "lessons may have no button at all"


def test_question_about_what_is_shared_waits_in_the_line_of_who_asks(
    safe: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def page() -> None:
        from core.runs import all_runs
        from pages.parts import session

        session.ask("predict_table", all_runs(session.workspace())[0])

    asked: list[tuple[object, str]] = []
    engine = SimpleNamespace(ask=lambda *question, seconds, asker: asked.append((question[2], asker)))
    cookies, link = safe.tried["a link to something else"]
    told = session._Request("203.0.113.9", {"Host": ["muffin.example"]}, cookies)
    monkeypatch.setattr(session, "_request", lambda: told)
    monkeypatch.setattr(session, "engine", lambda: engine)
    shown = AppTest.from_function(page)
    shown.query_params["share"] = link
    assert not shown.run().exception
    assert asked == [(str(safe.root.share(link).root), str(safe.root.visitor(B).root))]
