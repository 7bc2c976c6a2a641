"""Images are numbers, for a picture that can be chosen on the page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.spec import ImageConfig
from pages.parts.data_pick import short
from pages.parts.image_data_pixels import images_are_numbers
from pages.parts.image_data_state import Album
from pages.parts.image_gallery_opened import OPENED
from pages.parts.session import errors_shown, plain

NUMBER = "numbers:turn"


@st.fragment
def numbers_section(config: ImageConfig, pictures: Album) -> None:
    """The picture that was opened last, or any one, as the numbers that the network gets."""
    place = shown_place(pictures)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Another picture",
            key="numbers:next",
            icon=":material/shuffle:",
            on_click=_another,
            args=(pictures,),
            help="Takes one of the pictures by chance. A picture that you open in the gallery is shown here too.",
        )
        info, name = pictures.info(place), str(pictures.names[place])
        st.markdown(f"{plain(short(info.path, 50))}, of class **{plain(short(name, 30))}**", width="content")
    with errors_shown():
        images_are_numbers(config, place, "numbers")


def shown_place(pictures: Album) -> int:
    """The place of the picture that was opened last, else of the first one that takes part."""
    found = pictures.image_set.index.get(st.session_state.get(OPENED, ""))
    if found is not None:
        return found
    takes = np.flatnonzero(pictures.takes)
    return int(takes[0]) if len(takes) else 0


def _another(pictures: Album) -> None:
    takes = np.flatnonzero(pictures.takes)
    if not len(takes):
        return
    turn = int(st.session_state.get(NUMBER, 0)) + 1
    st.session_state[NUMBER] = turn
    place = int(np.random.default_rng(turn).choice(takes))
    st.session_state[OPENED] = pictures.info(place).id
