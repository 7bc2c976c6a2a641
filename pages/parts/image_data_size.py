"""At what size and in which colours the network gets the pictures, and what that does to one of them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.spec import ImageConfig
from pages.parts.form import draw, field_info
from pages.parts.image_data_change import set_images, wanted
from pages.parts.image_data_numbers import shown_place
from pages.parts.image_data_pixels import large_pixels
from pages.parts.image_data_state import Album, enlarged, pixels_at
from pages.parts.image_gallery_opened import fitting_width
from pages.parts.session import errors_shown

SHOWN = 180


def size_and_colour(config: ImageConfig, pictures: Album) -> None:
    """The two choices, and one picture before and after."""
    st.markdown("**What the network gets**")
    _choice(config, "size")
    _choice(config, "color")
    with errors_shown():
        _preview(config, pictures)
    height, width, channels = config.data.shape
    st.caption(
        f"Each picture becomes {height * width * channels:,} numbers, its shape is ({height}, {width}, {channels}). A "
        "picture that is not square is squeezed into one, so that nothing at its edges is lost."
    )


def _choice(config: ImageConfig, name: str) -> None:
    key, value = f"data:{name}", getattr(config.data, name)
    info = field_info(f"data.{name}", ImageConfig)
    st.session_state[key] = value

    def chosen() -> None:
        wanted(set_images(**{name: st.session_state[key]}), "changed what the network gets")

    draw(info, key, chosen, value)


def _preview(config: ImageConfig, pictures: Album) -> None:
    place = shown_place(pictures)
    info = pictures.info(place)
    pixels: np.ndarray = pixels_at(config.data, place)
    before, after = st.columns(2, gap="medium")
    with before:
        words = f"The file: {info.width:,} × {info.height:,}"
        st.image(enlarged(config.data.source, place), caption=words, width=fitting_width(info, SHOWN, SHOWN))
    with after:
        size = config.data.size
        st.image(large_pixels(pixels), caption=f"For the network: {size} × {size}", width=SHOWN)
