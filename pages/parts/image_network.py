"""A network for pictures: presets, layers, augmentation, training."""

from __future__ import annotations

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count
from core.image_proposal import with_image_preset
from core.network.image_shapes import Growth, grown
from core.network.pretrained import PRETRAINED
from core.spec import ImageConfig
from core.spec.network import ImageNetworkSpec
from pages.parts.image_network_layers import own_layers
from pages.parts.image_network_picture import image_picture
from pages.parts.image_network_transfer import transfer_settings
from pages.parts.image_network_varied import augmentation
from pages.parts.network_form import presets, regularization, train_button, training
from pages.parts.session import draft, keep, remember_error, show_error
from pages.parts.tables import images_of, pictures_of
from pages.parts.terms import help_with_terms


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
    presets(config, preset_words(config.network), _choose)
    image_picture(growth)
    left, right = st.columns(2, gap="medium")
    own, transfer = config.network.preset == "custom", config.network.backbone != "none"
    with left:
        if own or transfer:
            transfer_settings(config)
        if own:
            own_layers(config, growth)
        if not own and not transfer:
            regularization(config)
    with right:
        if own or transfer:
            regularization(config)
        training(config)
    augmentation(config)


def _head(config: ImageConfig, growth: Growth, classes: int) -> None:
    st.title("What will learn")
    _sentence(config, classes)
    train_button(config, growth.error is None)
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
            help=help_with_terms(f"{what}, classes, pixels"),
        )
        st.page_link("data.py", label="Change size or colour", icon=":material/aspect_ratio:")


def _choose(preset: str) -> None:
    config = draft()
    if not isinstance(config, ImageConfig):
        return
    try:
        keep(with_image_preset(config, preset, images_of(config.data.source)))
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
