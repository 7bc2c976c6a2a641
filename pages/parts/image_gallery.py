"""The gallery: an overview of all classes, or one class page by page; pictures are opened, ticked, moved, left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.evaluation.words import count, format_percent
from core.spec import ImageConfig
from pages.parts.data_pick import labels, short
from pages.parts.image_data_change import undo_here, wanted, without_class
from pages.parts.image_data_state import Album, album
from pages.parts.image_gallery_cells import cells, pager, redraw_if_wanted
from pages.parts.image_gallery_ticked import ticked_actions
from pages.parts.session import plain

AT_ONCE = 48
EACH_CLASS = 8
CLASSES_AT_ONCE = 5
SIDE_BY_SIDE = 6
# Letters that fit beside each other; longer names stand in a list.
LETTERS = 70
NAME = 48
FILTER, OUT = "gallery:class", "gallery:out"
EVERY = ""


@st.fragment
def gallery(config: ImageConfig) -> None:
    """Everything about single pictures; only this part is drawn anew while pictures are ticked and pages turned."""
    redraw_if_wanted()
    pictures = album(config.data)
    undo_here(config, "gallery")
    if not len(pictures.out):
        st.session_state[OUT] = False
    chosen, out = _filter(pictures)
    if out:
        _left_out(config, pictures)
    elif chosen == EVERY:
        _overview(config, pictures)
    else:
        _one_class(config, pictures, chosen)


def _filter(pictures: Album) -> tuple[str, bool]:
    """The class to show, empty for all; and whether to show what is left out instead."""
    names = list(pictures.classes)
    if st.session_state.get(FILTER) not in (EVERY, *names):
        st.session_state[FILTER] = EVERY
    shown = {EVERY: "all classes"} | {
        name: f"{label} ({pictures.classes[name]:,})" for name, label in labels(names).items()
    }
    out = bool(st.session_state.get(OUT))
    words: dict[str, Any] = {"label": "Class", "key": FILTER, "help": "Which pictures to show.", "disabled": out}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(names) <= SIDE_BY_SIDE and sum(map(len, names)) <= LETTERS:
            options = [EVERY, *names]
            st.segmented_control(options=options, required=True, format_func=lambda name: plain(shown[name]), **words)
        else:
            st.selectbox(options=[EVERY, *names], format_func=shown.__getitem__, width=360, **words)
        if len(pictures.out):
            st.toggle(
                f"Show {count(len(pictures.out), 'left-out picture')}",
                key=OUT,
                help="Shows the pictures that take no part, so that they can be brought back.",
            )
    return str(st.session_state[FILTER]), out


def _overview(config: ImageConfig, pictures: Album) -> None:
    """A few pictures of each class."""
    names = list(pictures.classes)
    page = pager(len(names), CLASSES_AT_ONCE, "gallery:classes", "classes")
    ticked_actions(pictures)
    for name in names[page]:
        places = pictures.of_class(name)
        with st.container(horizontal=True, vertical_alignment="center"):
            share = len(places) / max(int(pictures.takes.sum()), 1)
            st.markdown(
                f"**{plain(short(name, NAME))}** · {count(len(places), 'picture')}, {format_percent(share)}",
                width="content",
            )
            if len(places) > EACH_CLASS:
                st.button(
                    "Show all",
                    key=f"gallery:all:{name}",
                    type="tertiary",
                    icon=":material/grid_view:",
                    on_click=_show,
                    args=(name,),
                    help="Shows all pictures of this class, page by page.",
                )
        cells(config, pictures, places[:EACH_CLASS], "gallery")


def _show(name: str) -> None:
    st.session_state[FILTER] = name


def _one_class(config: ImageConfig, pictures: Album, name: str) -> None:
    places = pictures.of_class(name)
    page = pager(len(places), AT_ONCE, f"gallery:page:{name}", "pictures")
    ticked_actions(pictures, places[page])
    cells(config, pictures, places[page], "gallery")
    if len(pictures.classes) > 2:
        st.button(
            "Leave this class out",
            key="gallery:without_class",
            type="tertiary",
            icon=":material/block:",
            on_click=wanted,
            args=(without_class(name), "left a class out", "gallery"),
            help="None of its pictures take part; they can be brought back.",
        )


def _left_out(config: ImageConfig, pictures: Album) -> None:
    places: np.ndarray = pictures.out
    page = pager(len(places), AT_ONCE, "gallery:page_out", "pictures")
    ticked_actions(pictures, places[page], out=True)
    cells(config, pictures, places[page], "gallery", captions=True)
