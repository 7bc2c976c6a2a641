"""What will learn, and how is it held back from memorising?"""

from __future__ import annotations

import streamlit as st

from core.data.table import Table
from core.errors import UserError
from core.proposal import with_preset
from core.spec import ImageConfig, RunConfig
from core.spec.network import NetworkSpec
from pages.parts.image_network import image_network_page
from pages.parts.layers import layers_editor
from pages.parts.network_form import presets, regularization, train_button, training
from pages.parts.network_picture import picture
from pages.parts.session import draft, errors_shown, keep, plain, show_error
from pages.parts.tables import shape_of, table_of
from pages.parts.terms import help_with_terms


def page() -> None:
    """Picture and presets first, regularization beside them, then the training."""
    config = draft()
    if config is None:
        st.title("First choose the data")
        st.write("The network follows from the table or the pictures: what goes in, and which answer comes out.")
        st.page_link("home.py", label="Choose data", icon=":material/upload_file:")
        return
    if isinstance(config, ImageConfig):
        image_network_page(config)
        return
    try:
        table = table_of(config.data)
        shape = shape_of(config.data)
    except UserError as error:
        st.title("The data are not ready yet")
        show_error(error)
        st.page_link("data.py", label="Back to Data", icon=":material/table_chart:")
        return
    _head(config, shape.inputs)
    left, right = st.columns(2, gap="medium")
    with left:
        picture(config, shape.inputs, shape.classes)
        presets(config, preset_words(config.network), lambda preset: _choose(config, preset, table))
        if config.network.preset == "custom":
            layers_editor(config)
    with right:
        regularization(config)
        training(config)


def _head(config: RunConfig, inputs: int) -> None:
    st.title("What will learn")
    st.markdown(
        f"A dense network (ANN) that predicts **{plain(config.data.target[:80])}** from {inputs:,} inputs.",
        help=help_with_terms("dense network, ANN, inputs"),
    )
    train_button(config)


def _choose(config: RunConfig, preset: str, table: Table) -> None:
    with errors_shown():
        keep(with_preset(config, preset, table))


def preset_words(network: NetworkSpec) -> str:
    """What a preset is for."""
    return {
        "small": "Few neurons: quick, and hard to fool on a few hundred rows.",
        "medium": "More neurons, for tables with thousands of rows.",
        "wide": "For more columns than rows, such as gene expression: strongly held back, so that it rarely does worse "
        "than the average answer.",
        "custom": "Your own layers, from top to bottom.",
    }[network.preset]


page()
