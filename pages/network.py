"""What will learn, and how is it held back from memorising?"""

from __future__ import annotations

from typing import cast

import streamlit as st

from core.data.table import Table
from core.errors import UserError
from core.proposal import with_preset
from core.spec import LOSSES, ImageConfig, RunConfig
from core.spec.network import NetworkSpec
from pages.parts.form import all_settings, field, field_info, fields
from pages.parts.image_network import image_network_page
from pages.parts.launch import train_now
from pages.parts.layers import layers_editor
from pages.parts.network_picture import picture
from pages.parts.session import draft, errors_shown, keep, plain, show_error
from pages.parts.tables import shape_of, table_of

TRAINING = ["learning_rate", "optimizer", "batch_size", "epochs", "early_stopping", "patience", "class_weights", "seed"]


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
        _presets(config, table)
        if config.network.preset == "custom":
            layers_editor(config)
    with right:
        _regularization(config)
        _training(config)


def _head(config: RunConfig, inputs: int) -> None:
    st.title("What will learn")
    st.write(f"A dense network (ANN) that predicts **{plain(config.data.target[:80])}** from {inputs:,} inputs.")
    if st.button("Train", type="primary", icon=":material/play_arrow:", help="Starts the training in the background."):
        with errors_shown():
            train_now(config)


def _presets(config: RunConfig, table: Table) -> None:
    info = field_info("network.preset")
    options = cast(dict, info.json_schema_extra)["options"]
    st.session_state["preset"] = config.network.preset

    def choose() -> None:
        with errors_shown():
            keep(with_preset(config, st.session_state["preset"], table))

    st.segmented_control(
        str(info.title),
        list(options),
        format_func=options.__getitem__,
        key="preset",
        on_change=choose,
        required=True,
        help=info.description,
    )
    st.caption(preset_words(config.network))


def preset_words(network: NetworkSpec) -> str:
    """What a preset is for."""
    return {
        "small": "Few neurons: quick, and hard to fool on a few hundred rows.",
        "medium": "More neurons, for tables with thousands of rows.",
        "wide": "For more columns than rows, such as gene expression: strongly held back, so that it rarely does worse "
        "than the average answer.",
        "custom": "Your own layers, from top to bottom.",
    }[network.preset]


def _regularization(config: RunConfig) -> None:
    with st.container(border=True):
        st.subheader("Against memorising (regularization)")
        field(config, "network.regularization.kernel_regularizer")
        kind = config.network.regularization.kernel_regularizer
        for name in ("l1", "l2"):
            if name in kind.split("_"):
                field(config, f"network.regularization.{name}")
        field(config, "network.regularization.dropout")


def _training(config: RunConfig) -> None:
    with st.container(border=True):
        st.subheader("How it learns")
        if len(LOSSES[config.data.task]) > 1:
            field(config, "training.loss", only=list(LOSSES[config.data.task]))
        names = [name for name in TRAINING if name != "patience" or config.training.early_stopping]
        names = [name for name in names if name != "class_weights" or config.data.task != "regression"]
        fields(config, [f"training.{name}" for name in names])
        if all_settings():
            field(config, "network.output_initializer")
        else:
            st.caption("Batch size, optimizer, seed and more: turn on All settings in the sidebar.")


page()
