"""What the network says about one case, how far it can be trusted, and what pushed it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_interval, format_number, format_percent, shorten
from pages.parts.charts import class_bars, contributions
from pages.parts.predict_case import Case, asked, case_of, words
from pages.parts.predict_form import row_name
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened
from pages.parts.session import ask, plain, show_error
from pages.parts.terms import help_with_terms

FEW_ROWS = 10
NEAR = 0.1
SHARE = 0.8
LONGEST = 60


def ask_about_case(shown: Opened) -> dict[str, Any] | None:
    """The answer in one line, drawn where the eye begins; None where no worker answers."""
    found = _asked(shown, case_of(shown))
    if found is not None:
        st.subheader(_headline(shown, found["prediction"]), anchor=False)
    return found


def details(shown: Opened, found: dict[str, Any]) -> None:
    """What was true, how sure the answer is, and why."""
    case = case_of(shown)
    with st.container(border=True):
        if case.place is not None:
            _truth(shown, case, found)
        if shown.class_names:
            _class_answer(shown, found)
        else:
            _value_answer(shown, found["prediction"][0])
    with st.container(border=True):
        _why(shown, found)


@st.cache_data(max_entries=64, show_spinner=False)
def _explained(root: str, run: str, changed: int, values: str, _shown: Opened) -> dict[str, Any]:
    return ask("explain_row", _shown.run, json.loads(values))


def _asked(shown: Opened, case: Case) -> dict[str, Any] | None:
    changed = shown.run.model.stat().st_mtime_ns
    values = json.dumps(asked(case.values))
    try:
        with st.spinner("Asking the network… the first answer takes a few seconds.", show_time=True):
            return _explained(str(shown.run.workspace.root), shown.run.id, changed, values, _shown=shown)
    except UserError as error:
        show_error(error)
        st.button("Ask again", icon=":material/refresh:", help="Asks the network once more; your values are kept.")
        return None


def _headline(shown: Opened, prediction: list[float]) -> str:
    target = plain(shorten(shown.config.data.target, LONGEST))
    if not shown.class_names:
        return f"{target}: {format_number(prediction[0])}"
    best = int(np.argmax(prediction))
    return f"{target}: {plain(shorten(shown.class_names[best], LONGEST))}, {format_percent(prediction[best])}"


def _class_answer(shown: Opened, found: dict[str, Any]) -> None:
    probabilities = found["prediction"]
    best = int(np.argmax(probabilities))
    bars = class_bars(probabilities, shown.class_names)
    # The heading says it already; the longest number beside a full bar needs room.
    bars.figure.update_layout(title=None, margin_t=8, height=bars.figure.layout.height - 20)
    bars.figure.update_xaxes(range=[0, 1.5])
    draw(bars, f"predict_bars:{shown.run.id}")
    st.caption(how_often_right(shown, best, probabilities[best]), help=help_with_terms("probability, validation"))


def how_often_right(shown: Opened, best: int, probability: float, noun: str = "validation row") -> str:
    """What came true of the validation rows (or pictures) that got a similar answer; ready for Markdown."""
    if not len(shown.rows):
        return f"There are no {noun}s that would tell how far this can be trusted."
    alike = (shown.probabilities.argmax(axis=1) == best) & (np.abs(shown.probabilities[:, best] - probability) <= NEAR)
    rows, right = int(alike.sum()), int((shown.truth[alike] == best).sum())
    name = plain(shorten(shown.class_names[best], LONGEST))
    if rows >= FEW_ROWS:
        return (
            f"How far to trust it: of {count(rows, noun)} with an answer as sure as this one, {right:,} "
            f"({format_percent(right / rows)}) were truly {name}."
        )
    few = f"only {count(rows, noun)}" if rows else f"no {noun}"
    score = shown.metrics["parts"].get("validation", {}).get("metrics", {}).get("accuracy") or {}
    total = format_interval(score.get("value"), score.get("low"), score.get("high"), percent=True)
    return (
        f"How far to trust it: {few} got an answer as sure as this one, too few to say. "
        f"On all {len(shown.rows):,} the share of right answers (accuracy) was {total}."
    )


def _value_answer(shown: Opened, value: float) -> None:
    errors = np.abs(shown.truth - shown.values)
    if len(errors) < FEW_ROWS:
        st.caption(f"{count(len(errors), 'validation row')}: too few to say how far off this may be.")
        return
    off = float(np.quantile(errors, SHARE))
    st.write(
        f"In about 8 of 10 such cases the truth is between **{format_number(value - off)}** and "
        f"**{format_number(value + off)}**."
    )
    st.caption(
        f"How far to trust it: {format_percent(SHARE)} of the {len(errors):,} validation rows were off by less than "
        f"{format_number(off)}. This holds for cases like those in the table."
    )


def _truth(shown: Opened, case: Case, found: dict[str, Any]) -> None:
    assert case.place is not None
    name, true = row_name(shown, case.place), shown.truth[case.place]
    if shown.class_names:
        said = plain(shorten(shown.class_names[int(true)], LONGEST))
        right = int(np.argmax(found["prediction"])) == int(true)
        verdict = "The network is right." if right else "The network is wrong here."
    else:
        said = format_number(float(true))
        verdict = f"The network is off by {format_number(abs(found['prediction'][0] - float(true)))}."
    if case.changed:
        st.info(f"{name} was truly **{said}**, before your changes.", icon=":material/edit:")
    else:
        st.info(f"{name} is truly **{said}**. {verdict}", icon=":material/visibility:")


def _why(shown: Opened, found: dict[str, Any]) -> None:
    found = _for_likeliest(found)
    place = found["answer"]
    start, end = found["average"][place], found["prediction"][place]
    axis = _axis(shown, place)
    st.markdown("**Why this prediction**")
    st.write(_sentence(shown, place, start, end, found["contributions"]))
    draw(contributions(start, _pushes(shown, found), end, axis), f"predict_why:{shown.run.id}")
    st.caption(
        "Each bar is how far one feature moves the answer on the way from the average training row to this one; "
        "together they make up the whole difference (integrated gradients). They explain the network, not the world.",
        help=help_with_terms("feature, integrated gradients"),
    )


def _for_likeliest(found: dict[str, Any]) -> dict[str, Any]:
    """Of two classes the second is explained; what pushes it up pushes the first one down by as much."""
    best = int(np.argmax(found["prediction"]))
    if best == found["answer"] or len(found["prediction"]) != 2:
        return found
    turned = [(name, value, -push) for name, value, push in found["contributions"]]
    return {**found, "answer": best, "contributions": turned, "rest": -found["rest"]}


def _pushes(shown: Opened, found: dict[str, Any]) -> list[tuple[str, str, float]]:
    named = [(name, words(value), push) for name, value, push in found["contributions"]]
    small = len(shown.features) - len(named)
    # The worker names the strongest 200; the others share what is left, so that the chart counts them.
    return named + [("", "", found["rest"] / small)] * small if small else named


def _axis(shown: Opened, place: int) -> str:
    if shown.class_names:
        return f"Probability of {shorten(shown.class_names[place], 24)}"
    return shorten(shown.config.data.target, 40)


def _sentence(shown: Opened, place: int, start: float, end: float, pushes: list[Any]) -> str:
    said = plain(shorten(shown.config.data.target, LONGEST))
    number: Callable[[float], str] = format_number
    if shown.class_names:
        said = f"the probability of {plain(shorten(shown.class_names[place], LONGEST))}"
        number = format_percent
    moved = [(name, push) for name, _, push in pushes if abs(push) > 1e-3 * max(abs(end - start), 1e-9)][:2]
    text = f"For the average row {said} is {number(start)}, for this one {number(end)}."
    if moved:
        named = [f"{plain(shorten(name, 40))} ({'up' if push > 0 else 'down'})" for name, push in moved]
        text += f" What moves it most: {' and '.join(named)}."
    return text
