"""What does the network say about a new case?"""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig
from pages.parts.image_predict import ask_pictures
from pages.parts.predict_answer import ask_about_case, details
from pages.parts.predict_form import form
from pages.parts.predict_table import whole_table
from pages.parts.results_facts import run_label, run_labels
from pages.parts.results_opened import Opened, choices, opened, run_to_show
from pages.parts.session import address, plain
from pages.parts.states import ended_empty, not_ended, not_here, nothing_yet

POLL_SECONDS = 2.0


def page() -> None:
    """Which run is asked, then what it is asked about: one case or a whole table, or pictures."""
    try:
        run = run_to_show()
    except UserError as error:
        not_here(error, "predict.py", "This run cannot be asked")
        return
    if run is None:
        nothing_yet("There is no network to ask yet", "Predictions need a trained network.")
        return
    case = "picture" if isinstance(run.config, ImageConfig) else "case"
    st.title(f"What does the network say about a new {case}?")
    _choose(run)
    if not run.model.is_file():
        active = not progress(run).ended
        st.fragment(_waiting, run_every=POLL_SECONDS if active else None)(run, active)
        return
    try:
        shown = opened(run)
    except UserError as error:
        not_here(error, "predict.py", "This run cannot be asked")
        return
    if isinstance(shown.config, ImageConfig):
        ask_pictures(shown)
    else:
        _ask(shown)
    st.page_link(
        "results.py",
        label="How good is this network? Open its results",
        icon=":material/monitoring:",
        query_params=address(run=shown.run.id),
    )


def _choose(run: Run) -> None:
    """The run that answers; another one by choice."""
    runs = run_labels(choices(run))
    if len(runs) > 1:
        st.session_state["predict_run"] = run.id
        st.selectbox(
            "Network",
            list(runs),
            key="predict_run",
            format_func=runs.__getitem__,
            on_change=lambda: st.query_params.update(run=st.session_state["predict_run"]),
            help="The trained network (run) that answers.",
        )
    else:
        st.caption(f"Network: {plain(run_label(run))}")


def _waiting(run: Run, active: bool) -> None:
    told = progress(run)
    if active and told.ended:
        st.rerun()
    if told.ended:
        ended_empty(run, told, "It has no trained network, so it cannot predict.")
    else:
        not_ended(run, told, "It can be asked here as soon as it has finished.")


def _ask(shown: Opened) -> None:
    one, whole = st.tabs([":material/person_search: One case", ":material/table_view: A whole table"])
    with one:
        headline = st.container()
        values, more = st.columns(2, gap="medium")
        # The form first, so that it stands there while a cold worker wakes up.
        with values:
            form(shown)
        with headline:
            found = ask_about_case(shown)
        if found is not None:
            with more:
                details(shown, found)
    with whole:
        whole_table(shown)


page()
