"""What does pooling leave of a map, and how do scores become a class?"""

from __future__ import annotations

import streamlit as st

from core.lessons.pooling import LECTURE, STROKE, pooled
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_pooling import KINDS, after_move, at_place, in_a_row, on_a_photo
from pages.parts.lesson_pooling_scores import scores_to_class
from pages.parts.terms import help_with_terms

MAPS = {"stroke": "A stroke", "lecture": "The lecture's"}
WHOLE = 6
FOUND = "pooling:found"
IDEA = (
    "A convolution leaves a large map. **Pooling** keeps one number of each window: the largest, or the average. The "
    "map gets smaller, and where exactly something lies matters less. **Flatten** then puts what is left in one row, "
    "and **softmax** turns what the last layer gives (logits) into probabilities."
)
QUESTION = (
    "A stroke moves one cell to the right, and most pooled numbers change. Find a window and a stride with which none "
    "of them changes."
)
ANSWER = (
    "Windows of 3 x 3 with a stride of 3. Both columns lie in the same window, so the result is the same (a tolerance "
    "to small shifts). Had the stroke crossed the edge of a window, it would show. Pooling over the whole map never "
    "shows a move, but then nothing about the place is left."
)
IN_APP = InApp("network.py", "See the pooling layers of your own network", "chihuahua_or_muffin", kind="pictures")


def page() -> None:
    """Small maps first, then a photo, then the way from scores to a class."""
    begin("pooling", IDEA, QUESTION)
    _pooling()
    st.subheader("Pooling on a photo", anchor=False, help=help_with_terms("pooling"))
    on_a_photo()
    st.subheader("From scores to a class", anchor=False, help=help_with_terms("logit, class"))
    st.markdown(
        "The last layer gives a score for each class (logit). Softmax makes probabilities of them. A threshold says "
        "from where on the network may answer. **Try it:** this network has to be 90 % sure. Lower the temperature "
        "until it answers. Does it know more now?"
    )
    scores_to_class()
    conclude("pooling", st.session_state.get(FOUND, False), ANSWER, IN_APP)


@st.fragment
def _pooling() -> None:
    """Only this part is drawn again, until the question is answered."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = st.segmented_control(
            "Map",
            list(MAPS),
            default="stroke",
            required=True,
            format_func=MAPS.__getitem__,
            key="pooling:map",
            help=help_with_terms(
                "feature map",
                "What a filter has found: large numbers where the picture looks like the filter. The lecture's map "
                "comes from the page on convolution.",
            ),
        )
        values = STROKE if chosen == "stroke" else LECTURE
        kind = st.segmented_control(
            "What is kept of a window",
            list(KINDS),
            default="max",
            required=True,
            format_func=KINDS.__getitem__,
            key="pooling:kind",
            help="Max pooling keeps the strongest finding. Average pooling mixes all of them.",
        )
        window, stride = _window(len(values))
    with right:
        at_place(values, window, stride, kind)
        changed = after_move(values, window, stride, kind) if chosen == "stroke" else None
        in_a_row(pooled(values, window, stride, kind))
    if changed == 0 and not st.session_state.get(FOUND):
        st.session_state[FOUND] = True
        st.rerun()


def _window(side: int) -> tuple[int, int]:
    window = st.segmented_control(
        "Window",
        [2, 3, WHOLE],
        default=2,
        required=True,
        format_func={2: "2 x 2", 3: "3 x 3", WHOLE: "the whole map"}.__getitem__,
        key="pooling:window",
        help="How many cells are pooled into one. Over the whole map it is called global pooling.",
    )
    if window == WHOLE:
        return side, side
    stride = st.segmented_control(
        "Stride",
        [1, 2, 3],
        default=2,
        required=True,
        key="pooling:stride",
        persist_state="session",
        help=help_with_terms(
            "stride", "How far the window moves each time. Networks mostly take a stride as large as the window."
        ),
    )
    return window, stride


page()
