"""Whose workspace this is, its draft, the engine, and errors as people see them."""

from __future__ import annotations

import contextlib
import math
import re
import secrets
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.draft import load_draft, save_draft, set_values
from core.engine import Engine
from core.errors import UserError, is_full_disk
from core.limits import limits_of
from core.record import Record
from core.runs import Run
from core.sharing import Share, share_of, shared
from core.spec import AnyConfig
from core.training import answer
from core.visits import workspace_of
from core.workspace import Workspace
from pages.parts.visitors import Visitor, account_of, at_this_machine, visitor_of

# What Streamlit draws as something else even where it is escaped: an icon, its logo, an arrow, a dash, a link.
_DRAWN = re.compile(
    r":(?=material[/_]\w+:|streamlit:|//)|(?<!\S)[-<>~](?=-?>(?!\S)|[-=](?!\S))|@|(?<=www)(?=\.)", re.IGNORECASE
)
READ_ONLY = "This was shared with you to look at; nothing in it can be changed."
NOT_SHARED = "The raw data was not shared through this link."
# What a worker may be asked about what somebody shared: questions that leave nothing behind.
READING = (
    "predict_table", "explain_row", "predict_pixels", "grad_cam", "says", "occlusion", "feature_maps", "image_layers",
    "kernels",
)  # fmt: skip
_WHO, _SHARE = "muffin_visitor", "muffin_share"
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
    """What this page shows: the workspace of whoever looks, or what the link that they have opened shares.

    Raises:
        UserError: The link leads nowhere.
    """
    token = share_token()
    return shared(Workspace(), token) if token else own_workspace()


def own_workspace() -> Workspace:
    """The machine's own workspace for who sits at it; on a shared server one for each visitor."""
    found = visitor()
    return Workspace() if found is None else workspace_of(Workspace(), found.token, found.since)


def visitor() -> Visitor | None:
    """Who looks; None for who sits at the machine. Where people log in, it is their account.

    It is found out once for each session: what a browser that has gone would have sent is not known any more.
    """
    if accounts():
        account = account_of(st.user)
        if account is None:
            raise UserError("Nobody is logged in.", "Log in to go on.")
        return account
    if _WHO not in st.session_state:
        st.session_state[_WHO] = _who()
    return st.session_state[_WHO]


def most_upload_mb() -> int | None:
    """How large one upload may be, in MB; None for whatever the server takes."""
    most = limits_of(own_workspace()).upload_mb
    return math.ceil(most) if math.isfinite(most) else None


def begin_anew() -> None:
    """Forget all that this session knows but who it is, after a visitor has got another workspace."""
    who = visitor()
    st.session_state.clear()
    st.session_state[_WHO] = who


def accounts() -> bool:
    """Whether people log in here, as the section ``[auth]`` of the secrets says (see `st.login`)."""
    return "is_logged_in" in st.user


def share_token() -> str:
    """The secret of the link that this session was opened with, or an empty text. A session shows one or the other."""
    return st.session_state.setdefault(_SHARE, st.query_params.get("share", ""))


def read_only() -> bool:
    """Whether this session looks at what somebody shared: nothing can be changed, and there is nothing else."""
    return bool(share_token())


def looked_at() -> Share:
    """The share that this session looks at; raises `UserError` where it is gone, or this is no such session."""
    return share_of(Workspace(), share_token())


def data_is_here() -> bool:
    """Whether raw data may be shown: one's own, or data that was shared."""
    return not read_only() or looked_at().with_data


def check_data_shared() -> None:
    """Raise `UserError` where raw data would be needed that was not shared."""
    if not data_is_here():
        raise UserError(NOT_SHARED)


def address(**query: str) -> dict[str, str]:
    """Query parameters of a link to a page of this session."""
    return {**({"share": share_token()} if read_only() else {}), **query}


@dataclass(frozen=True)
class _Request:
    """What the browser sent when it connected."""

    address: str | None
    headers: Mapping[str, Sequence[str]]
    cookies: Mapping[str, str]


def _request() -> _Request:
    headers = st.context.headers
    return _Request(st.context.ip_address, {name: headers.get_all(name) for name in headers}, st.context.cookies)


def _who() -> Visitor | None:
    if _at_this_machine():
        return None
    request = _request()
    if not request.headers:
        st.stop()  # The browser has gone.
    return visitor_of(request.cookies) or Visitor(secrets.token_hex(32))


def _at_this_machine() -> bool:
    request = _request()
    return at_this_machine(request.address, request.headers)


def ask(question: str, record: Record, *values: Any, seconds: float = 120) -> Any:
    """What a warm worker answers: ``core.training.questions.<question>(root, id, *values)``; raises `UserError`."""
    if read_only() and question not in READING:
        raise UserError(READ_ONLY)
    root, asker = str(record.workspace.root), str(own_workspace().root)
    return engine().ask(answer, question, root, record.id, *values, seconds=seconds, asker=asker)


def ask_lesson(question: str, *values: Any, seconds: float = 30) -> Any:
    """What a warm worker answers to a page of Learn, which is about no record: ``question(*values)``."""
    return engine().ask(answer, question, *values, seconds=seconds, asker=str(own_workspace().root))


def draft() -> AnyConfig | None:
    """The draft as it is on disk; in what somebody shared there is none."""
    return None if read_only() else load_draft(workspace())


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
    elif is_full_disk(error):
        show_error(UserError("The disk is full.", "Nothing was lost. Make room, then try again."))
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
