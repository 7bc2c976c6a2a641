"""The picture that a lesson is tried on: a drawing, one of the person's own, an upload, or the camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.errors import UserError
from core.evaluation.words import shorten
from core.lessons.photos import DRAWINGS, at_most, drawing, photo_of
from core.spec import ImageConfig
from pages.parts.intake import forget_uploads, most_photo_mb
from pages.parts.session import draft, plain, show_error
from pages.parts.tables import images_of

OWN, UPLOAD, CAMERA = "One of your pictures", "Upload a photo", "Take a photo"
# What a person gave in one lesson is there in all of them.
GIVEN = "lesson_photo:given"
LARGEST = 512


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture to try an idea on.

    Args:
        name: What it is called; it may come from a file, so on a page it goes through `plain`.
        pixels: (h, w, 3) uint8, red, green, blue, in the picture's own shape.
    """

    name: str
    pixels: np.ndarray


def photo(key: str, side: int = 256) -> Photo:
    """A list to choose a picture from, with what the choice needs; there is always one.

    Args:
        key: Of the lesson; begins the keys of the widgets.
        side: The picture is at most so many pixels high and wide; smaller ones stay as they are.
    """
    config = draft()
    own = config if isinstance(config, ImageConfig) else None
    options = [*DRAWINGS, *([OWN] if own else []), UPLOAD, CAMERA]
    if st.session_state.get(f"{key}:photo", options[0]) not in options:
        del st.session_state[f"{key}:photo"]
    choice = st.selectbox(
        "Picture",
        options,
        key=f"{key}:photo",
        persist_state="session",
        help="Drawings that come with Muffin, or a picture of yours. It stays on the computer that Muffin runs on.",
    )
    found = None
    try:
        if choice == OWN and own:
            found = _own(key, own)
        elif choice == UPLOAD:
            found = _uploaded(key)
        elif choice == CAMERA:
            found = _taken(key)
    except UserError as error:
        show_error(error)
    name = choice if choice in DRAWINGS else options[0]
    found = found or Photo(name, _drawing(name))
    return Photo(found.name, at_most(found.pixels, side))


@st.cache_data(show_spinner=False)
def _drawing(name: str) -> np.ndarray:
    return drawing(name, LARGEST)


def _own(key: str, config: ImageConfig) -> Photo:
    image_set = images_of(config.data.source)
    count = len(image_set)
    number = st.number_input(
        f"Which of your {count:,} pictures",
        1,
        count,
        key=f"{key}:photo:own",
        help="In the order in which they stand in your zip.",
    )
    name = image_set.images[number - 1].path
    return Photo(name.rpartition("/")[2], _read(image_set.content(number - 1), name))


def _uploaded(key: str) -> Photo | None:
    """What was uploaded last; a new file takes its place and leaves the server's memory."""
    refused = st.session_state.pop(f"{key}:refused", None)
    if refused is not None:
        show_error(refused)
    field = f"{key}:upload"
    file = st.file_uploader(
        "Upload a photo",
        "image",
        key=f"{field}:{st.session_state.get(f'{field}:turn', 0)}",
        max_upload_size=most_photo_mb(),
        help="JPEG, PNG, WebP, GIF, BMP, TIFF and some others. Nothing leaves the computer that Muffin runs on.",
    )
    if file is not None:
        try:
            st.session_state[GIVEN] = Photo(file.name, _read(file.getvalue(), file.name))
        except UserError as error:
            st.session_state[f"{key}:refused"] = error
        forget_uploads(field)
        st.rerun()
    given: Photo | None = st.session_state.get(GIVEN)
    st.caption(plain(f"You see {shorten(given.name, 60)}.") if given else "Until you choose one, you see a drawing.")
    return given


def _taken(key: str) -> Photo | None:
    shot = st.camera_input(
        "Take a photo",
        key=f"{key}:camera",
        help="The browser asks first whether it may use the camera. From another computer this needs https.",
    )
    if shot is None:
        st.caption(
            "The photo goes to the computer that Muffin runs on and nowhere else. Until then, you see a drawing."
        )
        return None
    return Photo("your photo", _read(shot.getvalue(), "your photo"))


@st.cache_data(max_entries=8, show_spinner=False)
def _read(content: bytes, name: str) -> np.ndarray:
    return photo_of(content, name, LARGEST)
