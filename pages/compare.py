"""Which regularization, and is the difference real?"""

from __future__ import annotations

from itertools import islice

import streamlit as st

from core.errors import UserError
from core.studies import Study
from pages.parts.compare_answer import answer_page, study_words
from pages.parts.compare_live import ended_without_answer, watch
from pages.parts.compare_opened import chosen_study, opened
from pages.parts.compare_question import question_page
from pages.parts.compare_runs import runs_page
from pages.parts.compare_studies import MOST_CHOICES, NEW, newest_studies, progress_of, study_labels
from pages.parts.session import read_only, show_error
from pages.parts.terms import help_with_terms

POLL_SECONDS = 1.0


def page() -> None:
    """Runs side by side, or a study: its question, how it goes, its answer."""
    runs = st.query_params.get("runs")
    if runs is not None and not read_only():
        runs_page(runs)
        return
    try:
        study = chosen_study()
    except UserError as error:
        _not_here(error)
        return
    if study is None:
        question_page()
        _newest_link("Back to the newest comparison")
        return
    try:
        if progress_of(study).done:
            _ended(study)
        else:
            st.fragment(watch, run_every=POLL_SECONDS)(study)
    except UserError as error:
        _not_here(error)


def _ended(study: Study) -> None:
    answer = opened(study)
    if answer is None:
        ended_without_answer(study)
        return
    _heading(study)
    st.caption(study_words(answer))
    answer_page(answer)


def _heading(study: Study) -> None:
    title, choice = st.columns([1, 1], vertical_alignment="bottom")
    title.title("Compare", anchor=False)
    studies = list(islice(newest_studies(), MOST_CHOICES))
    if study.id not in [each.id for each in studies]:
        studies.insert(0, study)
    if len(studies) > 1:
        labels, key = study_labels(studies), "compare_study"
        st.session_state[key] = study.id
        choice.selectbox(
            "Comparison",
            list(labels),
            format_func=labels.__getitem__,
            key=key,
            on_change=lambda: st.query_params.update(study=st.session_state[key]),
            help=help_with_terms("comparison", "The comparison whose answer is shown."),
        )


def _not_here(error: UserError) -> None:
    st.title("This comparison is not here")
    show_error(error)
    if read_only():
        return
    with st.container(horizontal=True):
        st.page_link("home.py", label="Open Home", icon=":material/home:")
        st.page_link(
            "compare.py", label="Ask a new question", icon=":material/compare_arrows:", query_params={"study": NEW}
        )
        _newest_link("Open the newest comparison")


def _newest_link(label: str) -> None:
    newest = next(newest_studies(), None)
    if newest is not None:
        st.page_link("compare.py", label=label, icon=":material/history:", query_params={"study": newest.id})


page()
