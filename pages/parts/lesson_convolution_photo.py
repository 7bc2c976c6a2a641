"""Kernels on a whole picture: what each filter makes of it, and the shape of what leaves the layer."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.images.pixels import to_grey
from core.errors import UserError
from core.lessons.convolution import KERNEL, convolve, parameters, resized
from core.lessons.kernels import CLASSICS, Classic
from pages.parts.image_results_drawing import enlarged
from pages.parts.lesson_convolution import edited, layer_form, rows_in_words
from pages.parts.lesson_grid import Grid, grid_svg
from pages.parts.lesson_photo import photo
from pages.parts.results_draw import ink
from pages.parts.session import show_error
from pages.parts.terms import help_with_terms

OWN = "own"
# The lecture's kernel, until other weights are written in its place.
FILTERS = CLASSICS | {
    OWN: Classic(
        "Your own", "Bright where the picture looks like the kernel.", lambda side: resized(KERNEL, side), True
    )
}
SIZES = (3, 5, 7)
STRIDES = (1, 2, 4)
WIDTH = 168
SMALL_WIDTH = 96


def on_a_picture() -> None:
    """Choose a picture and kernels; the maps stand beside."""
    chosen = st.pills(
        "Filters",
        list(FILTERS),
        selection_mode="multi",
        default=["vertical", "horizontal"],
        format_func=lambda key: FILTERS[key].title,
        key="convolution:filters",
        help=help_with_terms("filter", "Each filter has a kernel of its own and makes a map of its own."),
    )
    left, right = st.columns([1, 2.6], gap="large")
    with left:
        pixels = to_grey(photo("convolution").pixels)
        side, stride, padding = layer_form("convolution:photo", SIZES, STRIDES)
        relu = st.toggle(
            "Only above 0 (ReLU)",
            True,
            key="convolution:relu",
            help=help_with_terms(
                "ReLU", "As layers of a network do after a convolution. Off: what is below 0 is darker than grey."
            ),
        )
        kernels = {key: FILTERS[key].weights(side) for key in chosen}
    with right:
        if OWN in chosen:
            kernels[OWN] = edited("Your own kernel", kernels[OWN], f"convolution:own:{side}")
        try:
            maps = {key: convolve(pixels, kernel, stride, padding) for key, kernel in kernels.items()}
        except UserError as error:
            show_error(error)
            return
        _maps(pixels, maps, kernels, relu)
        _shapes(pixels, list(maps.values()), side)


def map_picture(values: np.ndarray, signed: bool, relu: bool) -> np.ndarray:
    """What a filter found, (h, w, 1) uint8.

    Args:
        values: (h, w).
        signed: Whether 0 means nothing found: it is then mid-grey, and the largest value, of either sign, is white or
            black. Otherwise values are brightness, 0 to 255.
        relu: Whether what is below 0 became 0; then that is black.
    """
    values = np.maximum(values, 0) if relu else values
    if signed:
        largest = max(float(np.abs(values).max(initial=0)), 1e-9)
        values = 255 * values / largest if relu else 127.5 + 127.5 * values / largest
    return np.rint(np.clip(values, 0, 255)).astype(np.uint8)[..., None]


def _maps(pixels: np.ndarray, maps: dict[str, np.ndarray], kernels: dict[str, np.ndarray], relu: bool) -> None:
    with st.container(horizontal=True, gap="small"):
        tile(pixels, "The picture", "In grey, one channel.")
        for key, values in maps.items():
            found, kernel = FILTERS[key], kernels[key]
            with tile(map_picture(values, found.signed, relu), found.title, found.words):
                width = SMALL_WIDTH if len(kernel) == min(SIZES) else WIDTH
                st.image(grid_svg(Grid(kernel), ink()), width=width, alt=f"The kernel: {rows_in_words(kernel)}.")


def tile(pixels: np.ndarray, title: str, words: str) -> DeltaGenerator:
    """A picture (h, w, 1 or 3) uint8 with its title and a sentence; returned is where more can stand below."""
    place = st.container(width=WIDTH, gap="xsmall")
    with place:
        st.image(enlarged(pixels, 2 * WIDTH), width=WIDTH, alt=f"{title}. {words}")
        st.markdown(f"**{title}**")
        st.caption(words)
    return place


def _shapes(pixels: np.ndarray, maps: list[np.ndarray], side: int) -> None:
    if not maps:
        st.info("Choose at least one filter.", icon=":material/filter_center_focus:")
        return
    filters = len(maps)
    height, width = maps[0].shape
    st.markdown(
        f"**{filters} {'filter' if filters == 1 else 'filters'}** of {side} x {side}: `{pixels.shape}` becomes "
        f"`{(height, width, filters)}`, a map for each filter. A layer of {filters} would learn "
        f"{parameters(side, 1, filters):,} numbers: {side * side} weights and a bias for each."
    )
