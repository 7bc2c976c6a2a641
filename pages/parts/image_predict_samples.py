"""The run's own pictures: some that it has not learned from, to try; and what those it learned from look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from PIL import Image

from core.errors import UserError
from pages.parts.image_predict_ink import Look, look_of
from pages.parts.image_predict_taken import Given
from pages.parts.results_opened import Opened
from pages.parts.session import plain
from pages.parts.tables import images_of

SHOWN = 6
LOOKED_AT = 200
WIDTH = 96


def samples(shown: Opened, key: str, on_choose: Callable[[Given], None]) -> None:
    """Validation pictures as thumbnails, each with a button; ``on_choose`` gets the one that was chosen.

    Args:
        shown: The run.
        key: Of the widgets.
        on_choose: What happens with it, before the page is drawn again.
    """
    try:
        image_set = images_of(shown.run.image_config.data.source)
    except UserError as error:
        st.caption(plain(f"The pictures that it was checked with cannot be shown. {error}"))
        return
    turn = int(st.session_state.get(f"{key}:turn", 0))
    places = _chosen(shown, turn)
    if not places:
        return
    st.write("Or try one that it has not learned from (validation pictures):")

    rows = [int(shown.rows["row"].iloc[place]) - 1 for place in places]

    def choose(number: int) -> None:
        index, truth = rows[number], shown.class_names[int(shown.truth[places[number]])]
        name = image_set.images[index].path.rpartition("/")[2]
        try:
            on_choose(Given(image_set.content(index), name, truth, shown.run.id))
        except UserError as error:
            st.session_state[f"{key}:problem"] = str(error)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        _thumbnails([image_set.thumb(row) for row in rows], key, choose)
        if len(shown.rows) > SHOWN:
            st.button(
                "Others",
                icon=":material/refresh:",
                key=f"{key}:others",
                on_click=lambda: st.session_state.update({f"{key}:turn": turn + 1}),
                help="Shows other validation pictures.",
            )
    if problem := st.session_state.pop(f"{key}:problem", None):
        st.caption(plain(problem))


def _thumbnails(pictures: Sequence[Image.Image], key: str, on_try: Callable[[int], None]) -> None:
    """Each picture with a button; ``on_try`` gets the place of the one that was chosen."""
    for number, picture in enumerate(pictures, 1):
        with st.container(width=WIDTH, gap="xsmall", horizontal_alignment="center"):
            st.image(picture, width=WIDTH, alt=f"Validation picture {number}")
            st.button(f"Try {number}", key=f"{key}:try:{number}", on_click=on_try, args=(number - 1,))


def _chosen(shown: Opened, turn: int) -> list[int]:
    """Positions of some validation pictures, a class at a time, always the same in the same turn."""
    count = len(shown.rows)
    if count == 0:
        return []
    order = np.random.default_rng(turn).permutation(count)
    by_class = [order[shown.truth[order] == index] for index in range(len(shown.class_names))]
    deepest = max(len(places) for places in by_class)
    turns = [places[depth] for depth in range(deepest) for places in by_class if depth < len(places)]
    start = (turn * SHOWN) % max(1, min(len(turns), len([places for places in by_class if len(places)])))
    return [int(place) for place in (turns[start:] + turns[:start])[:SHOWN]]


def look(shown: Opened) -> Look:
    """What the training pictures have in common, for drawings; that of white paper where they are gone."""
    try:
        return _look(str(shown.run.workspace.root), shown.run.id, _shown=shown)
    except UserError:
        return Look()


@st.cache_data(max_entries=32, show_spinner="Looking at the training pictures…")
def _look(root: str, run: str, _shown: Opened) -> Look:
    image_set, predictions = images_of(_shown.run.image_config.data.source), _shown.run.predictions()
    if predictions is None:
        return Look()
    rows = predictions.loc[predictions["part"] == "train", "row"].to_numpy(np.int64) - 1
    some = np.sort(np.random.default_rng(0).permutation(rows)[:LOOKED_AT])
    return look_of(np.asarray(image_set.thumbs[some]))
