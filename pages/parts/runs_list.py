"""Everything that was trained so far, runs and comparisons: open, rename, duplicate, delete, and compare runs."""

from __future__ import annotations

import traceback
from typing import Any

import streamlit as st

from core.errors import UserError
from core.evaluation.words import format_interval, shorten
from core.progress import progress
from core.run_compare import FEWEST, MOST
from core.runs import Run, all_runs
from core.spec import StudySpec
from core.studies import Study, all_studies
from core.study_draft import question_of, save_study_draft
from pages.parts.compare_studies import NEW, progress_of, question_words
from pages.parts.header import STATE_WORDS, network_words
from pages.parts.launch import train_again
from pages.parts.session import engine, errors_shown, keep, plain, show_error, workspace

SHOWN = 12


def everything() -> list[Run | Study]:
    """Runs and studies, newest first."""
    return sorted([*all_runs(workspace()), *all_studies(workspace())], key=lambda found: found.id, reverse=True)


def ended(found: Run | Study) -> bool:
    """Whether nothing more will come of it."""
    return progress_of(found).done if isinstance(found, Study) else progress(found).ended


def runs_list(active: bool) -> None:
    """A card a run or study, newest first."""
    found = everything()
    if active and all(map(ended, found)):
        st.rerun()
    _compare_ticked([each for each in found if isinstance(each, Run)])
    shown = found if st.session_state.get("show_all_runs") else found[:SHOWN]
    for each in shown:
        try:
            _study(each) if isinstance(each, Study) else _row(each)
        except Exception:  # One that is damaged hides no other.
            traceback.print_exc()
            st.caption(f":material/error: What is kept of {plain(each.name)} is damaged and cannot be shown.")
    if len(found) > len(shown):
        st.button(
            f"Show all {len(found)}",
            on_click=lambda: st.session_state.update(show_all_runs=True),
            help="Older ones",
        )


def score_words(run: Run) -> str:
    """The main score on validation rows with its interval, or an empty text."""
    metrics = run.metrics()
    validation = (metrics or {}).get("parts", {}).get("validation")
    if not metrics or not metrics.get("main") or not validation:
        return ""
    found: dict[str, Any] = validation["metrics"][metrics["main"]]
    interval = format_interval(found["value"], found["low"], found["high"], percent="accuracy" in metrics["main"])
    return f"{metrics['main'].replace('_', ' ')} {interval}"


def _compare_ticked(runs: list[Run]) -> None:
    """A button for the runs that are ticked, where there are two runs or more that could be."""
    if sum(_judged(run) for run in runs) < FEWEST:
        return
    ticked = [run.id for run in reversed(runs) if st.session_state.get(f"tick-{run.id}")]
    words = f"Tick {FEWEST} to {MOST} runs to see them side by side."
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            f"Compare these {len(ticked)} runs" if ticked else "Compare runs",
            icon=":material/compare_arrows:",
            disabled=not FEWEST <= len(ticked) <= MOST,
            help=words,
        ):
            st.switch_page("compare.py", query_params={"runs": ",".join(ticked)})
        if not FEWEST <= len(ticked) <= MOST:
            st.caption(words)


def _judged(run: Run) -> bool:
    return progress(run).state in ("finished", "stopped") and run.model.is_file()


def _row(run: Run) -> None:
    told = progress(run)
    words, icon = STATE_WORDS[told.state]
    with st.container(border=True):
        left, right = st.columns([4, 3], vertical_alignment="center")
        with left:
            st.markdown(f"**{plain(run.name)}**")
            config = run.config
            parts = [f"predicts {plain(config.data.target[:60])}", network_words(config), score_words(run)]
            st.caption(f"{icon} {words} · " + " · ".join(part for part in parts if part))
        with right, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if _judged(run):
                st.checkbox("Compare", key=f"tick-{run.id}", help="Tick several runs to see them side by side.")
            page = "results.py" if told.state in ("finished", "stopped") else "train.py"
            if st.button("Open", key=f"open-{run.id}", help="Shows how it went."):
                st.switch_page(page, query_params={"run": run.id})
            with st.popover("More", help="Rename, duplicate or delete."):
                _more(run)


def _study(study: Study) -> None:
    told = progress_of(study)
    words, icon = STATE_WORDS[told.state]
    spec = study.spec
    with st.container(border=True):
        left, right = st.columns([4, 3], vertical_alignment="center")
        with left:
            st.markdown(f"**{plain(study.name)}**")
            st.caption(f"{icon} {_study_state(words, told)} · {_study_words(spec)}")
            sentence = _sentence(study)
            if sentence:
                st.caption(plain(sentence))
        with right, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if st.button("Open", key=f"open-{study.id}", help="Shows the comparison."):
                st.switch_page("compare.py", query_params={"study": study.id})
            with st.popover("More", help="Rename, duplicate or delete."):
                _more(study)


def _study_state(words: str, told: Any) -> str:
    return f"{words}, {told.ended:,} of {told.members:,} ended" if told.state == "running" else words


def _study_words(spec: StudySpec) -> str:
    target = f"predicts {plain(spec.run.data.target[:60])}"
    return f"comparison of {len(spec.members):,} networks by {question_words(spec)} · {target}"


@st.cache_data(max_entries=256, show_spinner=False)
def _told_sentence(root: str, study: str, stamp: tuple[int, int], _study: Study) -> str:
    return shorten((_study.result() or {}).get("sentence", ""), 200)


def _sentence(study: Study) -> str:
    return _told_sentence(str(study.workspace.root), study.id, study.events_stamp, study)


def _more(found: Run | Study) -> None:
    name = st.text_input("Name", value=found.name, key=f"name-{found.id}", max_chars=200, help="Shown in this list.")
    if st.button("Rename", key=f"rename-{found.id}", help="Keeps the new name."):
        try:
            found.rename(name)
        except UserError as error:
            show_error(error)
        else:
            st.rerun()
    study = isinstance(found, Study)
    opens = "Opens Compare with the same question." if study else "Opens Network with the same choices."
    if st.button("Duplicate as a new draft", key=f"copy-{found.id}", help=opens):
        _duplicate(found)
    what, goes = ("comparison", "All its networks go too.") if study else ("run", "Its network and results go too.")
    sure = st.checkbox(f"Yes, delete this {what} for good", key=f"sure-{found.id}", help=goes)
    if st.button("Delete", key=f"delete-{found.id}", disabled=not sure, help="Cannot be undone."):
        delete(found)
        st.rerun()


def _duplicate(found: Run | Study) -> None:
    if isinstance(found, Run):
        train_again(found)
        return
    keep(found.spec.run)
    save_study_draft(workspace(), question_of(found.spec))
    st.switch_page("compare.py", query_params={"study": NEW})


def delete(found: Run | Study) -> None:
    """Stop it if it trains, then remove its folder."""
    if not ended(found):
        with errors_shown():
            if isinstance(found, Study):
                engine().stop_study(found)
            else:
                engine().stop(found)
    found.delete()
