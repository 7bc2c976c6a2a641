"""Draw a picture, and the network answers after each stroke."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from core.errors import UserError
from core.evaluation.words import format_percent
from pages.parts.image_canvas import KEYBOARD, canvas, clear
from pages.parts.image_predict_answer import network_sees, one_answer
from pages.parts.image_predict_ask import answers
from pages.parts.image_predict_ink import Look, placed
from pages.parts.image_predict_samples import look
from pages.parts.image_predict_taken import Picture, seen
from pages.parts.results_opened import Opened
from pages.parts.session import show_error

PAPERS = {0: "#000000", 255: "#ffffff"}
BRUSHES = {0: "#ffffff", 255: "#000000"}
PAPER_WORDS = {0: "Black paper", 255: "White paper"}
THICKNESS = (4, 60, 26)


def drawing(shown: Opened) -> None:
    """The canvas beside the answer."""
    typical = look(shown)
    left, right = st.columns(2, gap="large")
    with left:
        drawn, paper = _paper(shown, typical)
    with right:
        if drawn is None:
            st.subheader("Draw something", anchor=False)
            st.write("The network answers after each stroke.")
            st.caption(KEYBOARD)
            return
        _answer(shown, drawn, Look(paper, typical.plain, typical.fill, typical.centre))


def _paper(shown: Opened, typical: Look) -> tuple[np.ndarray | None, int]:
    """Paper, brush and canvas; what is drawn, and on which paper."""
    grey = shown.run.image_config.data.color == "grey"
    paper = _choice("predict_paper", typical.paper)
    st.segmented_control(
        "Paper",
        list(PAPERS),
        format_func=PAPER_WORDS.__getitem__,
        key="predict_paper",
        required=True,
        persist_state="session",
        help="At first as the borders of the training pictures are. Each paper keeps its own drawing.",
    )
    paper = st.session_state["predict_paper"]
    name = f"predict_drawing:{shown.run.id}:{paper}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        thickness = st.slider(
            "Brush width (pixels)", *THICKNESS, key="predict_brush", persist_state="session", width=180,
            help="How thick strokes are. Strokes much thinner or thicker than in the training pictures mislead it.",
        )  # fmt: skip
        brush = BRUSHES[paper]
        if not grey:
            brush = st.color_picker("Colour", brush, key=f"predict_colour:{paper}", help="Colour of the brush.")
        st.button("Clear", icon=":material/ink_eraser:", on_click=clear, args=(name,), help="Takes the drawing away.")
    return canvas(name, brush=brush, thickness=thickness, paper=PAPERS[paper]), paper


def _choice(key: str, first: int) -> int:
    if st.session_state.get(key) not in PAPERS:
        st.session_state[key] = first
    return int(st.session_state[key])


def _answer(shown: Opened, drawn: np.ndarray, typical: Look) -> None:
    ground = Image.new("RGBA", (drawn.shape[1], drawn.shape[0]), PAPERS[typical.paper])
    image = Image.alpha_composite(ground, Image.fromarray(drawn)).convert("RGB")
    if typical.plain and _wants_placing(typical):
        image = placed(image, typical)
    pixels = seen(image, shown.run.image_config.data)
    picture = Picture("drawing", "your drawing", b"", 0, 0, (), pixels)
    try:
        found = answers(shown, [pixels])[0]
    except UserError as error:
        show_error(error)
        return
    one_answer(shown, picture, found, live=True)
    network_sees(pixels)


def _wants_placing(typical: Look) -> bool:
    return st.toggle(
        "Centre and scale it as the training pictures are",
        value=True,
        key="predict_placing",
        persist_state="session",
        help=f"What the training pictures show fills about {format_percent(typical.fill)} of their width or height and "
        "lies in the middle. With this, so does your drawing; what the network then gets is shown below.",
    )
