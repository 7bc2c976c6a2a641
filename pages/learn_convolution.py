"""What does a convolution do? A kernel moves over the picture, multiplies, and adds up."""

from __future__ import annotations

import streamlit as st

from pages.parts.lesson import InApp, begin, conclude, own_run
from pages.parts.lesson_convolution import FOUND, stepping
from pages.parts.lesson_convolution_own import own_kernels
from pages.parts.lesson_convolution_photo import on_a_picture

IDEA = (
    "A kernel is a small grid of weights that moves over a picture. At each place its weights are multiplied with the "
    "numbers below, and the products are added up (convolution). The sum is high where the picture looks like the "
    "kernel."
)
QUESTION = (
    "The result is smaller than the input, because at the edges the kernel has no room. Find a setting that makes both "
    "equally large."
)
ANSWER = (
    "Padding “same” puts zeros around the input, so that the kernel can stand on every pixel. With stride 1 the result "
    "is then as large as the input. A stride of 2 makes it about half as large."
)
IN_APP = InApp("network.py", "Put convolutions into your network", "chihuahua_or_muffin", "pictures")


def page() -> None:
    """The lecture's grid, any picture, and the kernels that the person's own network has learned."""
    begin("convolution", IDEA, QUESTION)
    run = own_run("pictures")
    ways = {":material/grid_on: Step by step": stepping, ":material/photo: On a picture": st.fragment(on_a_picture)}
    if run is not None:
        ways[":material/hub: Your network's kernels"] = lambda: st.fragment(own_kernels)(run)
    tabs = st.tabs(list(ways), key="convolution:way", on_change="rerun")
    conclude("convolution", st.session_state.get(FOUND, False), ANSWER, IN_APP)
    # Last, as a network may take a while to answer.
    for tab, way in zip(tabs, ways.values(), strict=True):
        if tab.open:
            with tab:
                way()


page()
