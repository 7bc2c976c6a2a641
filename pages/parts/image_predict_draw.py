"""Draw a picture, and the network answers after each stroke."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from PIL import Image

from core.errors import UserError
from core.evaluation.words import format_percent
from pages.parts.image_canvas import KEYBOARD, canvas, clear
from pages.parts.image_predict_answer import one_answer
from pages.parts.image_predict_ask import answers
from pages.parts.image_predict_ink import Look, placed
from pages.parts.image_predict_samples import look
from pages.parts.image_predict_taken import Picture, seen
from pages.parts.results_opened import Opened
from pages.parts.session import show_error
from pages.parts.terms import help_with_terms

PAPER = "predict_paper"
PAPERS = {0: "#000000", 255: "#ffffff"}
BRUSHES = {0: "#ffffff", 255: "#000000"}
PAPER_WORDS = {0: "Black paper", 255: "White paper"}
THICKNESS = (4, 60, 26)


@dataclass(frozen=True)
class Tools:
    """What one draws with: the paper's grey value, the brush's colour and width, and whether to centre and scale."""

    paper: int
    brush: str
    thickness: int
    place: bool


def drawing(shown: Opened) -> None:
    """The canvas beside the answer, tools below."""
    typical = look(shown)
    left, right = st.columns(2, gap="large")
    # On a phone the answer comes right after the canvas, and the tools last.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        tools = _tools(shown, typical)
    with left:
        st.caption("Draw here. Undo and redo appear above the canvas.")
        drawn = canvas(
            _name(shown, tools.paper), brush=tools.brush, thickness=tools.thickness, paper=PAPERS[tools.paper]
        )
    with right:
        if drawn is None:
            st.subheader("Draw something", anchor=False)
            st.write("The network answers after each stroke.")
            st.caption(KEYBOARD)
        else:
            _answer(shown, drawn, tools, typical)


def _name(shown: Opened, paper: int) -> str:
    return f"predict_drawing:{shown.run.id}:{paper}"


def _tools(shown: Opened, typical: Look) -> Tools:
    if st.session_state.get(PAPER) not in PAPERS:
        st.session_state[PAPER] = typical.paper
    st.segmented_control(
        "Paper",
        list(PAPERS),
        format_func=PAPER_WORDS.__getitem__,
        key=PAPER,
        required=True,
        persist_state="session",
        help="At first as the borders of the training pictures are. Each paper keeps its own drawing.",
    )
    paper = int(st.session_state[PAPER])
    thickness = st.slider(
        "Brush width (pixels)",
        *THICKNESS,
        key="predict_brush",
        persist_state="session",
        width=180,
        help=help_with_terms(
            "pixels", "How thick strokes are. Strokes much thinner or thicker than in the training pictures mislead it."
        ),
    )
    brush = BRUSHES[paper]
    if shown.run.image_config.data.color == "rgb":
        brush = st.color_picker("Colour", brush, key=f"predict_colour:{paper}", help="Colour of the brush.")
    name = _name(shown, paper)
    st.button("Clear", icon=":material/ink_eraser:", on_click=clear, args=(name,), help="Takes the drawing away.")
    return Tools(paper, brush, thickness, typical.plain and _wants_placing(typical))


def _wants_placing(typical: Look) -> bool:
    return st.toggle(
        "Centre and scale as in the training pictures",
        value=True,
        key="predict_placing",
        persist_state="session",
        help=help_with_terms(
            "training pictures",
            f"What the training pictures show fills about {format_percent(typical.fill)} of their width or height and "
            "lies in the middle. With this, so does your drawing, and the network gets it so, as is shown beside.",
        ),
    )


def _answer(shown: Opened, drawn: np.ndarray, tools: Tools, typical: Look) -> None:
    ground = Image.new("RGBA", (drawn.shape[1], drawn.shape[0]), PAPERS[tools.paper])
    image = Image.alpha_composite(ground, Image.fromarray(drawn)).convert("RGB")
    if tools.place:
        image = placed(image, replace(typical, paper=tools.paper))
    pixels = seen(image, shown.run.image_config.data)
    try:
        found = answers(shown, [pixels])[0]
    except UserError as error:
        show_error(error)
        return
    one_answer(shown, Picture("drawing", "your drawing", b"", *image.size, (), pixels), found, live=True)
