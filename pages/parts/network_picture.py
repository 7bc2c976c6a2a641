"""The picture of the network: a column of neurons a layer, with shapes and parameter counts."""

from __future__ import annotations

import streamlit as st

from core.network.picture import in_words, svg
from core.network.picture import to_learn as to_learn
from core.network.shapes import layer_shapes
from core.spec import RunConfig
from pages.parts.results_draw import ink
from pages.parts.terms import help_with_terms


def picture(config: RunConfig, inputs: int, classes: int) -> None:
    """Draw it, with a sentence for those who do not see it. Nothing in it comes from data but numbers."""
    shapes = layer_shapes(config.network, config.training.loss, inputs, classes)
    words = f"{to_learn(shapes)}. {in_words(shapes)}"
    with st.container(border=True, key="network_picture"):
        st.image(svg(shapes, ink()), width="stretch")
        st.caption(words, help=help_with_terms(words))
