"""Why being right about what was learned is not enough: memorised points, and what holds a network back."""

from __future__ import annotations

import streamlit as st

from core.evaluation.words import format_difference, format_number, format_percent
from core.lessons.overfitting import DRAWS, LEARNED, Difference, Learned, says
from core.lessons.points import KINDS, Kind
from core.progress import progress
from pages.parts.charts_training import training_curves
from pages.parts.form import all_settings, rate_text
from pages.parts.lesson import InApp, begin, conclude, own_run
from pages.parts.lesson_overfitting import (
    NEAR_ZERO,
    RATES,
    WAYS,
    Setting,
    compared,
    curves_chart,
    learned_by,
    near_zero,
    path_chart,
    points_chart,
    weights_chart,
)
from pages.parts.lesson_overfitting_students import new_students
from pages.parts.results_draw import draw
from pages.parts.results_training import thinned
from pages.parts.session import errors_shown, plain
from pages.parts.terms import help_with_terms

IDEA = (
    "A network can know what it has learned by heart and still be wrong about everything new (overfitting). So some "
    "known cases are kept aside, and never learned from: they show how good it really is (validation). What holds a "
    "network back from memorising is called regularization."
)
KIND: Kind = "circles"
NOISE, COUNT = 0.6, 40
# The network whose plane shows best what memorising looks like.
SHOWN_FIRST = 3
GOAL = 0.5
FOUND = "overfitting:found"
QUESTION = (
    f"The networks below know their points by heart. Hold them back, so that new points end at a cost below {GOAL:g}."
)
ANSWER = (
    "For example L2 0.01: the line gets smooth, and the two curves stay together. Too little changes nothing, too much "
    "lets it learn nothing. More points help as well: nobody knows 80 points by heart as easily as 20."
)
IN_APP = InApp("compare.py", "Compare rates on your own data", sample="rna")


def page() -> None:
    """The network that memorises, and below it the students; these do not wait for a worker that is still starting."""
    begin("overfitting", IDEA, QUESTION)
    network = st.container()
    new_students()
    _own_network()
    with network:
        _network()
    conclude("overfitting", bool(st.session_state.get(FOUND)), ANSWER, IN_APP)


@st.fragment
def _network() -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        setting = _choices()
        looked_at = _looked_at()
    with right, errors_shown():
        found = learned_by(setting)
        _shown(setting, found, learned_by(setting.plain), *looked_at)
        if setting.way != "none" and found.cost[1, :, -1].mean() < GOAL and not st.session_state.get(FOUND):
            st.session_state[FOUND] = True
            st.rerun()
        return
    if st.button("Try again", icon=":material/refresh:", key="overfitting:again", help="Asks the worker once more."):
        st.rerun()


def _choices() -> Setting:
    way, rate = _held_back()
    count = st.segmented_control(
        "Points to learn from",
        LEARNED,
        default=COUNT,
        required=True,
        key="overfitting:count",
        help="The more there are, the harder it is to know them by heart.",
    )
    kind, noise = _pattern() if all_settings() else (KIND, NOISE)
    return Setting(kind, noise, count, way, rate)


def _held_back() -> tuple[str, float]:
    """With what, and at which rate."""
    way = st.segmented_control(
        "Hold them back with",
        list(WAYS),
        default="none",
        required=True,
        format_func=WAYS.__getitem__,
        key="overfitting:way",
        wrap=True,
        help="L1 and L2 make large weights cost something. Dropout switches off some neurons at random in each step.",
    )
    if way == "none":
        return way, 0.0
    rate = st.select_slider(
        "Dropout rate" if way == "dropout" else f"{WAYS[way]} rate",
        RATES[way],
        value=RATES[way][0],
        format_func=rate_text,
        key=f"overfitting:rate:{way}",
        help="How strongly they are held back. From left to right: hardly, well, too much.",
    )
    return way, rate


def _pattern() -> tuple[Kind, float]:
    """What the points are like."""
    kind = st.segmented_control(
        "Where the points lie",
        KINDS,
        default=KIND,
        required=True,
        key="overfitting:kind",
        help="The true pattern that the network is to find.",
    )
    noise = st.slider(
        "Noise",
        0.0,
        1.0,
        NOISE,
        0.1,
        key="overfitting:noise",
        help=help_with_terms(
            "noise", "How far points stray from where they belong. A network that memorises learns the noise as well."
        ),
    )
    return kind, noise


def _looked_at() -> tuple[int, bool]:
    """Which draw's network is shown, from 0, and whether with new points."""
    number = st.slider(
        "Network to look at",
        1,
        DRAWS,
        SHOWN_FIRST,
        key="overfitting:draw",
        help="Each was trained with points and starting weights of its own; only luck makes them differ.",
    )
    new = st.toggle(
        "Show new points",
        key="overfitting:new",
        help="Off: the points that it has learned from. On: points that it has never seen (validation).",
    )
    return number - 1, new


def _shown(setting: Setting, found: Learned, without: Learned, draw_of: int, new: bool) -> None:
    held = setting.way != "none"
    cost = format_number(found.cost[1, :, -1].mean())
    st.markdown(f"{DRAWS} networks, each with points of its own. **{says(found)}** New points end at a cost of {cost}.")
    plane_side, curves_side = st.columns(2, gap="medium")
    with plane_side:
        draw(points_chart(setting, found, draw_of, new), "overfitting:plane")
    with curves_side:
        draw(curves_chart(found, without if held else None), "overfitting:curves")
    st.caption(
        f"The plane is that of one network, the curves are the mean of all {DRAWS}, with bands that hold 8 of 10. "
        "To stop where validation is lowest also helps (early stopping)."
    )
    if held:
        _difference(setting, found, without)
    opened = st.expander("Its weights", icon=":material/bar_chart:", key="overfitting:opened", on_change="rerun")
    if opened.open:
        with opened:
            draw(weights_chart(setting, found, without), "overfitting:weights")
            st.caption(f"{format_percent(near_zero(found))} of the weights are as good as zero (below {NEAR_ZERO:g}).")
    if held:
        _every_rate(setting)


def _difference(setting: Setting, found: Learned, without: Learned) -> None:
    against = compared(found, without)
    st.markdown(
        f"Beside the same {DRAWS} networks without {WAYS[setting.way]}, on new points:\n"
        f"- cost {_told(against.cost, percent=False)}\n"
        f"- share of right answers {_told(against.right, percent=True)}"
    )


def _told(found: Difference, percent: bool) -> str:
    words = format_difference(*found, percent=percent)
    return f"{words}: {'more than chance explains' if found.told else '**no difference can be told**'}"


def _every_rate(setting: Setting) -> None:
    known = "overfitting:every"
    pressed = st.button(
        "Try every rate",
        key="overfitting:try",
        icon=":material/linear_scale:",
        help="Trains the networks anew with each rate of the slider, and shows which rates are best.",
    )
    # It stays for the setting that it was asked for, whichever rate is looked at.
    asked = setting._replace(rate=0.0)
    if pressed:
        st.session_state[known] = asked, _tried(asked)
    kept = st.session_state.get(known)
    if kept and kept[0] == asked:
        draw(path_chart(asked, kept[1]), "overfitting:path")
        st.caption(
            "The band holds the mean with 95 % confidence. A rate is tied where chance alone explains that it is worse "
            "than the best."
        )


def _tried(asked: Setting) -> list[tuple[float, Learned]]:
    """Every rate, from none on, with what the networks came to."""
    going, found = st.progress(0.0, "Training…"), [(0.0, learned_by(asked.plain))]
    for place, rate in enumerate(RATES[asked.way], start=1):
        going.progress(place / len(RATES[asked.way]), f"{WAYS[asked.way]} {rate_text(rate)}")
        found.append((rate, learned_by(asked._replace(rate=rate))))
    going.empty()
    return found


def _own_network() -> None:
    run = own_run()
    history = thinned(progress(run).history) if run is not None else []
    if run is None or not history:
        return
    with st.expander(f"Your own network: {plain(run.name[:60])}", icon=":material/science:"):
        draw(training_curves(history, progress(run).facts.get("best_epoch")), "overfitting:own")
        st.caption("Where validation turns upwards while train still falls, it begins to memorise.")


page()
