"""A map, its windows and what pooling leaves of it, as grids of numbers; and the same on a photo."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.evaluation.words import count
from core.lessons.pooling import Kind, Place, flattened, moved, places, pooled, unlike, worked_out
from pages.parts.lesson_grid import Grid, draw_grid
from pages.parts.lesson_photo import photo
from pages.parts.session import plain

KINDS: dict[Kind, str] = {"max": "Max: the largest", "average": "Average"}
SIDES = (2, 4, 8, 16)
_CELL, _SMALL_CELL = 34, 30


def at_place(values: np.ndarray, window: int, stride: int, kind: Kind) -> None:
    """The map with its window, the result with its cell, and how the one became the other."""
    result = pooled(values, window, stride, kind)
    place = _place(values, window, stride)
    cells = np.s_[place.top : place.top + window, place.left : place.left + window]
    under, gives = np.zeros(values.shape, bool), np.zeros(result.shape, bool)
    under[cells] = gives[place.row, place.column] = True
    left_out = np.ones(values.shape, bool)
    reached = [((size - 1) * stride + window) for size in result.shape]
    left_out[: reached[0], : reached[1]] = False
    told = worked_out(values[cells], kind)
    before, after = st.columns(2)
    with before:
        _grid(values, "The map", f"The window covers {_listed(values[cells])}.", under, left_out)
    with after:
        _grid(result, f"Pooled: {_size(values)} become {_size(result)}", f"It gives {told}.", gives)
    st.caption(f"Framed: the window and what it gives. {told}")
    if left_out.any():
        st.caption(f"{count(int(left_out.sum()), 'number')} at the edge (pale) are in no window and get lost.")


def after_move(values: np.ndarray, window: int, stride: int, kind: Kind) -> int:
    """The same map one cell further to the right; how many numbers of its result are others than before."""
    result = pooled(moved(values), window, stride, kind)
    changed = unlike(pooled(values, window, stride, kind), result)
    told = f"{int(changed.sum())} of {count(changed.size, 'pooled number')} {_change(int(changed.sum()))}"
    before, after = st.columns(2)
    in_map = unlike(values, moved(values))
    with before:
        _grid(
            moved(values),
            f"One cell further right: {int(in_map.sum())} of {in_map.size} change",
            f"The map after the move: {_listed(moved(values))}.",
        )
    with after:
        _grid(result, f"**{told}**", f"Pooled after the move: {_listed(result)}. {told}.", changed)
    return int(changed.sum())


def in_a_row(values: np.ndarray) -> None:
    """The pooled map as the dense layer behind it gets it."""
    row = flattened(values)
    _grid(
        row[None],
        f"**Flatten** writes row after row into one: the next layer gets {count(len(row), 'input')}.",
        f"In one row: {_listed(row)}.",
        cell=_SMALL_CELL,
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
            help="Its stride is as large: each window begins where the last one ends.",
        )
        name = plain(chosen.name)
    with right:
        shown: list[tuple[Kind, str]] = [("max", "Max: bright parts grow"), ("average", "Average: a softer picture")]
        columns = st.columns(3)
        with columns[0]:
            st.image(pixels, width="stretch", caption=f"{name}: {_size(pixels)}")
        for column, (kind, words) in zip(columns[1:], shown, strict=True):
            small = pooled(pixels, side, side, kind)
            with column:
                st.image(_enlarged(small, side), width="stretch", caption=f"{words}. {_size(small)}")
        st.caption(
            f"Of {side * side:,} numbers one is left, in each of the three colours. What is on the picture can still "
            "be told for a while; where exactly, and its fine details, are gone."
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


def _grid(
    values: np.ndarray,
    title: str,
    sentence: str,
    marked: np.ndarray | None = None,
    quiet: np.ndarray | None = None,
    cell: int = _CELL,
) -> None:
    draw_grid(Grid(values, marked, quiet), title, sentence, cell)


def _enlarged(small: np.ndarray, side: int) -> np.ndarray:
    """Each number as a square of so many pixels, so that the picture keeps its size."""
    return np.rint(small).astype(np.uint8).repeat(side, axis=0).repeat(side, axis=1)


def _size(values: np.ndarray) -> str:
    return f"{values.shape[0]} x {values.shape[1]}"


def _change(changed: int) -> str:
    return "changes" if changed == 1 else "change"


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.3g}" for value in values.ravel())
