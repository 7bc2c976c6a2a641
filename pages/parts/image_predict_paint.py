"""Paint over a picture and watch the probabilities move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from core.data.images.decode import decode_upload
from core.data.images.pixels import at_least
from core.errors import UserError
from core.evaluation.words import format_percent, shorten
from pages.parts.image_canvas import KEYBOARD, SIDE, canvas, clear
from pages.parts.image_predict_answer import LONGEST, bars, network_sees, size_words, steady, unlike
from pages.parts.image_predict_ask import Answer, answers
from pages.parts.image_predict_samples import samples
from pages.parts.image_predict_taken import Given, seen
from pages.parts.intake import forget_uploads, most_photo_mb
from pages.parts.results_opened import Opened
from pages.parts.session import plain, show_error
from pages.parts.terms import help_with_terms

CHOSEN = "predict_painted"
LARGEST = 1_024
THICKNESS = (4, 120, 40)
GREY = "#808080"


@dataclass(frozen=True, eq=False)
class Painted:
    """The picture that is painted over.

    Args:
        name: What its file is called.
        image: Upright, RGB, at most 1,024 pixels wide and high.
        turn: Counts the chosen pictures, so that each gets a canvas of its own.
        truth: Its class where that is known.
    """

    name: str
    image: Image.Image
    turn: int
    truth: str


def painting(shown: Opened) -> None:
    """Choose a picture, then paint; the bars before and after stand side by side."""
    chosen: Painted | None = st.session_state.get(CHOSEN)
    if chosen is None:
        _choose(shown)
        return
    name = f"predict_painting:{chosen.turn}"
    left, right = st.columns(2, gap="large")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        colour, thickness = _tools(name)
    with left:
        st.caption("Paint over the picture. Undo and redo appear above the canvas.")
        scale = SIDE / max(chosen.image.size)
        size = max(1, round(chosen.image.width * scale)), max(1, round(chosen.image.height * scale))
        picture = chosen.image.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0)
        painted = canvas(name, size, brush=colour, thickness=thickness, picture=picture)
    with right:
        _compare(shown, chosen, painted)


def _choose(shown: Opened) -> None:
    st.write("Choose a picture. Then cover parts of it with a brush, and see which of them the answer hangs on.")
    field = f"{CHOSEN}:field:{st.session_state.get(f'{CHOSEN}:field:turn', 0)}"
    file = st.file_uploader(
        "Upload a picture",
        "image",
        key=field,
        max_upload_size=most_photo_mb(),
        help="A photo, drawing or scan.",
    )

    def take(given: Given) -> None:
        image = decode_upload(given.content, given.name, at_least(LARGEST)).image.copy()
        image.thumbnail((LARGEST, LARGEST), reducing_gap=3.0)
        turn = st.session_state.get(f"{CHOSEN}:count", 0) + 1
        st.session_state.update({f"{CHOSEN}:count": turn, CHOSEN: Painted(given.name, image, turn, given.truth)})

    if file is not None:
        try:
            take(Given(file.getvalue(), file.name))
        except UserError as error:
            show_error(error)
        else:
            forget_uploads(f"{CHOSEN}:field")
            st.rerun()
    samples(shown, "predict_paint_samples", take)


def _tools(name: str) -> tuple[str, int]:
    """Colour and width of the brush."""
    thickness = st.slider(
        "Brush width (pixels)",
        *THICKNESS,
        key="predict_cover",
        persist_state="session",
        width=180,
        help=help_with_terms("pixels", "How much each stroke covers."),
    )
    colour = st.color_picker(
        "Colour",
        GREY,
        key="predict_cover_colour",
        persist_state="session",
        help="Grey hides without adding much of its own; a strong colour may itself change the answer.",
    )
    st.button("Clear", icon=":material/ink_eraser:", on_click=clear, args=(name,), help="Takes the paint away.")
    st.button(
        "Another picture",
        icon=":material/photo_library:",
        on_click=_forget,
        args=(name,),
        help="Goes back to choosing a picture.",
    )
    return colour, thickness


def _forget(name: str) -> None:
    clear(name)
    st.session_state.pop(CHOSEN, None)


def _compare(shown: Opened, chosen: Painted, painted: np.ndarray | None) -> None:
    data = shown.run.image_config.data
    before = seen(chosen.image, data)
    after = before if painted is None else seen(_covered(chosen.image, painted), data)
    try:
        first, second = answers(shown, [before, after])
    except UserError as error:
        show_error(error)
        return
    st.subheader(_headline(shown, first, second, painted is not None), anchor=False)
    if painted is None:
        st.caption(f"The bars move after each stroke. {KEYBOARD}")
    elif chosen.truth:
        st.caption(f"It is truly {plain(shorten(chosen.truth, LONGEST))} (a validation picture, not learned from).")
    order = steady(first.probabilities)
    # Columns would stack on a phone, and these two belong side by side.
    with st.container(horizontal=True, wrap=False, gap="medium"):
        for title, pixels, found in zip(("Before", "After"), (before, after), (first, second), strict=True):
            with st.container(width="stretch"):
                st.markdown(f"**{title}**")
                bars(found.probabilities, shown.class_names, order)
                network_sees(pixels)
    st.caption(f"What the network sees before and after: {size_words(before)}.")
    unlike(second)


def _headline(shown: Opened, first: Answer, second: Answer, painted: bool) -> str:
    best = first.best
    name = plain(shorten(shown.class_names[best], LONGEST))
    before, after = (format_percent(float(found.probabilities[best])) for found in (first, second))
    if not painted:
        return f"{name}, {before}"
    if second.best == best:
        return f"Still {name}: {before} before, {after} now"
    other = plain(shorten(shown.class_names[second.best], LONGEST))
    return f"Was {name} ({before}), now {other} ({format_percent(float(second.probabilities[second.best]))})"


def _covered(image: Image.Image, painted: np.ndarray) -> Image.Image:
    paint = Image.fromarray(painted).resize(image.size, Image.Resampling.BILINEAR)
    return Image.alpha_composite(image.convert("RGBA"), paint).convert("RGB")
