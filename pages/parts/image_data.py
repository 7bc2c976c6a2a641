"""The pictures as understood, by class; findings; what may be changed."""

from __future__ import annotations

import streamlit as st

from core.spec import ImageConfig


def image_data_page(config: ImageConfig) -> None:
    """The page Data for a draft on pictures."""
    st.title(config.data.source.name)
