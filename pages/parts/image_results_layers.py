"""Layer by layer: the maps that a picture becomes, and the kernels that make them."""

from __future__ import annotations

import streamlit as st

from core.evaluation.words import count
from pages.parts import image_results_ask as worker
from pages.parts.image_results_drawing import kernels_mosaic, maps_mosaic
from pages.parts.results_opened import Opened
from pages.parts.session import errors_shown
from pages.parts.terms import help_with_terms


def feature_maps(shown: Opened, index: int) -> None:
    """What each layer makes of the picture."""
    st.subheader("Feature maps, layer by layer", anchor=False, help=help_with_terms("feature maps"))
    found = {layer["name"]: layer for layer in worker.layers(shown)}
    if not found:
        st.write("No layer of this network makes maps: it has no convolution and no pooling.")
        return
    name = st.selectbox(
        "Layer",
        list(found),
        format_func=lambda name: f"{name}: {' x '.join(str(length) for length in found[name]['shape'])}",
        key=f"maps_layer:{shown.run.id}",
        persist_state="session",
        help=help_with_terms(
            "layer", "Height x width x number of maps. The first layers find edges and colours, later ones whole parts."
        ),
    )
    with errors_shown():
        with st.spinner("Looking into the layer…"):
            told = worker.maps(shown, index, name)
        height, width, maps = told["shape"]
        kept = len(told["places"])
        words = (
            f"{name} turns the picture into {count(maps, 'map')} of {height} x {width} places. "
            f"{'All are' if kept == maps else f'The {kept} most active are'} shown, the most active first."
        )
        st.image(maps_mosaic(told["maps"]), alt=words, width="stretch")
        st.caption(f"{words} Yellow is high, dark violet low; each map is scaled by itself.")


def kernels(shown: Opened) -> None:
    """The weights of the convolutions."""
    st.subheader("Kernels", anchor=False, help=help_with_terms("kernels"))
    with errors_shown():
        found = {each["layer"]: each for each in worker.kernels(shown)}
        if not found:
            st.write("This network has no convolution, so it has no kernels.")
            return
        name = st.selectbox(
            "Convolution",
            list(found),
            key=f"kernels_layer:{shown.run.id}",
            persist_state="session",
            help=help_with_terms(
                "convolution", "A kernel is the small pattern that a filter looks for everywhere in what reaches it."
            ),
        )
        told = found[name]
        height, width, inputs, filters = told["shape"]
        shown_here = len(told["kernels"])
        words = (
            f"{name} has {count(filters, 'filter')} of {height} x {width} weights for each of {count(inputs, 'map')}"
        )
        if inputs in (1, 3):
            words = f"{name} looks for {count(filters, 'pattern')} of {height} x {width} pixels"
        words += "." if shown_here == filters else f"; the first {shown_here} are shown."
        if told["inputs"]:
            words += " Of each filter the kernel that weighs most is shown."
        st.image(kernels_mosaic(told["kernels"]), alt=words, width="content")
        meaning = "Grey is a weight of 0; lighter counts for, darker against."
        if inputs == 3:
            meaning = "A pattern in colours: grey is a weight of 0, a colour counts for itself, its opposite against."
        st.caption(f"{words} {meaning} Each is scaled by itself.")
