"""Results of runs that have none: nothing trained yet, waiting, training, failed, stopped too early, not here."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.evaluation.words import shorten
from core.progress import Progress
from core.runs import Run, all_runs
from pages.parts.launch import train_again
from pages.parts.session import draft, plain, show_error, workspace


def nothing_yet() -> None:
    """No run at all."""
    st.title("There are no results yet")
    if draft() is None:
        st.write("Results appear here after the first training. Choose a table first: your own, or one of the samples.")
        st.page_link("home.py", label="Choose data", icon=":material/upload_file:")
    else:
        st.write("Results appear here after the first training. Your data is chosen; what is left is to train.")
        st.page_link("data.py", label="Go on with Data", icon=":material/table_chart:")


def not_here(error: UserError) -> None:
    """The address names a run that is not in this workspace."""
    st.title("This run is not here")
    show_error(error)
    with st.container(horizontal=True):
        st.page_link("home.py", label="Open Home", icon=":material/home:")
        newest = next(iter(all_runs(workspace())), None)
        if newest is not None:
            label = f"Open the newest run: {plain(shorten(newest.name, 40))}"
            st.page_link("results.py", label=label, icon=":material/monitoring:", query_params={"run": newest.id})


def not_ended(run: Run, told: Progress) -> None:
    """The run waits or trains; the page looks again on its own."""
    words = f"epoch {told.epoch} of at most {told.epochs}" if told.history else told.stage or "it waits for its turn"
    st.info(f"This run is not finished yet: {words}. Its results will appear here.", icon=":material/hourglass_empty:")
    st.page_link("train.py", label="Watch it train", icon=":material/model_training:", query_params={"run": run.id})


def without_results(run: Run, told: Progress) -> None:
    """The run ended before there was anything to judge."""
    if told.state == "failed":
        show_error(UserError(told.problem or "The training ended without saying why.", told.remedy))
        st.write("Nothing was learned that could be judged. Your data and the settings of this run are kept.")
    else:
        st.info(
            "It was stopped before it learned anything, so there is nothing to judge.", icon=":material/stop_circle:"
        )
    if st.button(
        "Change settings and train again",
        type="primary",
        icon=":material/tune:",
        help="Puts this run's data and settings into the draft and opens Network.",
    ):
        train_again(run)
