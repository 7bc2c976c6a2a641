"""Thumbnails side by side, each with a tick and a way to open it; and the pages that they fill."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.spec import ImageConfig
from pages.parts.data_pick import short
from pages.parts.image_data_state import SIDE, Album, thumbnail
from pages.parts.image_gallery_opened import OPENED, opened_picture
from pages.parts.session import plain

CELL = SIDE + 4
TICKED = "gallery:ticked"


def ticked() -> dict[str, None]:
    """Ids of the ticked pictures, in the order of ticking; they stay ticked while pages are turned."""
    found: dict[str, None] = st.session_state.setdefault(TICKED, {})
    return found


def untick() -> None:
    """Take all ticks away."""
    st.session_state[TICKED] = {}


def redraw_if_wanted() -> None:
    """A change is done at the top of the page, so the whole page is drawn anew."""
    if "data:wanted" in st.session_state:
        st.rerun()


def cells(
    config: ImageConfig, pictures: Album, places: np.ndarray, key: str, *, captions: bool = False, opens: bool = True
) -> None:
    """Thumbnails side by side.

    Args:
        config: The draft.
        pictures: All of them.
        places: Which of them.
        key: Begins the keys of the widgets.
        captions: Whether the class of each is written below it.
        opens: Whether each can be opened.
    """
    with st.container(horizontal=True, gap="xsmall"):
        for place in places.tolist():
            with st.container(width=CELL, gap="xxsmall"):
                st.image(thumbnail(config.data.source, place), width=SIDE)
                with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                    if _cell(pictures, place, key, opens):
                        st.session_state[OPENED] = pictures.info(place).id
                        opened_picture(config, places.tolist())
                if captions:
                    st.caption(plain(short(str(pictures.names[place]), 14)))


def _cell(pictures: Album, place: int, key: str, opens: bool) -> bool:
    """The tick below a thumbnail, and whether its picture shall be opened."""
    info = pictures.info(place)
    name = plain(short(info.path.rpartition("/")[2], 30))
    own = f"{key}:tick:{info.id}"
    st.session_state[own] = info.id in ticked()
    st.checkbox(f"Tick {name}", key=own, label_visibility="collapsed", on_change=_tick, args=(own, info.id))
    if not opens:
        return False
    words = f"Open {name}, of class {plain(short(str(pictures.names[place]), 30))}"
    return st.button(":material/zoom_in:", key=f"{key}:open:{info.id}", type="tertiary", help=words)


def _tick(own: str, id: str) -> None:
    if st.session_state[own]:
        ticked()[id] = None
    else:
        ticked().pop(id, None)


def pager(things: int, at_once: int, key: str, what: str) -> slice:
    """Buttons that turn pages, where there are several; the part of the things that is shown."""
    pages = max(1, -(-things // at_once))
    page = min(int(st.session_state.get(key, 0)), pages - 1)
    start = page * at_once
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _turn("chevron_left", key, page - 1, page == 0, "The ones before.")
            _turn("chevron_right", key, page + 1, page == pages - 1, "The next ones.")
            last = min(start + at_once, things)
            st.caption(f"{what} {start + 1:,} to {last:,} of {things:,}", width="content")
    return slice(start, start + at_once)


def _turn(icon: str, key: str, page: int, disabled: bool, help: str) -> None:
    st.button(
        f":material/{icon}:", key=f"{key}:{icon}", disabled=disabled, help=help, on_click=_go_to, args=(key, page)
    )


def _go_to(key: str, page: int) -> None:
    st.session_state[key] = page
