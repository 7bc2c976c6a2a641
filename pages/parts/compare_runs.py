"""Any finished runs side by side: their curves, what differs in their choices, their scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.registry import METRICS
from core.evaluation.words import format_difference, format_interval, shorten
from core.export.csv import safe_csv
from core.progress import progress
from core.run_compare import NOT_COMPARABLE, Scored, comparable_first, differences, main_metric, runs_named, scores
from core.runs import Run
from core.study_opened import PERCENT
from pages.parts.charts_study_curves import RunCurve, run_curves
from pages.parts.header import network_words
from pages.parts.labels import distinct
from pages.parts.results_draw import draw
from pages.parts.results_training import thinned
from pages.parts.session import plain, workspace
from pages.parts.states import not_here
from pages.parts.terms import help_with_terms

MOST_EPOCHS = 200
Stamps = tuple[tuple[str, tuple[int, int]], ...]
RESULT_WORDS = {"better": "better than the first", "tied": "tied with the first", "worse": "worse than the first"}


def runs_page(named: str) -> None:
    """The runs that the address names, such as ``?runs=id,id``."""
    try:
        asked = [Run(workspace(), run) for run in runs_named(named)]
        runs = [Run(workspace(), run) for run in _in_order(str(workspace().root), _stamps(asked))]
        names = run_names(runs)
    except UserError as error:
        not_here(error, "results.py", "These runs cannot be compared")
        return
    st.title(f"{len(runs)} runs side by side", anchor=False)
    metric = main_metric(runs)
    told = _scores(str(workspace().root), _stamps(runs), metric)
    _scores_part(runs, names, told, metric)
    _differences_part(runs, names)
    _curves_part(runs, names)
    st.page_link("home.py", label="Choose other runs on Home", icon=":material/home:")


def run_names(runs: list[Run]) -> list[str]:
    """Names of which no two look the same: where they do, the network follows, and then the time."""
    names = [shorten(run.name, 40) for run in runs]
    networks = [f"{name} · {network_words(run.config)}" for name, run in zip(names, runs, strict=True)]
    names = [longer if names.count(name) > 1 else name for name, longer in zip(names, networks, strict=True)]
    times = [f"{datetime.strptime(run.id[:15], '%Y%m%d-%H%M%S'):%d %b, %H:%M}" for run in runs]
    return distinct(
        f"{name} · {time}" if names.count(name) > 1 else name for name, time in zip(names, times, strict=True)
    )


def _stamps(runs: list[Run]) -> Stamps:
    return tuple((run.id, run.events_stamp) for run in runs)


@st.cache_data(max_entries=16, show_spinner="Looking for rows that the runs share…")
def _in_order(root: str, runs: Stamps) -> list[str]:
    return [run.id for run in comparable_first([Run(workspace(), run) for run, _ in runs])]


@st.cache_data(max_entries=16, show_spinner="Comparing the runs row by row…")
def _scores(root: str, runs: Stamps, metric: str) -> list[Scored]:
    return scores([Run(workspace(), run) for run, _ in runs], metric)


def _scores_part(runs: list[Run], names: list[str], told: list[Scored], metric: str) -> None:
    if metric not in METRICS:
        st.info("The first of these runs has no results, so there is no score to compare by.", icon=":material/info:")
        return
    with st.container(border=True):
        st.subheader(plain(sentence(names, told)), anchor=False)
        told_by = f"By {METRICS[metric].label}, on validation rows."
        st.caption(told_by, help=help_with_terms(told_by))
    table = scores_table(names, told, metric)
    st.dataframe(table, hide_index=True, alt="Scores of the runs and how they stand against the first")
    st.caption(
        "Differences are taken row by row on the same validation rows, with their 95 % interval; where that holds 0, "
        "two runs are tied. The others are held against the first in this list.",
        help=help_with_terms("validation, interval, run, tied"),
    )
    with st.container(horizontal=True):
        for run, name in zip(runs, names, strict=True):
            st.page_link("results.py", label=plain(name), icon=":material/monitoring:", query_params={"run": run.id})


def sentence(names: list[str], told: list[Scored]) -> str:
    """The first thing to know."""
    found = {
        word: [name for name, each in zip(names, told, strict=True) if each.result == word]
        for word in ("better", "worse", "tied")
    }
    others = len(told) - 1
    apart = sum(each.reason == NOT_COMPARABLE for each in told)
    if apart == others:
        who = "the second is" if others == 1 else "all others are"
        return f"These runs cannot be compared by their scores: {who} on other data or another split than the first."
    parts = []
    if found["better"]:
        parts.append(f"{_listed(found['better'])} {_is(found['better'])} better than {names[0]}")
    if found["worse"]:
        parts.append(f"{_listed(found['worse'])} {_is(found['worse'])} worse than {names[0]}")
    if found["tied"]:
        parts.append(f"{_listed(found['tied'])} cannot be told apart from {names[0]}")
    if not parts:
        return "These runs have no validation rows in common to compare on."
    return "; ".join(parts) + "."


def scores_table(names: list[str], told: list[Scored], metric: str) -> pd.DataFrame:
    """A row a run."""
    percent = metric in PERCENT
    rows = []
    for place, (name, each) in enumerate(zip(names, told, strict=True)):
        score, gap = each.score, each.difference
        against = each.reason or RESULT_WORDS.get(each.result or "", "")
        rows.append(
            {
                "Run": name,
                "Score": format_interval(score["value"], score["low"], score["high"], percent=percent)
                if score
                else "not known",
                "Minus the first": format_difference(gap["value"], gap["low"], gap["high"], percent) if gap else "",
                "Verdict": against if place else "the first",
            }
        )
    return pd.DataFrame(rows)


def differences_table(runs: list[Run], names: list[str]) -> pd.DataFrame:
    """A row a choice that differs, a column a run."""
    found = differences([run.config for run in runs])
    table = pd.DataFrame([each.values for each in found], columns=names)
    table.insert(0, "Choice", distinct(each.label for each in found))
    return table


def _differences_part(runs: list[Run], names: list[str]) -> None:
    st.subheader("What was chosen differently", anchor=False)
    table = differences_table(runs, names)
    if not len(table):
        st.write("Nothing: these runs were made with the same choices.")
        return
    st.dataframe(table, hide_index=True, alt="Choices in which these runs differ")
    st.download_button(
        "Differences (CSV)",
        lambda: safe_csv(table),
        "differences.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="The table above.",
    )


def _curves_part(runs: list[Run], names: list[str]) -> None:
    st.subheader("How they learned", anchor=False)
    drawn = [_curve(run, name) for run, name in zip(runs, names, strict=True)]
    if not any(len(each.epochs) for each in drawn):
        st.write("The epochs of these runs were not kept.")
        return
    draw(run_curves(drawn), "runs_curves", "epoch, cost, training row, validation")
    if len({run.config.training.loss for run in runs}) > 1:
        st.caption("These runs were trained with different costs, so the heights of their lines cannot be compared.")
    st.caption("A click on a name in the legend hides that run.")


def _curve(run: Run, name: str) -> RunCurve:
    history = thinned(progress(run).history)
    history = [*history[: -1 : max(1, len(history) // MOST_EPOCHS)], history[-1]] if history else []
    columns: list[list[Any]] = [[row.get(key) for row in history] for key in ("epoch", "loss", "val_loss")]
    return RunCurve(name, *columns)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
