"""Where people log in, workspaces belong to accounts, and a login stands before everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.errors import UserError
from core.runs import Run, all_runs
from core.sharing import share
from core.workspace import Workspace
from pages.parts.account import _providers
from tests.pages.made_runs import config_for
from tests.pages.test_shell import labelled, open_page, said

NAVIGATION = str(Path(__file__).resolve().parents[2] / "pages" / "navigation.py")
PAGES = ("home", "data", "network", "train", "results", "compare", "predict", "workspace")


@pytest.fixture
def log_in(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``log_in(sub)``: from now on this account looks; without one nobody is logged in."""
    monkeypatch.setattr("pages.parts.account._providers", lambda: [""])

    def become(sub: str = "", iss: str = "https://id.example") -> None:
        user = {"is_logged_in": bool(sub), **({"sub": sub, "iss": iss, "email": "*ann*@example.org"} if sub else {})}
        monkeypatch.setattr("streamlit.user_info._get_user_info", lambda: user)

    return become


@pytest.mark.parametrize("page", PAGES)
def test_login_stands_before_every_page(page: str, workspace: Workspace, log_in: Callable[..., None]) -> None:
    Run.create(workspace, config_for(workspace, "binary", "secret.csv"))
    log_in()
    shown = open_page(f"{page}.py")
    assert not shown.exception
    assert [button.label for button in shown.button] == ["Log in"]
    assert "secret" not in said(shown)


def test_login_stands_before_a_link_too(finished_run: Callable[..., Run], log_in: Callable[..., None]) -> None:
    each = share(finished_run("binary"), True)
    log_in()
    shown = open_page("results.py", share=each.token, run=each.id)
    assert [button.label for button in shown.button] == ["Log in"]
    assert "Open it once more" in said(shown)
    log_in("1")
    assert open_page("results.py", share=each.token, run=each.id).title[0].value == "Results"


def test_workspace_belongs_to_the_account_and_not_to_the_machine_or_the_cookie(
    finished_run: Callable[..., Run], workspace: Workspace, log_in: Callable[..., None]
) -> None:
    finished_run("binary", "machine.csv")
    log_in("1")
    assert "machine.csv" not in said(open_page("home.py"))
    own = workspace.visitor("account:https://id.example\n1")
    Run.create(own, config_for(own, "binary", "mine.csv"))
    assert "mine.csv" in said(open_page("home.py"))
    for other in (("2", "https://id.example"), ("1", "https://other.example")):
        log_in(*other)
        assert "mine.csv" not in said(open_page("home.py"))
    assert len(all_runs(own)) == 1


def test_one_can_log_out_and_needs_no_code_for_another_device(
    workspace: Workspace, log_in: Callable[..., None]
) -> None:
    log_in("1")
    page = open_page("workspace.py")
    assert not page.exception
    assert labelled(page, "Log out") and not labelled(page, "Show a code")
    assert r"\*ann\*" in page.sidebar.caption[0].value, "a name is never markup"
    assert "belongs to your account" in said(page)


def test_account_that_is_logged_out_in_mid_session_gets_nothing(
    workspace: Workspace, log_in: Callable[..., None]
) -> None:
    log_in("1")
    page = open_page("home.py")
    log_in()
    page.run()
    assert [button.label for button in page.button] == ["Log in"]


def test_without_accounts_nothing_changes(workspace: Workspace) -> None:
    page = open_page("home.py")
    assert not labelled(page, "Log in") and not labelled(page, "Log out")


def test_each_provider_has_its_button(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"auth": {"redirect_uri": "x", "google": {"client_id": "1"}, "school": {"client_id": "2"}}}
    monkeypatch.setattr(st, "secrets", secrets)
    assert _providers() == ["google", "school"]
    secrets["auth"]["client_id"] = "3"
    assert _providers() == ["", "google", "school"]


def test_browser_that_has_left_is_nobody_and_never_the_owner(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit then knows no headers and no address, which looks like a connection from this machine."""
    from pages.parts import session
    from pages.parts.visitors import COOKIE, at_this_machine

    monkeypatch.setattr(session, "_at_this_machine", lambda: at_this_machine(None, session._request().headers))
    monkeypatch.setattr(session, "_request", lambda: session._Request(None, {}, {}))
    Run.create(workspace, config_for(workspace, "binary", "owners.csv"))
    page = AppTest.from_file(NAVIGATION, default_timeout=60).run()
    assert not page.exception and not page.title, "the page stops"
    remote = session._Request("203.0.113.9", {"Host": ["x"]}, {COOKIE: "cd" * 32})
    monkeypatch.setattr(session, "_request", lambda: remote)
    page = open_page("home.py")
    assert "owners.csv" not in said(page) and page.title
    monkeypatch.setattr(session, "_request", lambda: session._Request(None, {}, {}))
    page.run()
    assert "owners.csv" not in said(page) and page.title, "it is remembered who looks"


def test_nobody_logged_in_has_no_workspace(log_in: Callable[..., None]) -> None:
    from pages.parts.session import visitor

    log_in()
    with pytest.raises(UserError, match="Nobody is logged in"):
        visitor()
