"""What is a picture to a network? Numbers: rows, columns, channels, and pictures in a batch."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from core.data.images.pixels import square
from core.lessons.pixels import added
from pages.parts.image_data_pixels import ORDER_HELP, ORDERS, ordered, pixel_words
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_photo import photo
from pages.parts.lesson_pixels import LARGE, SHEETS, WINDOW, framed, shape_rows, sheets
from pages.parts.terms import help_with_terms

IDEA = (
    "To a network a picture is a grid of numbers from 0 (dark) to 255 (bright). A colour picture has three such grids, "
    "its channels: red, green and blue. The network sees nothing else."
)
QUESTION = "The dog is blue, though every number is there. Put its colours right."
ANSWER = (
    "Take the numbers as RGB: red, green, blue. With BGR the same numbers come in the order blue, green, red. A "
    "program that does not know it shows red as blue. Nothing warns you: a network that learned from RGB gets worse "
    "when it is given BGR."
)
IN_APP = InApp("data.py", "See the numbers of your own pictures", "chihuahua_or_muffin", "pictures")
SIDES = (8, 16, 32, 64, 128)


def page() -> None:
    """The picture and how it is read on the left, its numbers on the right."""
    begin("pixels", IDEA, QUESTION)
    solved = _numbers()
    conclude("pixels", solved, ANSWER, IN_APP)


def _numbers() -> bool:
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        given = photo("pixels")
        order = st.segmented_control(
            "Order of channels",
            list(ORDERS),
            default="BGR",
            required=True,
            key="pixels:order",
            help=help_with_terms("channel", ORDER_HELP),
        )
        side = st.select_slider(
            "Pixels along each side",
            SIDES,
            64,
            key="pixels:side",
            help=help_with_terms(
                "pixel", "Networks take all pictures in one size. Fewer pixels learn faster and show less."
            ),
        )
    values = ordered(square(Image.fromarray(given.pixels), side), order)
    with right:
        values = _pictures(values, order)
        _shapes(values)
    return order == "RGB"


def _pictures(values: np.ndarray, order: str) -> np.ndarray:
    """The picture and its channels side by side, with what changes each below it; the picture as it is then."""
    with st.container(horizontal=True, gap="small"):
        with st.container(width=LARGE):
            picture = st.container()
            top, left = _place(len(values))
        with st.container(width=SHEETS):
            numbers = st.container()
            values, channel = _channel(values, order)
    with picture:
        alt = "The picture as a program shows it that expects red, green, blue"
        st.image(framed(values, top, left), width=LARGE, alt=alt)
    with numbers:
        sheets(values[top : top + WINDOW, left : left + WINDOW], order, channel)
    st.caption(pixel_words(values[top, left], top, left, order))
    return values


def _place(side: int) -> tuple[int, int]:
    """Row and column of the first pixel whose numbers are shown."""
    if side <= WINDOW:
        return 0, 0
    most = side - WINDOW
    row = st.slider("Row", 0, most, most // 2, key=f"pixels:row:{side}", help="Moves the frame up and down.")
    column = st.slider("Column", 0, most, most // 2, key=f"pixels:column:{side}", help="Moves it left and right.")
    return row, column


def _channel(values: np.ndarray, order: str) -> tuple[np.ndarray, int]:
    """Which channel lies in front, and the picture with what is added to it."""
    names = ORDERS[order]
    name = names[0]
    if len(names) > 1:
        name = st.segmented_control(
            "Channel in front",
            names,
            default=name,
            required=True,
            key=f"pixels:channel:{order}",
            help=help_with_terms("channel", "Each channel is a grid of its own; the others lie behind it."),
        )
    channel = names.index(name)
    amount = st.slider(
        f"Add to every number of {name}",
        -255,
        255,
        0,
        5,
        key=f"pixels:added:{order}:{name}",
        help="Editing a picture is arithmetic. Numbers stop at 0 and at 255.",
    )
    return added(values, channel, amount), channel


def _shapes(values: np.ndarray) -> None:
    batch = st.slider(
        "Pictures in a batch",
        1,
        64,
        32,
        key="pixels:batch",
        help=help_with_terms(
            "batch", "A network learns from a few pictures at a time. Together they are one block of numbers."
        ),
    )
    st.table(shape_rows(values, batch))
    st.caption("Shapes are written as (pictures, rows, columns, channels); each number takes 4 bytes.")


page()
