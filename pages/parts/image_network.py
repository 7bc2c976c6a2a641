"""A network for pictures: presets, layers, augmentation, training."""

from __future__ import annotations

import streamlit as st

from core.spec import ImageConfig


def image_network_page(config: ImageConfig) -> None:
    """The page Network for a draft on pictures."""
    st.title(config.data.source.name)
