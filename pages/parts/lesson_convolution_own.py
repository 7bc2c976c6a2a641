"""The first kernels of the person's own network, and what each makes of a picture."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from core.data.images.pixels import square, to_grey
from core.lessons.convolution import convolve
from core.runs import Run
from pages.parts import image_results_ask as worker
from pages.parts.image_results_drawing import kernels_mosaic
from pages.parts.lesson_convolution_photo import map_picture, tile
from pages.parts.lesson_photo import photo
from pages.parts.results_opened import opened
from pages.parts.session import errors_shown
from pages.parts.terms import help_with_terms


def own_kernels(run: Run) -> None:
    """All kernels of the first convolution, and one of them on a picture."""
    with errors_shown():
        with st.spinner("Asking your network for its kernels…"):
            found = worker.kernels(opened(run))
        if not found:
            st.info("Your newest network has no convolution, so it has no kernels.", icon=":material/info:")
            return
        _first(found[0]["kernels"], run.image_config.data.size)


def _first(kernels: np.ndarray, size: int) -> None:
    left, right = st.columns([1, 2.6], gap="large")
    side, channels = kernels.shape[1], kernels.shape[-1]
    with left:
        pixels = square(Image.fromarray(photo("convolution").pixels), size)
        told = help_with_terms("filter", "Which kernel moves over the picture.")
        several = len(kernels) > 1
        number = st.slider("Filter", 1, len(kernels), key="convolution:own:filter", help=told) if several else 1
        words = f"{len(kernels)} kernels of {side} x {side} x {channels}, learned from your pictures."
        st.image(kernels_mosaic(kernels, columns=4), alt=words, width="content")
        st.caption(f"{words} Each began as random numbers.")
    seen = pixels if channels == 3 else to_grey(pixels)
    values = convolve(seen, kernels[number - 1], padding="same")
    with right, st.container(horizontal=True, gap="small"):
        for picture, title, told in (
            (seen, "What the network gets", f"{size} x {size} pixels."),
            (
                np.rint(255 * _shares(kernels[number - 1])).astype(np.uint8),
                f"Kernel {number}",
                "Grey is a weight of 0.",
            ),
            (map_picture(values, True, False), "What it finds", "Light: looks like the kernel. Dark: the opposite."),
        ):
            tile(picture, title, told)


def _shares(kernel: np.ndarray) -> np.ndarray:
    """Weights (k, k, c) as brightness from 0 to 1; a weight of 0 lies in the middle."""
    return 0.5 + 0.5 * kernel / max(float(np.abs(kernel).max()), 1e-9)
