"""A canvas to draw on with mouse, pen or finger; what was drawn waits while another page is open.

The component is part of the page (no frame) and loads nothing from elsewhere. It tells of the drawing 0.2 s after each
stroke; when it is drawn anew, it says nothing until the next one, which is why the last picture is kept here as well.
"""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

SIDE = 320
KEYBOARD = (
    "Drawing needs a mouse, a pen or a finger. With the keyboard alone: draw in any other program and upload the "
    "picture under Pictures."
)


def canvas(
    name: str,
    size: tuple[int, int] = (SIDE, SIDE),
    *,
    brush: str,
    thickness: int,
    paper: str = "",
    picture: Image.Image | None = None,
) -> np.ndarray | None:
    """The canvas called ``name``, and what is on it: (height, width, 4) uint8 RGBA; None where nothing was drawn.

    Args:
        name: Drawings of different names are kept apart.
        size: Width and height in pixels.
        brush: Colour such as ``#ffffff``.
        thickness: Of the brush, in pixels.
        paper: Colour of the ground; empty for none, so that what is not painted is transparent.
        picture: What is painted over; it is not part of what comes back.
    """
    key = _key(name)
    if key not in st.session_state:
        st.session_state[f"{name}:start"] = st.session_state.get(f"{name}:strokes")
    look = {"stroke_width": thickness, "stroke_color": brush, "background_color": paper, "background_image": picture}
    told = _drawn(key, st.session_state[f"{name}:start"], size, look)
    strokes = told.json_data
    if not isinstance(strokes, dict) or not strokes.get("objects"):
        st.session_state.pop(f"{name}:strokes", None)
        return None
    st.session_state[f"{name}:strokes"] = strokes
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        if sent := told.image_bytes:
            st.session_state[f"{name}:picture"] = sent
    return of_canvas(st.session_state.get(f"{name}:picture"), size)


def _drawn(key: str, start: Any, size: tuple[int, int], look: dict[str, Any]) -> Any:
    """What the component tells; ``start`` are the strokes that it begins with."""
    # Its styles and files are registered when it is imported, which only a page may do.
    from streamlit_drawable_canvas import st_canvas

    width, height = size
    return st_canvas(
        width=width,
        height=height,
        drawing_mode="freedraw",
        initial_drawing=start,
        return_image_data=True,
        key=key,
        **look,
    )


def clear(name: str) -> None:
    """Empty the canvas called ``name``."""
    for part in ("strokes", "picture", "start"):
        st.session_state.pop(f"{name}:{part}", None)
    st.session_state[f"{name}:turn"] = st.session_state.get(f"{name}:turn", 0) + 1


def _key(name: str) -> str:
    return f"canvas:{name}:{st.session_state.get(f'{name}:turn', 0)}"


def of_canvas(content: bytes | None, size: tuple[int, int]) -> np.ndarray | None:
    """(height, width, 4) uint8 of what the browser sent, if it is a picture of a canvas of this width and height."""
    if content is None:
        return None
    # A decoder may raise nearly anything on what is no picture; the browser's owner could send that.
    with contextlib.suppress(Exception):
        image: Image.Image = Image.open(io.BytesIO(content), formats=["PNG"])
        if image.size == size:
            return np.asarray(image.convert("RGBA"))
    return None
