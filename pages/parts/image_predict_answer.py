"""How an answer about a picture is drawn: what the network sees, bars, and how far to believe them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.evaluation.words import format_percent, shorten
from pages.parts.image_predict_ask import Answer
from pages.parts.image_predict_taken import Picture, enlarged
from pages.parts.predict_answer import how_often_right
from pages.parts.results_opened import Opened
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

UNLIKE = "Unlike the pictures it learned from: none of these may be right."
MOST_BARS = 10
LONGEST = 40
SIDE = 100


def beside(picture: Picture) -> None:
    """The original, and beside it the picture at training size and colour."""
    across = min(1.0, picture.width / picture.height)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        name = plain(shorten(picture.name, LONGEST))
        st.image(picture.preview, width=max(1, round(SIDE * across)), alt=f"The picture {name}")
        network_sees(picture.pixels)
    size = f"{picture.width:,} x {picture.height:,}"
    st.caption(f"Left: original, {size}. Right: what the network sees: {size_words(picture.pixels)}.")


def network_sees(pixels: np.ndarray) -> None:
    """What the network really gets, with single pixels visible."""
    st.image(enlarged(pixels, SIDE), width=SIDE, alt=f"What the network sees, {size_words(pixels)}")


def size_words(pixels: np.ndarray) -> str:
    """Such as ``64 x 64, grey``."""
    return f"{pixels.shape[1]} x {pixels.shape[0]}{', grey' if pixels.shape[2] == 1 else ''}"


def bars(probabilities: np.ndarray, class_names: Sequence[str], order: Sequence[int]) -> None:
    """A bar for each of the classes in ``order``."""
    with st.container(gap="xxsmall"):
        for index in order:
            share = min(1.0, max(0.0, float(probabilities[index])))
            st.progress(share, f"{plain(shorten(class_names[index], LONGEST))} **{format_percent(share)}**")


def likeliest(probabilities: np.ndarray, most: int) -> list[int]:
    """Places of the highest probabilities, highest first."""
    return [int(place) for place in np.argsort(-probabilities, kind="stable")[:most]]


def steady(probabilities: np.ndarray) -> list[int]:
    """The classes to show where the answer changes all the time: in their own order, so that bars stay in place."""
    return (
        sorted(likeliest(probabilities, MOST_BARS)) if len(probabilities) > MOST_BARS else [*range(len(probabilities))]
    )


def headline(shown: Opened, found: Answer) -> str:
    """The likeliest class and its probability, ready for Markdown."""
    name = plain(shorten(shown.class_names[found.best], LONGEST))
    return f"{name}, {format_percent(float(found.probabilities[found.best]))}"


def unlike(found: Answer, card: bool = False) -> None:
    """An honest sentence where the picture is unlike all training pictures; shorter on one of many cards."""
    if found.unlike and card:
        st.markdown(f":material/help: **{UNLIKE}**")
    elif found.unlike:
        st.warning(UNLIKE + _how_rare(found.farther), icon=":material/help:")


def _how_rare(farther: float) -> str:
    if math.isnan(farther):
        return ""
    if farther < 0.01:
        return " Fewer than 1 in 100 pictures like those look so strange to it."
    return f" Only {format_percent(farther)} of pictures like those look so strange to it."


def notes(picture: Picture) -> None:
    """What was converted."""
    if picture.notes:
        said = "; ".join(picture.notes)
        st.caption(f":material/info: {said[0].upper()}{said[1:]}.")


def truth(picture: Picture, said: str) -> None:
    """Whether the answer is right, where that is known."""
    if picture.truth:
        right = said == picture.truth
        name = plain(shorten(picture.truth, LONGEST))
        icon, words = ("check_circle", "Right") if right else ("cancel", "Wrong")
        st.caption(
            f":material/{icon}: {words}: it is truly **{name}** (a validation picture, not learned from).",
            help=help_with_terms("validation"),
        )


def one_answer(shown: Opened, picture: Picture, found: Answer, live: bool = False) -> None:
    """What the network gets of a picture, its answer, and how far that can be trusted.

    Args:
        shown: The run.
        picture: What was asked.
        found: What was answered.
        live: Whether the picture changes all the time, so that bars had better keep their places.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        network_sees(picture.pixels)
        with st.container(width="stretch", gap="xsmall"):
            st.subheader(headline(shown, found), anchor=False)
            st.caption(f"Left: what the network sees: {size_words(picture.pixels)}.")
    unlike(found)
    order = steady(found.probabilities) if live else likeliest(found.probabilities, MOST_BARS)
    bars(found.probabilities, shown.class_names, order)
    left_out = len(found.probabilities) - len(order)
    if left_out > 0:
        st.caption(f"The {len(order)} likeliest of {len(found.probabilities):,} classes.")
    truth(picture, shown.class_names[found.best])
    if found.unlike:
        # What came true of ordinary pictures says nothing about one that is unlike them.
        st.caption("How far to trust it: the validation pictures cannot tell, because they look different.")
    else:
        st.caption(
            how_often_right(shown, found.best, float(found.probabilities[found.best]), "validation picture"),
            help=help_with_terms("validation, accuracy"),
        )
    notes(picture)
