"""How good is it, and can I trust it?"""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.progress import progress
from core.runs import Run
from pages.parts.compare_studies import NEW
from pages.parts.image_results_cells import right_and_wrong_pictures
from pages.parts.image_results_changed import changed_since
from pages.parts.image_results_robustness import robustness
from pages.parts.image_results_seeing import what_it_sees
from pages.parts.launch import train_again
from pages.parts.results_classes import rows_right_and_wrong
from pages.parts.results_curves import probabilities
from pages.parts.results_export import export_panel
from pages.parts.results_facts import facts, run_labels
from pages.parts.results_features import features_that_matter
from pages.parts.results_numbers import errors
from pages.parts.results_opened import Opened, choices, opened, run_to_show
from pages.parts.results_scores import all_scores, score_chart, verdict_words
from pages.parts.results_sealed import sealed_test
from pages.parts.results_training import learning_curves
from pages.parts.session import address, draft, plain, read_only
from pages.parts.sharing import share_button
from pages.parts.states import ended_empty, not_ended, not_here, nothing_yet
from pages.parts.terms import help_with_terms

POLL_SECONDS = 2.0
FOR_CLASSES = {
    "Right and wrong": rows_right_and_wrong,
    "Probabilities": probabilities,
    "Features that matter": features_that_matter,
    "Learning curves": learning_curves,
}
FOR_PICTURES = {
    "Right and wrong": right_and_wrong_pictures,
    "What it sees": what_it_sees,
    "Robustness": robustness,
    "Probabilities": probabilities,
    "Learning curves": learning_curves,
}
FOR_NUMBERS = {
    "Errors": errors,
    "Features that matter": features_that_matter,
    "Learning curves": learning_curves,
}


def page() -> None:
    """The verdict first; what unfolds it below."""
    try:
        run = run_to_show()
    except UserError as error:
        not_here(error, "results.py")
        return
    if run is None:
        nothing_yet("There are no results yet", "Results appear here after the first training.")
        return
    _heading(run)
    told = progress(run)
    if not told.ended:
        st.fragment(_waiting, run_every=POLL_SECONDS)(run)
        return
    try:
        shown = opened(run)
    except UserError:
        ended_empty(run, told, "Nothing was learned that could be judged.")
        return
    _judged(shown)


def _heading(run: Run) -> None:
    title, choice = st.columns([1, 1], vertical_alignment="bottom")
    title.title("Results", anchor=False)
    runs = run_labels(choices(run))
    if len(runs) > 1:
        key = "results_run"
        st.session_state[key] = run.id
        choice.selectbox(
            "Run",
            list(runs),
            format_func=runs.__getitem__,
            key=key,
            on_change=lambda: st.query_params.update(run=st.session_state[key]),
            help=help_with_terms("run", "The run whose results are shown."),
        )


def _waiting(run: Run) -> None:
    told = progress(run)
    if told.ended:
        st.rerun()
    not_ended(run, told, "Its results will appear here.")


def _judged(shown: Opened) -> None:
    with st.container(border=True):
        verdict_words(shown.metrics)
        if note := shown.metrics.get("note"):
            st.caption(plain(note))
        _next_steps(shown)
    scores, about = st.columns([3, 2], gap="medium")
    with scores:
        score_chart(shown.metrics, "validation", f"scores:{shown.run.id}")
    with about:
        facts(shown)
    all_scores(shown.metrics, shown.noun)
    changed_since(shown)
    if len(shown.rows):
        st.fragment(_details)(shown)
    sealed_test(shown)
    st.subheader("Take it along", anchor=False)
    export_panel(shown)


def _next_steps(shown: Opened) -> None:
    with st.container(horizontal=True):
        if st.button(
            "Predict new cases",
            type="primary",
            icon=":material/online_prediction:",
            help="Opens Predict with this network.",
        ):
            st.switch_page("predict.py", query_params=address(run=shown.run.id))
        if read_only():
            return
        _again(shown)
        share_button(shown.run)
        st.page_link(
            "compare.py",
            label="Compare regularization",
            icon=":material/compare_arrows:",
            query_params={"study": NEW},
            help="Which regularization suits the data, and is the difference real?",
        )
        if shown.config.origin is not None:
            st.page_link(
                "compare.py",
                label="The comparison it comes from",
                icon=":material/compare_arrows:",
                query_params={"study": shown.config.origin.study},
                help="Which settings were compared, and how this one did.",
            )


def _again(shown: Opened) -> None:
    label, icon = "Train again with other settings", ":material/tune:"
    current = draft()
    if current is None or current.data == shown.config.plain.data:
        if st.button(label, icon=icon, help="Puts this run's settings into the draft and opens Network."):
            train_again(shown.run)
        return
    with st.popover(label, icon=icon, help="Puts this run's data and settings into the draft."):
        st.write("Data now holds other choices. They would be replaced by those of this run.")
        if st.button("Replace them and go on", help="Opens Network with this run's data and settings."):
            train_again(shown.run)


def _details(shown: Opened) -> None:
    """One tab is drawn at a time, so that each stays quick."""
    parts = FOR_PICTURES if shown.noun == "picture" else FOR_NUMBERS if shown.task == "regression" else FOR_CLASSES
    tabs = st.tabs(list(parts), key="results_part", on_change="rerun")
    for tab, draw_part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw_part(shown)


page()
