"""At what size and in which colours the network gets the pictures, and what that does to one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.spec import ImageConfig
from pages.parts.form import draw, field_info
from pages.parts.image_data_change import set_images, wanted
from pages.parts.image_data_numbers import shown_place
from pages.parts.image_data_pixels import large_pixels
from pages.parts.image_data_state import Album, enlarged, pixels_at
from pages.parts.session import errors_shown


def size_words(config: ImageConfig) -> str:
    """Size and colour in one line."""
    data = config.data
    return f"What the network gets: {data.size} × {data.size} pixels, {'grey' if data.color == 'grey' else 'colour'}"


def size_and_colour(config: ImageConfig, pictures: Album) -> None:
    """The two choices, and one picture before and after."""
    size, colour, _ = st.columns([1.3, 1.2, 1], gap="medium")
    with size:
        _choice(config, "size")
    with colour:
        _choice(config, "color")
    height, width, channels = config.data.shape
    st.caption(
        f"Each picture becomes {height * width * channels:,} numbers, its shape is ({height}, {width}, {channels}). A "
        "picture that is not square is squeezed into one, so that nothing at its edges is lost."
    )
    with errors_shown():
        _preview(config, pictures)


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
    before, after, _ = st.columns([1, 1, 1.6], gap="medium")
    common: dict[str, Any] = {"width": "stretch"}
    with before:
        st.image(enlarged(config.data.source, place), caption=f"The file: {info.width:,} × {info.height:,}", **common)
    with after:
        size = config.data.size
        st.image(Image.fromarray(large_pixels(pixels)), caption=f"What the network gets: {size} × {size}", **common)
