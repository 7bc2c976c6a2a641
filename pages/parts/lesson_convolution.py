"""A kernel on a small grid, place after place: what it covers, the products, the sum, and the result that grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.lessons.convolution import (
    INPUT,
    KERNEL,
    Padding,
    Place,
    convolve,
    output_length,
    padded,
    place_at,
    resized,
    zeros_around,
)
from pages.parts.lesson_grid import Grid, draw_grid, told
from pages.parts.terms import help_with_terms

PLACE, PLAYING, FOUND = "convolution:place", "convolution:playing", "convolution:found"
SECONDS = 0.8
SIZES = (2, 3, 4, 5)
STRIDES = (1, 2, 3)
LARGEST = 255
# Pixels for the cells of a row of grids, and of one cell.
ROW_WIDTH = 495
CELLS = (21, 34)
PADDINGS: dict[Padding, str] = {"valid": "none", "same": "zeros (same)"}


@dataclass(frozen=True, eq=False)
class Setting:
    """What moves over what: values (h, w), kernel (k, k), stride and padding."""

    values: np.ndarray
    kernel: np.ndarray
    stride: int
    padding: Padding


def stepping() -> None:
    """The grid, with a switch that lets the kernel move by itself; only this part is drawn again."""
    playing = bool(st.session_state.get(PLAYING))
    st.fragment(_stepping, run_every=SECONDS if playing else None)(playing)


def _stepping(ticks: bool) -> None:
    if ticks != bool(st.session_state.get(PLAYING)):
        # Whether this part is drawn again by itself is decided where the whole page is.
        st.rerun()
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        side, stride, padding = layer_form("convolution", SIZES, STRIDES)
    with right:
        above = st.container()
        setting = Setting(*_numbers(side), stride, padding)
    result = convolve(setting.values, setting.kernel, setting.stride, setting.padding)
    with above:
        _grids(setting, result, _number(result.size))
    if result.shape == INPUT.shape and not st.session_state.get(FOUND):
        st.session_state[FOUND] = True
        st.rerun()


def layer_form(key: str, sizes: Sequence[int], strides: Sequence[int]) -> tuple[int, int, Padding]:
    """Kernel size, stride and padding; ``key`` begins the keys of the widgets."""
    side = st.segmented_control(
        "Kernel size",
        sizes,
        default=3,
        required=True,
        key=f"{key}:size",
        help=help_with_terms(
            "kernel size",
            "Pixels along each side of the kernel. A larger one sees more at once and has more weights to learn.",
        ),
    )
    stride = st.segmented_control(
        "Stride",
        strides,
        default=1,
        required=True,
        key=f"{key}:stride",
        help=help_with_terms(
            "stride", "How many pixels the kernel moves each time. With 2 the result is about half as large."
        ),
    )
    padding = st.segmented_control(
        "Padding",
        list(PADDINGS),
        default="valid",
        required=True,
        format_func=PADDINGS.__getitem__,
        key=f"{key}:padding",
        help=help_with_terms("padding", "Zeros around the input, so that the kernel can also stand at its edges."),
    )
    return side, stride, padding


def _numbers(side: int) -> tuple[np.ndarray, np.ndarray]:
    """The input and the kernel, the lecture's or those that were written in their place."""
    with st.expander("Write your own numbers"), st.container(horizontal=True):
        values = edited("Input", INPUT, "convolution:input")
        return values, edited("Kernel", resized(KERNEL, side), f"convolution:kernel:{side}")


def edited(label: str, start: np.ndarray, key: str) -> np.ndarray:
    """A small grid that can be written into; what is left empty counts as 0."""
    columns = {
        str(place): st.column_config.NumberColumn(str(place + 1), width=40, min_value=-LARGEST, max_value=LARGEST)
        for place in range(start.shape[1])
    }
    with st.container(width="content", gap="xsmall"):
        st.caption(label)
        edited = st.data_editor(start.astype(float), key=key, hide_index=True, column_config=columns, width="content")
    return np.clip(np.nan_to_num(np.asarray(edited, float)), -LARGEST, LARGEST)


def _number(count: int) -> int:
    """Which place the kernel stands at, from 0."""
    if count == 1:
        st.caption("The kernel has only one place.")
        return 0
    # The values of widgets can be set only before they are drawn.
    playing = st.session_state.setdefault(PLAYING, False)
    place = st.session_state[PLACE] = min(st.session_state.get(PLACE, 1) + playing, count)
    if place == count:
        st.session_state[PLAYING] = False
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        told = help_with_terms("kernel", "Row after row, from the upper left.")
        st.slider("Place of the kernel", 1, count, key=PLACE, width=240, help=told)
        with st.container(horizontal=True, gap="small", width="content", vertical_alignment="center"):
            _step_button("Back", place - 1, count)
            _step_button("Next", place + 1, count)
            st.toggle("Play", key=PLAYING, on_change=_begin, args=(count,), help="The kernel moves by itself.")
    return place - 1


def _step_button(label: str, to: int, count: int) -> None:
    st.button(
        label,
        key=f"convolution:{label}",
        disabled=not 1 <= to <= count,
        on_click=lambda: st.session_state.update({PLACE: to}),
        help=f"{label}: the kernel at place {min(max(to, 1), count)}.",
    )


def _begin(count: int) -> None:
    """Play from the first place where the kernel stands at the last."""
    if st.session_state[PLACE] == count:
        st.session_state[PLACE] = 0


def _grids(setting: Setting, result: np.ndarray, number: int) -> None:
    place = place_at(setting.values, setting.kernel, number, setting.stride, setting.padding)
    side = len(setting.kernel)
    st.markdown(
        f"**Place {number + 1} of {result.size}:** {worked_out(place, setting.kernel)} = **{told(place.total)}**"
    )
    cell = _cell(setting, result)
    with st.container(horizontal=True, gap="small"):
        with st.container(width="content"):
            _input_grid(setting, place, cell)
        with st.container(width="content"):
            title = f"**Kernel** {side} x {side}"
            draw_grid(Grid(setting.kernel), title, f"The kernel: {rows_in_words(setting.kernel)}.", cell)
            title = "**Products**"
            draw_grid(Grid(place.products), title, f"The products: {rows_in_words(place.products)}.", cell)
        with st.container(width="content"):
            _result_grid(result, number, cell)
    st.caption(f"{size_words(len(setting.values), side, setting.stride, setting.padding)} {highest_words(result)}")


def _cell(setting: Setting, result: np.ndarray) -> int:
    """Pixels of a cell that let input, kernel and result stand beside each other."""
    zeros = sum(zeros_around(len(setting.values), len(setting.kernel), setting.stride, setting.padding))
    columns = setting.values.shape[1] + zeros + len(setting.kernel) + result.shape[1]
    return int(np.clip(ROW_WIDTH / columns, *CELLS))


def _input_grid(setting: Setting, place: Place, cell: int) -> None:
    side = len(setting.kernel)
    ground = padded(setting.values, setting.kernel.shape, setting.stride, setting.padding)
    outside = padded(np.ones(setting.values.shape), setting.kernel.shape, setting.stride, setting.padding) == 0
    window = np.s_[place.top : place.top + side, place.left : place.left + side]
    covered, weights = np.zeros(ground.shape, bool), np.full(ground.shape, np.nan)
    covered[window], weights[window] = True, setting.kernel
    title = f"**Input** {' x '.join(map(str, setting.values.shape))}" + (" with zeros around" if outside.any() else "")
    draw_grid(
        Grid(ground, marked=covered, quiet=outside, corners=weights),
        title,
        f"The input: {rows_in_words(ground)}. The kernel covers rows {place.top + 1} to {place.top + side} and columns "
        f"{place.left + 1} to {place.left + side}.",
        cell,
    )


def _result_grid(result: np.ndarray, number: int, cell: int) -> None:
    done = np.arange(result.size).reshape(result.shape)
    title = f"**Result** {' x '.join(map(str, result.shape))}"
    draw_grid(
        Grid(result, marked=done == number, quiet=done > number), title, f"The result: {rows_in_words(result)}.", cell
    )


def worked_out(place: Place, kernel: np.ndarray) -> str:
    """The products as people write them: ``0 x 0 + 1 x 1``."""
    return " + ".join(
        f"{told(value)} x {told(weight)}" for value, weight in zip(place.window.flat, kernel.flat, strict=True)
    )


def size_words(length: int, kernel: int, stride: int, padding: Padding) -> str:
    """The formula of the output size with its numbers."""
    zeros = sum(zeros_around(length, kernel, stride, padding))
    found = output_length(length, kernel, stride, padding)
    return (
        "Along a side: (length + zeros - kernel) / stride + 1, rounded down: "
        f"({length} + {zeros} - {kernel}) / {stride} + 1 = {found}."
    )


def highest_words(result: np.ndarray) -> str:
    """Where the input looks most like the kernel."""
    found = int(result.argmax())
    return f"The highest sum is {told(result.flat[found])}, at place {found + 1}."


def rows_in_words(values: np.ndarray) -> str:
    """The numbers of a grid, row by row, for those who do not see it."""
    return "; ".join(" ".join(told(value) for value in row) for row in values)
