"""A map, its windows and what pooling leaves of it, as grids of numbers; and the same on a photo."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.evaluation.words import count
from core.lessons.pooling import Kind, Place, flattened, left_out, moved, places, pooled, unlike, worked_out
from pages.parts.lesson_grid import EDGE, Grid, draw_grid
from pages.parts.lesson_photo import photo
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

KINDS: dict[Kind, str] = {"max": "Max: the largest", "average": "Average"}
SIDES = (2, 4, 8, 16)
_CELL, _SMALL_CELL = 34, 30
# Three photos fit beside the controls, two beside each other on a phone; so do two grids.
_PHOTO, _TITLE = 160, 130


def at_place(values: np.ndarray, window: int, stride: int, kind: Kind) -> None:
    """The map with its window, the result with its cell, and how the one became the other."""
    result = pooled(values, window, stride, kind)
    place = _place(values, window, stride)
    cells = np.s_[place.top : place.top + window, place.left : place.left + window]
    under, gives = np.zeros(values.shape, bool), np.zeros(result.shape, bool)
    under[cells] = gives[place.row, place.column] = True
    lost = left_out(values.shape, window, stride)
    told = worked_out(values[cells], kind)
    _side_by_side(
        (Grid(values, under, lost), f"The map, {_size(values)}", f"The window covers {_listed(values[cells])}."),
        (Grid(result, gives), f"Pooled, {_size(result)}", f"It gives {told}."),
    )
    st.caption(f"Framed: the window and what it gives. {told}")
    if lost.any():
        st.caption(f"Pale: {count(int(lost.sum()), 'number')} in no window. Pooling leaves them out.")


def after_move(values: np.ndarray, window: int, stride: int, kind: Kind) -> int:
    """The same map one cell further to the right; how many numbers of its result are others than before."""
    result = pooled(moved(values), window, stride, kind)
    changed = unlike(pooled(values, window, stride, kind), result)
    in_map = unlike(values, moved(values))
    told = f"{int(changed.sum())} of {count(changed.size, 'pooled number')} {_change(int(changed.sum()))}"
    after = moved(values)
    _side_by_side(
        (Grid(after), "One cell further right", f"The map after the move: {_listed(after)}."),
        (Grid(result, changed), "Pooled", f"Pooled after the move: {_listed(result)}. {told}."),
    )
    st.markdown(f"**{told}** (framed). In the map itself {int(in_map.sum())} of {in_map.size} change.")
    return int(changed.sum())


def in_a_row(values: np.ndarray) -> None:
    """The pooled map as the dense layer behind it gets it."""
    row = flattened(values)
    draw_grid(
        Grid(row[None]),
        f"**Flatten** writes row after row into one: the next layer gets {count(len(row), 'input')}.",
        f"In one row: {_listed(row)}.",
        _SMALL_CELL,
    )


@st.fragment
def on_a_photo() -> None:
    """Max and average pooling of a photo, side by side; the pixels stay as large as the photo was."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = photo("pooling")
        pixels = chosen.pixels
        sides = [side for side in SIDES if side <= min(pixels.shape[:2])] or [1]
        side = st.segmented_control(
            "Window on the photo (pixels)",
            sides,
            default=sides[-1] if len(sides) < 3 else sides[2],
            required=True,
            # A smaller picture has other windows.
            key=f"pooling:side:{len(sides)}",
            help=help_with_terms(
                "pixels, stride", "Its stride is as large: each window begins where the last one ends."
            ),
        )
    with right:
        shown: list[tuple[Kind, str]] = [("max", "Max: bright parts grow"), ("average", "Average: a softer picture")]
        with st.container(horizontal=True):
            _picture(pixels, f"{chosen.name}: {_size(pixels)}")
            for kind, words in shown:
                small = pooled(pixels, side, side, kind)
                _picture(_enlarged(small, side), f"{words}. {_size(small)}")
        st.caption(
            f"Of {count(side * side, 'number')} one is left, in each of the three colours. For a while one can "
            "still tell what is on the picture. Where exactly it is, and its fine details, are gone."
        )


def _place(values: np.ndarray, window: int, stride: int) -> Place:
    every = places(values.shape, window, stride)
    if len(every) == 1:
        return every[0]
    number = st.slider(
        "Window number",
        1,
        len(every),
        # Other settings have other windows.
        key=f"pooling:place:{values.shape}:{window}:{stride}",
        help="Step through all windows, row after row.",
    )
    return every[number - 1]


def _side_by_side(*grids: tuple[Grid, str, str]) -> None:
    """Grids with their titles and sentences; on a phone too, as long as they are small."""
    with st.container(horizontal=True):
        for grid, title, sentence in grids:
            with st.container(width=max(grid.values.shape[1] * _CELL + 2 * EDGE, _TITLE)):
                draw_grid(grid, title, sentence, _CELL)


def _picture(pixels: np.ndarray, caption: str) -> None:
    with st.container(width=_PHOTO):
        st.image(pixels, width="stretch", caption=plain(caption), alt=caption)


def _enlarged(small: np.ndarray, side: int) -> np.ndarray:
    """Each number as a square of so many pixels, so that the picture keeps its size."""
    return np.rint(small).astype(np.uint8).repeat(side, axis=0).repeat(side, axis=1)


def _size(values: np.ndarray) -> str:
    return f"{values.shape[0]} x {values.shape[1]}"


def _change(changed: int) -> str:
    return "changes" if changed == 1 else "change"


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.3g}" for value in values.ravel())
