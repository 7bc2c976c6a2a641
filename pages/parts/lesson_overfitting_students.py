"""Neurons that are right about the lecture's first three students, and what they say of the next three."""

from __future__ import annotations

import streamlit as st

from core.evaluation.words import format_percent
from core.lessons.neuron import LABELS, MARKS, STUDENTS, step, weighted_sums
from core.lessons.overfitting import UNSEEN, UNSEEN_MARKS, neurons_say, right_neurons
from pages.parts.terms import help_with_terms

NAMES = "ABCDE"
TRIED = 1000


@st.fragment
def new_students() -> None:
    """Five of a thousand such neurons, one at a time."""
    st.subheader("Why three students are not enough", anchor=False)
    neurons = right_neurons(TRIED)
    left, right = st.columns([1, 2], gap="large")
    with left:
        st.markdown(
            "The lecture has three more students, S4, S5 and S6. No neuron has learned from them. These five neurons "
            "are all right about S1, S2 and S3. What do they say about the others?"
        )
        chosen = st.segmented_control(
            "Neuron",
            list(NAMES),
            default=NAMES[0],
            required=True,
            key="overfitting:neuron",
            help=help_with_terms(
                "neuron", "Five neurons as in the first lesson, each with weights and a bias of its own."
            ),
        )
        weights, bias = (each[NAMES.index(chosen)] for each in neurons)
        st.caption(f"Weights {', '.join(f'{weight:g}' for weight in weights)}; bias {bias:g}; a step at 200.")
    with right:
        learned, unseen = (weighted_sums(marks, weights, bias) for marks in (MARKS, UNSEEN_MARKS))
        st.table(
            {
                "Student": [*STUDENTS, *UNSEEN],
                "Weighted sum": [f"{total:.4g}" for total in (*learned, *unseen)],
                "Answer": [str(answer) for answer in (*step(learned), *step(unseen))],
                "Truth": [*map(str, LABELS), *("not known",) * len(UNSEEN)],
            }
        )
    passed = neurons_say(neurons, UNSEEN_MARKS).mean(axis=0)
    told = ", ".join(f"{format_percent(share)} pass {name}" for name, share in zip(UNSEEN, passed, strict=True))
    st.markdown(
        f"Of {TRIED:,} neurons that are right about S1 to S3, {told}. Which of them are right? The three students that "
        "they know cannot tell. Only known answers that were kept aside can."
    )
