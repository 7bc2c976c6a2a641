"""My workspace: how much it holds and for how long, the project file, another device, shared links, deleting all."""

from __future__ import annotations

import contextlib
import math
import tempfile
from datetime import datetime

import streamlit as st

from core.cleaning import expires
from core.errors import UserError
from core.evaluation.words import count
from core.limits import MB, check_project, limits_of
from core.project import project_size, read_project, write_project
from core.runs import Run
from core.sharing import end_shares
from core.studies import Study
from core.visits import forget_missed, missed
from core.workspace import Workspace
from pages.parts.runs_list import delete, everything
from pages.parts.session import accounts, ask, engine, errors_shown, plain, show_error, visitor, workspace
from pages.parts.sharing import all_links
from pages.parts.workspace_devices import devices

DONE = "workspace_done"
# For a network, whose data are read as well.
SECONDS = 600


def workspace_panel() -> None:
    """The whole page."""
    st.title("My workspace")
    if said := st.session_state.pop(DONE, ""):
        st.success(plain(said), icon=":material/check_circle:")
    own, found = workspace(), everything()
    _holds(own, found)
    take, load = st.columns(2, gap="medium")
    with take, st.container(border=True, height="stretch"):
        st.subheader("Download my project", anchor=False)
        _download(own, found)
    with load, st.container(border=True, height="stretch"):
        st.subheader("Load a project file", anchor=False)
        load_project("workspace_project")
    if visitor() is not None and not accounts():
        with st.container(border=True):
            st.subheader("Use my workspace on another device", anchor=False)
            devices()
    with st.container(border=True):
        st.subheader("Links that I have shared", anchor=False)
        all_links()
    with st.container(border=True):
        st.subheader("Delete everything", anchor=False)
        _delete(own)


def lost_notice() -> None:
    """Says on Home that what a visitor had before is not here any more, until it is loaded or dismissed."""
    own = workspace()
    why = missed(own)
    if not why:
        return
    days = limits_of(own).idle_days
    reasons = {
        "disk": "This server has started anew since your last visit, and its disk did not last. What you had here is "
        "gone from it.",
        "idle": "Your workspace was removed because nobody had opened it for "
        + (f"{days:g} days." if math.isfinite(days) else "a long time."),
    }
    with st.container(border=True, key="lost_notice"):
        st.subheader(":material/history: Your workspace is empty", anchor=False)
        st.write(f"{reasons[why]} If you have downloaded your project, load it here and go on where you were.")
        load_project("lost_project")
        st.button("I have none", on_click=forget_missed, args=(own,), help="Does not show this again.")


def load_project(key: str) -> None:
    """A field for a project file; what is in it comes beside what is here."""
    turn, most = st.session_state.get(f"{key}:turn", 0), limits_of(workspace()).project_mb
    file = st.file_uploader(
        "Project file",
        "zip",
        key=f"{key}:{turn}",
        max_upload_size=math.ceil(most) if math.isfinite(most) else None,
        help="A zip that Muffin made, here or elsewhere. Runs that are here already are not replaced.",
    )
    if file is None:
        return
    try:
        check_project(workspace(), file.size)
        with st.spinner("Checking and loading the project…"):
            found = read_project(workspace(), file)
    except UserError as error:
        show_error(error)
        return
    forget_missed(workspace())
    st.session_state[f"{key}:turn"] = turn + 1
    loaded = f"Loaded {count(len(found.runs), 'run')} and {count(len(found.studies), 'comparison')}."
    st.session_state[DONE] = " ".join([loaded, *found.notes, *_networks(found.runs)])
    st.rerun()


def _networks(runs: list[Run]) -> list[str]:
    """Let a worker build the networks anew, since none is taken from a file; what could not be built."""
    failed = []
    try:
        with st.spinner("Building the networks from their weights…", show_time=True):
            for run in runs:
                try:
                    if (run.folder / "weights.npz").is_file() and not run.model.is_file():
                        ask("restore_model", run, seconds=SECONDS)
                except UserError as error:
                    failed.append(f"The network of {run.name[:60]} could not be built: {error}")
    finally:  # Whoever left the page, or met no free worker, finds them built later.
        with contextlib.suppress(UserError):
            engine().recover(workspace())
    return failed


def _holds(own: Workspace, found: list[Run | Study]) -> None:
    runs = sum(isinstance(each, Run) for each in found)
    studies = len(found) - runs
    most, ends = limits_of(own).disk_mb, expires(own)
    size = f"{own.size() / MB:,.1f} MB" + (f" of at most {most:,.0f} MB" if math.isfinite(most) else "")
    st.write(f"It holds {count(runs, 'run')} and {count(studies, 'comparison')}, {size}.")
    if visitor() is None:
        st.caption(f"It is the folder {own.root} on this computer. Nothing in it is ever removed unless you do.")
    elif accounts():
        st.caption("It belongs to your account: log in on another device and it is there.")
    else:
        st.caption(
            "It belongs to this browser, by a secret cookie. If you clear cookies it is out of reach, so keep a copy."
        )
    if ends is not None:
        st.info(
            f"It is removed after {limits_of(own).idle_days:g} days without a visit, so not before "
            f"{_day(ends)}. Each visit starts the count again. Download it to keep it.",
            icon=":material/event:",
        )


def _day(when: datetime) -> str:
    return f"{when.day} {when:%B %Y}"


def _download(own: Workspace, found: list[Run | Study]) -> None:
    st.write("One zip with all runs and comparisons: to keep, to move to another Muffin, to hand in.")
    with_data = st.checkbox(
        "With the data",
        value=True,
        key="workspace_with_data",
        help="Tables and pictures as you uploaded them. Without them the file is small, but nothing can be trained "
        "again from it.",
    )
    reason = _too_large(own, found, with_data)
    st.download_button(
        "Download my project",
        lambda: _project(own, with_data),
        "muffin-project.zip",
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
        disabled=not found or bool(reason),
        help="Makes the file and downloads it." if found else "There is nothing in it yet.",
    )
    if reason:
        st.warning(plain(reason), icon=":material/info:")


def _too_large(own: Workspace, found: list[Run | Study], with_data: bool) -> str:
    """Why the file cannot be made here, said before somebody waits for it; empty where it can."""
    try:
        check_project(own, project_size(own, found, with_data))
    except UserError as error:
        return str(error)
    return ""


def _project(own: Workspace, with_data: bool) -> bytes:
    with tempfile.TemporaryFile() as file:
        # It will be held in memory, so it ends where it grows beyond that.
        write_project(own, file, with_data=with_data, progress=lambda _: check_project(own, file.tell()))
        file.seek(0)
        return file.read()


def _delete(own: Workspace) -> None:
    st.write("Runs, comparisons, uploads, choices, and the links that you have shared. It cannot be undone.")
    sure = st.checkbox("Yes, delete everything of mine for good", key="workspace_sure", help="Download it first.")
    if st.button("Delete everything", icon=":material/delete_forever:", disabled=not sure, help="Cannot be undone."):
        with errors_shown():
            delete_all(own)
            st.session_state[DONE] = "Everything was deleted."
            st.session_state.pop("workspace_sure")
            st.rerun()


def delete_all(own: Workspace) -> None:
    """Stop what trains, then remove all that a person has put here or made."""
    for found in everything():
        delete(found)
    end_shares(own)
    own.clear()
