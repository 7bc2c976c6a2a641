"""What turns a sum into an answer? Activation functions, their curves and their slopes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.lessons.activations import ACTIVATIONS, CLASSES, Curve, curves, sums_near_zero
from core.lessons.neuron import STUDENTS, SUBJECTS
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_activations import EDGE, Shown, curve_chart, passed_on, shares_table, students_table
from pages.parts.lesson_activations_own import own_sums
from pages.parts.lesson_neuron import weight_sliders
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

IDEA = (
    "A step answers only 0 or 1. Move a weight a little, and nearly always the answer stays the same: a network cannot "
    "find out which way to go. Other activation functions answer by degrees. Where their curve has a slope "
    "(derivative), every small change shows."
)
QUESTION = (
    "S3 passed, but the step answers 0, and its slope there is 0: the neuron learns nothing from this mistake. Find a "
    "function that answers between 0 and 1, and the bias at which S3 has the largest slope."
)
ANSWER = (
    "Sigmoid with a bias of 20: the sum of S3 is then 0, the answer 0.5 and the slope 0.25. The answer changes most "
    "where the neuron is unsure. Far from 0 the slope of sigmoid is nearly 0, and learning is slow (vanishing "
    "gradient). The slope of ReLU is 1 for every sum above 0, however large."
)
IN_APP = InApp("network.py", "Choose the activation functions of your own network")
# The largest slope of sigmoid is 0.25.
STEEP = 0.24
TITLES = {**{name: each.title for name, each in ACTIVATIONS.items()}, "softmax": "Softmax"}


class _Set(NamedTuple):
    """What the person has set."""

    name: str
    sums: np.ndarray
    lines: dict[str, Curve]


def page() -> None:
    """Controls on the left, the curve and its slope on the right."""
    begin("activations", IDEA, QUESTION)
    solved = _functions()
    conclude("activations", solved, ANSWER, IN_APP, _more)


def _functions() -> bool:
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = _controls()
    main = chosen.lines.get("answer") or chosen.lines["passes"]
    with right:
        student = st.segmented_control(
            "Look at",
            STUDENTS,
            default=STUDENTS[2],
            required=True,
            key="activations:student",
            help="The line that touches the curve at this student shows the slope there.",
        )
        row = STUDENTS.index(student)
        draw(curve_chart(Shown(TITLES[chosen.name], chosen.lines, main, chosen.sums, row)), "activations:curve")
        st.caption(passed_on(float(main.slope(chosen.sums)[row])))
        if np.abs(chosen.sums).max() > EDGE:
            st.caption(f"Who has a sum beyond {EDGE:g} is drawn at the edge; the table has the true answers.")
        st.table(
            students_table(chosen.sums, main) if chosen.name != "softmax" else shares_table(chosen.sums, chosen.lines)
        )
    steep = main.slope(chosen.sums)[STUDENTS.index("S3")] >= STEEP
    return bool(steep) and chosen.name in ("sigmoid", "softmax")


def _controls() -> _Set:
    name = st.radio(
        "Activation function",
        list(TITLES),
        horizontal=True,
        format_func=TITLES.__getitem__,
        key="activations:name",
        help=help_with_terms("activation function", "What turns the neuron's sum into its answer."),
    )
    bias = st.slider(
        "Bias",
        -60.0,
        60.0,
        0.0,
        5.0,
        key="activations:bias",
        help=help_with_terms(
            "bias", "Added to every sum, as on the page before: it moves all three students along the curve."
        ),
    )
    third = 0.0
    if name == "softmax":
        third = st.slider(
            f"Sum of the neuron “{CLASSES[2]}”",
            -6.0,
            6.0,
            -2.0,
            0.5,
            key="activations:third",
            help=help_with_terms(
                "neuron", "Softmax shares the answer among several neurons. Raise the sum of one, and the others lose."
            ),
        )
        st.caption("Three neurons now: “passes” has the sum that you know, “fails” always has the sum 0.")
    with st.expander("Weights"):
        weights = weight_sliders("activations", len(SUBJECTS), "How much this mark counts, as on the page before.")
    st.caption("The neuron of the page before, moved near 0: what comes in here is (sum - 200) / 10.")
    return _Set(name, sums_near_zero(weights, bias), curves(name, third))


def _more() -> None:
    _at_a_glance()
    own_sums()


def _at_a_glance() -> None:
    softmax = ("Softmax", "exp(x) / the sum of all exp(x)", "0 to 1, together 1", "the last layer, two classes or more")
    told = [(each.title, each.formula, each.answers, each.use) for each in ACTIVATIONS.values()]
    heads = ("Function", "What it does with a sum x", "Answers", "Where it is used")
    with st.expander("All six at a glance"):
        st.table([dict(zip(heads, row, strict=True)) for row in (*told, softmax)])


page()
