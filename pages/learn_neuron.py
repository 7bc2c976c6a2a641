"""What does one neuron do? Weights, a bias, a sum, a step."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.neuron import LABELS, MARKS, STEP, STUDENTS, SUBJECTS, step, weighted_sums, worked_out
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_neuron import neuron_picture, students_chart, weight_sliders
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

IDEA = (
    "A neuron adds up what it receives: each input times its weight, and a bias. If the sum reaches a threshold, it "
    "answers 1 (this student passes), otherwise 0. All that a network learns are such weights and biases."
)
QUESTION = "S3 passed, but the neuron says 0. Move the weights and the bias until all three answers are right."
ANSWER = (
    "For example, leave the weights at 1 and set the bias to 25: the sums are 235, 171 and 205. Or raise the weight of "
    "Math: S3 has 70 there. Many settings are right, and each draws another line between pass and fail."
)
IN_APP = InApp("network.py", "See the neurons of your own network")


def page() -> None:
    """Sliders on the left, what they do on the right."""
    begin("neuron", IDEA, QUESTION)
    solved = _neuron()
    conclude("neuron", solved, ANSWER, IN_APP)


def _neuron() -> bool:
    left, right = st.columns([1, 2], gap="large")
    with left:
        weights, bias = _sliders()
    marks = MARKS[:, : len(weights)]
    answers = step(weighted_sums(marks, weights, bias))
    with right:
        _table(marks, weights, bias, answers)
        student = st.segmented_control(
            "Look inside, for",
            STUDENTS,
            default=STUDENTS[2],
            required=True,
            key="neuron:student",
            help="The picture of the neuron shows this student's marks on their way through it.",
        )
        row = STUDENTS.index(student)
        neuron_picture(marks[row], weights, bias, SUBJECTS[: len(weights)])
        draw(students_chart(weights, bias), "neuron:plane")
    return bool((answers == LABELS).all())


def _sliders() -> tuple[np.ndarray, float]:
    count = st.segmented_control(
        "Inputs",
        [3, 2],
        default=3,
        required=True,
        format_func={3: "three marks", 2: "two marks"}.__getitem__,
        key="neuron:inputs",
        help=help_with_terms(
            "input", "With two inputs the neuron draws a straight line between pass and fail; with three, a flat plane."
        ),
    )
    weights = weight_sliders(
        "neuron", count, "How much this mark counts. 0: not at all. Below 0: a high mark counts against passing."
    )
    bias = st.slider(
        "Bias",
        -200.0,
        200.0,
        0.0,
        5.0,
        key="neuron:bias",
        help=help_with_terms("bias", "Added to every sum, whatever the marks are."),
    )
    return weights, bias


def _table(marks: np.ndarray, weights: np.ndarray, bias: float, answers: np.ndarray) -> None:
    right = int((answers == LABELS).sum())
    st.markdown(f"**{right} of {len(LABELS)} answers are right.** The sum must reach {STEP:g} for the answer 1.")
    st.table(
        {
            "Student": list(STUDENTS),
            "Weighted sum": [worked_out(row, weights, bias) for row in marks],
            "Answer": [str(answer) for answer in answers],
            "Truth": [str(label) for label in LABELS],
            "": ["right" if answer == label else "wrong" for answer, label in zip(answers, LABELS, strict=True)],
        }
    )


page()
