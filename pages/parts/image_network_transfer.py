"""Transfer learning: which pretrained network, whether its weights are here, and how much of it goes on learning."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from core.network.pretrained import OFFLINE, PRETRAINED
from core.network.weights_file import FOLDER, weights_here
from core.spec import ImageConfig
from core.spec.network import Backbone
from pages.parts.form import field
from pages.parts.terms import help_with_terms


def transfer_settings(config: ImageConfig) -> None:
    """Drawn for the preset, and for one's own layers, where it may be none."""
    network = config.network
    own = network.preset == "custom"
    with st.container(border=True):
        st.subheader(
            "Learning from a network that has seen more (transfer learning)", help=help_with_terms("transfer learning")
        )
        names = list(get_args(Backbone))
        field(config, "network.backbone", only=names if own else names[1:])
        if network.backbone == "none":
            return
        about(network.backbone)
        with st.expander("Let its last blocks learn too (fine-tuning)", expanded=network.fine_tune_blocks > 0):
            st.caption(
                "First only your own layers learn. Then the last blocks of the pretrained network go on from what they "
                "know, in small steps. It takes much longer, and helps most where the pictures look unlike photos.",
                help=help_with_terms("fine-tuning"),
            )
            field(config, "network.fine_tune_blocks")
            if network.fine_tune_blocks:
                field(config, "network.fine_tune_learning_rate")


def about(backbone: str) -> None:
    """What it is, and what is missing before it can be used."""
    network = PRETRAINED[backbone]
    st.caption(
        f"{network.title} was trained on 1.2 million photos (ImageNet). It turns each picture into "
        f"{network.features:,} numbers, from which your layers learn.",
        help=help_with_terms("ImageNet, pretrained"),
    )
    if backbone == OFFLINE or weights_here(network) is not None:
        return
    st.warning(
        f"The weights of {network.title} ({network.megabytes} MB) are not on this machine yet. Training fetches them "
        f"from Keras' server. Without internet, choose {PRETRAINED[OFFLINE].title}, or put the file "
        f"`{network.file}` into a folder and start Muffin with `{FOLDER}` set to that folder.",
        icon=":material/cloud_download:",
    )
