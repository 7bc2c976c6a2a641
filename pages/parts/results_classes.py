"""Which rows are right and which are wrong: a confusion matrix whose cells open the rows behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.evaluation.curves import Confusion, confusion_matrix
from core.evaluation.words import count, shorten
from pages.parts.charts import ACCENT, Chart, confusion
from pages.parts.results_draw import draw_clickable
from pages.parts.results_opened import Opened, class_labels
from pages.parts.results_rows import MOST_ROWS, show_rows
from pages.parts.results_threshold import derived_numbers, threshold_slider
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

DrawCell = Callable[[Opened, np.ndarray, int, int], None]


def rows_right_and_wrong(shown: Opened) -> None:
    """The confusion matrix, and the rows of a table behind the chosen cell."""
    right_and_wrong(shown, _cell_rows)


def right_and_wrong(shown: Opened, draw_cell: DrawCell) -> np.ndarray:
    """Threshold (two classes), confusion matrix, and what is behind the chosen cell.

    Args:
        shown: The run.
        draw_cell: Draws that, given the run, the answers, and the cell's true and answered class.

    Returns:
        ``(n,)`` class indices answered.
    """
    threshold = threshold_slider(shown)
    if len(shown.class_names) == 2:
        derived_numbers(shown, threshold)
    answered = shown.answers(threshold)
    found = confusion_matrix(shown.truth, answered, len(shown.class_names))
    true, predicted = _chosen_cell(shown, found)
    matrix, rows = st.columns([2, 3], gap="medium")
    with matrix:
        _matrix(shown, found, (true, predicted))
    with rows:
        true, predicted = _pick(shown)
        draw_cell(shown, answered, true, predicted)
    return answered


def rows_of_cell(
    truth: np.ndarray, answered: np.ndarray, probabilities: np.ndarray, true: int, predicted: int
) -> np.ndarray:
    """Positions of the rows in one cell: mistakes from the surest on, right answers from the least sure on.

    Args:
        truth: ``(n,)`` class indices.
        answered: ``(n,)`` class indices.
        probabilities: ``(n, classes)``.
        true: The cell's true class.
        predicted: The cell's answered class.
    """
    inside = np.flatnonzero((truth == true) & (answered == predicted))
    sureness = probabilities[inside, predicted]
    return inside[np.argsort(sureness if true == predicted else -sureness, kind="stable")]


def _keys(shown: Opened) -> tuple[str, str]:
    return f"cell_true:{shown.run.id}", f"cell_predicted:{shown.run.id}"


def _chosen_cell(shown: Opened, found: Confusion) -> tuple[int, int]:
    """The cell whose rows are open; at first the one with the most mistakes."""
    keys = _keys(shown)
    if keys[0] not in st.session_state or keys[1] not in st.session_state:
        wrong = found.counts - np.diag(np.diag(found.counts))
        most = wrong if wrong.any() else found.counts
        first = np.unravel_index(int(most.argmax()), most.shape)
        st.session_state[keys[0]], st.session_state[keys[1]] = (int(place) for place in first)
    return st.session_state[keys[0]], st.session_state[keys[1]]


def _matrix(shown: Opened, found: Confusion, cell: tuple[int, int]) -> None:
    def choose(place: Any) -> None:
        if place is not None:
            for key, index in zip(_keys(shown), place, strict=False):
                st.session_state[key] = int(index)

    chart = confusion(found.counts, found.rates, shown.class_names)
    _frame(chart, cell)
    draw_clickable(chart, f"confusion:{shown.run.id}", choose)
    st.caption(
        f"Click a cell to open the {shown.noun}s behind it, or choose the cell from the two lists.",
        help=help_with_terms("confusion matrix"),
    )


def _frame(chart: Chart, cell: tuple[int, int]) -> None:
    """Frame the open cell. Plotly's own mark would vanish at a second click and miss a choice from the lists."""
    y, x = cell
    line = {"color": ACCENT, "width": 3}
    chart.figure.add_shape(type="rect", x0=x - 0.47, x1=x + 0.47, y0=y - 0.47, y1=y + 0.47, line=line)
    chart.figure.update_traces(selected={"marker": {"opacity": 0}}, selector={"type": "scatter"})


def _pick(shown: Opened) -> tuple[int, int]:
    """Two lists that do what a click does, for keyboards."""
    columns = st.columns(2)
    names = class_labels(shown)
    picked = []
    for column, key, label, help in zip(
        columns,
        _keys(shown),
        ("Truly", "Predicted"),
        (f"The class that these {shown.noun}s really have.", f"The class that the network gives these {shown.noun}s."),
        strict=True,
    ):
        with column:
            picked.append(
                st.selectbox(
                    label,
                    range(len(names)),
                    format_func=names.__getitem__,
                    key=key,
                    persist_state="session",
                    help=help,
                )
            )
    return picked[0], picked[1]


def _cell_rows(shown: Opened, answered: np.ndarray, true: int, predicted: int) -> None:
    places = rows_of_cell(shown.truth, answered, shown.probabilities, true, predicted)
    was, said = (plain(shorten(shown.class_names[index], 40)) for index in (true, predicted))
    if not len(places):
        st.info(f"No validation row that is truly {was} is predicted {said}.", icon=":material/check:")
        return
    order = "the least sure first" if true == predicted else "the surest mistakes first"
    many = f" (the first {MOST_ROWS} are shown)" if len(places) > MOST_ROWS else ""
    verb = "is" if len(places) == 1 else "are"
    st.markdown(
        f"{count(len(places), 'row')}{many} {verb} truly **{was}** and predicted **{said}**"
        + (f", {order}." if len(places) > 1 else ".")
    )
    told = {f"Probability of {shorten(shown.class_names[predicted], 30)}": shown.probabilities[places, predicted]}
    show_rows(shown, places, told, f"cell_rows:{shown.run.id}")
