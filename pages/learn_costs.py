"""How wrong is it, in one number? Cost functions, and what each finds expensive."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.costs import COSTS, PREDICTED, STUDENTS, TRUTH, short
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_costs import cost_chart, terms_table
from pages.parts.lesson_costs_classes import more_classes
from pages.parts.lesson_costs_own import own_mistakes
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

IDEA = (
    "A cost function (loss) puts all mistakes into one number: 0 is perfect, more is worse. All that training does is "
    "to make this number smaller. Each cost function finds other mistakes expensive."
)
QUESTION = (
    "Two of the three answers are wrong. Leave them wrong: S2 at 0.5 or more, S3 below 0.5. Bring the binary "
    "cross-entropy below 1 all the same. What does this cost function want?"
)
ANSWER = (
    "Doubt. With 0.6 for S2 and 0.4 for S3 the same two answers are wrong. But binary cross-entropy falls from 10.7 to "
    "0.6. To be sure and wrong is what costs most. The share of right answers does not see this; the cost does."
)
IN_APP = InApp("results.py", "See the mistakes of your own network", trained=True)
SHOWN = "costs:student"
HALF = 0.5


def page() -> None:
    """Predictions on the left, what they cost on the right."""
    begin("costs", IDEA, QUESTION)
    solved = _three_students()
    conclude("costs", solved, ANSWER, IN_APP, _more)


def _more() -> None:
    more_classes()
    own_mistakes()


def _three_students() -> bool:
    totals = st.container(horizontal=True)
    left, picture = st.columns([1, 2], gap="large")
    with left:
        predicted = _predictions()
        right = int(((predicted >= HALF) == TRUTH).sum())
        st.markdown(f"**{right} of {len(TRUTH)} answers right**, where {HALF:g} and more counts as 1.")
        st.session_state.setdefault(SHOWN, STUDENTS[2])
        st.segmented_control(
            "Curves for",
            STUDENTS,
            required=True,
            key=SHOWN,
            help="Whose costs the picture shows; it follows the prediction that you move.",
        )
    with picture:
        row = STUDENTS.index(st.session_state[SHOWN])
        for cost in COSTS.values():
            totals.metric(cost.title, short(cost.mean(TRUTH, predicted)))
        draw(cost_chart(float(TRUTH[row]), float(predicted[row]), STUDENTS[row]), "costs:curves")
    st.markdown("**Every term worked out.** The cost is the mean of the three.")
    st.table(terms_table(predicted))
    st.caption(
        "The logarithm of 0 is infinite. So probabilities are kept between 0.0000001 and 0.9999999, as Keras does. "
        "Hinge takes class 0 as -1. It wants scores of 1 and more or -1 and less, so a 0 for class 0 still costs 1."
    )
    return _sure_of_less(predicted)


def _sure_of_less(predicted: np.ndarray) -> bool:
    """Whether S2 and S3 are still wrong, and binary cross-entropy is below 1."""
    wrong = predicted[1] >= HALF > predicted[2]
    return bool(wrong) and COSTS["binary_crossentropy"].mean(TRUTH, predicted) < 1.0


def _predictions() -> np.ndarray:
    return np.array(
        [
            st.slider(
                f"Prediction for {student}, who {'passed (1)' if truth else 'failed (0)'}",
                0.0,
                1.0,
                start,
                0.05,
                key=f"costs:{student}",
                on_change=_look_at,
                args=(student,),
                help=help_with_terms(
                    "prediction", "What the network says: 0 is surely failed, 1 is surely passed, 0.5 is undecided."
                ),
            )
            for student, truth, start in zip(STUDENTS, TRUTH, PREDICTED.tolist(), strict=True)
        ]
    )


def _look_at(student: str) -> None:
    st.session_state[SHOWN] = student


page()
