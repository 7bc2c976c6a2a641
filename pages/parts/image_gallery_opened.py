"""One picture, opened: larger, its facts, its numbers; left out, brought back or given another class."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.data.images.image_set import ImageInfo
from core.evaluation.words import count
from core.spec import ImageConfig
from pages.parts.data_pick import labels, short
from pages.parts.image_data_change import in_class, wanted, with_images, without_images
from pages.parts.image_data_pixels import images_are_numbers
from pages.parts.image_data_state import Album, album, enlarged
from pages.parts.session import errors_shown, plain
from pages.parts.terms import help_with_terms

OPENED = "gallery:opened"
WIDEST, HIGHEST = 560, 480
MODES = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "P": "palette",
    "RGB": "colour (RGB)",
    "RGBA": "colour with transparency (RGBA)",
    "CMYK": "print colours (CMYK)",
    "YCbCr": "colour (YCbCr)",
    "LAB": "Lab colours",
    "I;16": "grey with 16 bits",
    "I": "grey with 32 bits",
    "F": "grey as fractions",
}


@st.dialog("Picture", width="large")
def opened_picture(config: ImageConfig, places: Sequence[int]) -> None:
    """The picture called ``st.session_state[OPENED]``; ``places`` are those to which one can go on from it."""
    if "data:wanted" in st.session_state:
        st.rerun()
    pictures = album(config.data)
    place = pictures.image_set.index.get(st.session_state[OPENED], places[0])
    _walk(pictures, places, place)
    numbers = st.segmented_control(
        "Show",
        [False, True],
        default=False,
        required=True,
        key="gallery:as_numbers",
        format_func=lambda numbers: "as numbers" if numbers else "as a picture",
        label_visibility="collapsed",
    )
    with errors_shown():
        if numbers:
            images_are_numbers(config, place, "opened")
        else:
            _picture(config, pictures, place)


def _walk(pictures: Album, places: Sequence[int], place: int) -> None:
    where = places.index(place) if place in places else 0
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for icon, step, help in (("chevron_left", -1, "The one before."), ("chevron_right", 1, "The next one.")):
            to = where + step
            st.button(
                f":material/{icon}:",
                key=f"opened:{icon}",
                disabled=not 0 <= to < len(places),
                help=help,
                on_click=_open,
                args=(pictures.info(places[min(max(to, 0), len(places) - 1)]).id,),
            )
        st.markdown(f"**{plain(short(pictures.info(place).path, 60))}**", width="content")


def _open(id: str) -> None:
    st.session_state[OPENED] = id


def _picture(config: ImageConfig, pictures: Album, place: int) -> None:
    info = pictures.info(place)
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        st.image(enlarged(config.data.source, place), width=fitting_width(info, WIDEST, HIGHEST))
    with right:
        _facts(pictures, place, info)
        _change(pictures, place, info)


def fitting_width(info: ImageInfo, widest: int, highest: int) -> int:
    """How wide a picture is drawn, in pixels of the screen, so that it is neither too wide nor too high."""
    return max(1, min(widest, highest * info.width // max(info.height, 1)))


def _facts(pictures: Album, place: int, info: ImageInfo) -> None:
    name, folder = str(pictures.names[place]), info.class_name
    corrected = f" (its folder says {plain(short(folder, 30))})" if name != folder else ""
    st.markdown(f"Class **{plain(short(name, 40))}**{corrected}")
    st.markdown(f"{info.width:,} × {info.height:,} pixels, {plain(MODES.get(info.mode, info.mode))}")
    for note in info.notes:
        st.caption(f":material/info: {plain(note[0].upper() + note[1:])}.")
    near = pictures.image_set.near
    copies = int((near == near[place]).sum()) - 1
    if copies:
        st.caption(f":material/content_copy: {count(copies, 'other picture')} nearly the same as this one.")
    if not pictures.takes[place]:
        st.caption(":material/block: It is left out.")


def _change(pictures: Album, place: int, info: ImageInfo) -> None:
    takes = bool(pictures.takes[place])
    change = without_images([info.id]) if takes else with_images([info.id])
    st.button(
        "Leave it out" if takes else "Bring it back",
        key="opened:out",
        icon=":material/block:" if takes else ":material/undo:",
        on_click=wanted,
        args=(change, f"{'left out' if takes else 'brought back'} {short(info.path, 40)}", "gallery"),
        help="A picture that is left out takes no part in learning and checking; it can be brought back.",
    )
    shown = labels([name for name in pictures.classes if name != pictures.names[place]])
    name = st.selectbox(
        "Another class",
        list(shown),
        index=None,
        key=f"opened:class:{info.id}",
        format_func=lambda name: shown.get(name, name),
        accept_new_options=True,
        placeholder="choose one, or type a new one",
        help=help_with_terms("class", "If the picture is in the wrong class, say which one is right."),
    )
    st.button(
        "Give it this class",
        key="opened:give",
        disabled=not name,
        on_click=wanted,
        args=(in_class([info.id], name or ""), f"gave {short(info.path, 40)} another class", "gallery"),
    )
