"""What can be done with the ticked pictures: leave them out, bring them back, give them another class."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import streamlit as st

from core.evaluation.words import count
from pages.parts.data_pick import labels
from pages.parts.image_data_change import ImageChange, in_class, wanted, with_images, without_images
from pages.parts.image_data_state import Album
from pages.parts.image_gallery_cells import ticked, untick
from pages.parts.terms import help_with_terms

HINT = "Tick pictures to leave them out or to give them another class; open one to see it larger."
TICK = "Tick pictures to leave them out or to give them another class."


def ticked_actions(
    pictures: Album,
    shown: np.ndarray | None = None,
    *,
    out: bool = False,
    key: str = "gallery",
    among: Collection[str] | None = None,
) -> None:
    """One line with what can be done.

    Args:
        pictures: All of them.
        shown: Places that could be ticked all at once, if so.
        out: Whether pictures are shown that are left out.
        key: Begins the keys of the widgets.
        among: Ids of the only pictures that this is about, if so.
    """
    index, takes = pictures.image_set.index, pictures.takes
    ids = [id for id in ticked() if id in index and takes[index[id]] != out and (among is None or id in among)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_ticked"):
        if not ids:
            hint = "Tick pictures to bring them back." if out else HINT if key == "gallery" else TICK
            st.caption(hint, width="content")
        else:
            st.markdown(f"**{count(len(ids), 'picture')} ticked**", width="content")
            _actions(pictures, ids, out, key)
        if shown is not None and len(shown):
            _all_shown([pictures.info(place).id for place in shown.tolist()], key)


def _actions(pictures: Album, ids: list[str], out: bool, key: str) -> None:
    label, icon, change, done = (
        ("Bring back", "undo", with_images(ids), f"brought {count(len(ids), 'picture')} back")
        if out
        else ("Leave out", "block", without_images(ids), f"left {count(len(ids), 'picture')} out")
    )
    st.button(label, key=f"{key}:do", icon=f":material/{icon}:", on_click=_do, args=(change, done))
    with st.popover("Give another class", icon=":material/label:", key=f"{key}:give"):
        _class_choice(pictures, ids, f"{key}:give_class")
    st.button("Untick", key=f"{key}:untick", type="tertiary", on_click=untick)


def _all_shown(ids: list[str], key: str) -> None:
    if all(id in ticked() for id in ids):
        return
    st.button(
        f"Tick all {len(ids):,} shown" if len(ids) > 1 else "Tick the one shown",
        key=f"{key}:tick_all",
        type="tertiary",
        icon=":material/done_all:",
        on_click=lambda: ticked().update(dict.fromkeys(ids)),
    )


def _class_choice(pictures: Album, ids: list[str], key: str) -> None:
    """A list of classes, to which a new one can be added, and a button that gives it."""
    shown = labels(list(pictures.classes))
    name = st.selectbox(
        "Class",
        list(shown),
        index=None,
        key=key,
        format_func=lambda name: shown.get(name, name),
        accept_new_options=True,
        placeholder="choose one, or type a new one",
        help=help_with_terms(
            "class", "The class that these pictures shall have; a name that is not in the list makes a new class."
        ),
    )
    st.button(
        "Give it this class" if len(ids) == 1 else f"Give {len(ids):,} pictures this class",
        key=f"{key}:do",
        disabled=not name,
        on_click=_give,
        args=(ids, name or "", key),
    )


def _give(ids: list[str], name: str, key: str) -> None:
    st.session_state.pop(key, None)
    _do(in_class(ids, name), f"gave {count(len(ids), 'picture')} another class")


def _do(change: ImageChange, done: str) -> None:
    untick()
    wanted(change, done, "gallery")
