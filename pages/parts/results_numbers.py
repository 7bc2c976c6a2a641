"""How far predicted numbers are off (regression), and the rows with the largest errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.evaluation.residuals import residuals
from core.evaluation.words import count, format_number
from pages.parts import charts
from pages.parts.results_draw import draw_clickable
from pages.parts.results_opened import Opened
from pages.parts.results_rows import MOST_ROWS, show_rows

KINDS = {"largest": "largest errors", "high": "predicted too high", "low": "predicted too low"}


def errors(shown: Opened) -> None:
    """Predicted against true, what is left over, and the rows themselves."""
    found = residuals(shown.truth, shown.values)
    if found is None:
        st.info("There are no validation rows to show.", icon=":material/info:")
        return
    st.write(
        f"Half of the validation rows are off by less than {format_number(found.median_size)}, "
        f"nine of ten by less than {format_number(found.size_of_90_percent)}."
    )
    target = shown.config.data.target
    left, right = st.columns(2, gap="medium")
    for column, chart, name in (
        (left, charts.predicted_vs_true(shown.truth, shown.values, target), "predicted_vs_true"),
        (right, charts.residuals(shown.truth, shown.values, target), "residuals"),
    ):
        with column:
            draw_clickable(chart, f"{name}:{shown.run.id}", lambda place: _remember(shown, place))
    _rows(shown)


def rows_by_error(truth: np.ndarray, predicted: np.ndarray, kind: str) -> np.ndarray:
    """Positions of rows, largest error first; ``kind`` as in `KINDS` keeps only errors to one side."""
    error = predicted - truth
    order = np.argsort(-np.abs(error), kind="stable")
    if kind == "largest":
        return order
    return order[error[order] > 0] if kind == "high" else order[error[order] < 0]


def _remember(shown: Opened, place: Any) -> None:
    if isinstance(place, list | tuple):
        place = place[0]
    st.session_state[_key(shown)] = None if place is None else int(place)


def _key(shown: Opened) -> str:
    return f"clicked_row:{shown.run.id}"


def _rows(shown: Opened) -> None:
    kind = st.segmented_control(
        "Rows to open",
        list(KINDS),
        format_func=KINDS.__getitem__,
        default="largest",
        required=True,
        key=f"errors:{shown.run.id}",
        persist_state="session",
        on_change=lambda: st.session_state.pop(_key(shown), None),
        help="Which validation rows the table shows; a click on a point puts its row first.",
    )
    places = rows_by_error(shown.truth, shown.values, kind or "largest")
    clicked = st.session_state.get(_key(shown))
    words = f"{count(min(len(places), MOST_ROWS), 'row')}, the largest error first."
    if clicked is not None and clicked < len(shown.truth):
        places = np.r_[clicked, places[places != clicked]]
        words = f"Row {int(shown.rows['row'][clicked]):,}, which you clicked, stands first; then the largest errors."
    st.caption(words)
    true, predicted = shown.truth[places], shown.values[places]
    told = {"True": true, "Predicted": predicted, "True minus predicted": true - predicted}
    show_rows(shown, places, told, f"error_rows:{shown.run.id}")
