"""Whose workspace this is, its draft, the engine, and errors as people see them."""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Iterator
from typing import Any

import streamlit as st

from core.draft import load_draft, save_draft, set_values
from core.engine import Engine
from core.errors import UserError
from core.record import Record
from core.runs import Run
from core.spec import AnyConfig
from core.training import answer
from core.workspace import Workspace
from pages.parts.visitors import COOKIE, at_this_machine, visitor_token

# What Streamlit draws as something else even where it is escaped: an icon, its logo, an arrow, a dash, a link.
_DRAWN = re.compile(
    r":(?=material[/_]\w+:|streamlit:|//)|(?<!\S)[-<>~](?=-?>(?!\S)|[-=](?!\S))|@|(?<=www)(?=\.)", re.IGNORECASE
)
_UNSEEN = "\N{WORD JOINER}"
# What Markdown could take for markup: these letters anywhere, underscores at the edge of a word, what begins a list
# or a heading. Names such as study_hours stay as they are, also for screen readers.
_MARKUP = re.compile(
    r"[\\`*\[\]<>~$:&|@]|(?<![^\W_])_|_(?![^\W_])|^[#+\-=>]|(?<=^\d)[.)]|(?<=^\d\d)[.)]",
    re.MULTILINE,
)


@st.cache_resource(show_spinner=False)
def _engine_of(root: str) -> Engine:
    return Engine(Workspace(root))


def engine() -> Engine:
    """The engine of this server, one for all visitors."""
    return _engine_of(str(Workspace().root))


def workspace() -> Workspace:
    """The machine's own workspace for who sits at it; on a shared server one for each browser."""
    if _at_this_machine():
        return Workspace()
    token = visitor_token(f"{COOKIE}={st.context.cookies.get(COOKIE, '')}")
    if token is None:
        token = st.session_state.setdefault("visitor_without_cookie", _one_visit())
    return Workspace().visitor(token)


def _one_visit() -> str:
    import secrets

    return secrets.token_hex(32)


def _at_this_machine() -> bool:
    return at_this_machine(st.context.ip_address, st.context.headers)


def ask(question: str, record: Record, *values: Any, seconds: float = 120) -> Any:
    """What a warm worker answers: ``core.training.questions.<question>(root, id, *values)``; raises `UserError`."""
    return engine().ask(answer, question, str(record.workspace.root), record.id, *values, seconds=seconds)


def draft() -> AnyConfig | None:
    """The draft as it is on disk."""
    return load_draft(workspace())


def keep(config: AnyConfig) -> AnyConfig:
    """Save the draft."""
    return save_draft(workspace(), config)


def change(values: dict[str, Any]) -> None:
    """Change fields of the draft by their paths; a wrong value is said on the page and changes nothing."""
    config = draft()
    if config is None:
        return
    try:
        keep(set_values(config, values))
    except UserError as error:
        remember_error(error)


def remember_error(error: UserError) -> None:
    """Show the error at the next drawing of the page."""
    st.session_state["error_to_show"] = (error.problem, error.remedy)


def show_remembered_error() -> None:
    """Show and forget."""
    found = st.session_state.pop("error_to_show", None)
    if found:
        show_error(UserError(*found))


def show_error(error: UserError) -> None:
    """A problem and its remedy; nothing from data is drawn as HTML or Markdown."""
    st.error(plain(str(error)), icon=":material/error:")


@contextlib.contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `UserError` that is raised inside, and go on after the block."""
    try:
        yield
    except UserError as error:
        show_error(error)


def show_unexpected(error: Exception) -> bool:
    """What a person sees instead of a traceback; the details go to the server's log."""
    traceback.print_exception(error)
    if isinstance(error, UserError):
        show_error(error)
    else:
        st.error(
            f"Something unexpected went wrong on this page ({type(error).__name__}). Nothing was lost. "
            "Reload the page; if it happens again, open Home and start the step again.",
            icon=":material/error:",
        )
    return True


def plain(text: str) -> str:
    """Text from data, so that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\g<0>", _DRAWN.sub(rf"\g<0>{_UNSEEN}", text))


def chosen_run() -> Run | None:
    """The run in the address (``?run=…``), else the newest one; None where there is none.

    Raises:
        UserError: The address names a run that is not here.
    """
    named = st.query_params.get("run")
    if named:
        return Run(workspace(), named)
    newest = next(iter(workspace().runs()), None)
    return Run(workspace(), newest) if newest else None
