"""All learning curves over each other: many networks, few points."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.evaluation.words import count
from core.studies import CURVES
from core.study_opened import Answer
from pages.parts.charts_study_curves import MemberCurve, member_curves
from pages.parts.charts_style import Chart
from pages.parts.labels import distinct
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

MOST_MEMBERS = 200
MOST_POINTS = 9_000
MOST_EPOCHS = 250
FEWEST_EPOCHS = 5


def all_curves(answer: Answer) -> None:
    """Cost on learned and held-out rows of every network, or of those of one setting."""
    labels = ["All settings", *distinct(answer.spec.words)]
    chosen = st.selectbox(
        "Networks of",
        range(len(labels)),
        format_func=labels.__getitem__,
        key=f"curves:{answer.study.id}",
        persist_state="session",
        help="All networks over each other, or only those that were trained with one setting.",
    )
    start = 0 if not chosen else (chosen - 1) * answer.groups
    of_choice = np.arange(len(answer.members)) if not chosen else np.arange(start, start + answer.groups)
    members = evenly(of_choice, MOST_MEMBERS)
    found = _chart(*_key(answer), chosen, _answer=answer, _members=members)
    if found is None:
        st.info("None of these networks got beyond its first epoch, so there is no curve.", icon=":material/info:")
        return
    chart, drawn = found
    draw(chart, f"curves_chart:{answer.study.id}")
    some = f" {len(members)} of {len(of_choice):,} are drawn, chosen evenly." if len(members) < len(of_choice) else ""
    st.caption(
        f"One blue and one orange line for each of {count(drawn, 'network')}.{some} Where orange turns upwards "
        "while blue goes on falling, a network memorises.",
        help=help_with_terms("cost, training row, held-out row, memorises"),
    )


def evenly(places: np.ndarray, most: int) -> np.ndarray:
    """At most so many of these, spread evenly, the first and the last among them."""
    if len(places) <= most:
        return places
    return places[np.unique(np.linspace(0, len(places) - 1, most).round().astype(int))]


def early(number: int, most: int) -> np.ndarray:
    """At most so many places below ``number``, closer together at the start, where curves bend; both ends too."""
    if number <= most:
        return np.arange(number)
    return np.unique((np.linspace(0, 1, most) ** 2 * (number - 1)).round().astype(int))


def _key(answer: Answer) -> tuple[str, str, tuple[int, int]]:
    return str(answer.study.workspace.root), answer.study.id, answer.study.events_stamp


@st.cache_resource(max_entries=8, show_spinner=False)
def _chart(
    root: str, study: str, stamp: tuple[int, int], chosen: int, _answer: Answer, _members: np.ndarray
) -> tuple[Chart, int] | None:
    """The picture of some members and how many of them have curves."""
    drawn = _drawn(_answer, _members)
    return (member_curves(drawn, _title(_answer, _members)), len(drawn)) if drawn else None


def _drawn(answer: Answer, members: np.ndarray) -> list[MemberCurve]:
    epochs, losses = _losses(*_key(answer), _answer=answer)
    if not len(epochs):
        return []
    most = max(FEWEST_EPOCHS, MOST_POINTS // (2 * len(members)))
    drawn = []
    for place in members:
        own = losses[:, :, place]
        known = np.flatnonzero(np.isfinite(own).any(axis=1))
        if len(known) > 1:
            kept = known[early(len(known), most)]
            curve = (_plain(epochs[kept]), _plain(own[kept, 0]), _plain(own[kept, 1]))
            drawn.append(MemberCurve(answer.member_words(int(place)), *curve))
    return drawn


@st.cache_resource(max_entries=2, show_spinner="Reading the curves…")
def _losses(root: str, study: str, stamp: tuple[int, int], _answer: Answer) -> tuple[np.ndarray, np.ndarray]:
    """Epochs and their loss on learned and held-out rows (e, 2, members), thinned."""
    epochs, curves = _answer.study.curves()
    kept = early(len(epochs), MOST_EPOCHS)
    return epochs[kept], curves[kept][:, [CURVES.index("loss"), CURVES.index("held_loss")]]


def _title(answer: Answer, members: np.ndarray) -> str:
    best = [epoch for epoch in answer.board.best_epoch[members] if epoch > 0]
    if not best:
        return "Cost of every network, epoch by epoch"
    return f"Half of these networks were at their best by epoch {int(np.median(best))}"


def _plain(values: np.ndarray) -> list[float | None]:
    return [round(float(value), 5) if np.isfinite(value) else None for value in values]
