"""How does a network learn? By small steps downhill on its cost."""

from __future__ import annotations

import streamlit as st

from core.lessons.descent import COUNT, LANDSCAPES, Landscape, Surface, Way, descend, lowest, surface
from core.lessons.optimizers import METHODS, Method
from pages.parts.form import rate_text
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_descent import costs_chart, draw_from_above, in_relief
from pages.parts.lesson_descent_hand import by_hand
from pages.parts.lesson_descent_own import own_descent
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

IDEA = (
    "Training changes weights so that the cost gets smaller. It cannot see the whole landscape: it only feels the "
    "slope where it stands (the gradient), and takes a step downhill. The learning rate says how long the steps are."
)
QUESTION = (
    "These steps are too long: each jumps over the valley and lands higher up. Find a learning rate that reaches the "
    "bottom within 40 steps."
)
ANSWER = (
    "0.2 or 0.3. With 0.1, 40 steps are too few; from 0.42 on, each step lands higher than the last. Half of 0.42 "
    "crosses the steep part well. Where the rate is too small, momentum helps: at 0.1 it gets there in half as many "
    "steps. Where it is right already, momentum swings past the bottom."
)
IN_APP = InApp("network.py", "Choose how your own network learns")
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.4, 0.42, 0.5, 1.0]
METHOD_TITLES = {"sgd": "plain steps", "momentum": "momentum", "adam": "Adam"}
LANDSCAPE_TITLES = {"bowl": "one long valley", "valleys": "two valleys"}
ENOUGH_STEPS = 40
# Within this of the lowest cost counts as the bottom.
NEAR = 1.05


def page() -> None:
    """How to step on the left, where it leads on the right; then an epoch by hand."""
    begin("descent", IDEA, QUESTION)
    left, right = st.columns([2, 3], gap="large")
    with left:
        rate, method, batch, steps = _steps()
    with right:
        name, relief = _look()
        of = surface(name)
        way = descend(of, method, rate, batch, steps, _start(name, of))
        _pictures(name, of, way, relief)
    solved = name == "bowl" and steps <= ENOUGH_STEPS and _arrived(name, way)
    with left:
        st.markdown(_tell(name, way, steps, batch))
    by_hand()
    own_descent()
    conclude("descent", solved, ANSWER, IN_APP)


def _steps() -> tuple[float, Method, int, int]:
    rate = st.select_slider(
        "Learning rate",
        RATES,
        0.42,
        format_func=rate_text,
        key="descent:rate",
        help=help_with_terms("learning rate", "How long the steps are, compared with the slope."),
    )
    method = st.segmented_control(
        "How to step (optimizer)",
        METHODS,
        default="sgd",
        required=True,
        format_func=METHOD_TITLES.__getitem__,
        wrap=True,
        key="descent:method",
        help=help_with_terms(
            "optimizer",
            "Momentum keeps some of the speed of earlier steps, as a ball does. Adam also gives each weight its own "
            "step length, so that flat directions get longer steps.",
        ),
    )
    batch = st.segmented_control(
        "Students in each step (batch size)",
        [1, 5, COUNT],
        default=COUNT,
        required=True,
        format_func={1: "1", 5: "5", COUNT: f"all {COUNT}"}.__getitem__,
        key="descent:batch",
        help=help_with_terms(
            "batch size", "With few, a step costs little, but its direction is a guess: the way wanders."
        ),
    )
    steps = st.slider("Steps", 1, 100, ENOUGH_STEPS, key="descent:steps", help="How many steps are taken.")
    return rate, method, batch, steps


def _look() -> tuple[Landscape, bool]:
    with st.container(horizontal=True):
        name = st.segmented_control(
            "Landscape",
            LANDSCAPES,
            default="bowl",
            required=True,
            format_func=LANDSCAPE_TITLES.__getitem__,
            key="descent:landscape",
            help="One neuron with a weight and a bias has one valley. Two neurons in a row have two, equally deep.",
        )
        view = st.segmented_control(
            "View",
            ["from above", "in relief"],
            default="from above",
            required=True,
            key="descent:view",
            help="From above: the stronger the colour, the lower. In relief, drag to turn it.",
        )
    return name, view == "in relief"


def _start(name: Landscape, of: Surface) -> tuple[float, float]:
    other = name == "valleys" and st.toggle(
        "Start on the other side of the pass",
        key="descent:other",
        help="Each step only feels the slope under it. So the start decides in which valley training ends.",
    )
    return (-of.start[0], -of.start[1]) if other else of.start


def _pictures(name: Landscape, of: Surface, way: Way, relief: bool) -> None:
    way_words, cost_words = _verdict(name, way)
    st.caption(
        "The cost of 20 made-up students: days of study in, mark out. Where you stand are the two numbers that the "
        "network learns. How high you stand is how wrong it is (mean squared error)."
    )
    if relief:
        draw(in_relief(of, way, way_words), "descent:relief")
    else:
        draw_from_above(name, way, way_words)
    draw(costs_chart(way, lowest(name), cost_words), "descent:costs")


def _arrived(name: Landscape, way: Way) -> bool:
    return bool(way.costs[-1] <= NEAR * lowest(name))


def _verdict(name: Landscape, way: Way) -> tuple[str, str]:
    """Of the way, and of the cost."""
    if way.ran_away or way.costs[-1] > way.costs[0]:
        return "The way leads up and out of the valley", "The cost grows"
    if _arrived(name, way):
        return "The way reaches the bottom", "The cost falls to the lowest there is"
    return "The way has not reached the bottom yet", "The cost has not fallen to the lowest yet"


def _tell(name: Landscape, way: Way, steps: int, batch: int) -> str:
    taken = len(way.costs) - 1
    epochs = taken * batch / COUNT
    stopped = f" It was stopped after {taken} steps, before the numbers got too large." if taken < steps else ""
    return (
        f"**After {taken} steps the cost is {way.costs[-1]:.4g}.** It was {way.costs[0]:.4g} at the start; the lowest "
        f"is {lowest(name):.4g}. These steps looked at each student {epochs:g} times ({epochs:g} epochs).{stopped}"
    )


page()
