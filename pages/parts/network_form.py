"""What choosing a network for tables and for pictures has in common: presets, regularization, training, the button."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import streamlit as st

from core.spec import LOSSES, AnyConfig, ImageConfig
from pages.parts.form import all_settings, field, field_info, fields
from pages.parts.launch import train_now
from pages.parts.session import errors_shown
from pages.parts.terms import help_with_terms

TRAINING = ["learning_rate", "optimizer", "batch_size", "epochs", "early_stopping", "patience", "class_weights", "seed"]


def train_button(config: AnyConfig, ready: bool = True) -> None:
    """Starts the training with what is chosen."""
    if st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not ready,
        help=help_with_terms("training", "Starts the training in the background."),
    ):
        with errors_shown():
            train_now(config)


def presets(config: AnyConfig, words: str, choose: Callable[[str], None]) -> None:
    """The presets, with ``words`` on the chosen one; ``choose`` gets another one's name."""
    info = field_info("network.preset", type(config))
    options = cast(dict, info.json_schema_extra)["options"]
    st.session_state["preset"] = config.network.preset
    st.segmented_control(
        str(info.title),
        list(options),
        format_func=options.__getitem__,
        key="preset",
        on_change=lambda: choose(st.session_state["preset"]),
        required=True,
        help=help_with_terms(str(info.title), info.description or ""),
    )
    st.caption(words)


def regularization(config: AnyConfig) -> None:
    """L1, L2 and dropout."""
    with st.container(border=True):
        st.subheader("Against memorising (regularization)", help=help_with_terms("memorising, regularization"))
        field(config, "network.regularization.kernel_regularizer")
        kind = config.network.regularization.kernel_regularizer
        for name in ("l1", "l2"):
            if name in kind.split("_"):
                field(config, f"network.regularization.{name}")
        field(config, "network.regularization.dropout")
        if isinstance(config, ImageConfig) and config.network.backbone == "none":
            st.caption("This dropout acts after each pooling layer and each dense layer.")


def training(config: AnyConfig) -> None:
    """Loss, learning rate, epochs and what else there is."""
    with st.container(border=True):
        st.subheader("How it learns")
        if len(LOSSES[config.data.task]) > 1:
            field(config, "training.loss", only=list(LOSSES[config.data.task]))
        names = [name for name in TRAINING if name != "patience" or config.training.early_stopping]
        names = [name for name in names if name != "class_weights" or config.data.task != "regression"]
        fields(config, [f"training.{name}" for name in names])
        if not all_settings():
            st.caption("Batch size, optimizer, seed and more: turn on All settings in the sidebar.")
        elif not isinstance(config, ImageConfig):
            field(config, "network.output_initializer")
