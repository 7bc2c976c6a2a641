"""The answer: the sentence first, what to do with it, and the parts that unfold it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count
from core.export.csv import safe_csv
from core.studies import Study
from core.study_opened import Answer, all_members_table, settings_table
from core.study_runs import refit
from pages.parts.compare_curves import all_curves
from pages.parts.compare_live import ask_again, varied_words
from pages.parts.compare_opened import result_json
from pages.parts.compare_path import combinations, path
from pages.parts.compare_studies import NEW, progress_of
from pages.parts.compare_table import all_settings
from pages.parts.compare_weights import weights
from pages.parts.results_export import offer
from pages.parts.session import draft, engine, plain, read_only, show_error
from pages.parts.sharing import share_button
from pages.parts.terms import help_with_terms


def answer_page(answer: Answer) -> None:
    """Everything about a study that has ended with an answer."""
    _stopped(answer)
    with st.container(border=True):
        st.subheader(f":material/compare_arrows: {plain(answer.result['sentence'])}", anchor=False)
        if answer.result["points"]:
            st.markdown("\n".join(f"- {plain(point)}" for point in answer.result["points"]))
        _next_steps(answer)
    _diverged(answer)
    st.fragment(_details)(answer)
    _optimism(answer)
    st.caption(plain(answer.result["method"]))
    st.subheader("Take it along", anchor=False)
    _downloads(answer)


def study_words(answer: Answer) -> str:
    """What was compared, in a line."""
    spec = answer.spec
    parts = f" x {count(spec.folds, 'part')}" if spec.folds > 1 else ""
    return (
        f"{plain(spec.run.data.source.name[:60])}, learns {plain(spec.run.data.target[:60])} · "
        f"{varied_words(spec)} · "
        f"{count(len(answer.settings), 'setting')}{parts} x {count(spec.seeds, 'repeat')} = "
        f"{len(spec.members):,} networks in {answer.result.get('seconds', 0):.1f} s"
    )


def _stopped(answer: Answer) -> None:
    told = progress_of(answer.study)
    if told.state != "stopped":
        return
    if told.facts.get("problem"):
        show_error(UserError(told.facts["problem"], told.facts["remedy"]))
        st.write(f"A part of this comparison could not be trained to its end. {plain(answer.cut_short)}")
        return
    st.info(
        "This comparison was stopped early: the best network of each that had begun was kept and is judged here.",
        icon=":material/stop_circle:",
    )


def _next_steps(answer: Answer) -> None:
    if read_only():
        return
    best, simplest = answer.result["best"], answer.result["simplest"]
    with st.container(horizontal=True):
        if best is not None and not answer.best_diverged:
            _use(answer, best, f"Use {answer.spec.words[best]}", True)
        if simplest is not None and simplest != best and not answer.best_diverged:
            _use(answer, simplest, f"Use the simplest: {answer.spec.words[simplest]}", False)
        _ask_more(answer.study)
        share_button(answer.study)


def _use(answer: Answer, setting: int, label: str, primary: bool) -> None:
    if st.button(
        label,
        key=f"use-{setting}",
        type="primary" if primary else "secondary",
        icon=":material/check:" if primary else ":material/filter_1:",
        help=answer.said(
            "Trains one network with this setting on all rows but the sealed ones, and opens it on Train."
        ),
    ):
        try:
            _refit(answer.study, setting)
        except UserError as error:
            show_error(error)


def _refit(study: Study, setting: int) -> None:
    with st.spinner("Handing it to the training engine…"):
        run = refit(study, setting)
        engine().submit(run)
    st.switch_page("train.py", query_params={"run": run.id})


def _ask_more(study: Study) -> None:
    label, icon = "Ask another question", ":material/tune:"
    current = draft()
    if current is None or current.plain == study.spec.run:
        if st.button(label, icon=icon, help="Opens the form with this comparison's question in it."):
            ask_again(study)
        return
    with st.popover(label, icon=icon, help="Opens the form for the next comparison."):
        st.write("The draft now holds other data or another network than this comparison.")
        if st.button("Ask about the draft", help="Keeps the draft and opens the form."):
            st.switch_page("compare.py", query_params={"study": NEW})
        if st.button("Replace the draft by this comparison's", help="Puts this comparison's choices into the draft."):
            ask_again(study)


def _diverged(answer: Answer) -> None:
    lost = answer.result.get("diverged", 0)
    if lost:
        st.warning(
            f"{count(lost, 'network')} diverged: the cost grew without end. A setting with such a network is marked "
            "and cannot win while others train well; a lower learning rate on Network helps.",
            icon=":material/warning:",
        )


def _details(answer: Answer) -> None:
    """One tab is drawn at a time, so that each stays quick."""
    parts = {"Path": path}
    if len(answer.varied) > 1:
        parts["Combinations"] = combinations
    parts |= {"All settings": all_settings, "All curves": all_curves}
    if answer.result.get("weights"):
        parts["Weights"] = weights
    tabs = st.tabs(list(parts), key="compare_part", on_change="rerun")
    for tab, draw_part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw_part(answer)


def _optimism(answer: Answer) -> None:
    best, corrected = answer.result["best"], answer.result.get("corrected")
    if best is None or not corrected or corrected["value"] is None or answer.best_diverged:
        return
    st.subheader(
        "Is the winner's score too good to be true?", anchor=False, help=help_with_terms("score, selection bias")
    )
    score = answer.result["settings"][best]["score"]
    with st.container(horizontal=True):
        st.metric(
            "As measured (cross-validated)",
            answer.value_words(score["value"]),
            border=True,
            help=help_with_terms("cross-validated", "The mean score of the best setting over all parts and repeats."),
        )
        st.metric(
            "Corrected for having been chosen",
            answer.value_words(corrected["value"]),
            border=True,
            help="What the winner of such a contest scores on rows that had no say in choosing it.",
        )
    within = f" ({answer.range_words(corrected)})" if corrected["low"] is not None else ""
    st.caption(
        f"The best of {count(len(answer.settings), 'setting')} tends to look better than it is, because it was picked "
        f"for its score (selection bias). On new {answer.said('rows')}, expect about "
        f"{answer.value_words(corrected['value'])}{within}.",
        help=help_with_terms("setting, selection bias"),
    )


def _downloads(answer: Answer) -> None:
    name = answer.study.id
    for key in () if read_only() else answer.study.formats:
        offer(answer.study, key)
    with st.container(horizontal=True):
        for label, content, file, kind, words in (
            ("Settings (CSV)", _settings_csv, f"settings-{name}.csv", "text/csv", "Every setting with its scores."),
            ("Networks (CSV)", _members_csv, f"networks-{name}.csv", "text/csv", "Every single network's score."),
            ("Answer (JSON)", result_json, f"comparison-{name}.json", "application/json", "All numbers on this page."),
        ):
            st.download_button(
                label,
                partial(content, answer),
                file,
                kind,
                icon=":material/download:",
                on_click="ignore",
                help=words,
            )


def _settings_csv(answer: Answer) -> bytes:
    return safe_csv(settings_table(answer))


def _members_csv(answer: Answer) -> bytes:
    return safe_csv(all_members_table(answer))
