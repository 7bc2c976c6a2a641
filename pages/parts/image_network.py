"""A network for pictures: presets, layers, augmentation, training."""

from __future__ import annotations

from typing import cast

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count
from core.image_proposal import with_image_preset
from core.network.image_shapes import Growth, grown
from core.network.pretrained import PRETRAINED
from core.spec import LOSSES, ImageConfig
from core.spec.network import ImageNetworkSpec
from pages.parts.form import all_settings, field, field_info, fields
from pages.parts.image_network_layers import own_layers
from pages.parts.image_network_picture import image_picture
from pages.parts.image_network_transfer import transfer_settings
from pages.parts.image_network_varied import augmentation
from pages.parts.launch import train_now
from pages.parts.session import draft, errors_shown, keep, remember_error, show_error
from pages.parts.tables import images_of, pictures_of

TRAINING = ["learning_rate", "optimizer", "batch_size", "epochs", "early_stopping", "patience", "class_weights", "seed"]


def image_network_page(config: ImageConfig) -> None:
    """The page Network for a draft on pictures."""
    try:
        counts = pictures_of(config)
    except UserError as error:
        st.title("The pictures are not ready yet")
        show_error(error)
        st.page_link("data.py", label="Back to Data", icon=":material/photo_library:")
        return
    classes = counts[-1]
    growth = grown(config.network, config.training.loss, config.data.shape, classes)
    _head(config, growth, classes)
    _presets(config)
    image_picture(growth)
    left, right = st.columns(2, gap="medium")
    own, transfer = config.network.preset == "custom", config.network.backbone != "none"
    with left:
        if own or transfer:
            transfer_settings(config)
        if own:
            own_layers(config, growth)
        if not own and not transfer:
            _regularization(config)
    with right:
        if own or transfer:
            _regularization(config)
        _training(config)
    augmentation(config)


def _head(config: ImageConfig, growth: Growth, classes: int) -> None:
    st.title("What will learn")
    _sentence(config, classes)
    if st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        disabled=growth.error is not None,
        help="Starts the training in the background.",
    ):
        with errors_shown():
            train_now(config)
    if growth.error is not None and config.network.preset == "custom":
        where = f"layer {growth.number}" if growth.number else "the end of your layers"
        st.caption(f"Training can start as soon as the layers fit together: see {where} below. Nothing is lost.")
    elif growth.error is not None:
        show_error(growth.error)


def _sentence(config: ImageConfig, classes: int) -> None:
    backbone, data = config.network.backbone, config.data
    what = "A convolutional network (CNN)" if backbone == "none" else PRETRAINED[backbone].title
    color = "in colour" if data.color == "rgb" else "in grey"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{what} that tells {count(classes, 'class', 'classes')} apart, from pictures of {data.size} x {data.size} "
            f"pixels {color}.",
            width="content",
        )
        st.page_link("data.py", label="Change size or colour", icon=":material/aspect_ratio:")


def _presets(config: ImageConfig) -> None:
    info = field_info("network.preset", ImageConfig)
    options = cast(dict, info.json_schema_extra)["options"]
    st.session_state["preset"] = config.network.preset
    st.segmented_control(
        str(info.title),
        list(options),
        format_func=options.__getitem__,
        key="preset",
        on_change=_choose,
        required=True,
        help=info.description,
    )
    st.caption(preset_words(config.network))


def _choose() -> None:
    config = draft()
    if not isinstance(config, ImageConfig):
        return
    try:
        keep(with_image_preset(config, st.session_state["preset"], images_of(config.data.source)))
    except UserError as error:
        remember_error(error)


def preset_words(network: ImageNetworkSpec) -> str:
    """What a preset is for."""
    return {
        "small_cnn": "One convolution a level: quick, and right for drawings, digits and small pictures.",
        "medium_cnn": "Two convolutions a level with batch normalization, for thousands of pictures. It takes several "
        "times as long.",
        "transfer": "A network that has seen 1.2 million photos describes each picture, and a small one learns from "
        "that: best for photos, even with few of them, and quick to train.",
        "custom": "Your own layers, from top to bottom.",
    }[network.preset]


def _regularization(config: ImageConfig) -> None:
    with st.container(border=True):
        st.subheader("Against memorising (regularization)")
        field(config, "network.regularization.kernel_regularizer")
        kind = config.network.regularization.kernel_regularizer
        for name in ("l1", "l2"):
            if name in kind.split("_"):
                field(config, f"network.regularization.{name}")
        field(config, "network.regularization.dropout")
        if config.network.backbone == "none":
            st.caption("This dropout acts after each pooling layer and each dense layer.")


def _training(config: ImageConfig) -> None:
    with st.container(border=True):
        st.subheader("How it learns")
        if len(LOSSES[config.data.task]) > 1:
            field(config, "training.loss", only=list(LOSSES[config.data.task]))
        names = [name for name in TRAINING if name != "patience" or config.training.early_stopping]
        fields(config, [f"training.{name}" for name in names])
        if not all_settings():
            st.caption("Batch size, optimizer, seed and more: turn on All settings in the sidebar.")
