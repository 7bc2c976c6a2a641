"""What pages show where there is nothing to show: no run, not here, waiting, training, failed, stopped too early."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.evaluation.words import shorten
from core.progress import Progress
from core.runs import Run, all_runs
from pages.parts.launch import train_again
from pages.parts.session import draft, plain, read_only, show_error, workspace


def nothing_yet(title: str, reason: str) -> None:
    """No run at all; ``reason`` says what a run is needed for."""
    st.title(title)
    if draft() is None:
        st.write(f"{reason} Choose your data first: your own, or one of the samples.")
        st.page_link("home.py", label="Choose data", icon=":material/upload_file:")
    else:
        st.write(f"{reason} Your data is chosen; what is left is to train.")
        st.page_link("data.py", label="Go on with Data", icon=":material/table_chart:")


def not_here(error: UserError, page: str, title: str = "This run is not here") -> None:
    """The address names a run that is not in this workspace, or holds nothing that ``page`` can show."""
    st.title(title)
    show_error(error)
    if read_only():
        return
    with st.container(horizontal=True):
        st.page_link("home.py", label="Open Home", icon=":material/home:")
        newest = next(iter(all_runs(workspace())), None)
        if newest is not None:
            label = f"Open the newest run: {plain(shorten(newest.name, 40))}"
            st.page_link(page, label=label, icon=":material/history:", query_params={"run": newest.id})


def not_ended(run: Run, told: Progress, then: str) -> None:
    """The run waits or trains; ``then`` says what will be here. The page looks again on its own."""
    words = f"epoch {told.epoch} of at most {told.epochs}" if told.history else told.stage or "it waits for its turn"
    st.info(f"This run is not finished yet: {words}. {then}", icon=":material/hourglass_empty:")
    st.page_link("train.py", label="Watch it train", icon=":material/model_training:", query_params={"run": run.id})


def ended_empty(run: Run, told: Progress, without: str) -> None:
    """The run ended before it learned anything; ``without`` says what it therefore lacks."""
    if told.state == "failed" or told.problem:
        show_error(UserError(told.problem or "The training ended without saying why.", told.remedy))
        st.write(f"{without} Your data and the settings of this run are kept.")
    else:
        st.info(f"This run was stopped before it learned anything. {without}", icon=":material/stop_circle:")
    again(run, primary=True)


def again(run: Run, primary: bool = False) -> None:
    """A button that goes back to the settings of this run; nothing in what was shared."""
    if not read_only() and st.button(
        "Change settings and train again",
        icon=":material/tune:",
        type="primary" if primary else "secondary",
        help="Puts this run's data and settings into the draft and opens Network.",
    ):
        train_again(run)
