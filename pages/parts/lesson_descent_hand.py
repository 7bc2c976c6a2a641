"""An epoch by hand: three looks at three students, and what the neuron changes after each."""

from __future__ import annotations

import streamlit as st

from core.lessons.by_hand import BIAS, INPUTS, Look, after, answers, epoch
from core.lessons.costs import binary_crossentropies
from core.lessons.neuron import LABELS, STUDENTS, SUBJECTS
from pages.parts.form import rate_text
from pages.parts.terms import help_with_terms

MOST_EPOCHS = 30
RATES = [0.1, 0.3, 1.0, 3.0, 10.0]


@st.fragment
def by_hand() -> None:
    """The rate and the epoch, and every number of it."""
    st.subheader("One epoch by hand", help=help_with_terms("epoch"))
    st.markdown(
        "This is the neuron that tells who passes, with a sigmoid in place of the step. Marks are in hundreds: 60 is "
        f"0.6. At first all weights are 1 and the bias is {BIAS:g}. The neuron looks at one student after another, and "
        "learns a little from each. When it has seen all three, an epoch is over."
    )
    left, right = st.columns(2, gap="large")
    with left:
        rate = st.select_slider(
            "Learning rate",
            RATES,
            1.0,
            format_func=rate_text,
            key="descent:hand:rate",
            help=help_with_terms("learning rate", "How much of each error goes into the weights."),
        )
    with right:
        number = st.slider(
            "Epoch",
            1,
            MOST_EPOCHS,
            1,
            key="descent:hand:epoch",
            help=help_with_terms("epoch", "Which time it sees the three students."),
        )
    looks = epoch(*after(number - 1, rate), rate)
    st.table(_rows(looks))
    st.markdown(_first_in_words(looks[0], rate))
    st.markdown(_outcome(looks[-1], number))


def _rows(looks: tuple[Look, ...]) -> dict[str, list[str]]:
    return {
        "Student": [STUDENTS[look.student] for look in looks],
        "Sum": [f"{look.total:.3f}" for look in looks],
        "Answer (sigmoid)": [f"{look.answer:.3f}" for look in looks],
        "Truth": [f"{LABELS[look.student]}" for look in looks],
        "Error": [f"{look.error:+.3f}" for look in looks],
        **{
            f"Weight of {subject}": [f"{look.changes[place]:+.3f} → {look.weights[place]:.3f}" for look in looks]
            for place, subject in enumerate(SUBJECTS)
        },
        "Bias": [f"{look.bias_change:+.3f} → {look.bias:.3f}" for look in looks],
    }


def _first_in_words(look: Look, rate: float) -> str:
    mark = INPUTS[look.student, 0]
    change = f"-{rate_text(rate)} x {look.error:.3f} x {mark:g} = {look.changes[0]:+.3f}"
    return (
        f"**{STUDENTS[look.student]}, step by step.** The error is the answer minus the truth: {look.answer:.3f} - "
        f"{LABELS[look.student]} = {look.error:+.3f}. Each weight changes by minus the rate, times the error, times "
        f"its input. For {SUBJECTS[0]}: {change}. A weight that had a large input changes most."
    )


def _outcome(last: Look, number: int) -> str:
    found = answers(last.weights, last.bias)
    right = int(((found >= 0.5) == LABELS).sum())
    cost = float(binary_crossentropies(LABELS, found).mean())
    return (
        f"**After epoch {number}, {right} of {len(LABELS)} answers are right**, and the cost (binary cross-entropy) is "
        f"{cost:.3f}."
    )
