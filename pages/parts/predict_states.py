"""Predict where there is nothing to ask: no run, not here, waiting, training, failed."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.progress import Progress
from core.runs import Run
from pages.parts.launch import train_again
from pages.parts.session import draft, show_error


def nothing_yet() -> None:
    """No run at all."""
    st.title("There is no network to ask yet")
    if draft() is None:
        st.write("Predictions need a trained network. Choose a table first: your own, or one of the samples.")
        st.page_link("home.py", label="Choose data or a sample", icon=":material/upload_file:")
    else:
        st.write("Predictions need a trained network. Your data is chosen; what is left is to train.")
        st.page_link("data.py", label="Go on with Data", icon=":material/table_chart:")


def not_here(error: UserError) -> None:
    """The run in the address is not in this workspace, or holds nothing that can answer."""
    st.title("This run cannot be asked")
    show_error(error)
    st.page_link("home.py", label="Open Home", icon=":material/home:")


def not_ready(run: Run, told: Progress) -> None:
    """The run has no trained network (yet)."""
    if told.state == "failed":
        show_error(UserError(told.problem or "The training ended without saying why.", told.remedy))
        st.write("This run has no trained network, so it cannot predict. Its data and settings are kept.")
    elif told.ended:
        st.info("This run was stopped before it learned anything.", icon=":material/stop_circle:")
    else:
        words = (
            f"epoch {told.epoch} of at most {told.epochs}" if told.history else told.stage or "it waits for its turn"
        )
        st.info(f"This network is still in training: {words}. It can be asked here as soon as it has finished.",
                icon=":material/hourglass_empty:")  # fmt: skip
        st.page_link("train.py", label="Watch it train", icon=":material/model_training:", query_params={"run": run.id})
        return
    if st.button(
        "Change settings and train again",
        type="primary",
        icon=":material/tune:",
        help="Puts this run's data and settings into the draft and opens Network.",
    ):
        train_again(run)
