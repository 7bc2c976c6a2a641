"""How pictures are divided: the shares, or the zip's own folders, and the pictures that come of them."""

from __future__ import annotations

import streamlit as st

from core.spec import ImageConfig
from pages.parts.data_split import split_bar
from pages.parts.form import draw, field_info, fields
from pages.parts.image_data_change import set_images, wanted
from pages.parts.image_data_state import ImageProspect
from pages.parts.session import plain

TOGETHER = (
    "Copies and near copies of a picture always stay on one side: a network that is tested on what it has seen looks "
    "better than it is."
)


def image_splitting_words(found: ImageProspect) -> str:
    """The split in one line."""
    if found.problem is not None:
        return "Split: train, validation, sealed test"
    train, validation, test = found.parts
    sealed = f"{test:,} sealed for the test" if test else "none sealed for a test"
    return f"Split: {train:,} pictures to train, {validation:,} to validate, {sealed}"


def image_splitting(config: ImageConfig, found: ImageProspect) -> None:
    """The shares, and a bar of the pictures."""
    data = config.data
    for name in ("folders_as_parts", "duplicates"):
        _choice(config, name)
    shares = ["validation"] if data.folders_as_parts else ["validation", "test"]
    fields(config, [f"data.split.{name}" for name in (*shares, "stratify", "seed")])
    if found.problem is None:
        chart = split_bar(found.parts, "picture")
        st.plotly_chart(chart.figure, key="data:split_bar", config={"displayModeBar": False})
        st.caption(plain(chart.sentence))
    st.caption(TOGETHER)


def _choice(config: ImageConfig, name: str) -> None:
    key, value = f"data:{name}", getattr(config.data, name)
    st.session_state[key] = value

    def chosen() -> None:
        wanted(set_images(**{name: st.session_state[key]}), "changed how pictures are divided")

    draw(field_info(f"data.{name}", ImageConfig), key, chosen, value)
