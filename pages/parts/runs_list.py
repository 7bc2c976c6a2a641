"""All runs so far: open, rename, duplicate, delete."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import UserError
from core.evaluation.words import format_interval
from core.progress import progress
from core.runs import Run, all_runs
from pages.parts.header import STATE_WORDS, network_words
from pages.parts.launch import train_again
from pages.parts.session import plain, show_error, workspace

SHOWN = 12


def runs_list(active: bool) -> None:
    """A card a run, newest first."""
    runs = all_runs(workspace())
    if active and all(progress(run).ended for run in runs):
        st.rerun()
    shown = runs if st.session_state.get("show_all_runs") else runs[:SHOWN]
    for run in shown:
        _row(run)
    if len(runs) > len(shown):
        st.button(
            f"Show all {len(runs)} runs",
            on_click=lambda: st.session_state.update(show_all_runs=True),
            help="Older ones",
        )


def score_words(run: Run) -> str:
    """The main score on validation rows with its interval, or an empty text."""
    metrics = run.metrics()
    if not metrics or not metrics.get("main"):
        return ""
    found: dict[str, Any] = metrics["parts"]["validation"]["metrics"][metrics["main"]]
    interval = format_interval(found["value"], found["low"], found["high"], percent="accuracy" in metrics["main"])
    return f"{metrics['main'].replace('_', ' ')} {interval}"


def _row(run: Run) -> None:
    told = progress(run)
    words, icon = STATE_WORDS[told.state]
    with st.container(border=True):
        left, right = st.columns([4, 2], vertical_alignment="center")
        with left:
            st.markdown(f"**{plain(run.name)}**")
            config = run.config
            parts = [f"predicts {plain(config.data.target[:60])}", network_words(config), score_words(run)]
            st.caption(f"{icon} {words} · " + " · ".join(part for part in parts if part))
        with right, st.container(horizontal=True, horizontal_alignment="right"):
            page = "results.py" if told.state in ("finished", "stopped") else "train.py"
            if st.button("Open", key=f"open-{run.id}", help="Shows how it went."):
                st.switch_page(page, query_params={"run": run.id})
            with st.popover("More", help="Rename, duplicate or delete."):
                _more(run)


def _more(run: Run) -> None:
    name = st.text_input("Name", value=run.name, key=f"name-{run.id}", max_chars=200, help="Shown in this list.")
    if st.button("Rename", key=f"rename-{run.id}", help="Keeps the new name."):
        try:
            run.rename(name)
        except UserError as error:
            show_error(error)
        else:
            st.rerun()
    if st.button("Duplicate as a new draft", key=f"copy-{run.id}", help="Opens Network with the same choices."):
        train_again(run)
    sure = st.checkbox("Yes, delete this run for good", key=f"sure-{run.id}", help="Its network and results go too.")
    if st.button("Delete", key=f"delete-{run.id}", disabled=not sure, help="Cannot be undone."):
        delete(run)
        st.rerun()


def delete(run: Run) -> None:
    """Stop it if it trains, then remove its folder."""
    if not progress(run).ended:
        from pages.parts.session import engine

        engine().stop(run)
    run.delete()
