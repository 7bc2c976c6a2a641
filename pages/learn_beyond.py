"""What do detection and segmentation answer that classification does not? And where to go next."""

from __future__ import annotations

from math import floor
from typing import get_args

import streamlit as st

from core.lessons.beyond import (
    FOUND,
    FOUND_WELL,
    HEIGHT,
    WIDTH,
    Box,
    Task,
    numbers_in_answer,
    overlap,
    shared,
    true_boxes,
)
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_beyond import scene
from pages.parts.lesson_beyond_topics import topics
from pages.parts.terms import help_with_terms

START = Box(30, 40, 300, 310)
IDEA = (
    "Classification gives one answer for a whole picture. **Detection** says what is where: a box and a class for each "
    "thing. **Segmentation** says it for each pixel. All three read the picture with convolutions; only the answer is "
    "another one."
)
QUESTION = (
    f"Your box holds the whole chihuahua, and still it is a poor find: it covers too much else. Move its edges until "
    f"the overlap (IoU) is at least {FOUND_WELL:g}. Then look at the other kinds of answer."
)
ANSWER = (
    "The overlap is the area that both boxes share, divided by the area that they cover together. A box that is too "
    "large makes the second number grow, one that is too small makes the first one shrink. Only a box that fits has "
    "both."
)
IN_APP = InApp(
    "results.py", "See where on a picture your network looks", "chihuahua_or_muffin", kind="pictures", trained=True
)
WORDS: dict[Task, str] = {
    "classification": "Classification",
    "detection": "Detection",
    "semantic": "Segmentation by class",
    "instance": "Segmentation by thing",
}
# What each answers, how many numbers that takes, and what it cannot tell.
TOLD: dict[Task, tuple[str, str, str]] = {
    "classification": (
        "**What is on the picture?** A probability for each class.",
        "2 classes",
        "It has to choose one class for a picture that shows both, and it says neither where nor how many.",
    ),
    "detection": (
        "**What is where?** For each thing a box (four edges) and a probability for each class.",
        "3 things x (4 edges + 2 classes)",
        "It knows that there are two muffins, but not their shape: a box also holds background and parts of others.",
    ),
    "semantic": (
        "**Which class is each pixel?** A probability for each class at every pixel (semantic segmentation).",
        f"{HEIGHT} x {WIDTH} pixels x (2 classes + background)",
        "It knows every outline, but not how many there are: the two muffins touch, and become one patch.",
    ),
    "instance": (
        "**Which thing is each pixel?** A mask and a class for each thing (instance segmentation).",
        f"3 things x ({HEIGHT} x {WIDTH} pixels + 2 classes)",
        "It knows outline and number. Somebody has to draw all these outlines first, so that it can learn them.",
    ),
}


def page() -> None:
    """One picture, four kinds of answer, and what comes after this course."""
    begin("beyond", IDEA, QUESTION)
    left, right = st.columns([1, 2], gap="large")
    with left:
        task = st.radio(
            "What the network answers",
            get_args(Task),
            get_args(Task).index("detection"),
            format_func=WORDS.__getitem__,
            key="beyond:task",
            help="The picture stays the same; another kind of answer is drawn on it.",
        )
        box = _own_box() if task == "detection" else None
    with right:
        scene(task, box, _caption(task, box))
        if box is not None:
            _judged(box)
        told, sizes, lacks = TOLD[task]
        st.markdown(f"{told} For this picture: {sizes} = **{numbers_in_answer(task):,} numbers**. {lacks}")
    solved = box is not None and overlap(box, true_boxes()[0]) >= FOUND_WELL
    conclude("beyond", solved, ANSWER, IN_APP)
    st.subheader("Where to go next", anchor=False)
    topics()


def _own_box() -> Box:
    left, right = st.slider(
        "Left and right edge",
        0,
        WIDTH,
        (int(START.left), int(START.right)),
        2,
        key="beyond:across",
        persist_state="session",
        help="In pixels from the left edge of the picture.",
    )
    top, bottom = st.slider(
        "Top and bottom edge",
        0,
        HEIGHT,
        (int(START.top), int(START.bottom)),
        2,
        key="beyond:down",
        persist_state="session",
        help="In pixels from the top of the picture; further down is a larger number.",
    )
    return Box(left, top, right, bottom)


def _judged(box: Box) -> None:
    truth = true_boxes()[0]
    found = overlap(box, truth)
    both = shared(box, truth).area
    number, words = st.columns([1, 3], vertical_alignment="center")
    with number:
        st.metric(
            "Overlap (IoU)",
            # Rounded down: what is judged to be below a limit must not look as if it reached it.
            f"{floor(100 * found) / 100:.2f}",
            help=help_with_terms(
                "intersection over union",
                "Intersection over union: shared area divided by the area that the two boxes cover together.",
            ),
        )
    with words:
        if found >= FOUND_WELL:
            st.markdown(f":material/check_circle: At least {FOUND_WELL:g}: a find, by a strict rule too (COCO).")
        elif found >= FOUND:
            st.markdown(f":material/adjust: At least {FOUND:g}: it counts as a find (PASCAL VOC), but a loose one.")
        else:
            st.markdown(f":material/cancel: Below {FOUND:g}: it does not count as a find.")
        st.caption(
            f"{both:,.0f} shared / ({box.area:,.0f} in your box + {truth.area:,.0f} in the true one - {both:,.0f} "
            "that would be counted twice)"
        )


def _caption(task: Task, box: Box | None) -> str:
    """The picture in words."""
    if task == "classification":
        return "A chihuahua and two muffins on a table. One answer for all of it: muffin 0.62, chihuahua 0.38."
    if box is not None:
        return (
            "Dashed: the true boxes of a chihuahua and two muffins. Your box reaches from "
            f"{box.left:g} to {box.right:g} across and from {box.top:g} to {box.bottom:g} down; what it shares with "
            "the chihuahua's box is shaded."
        )
    if task == "semantic":
        return (
            "The pixels of the chihuahua have one colour, those of both muffins another; where they touch is no edge."
        )
    return "The pixels of the chihuahua, of the first muffin and of the second have a colour each."


page()
