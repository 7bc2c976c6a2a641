"""The pictures that a finding is about, to look at and to mend."""

from __future__ import annotations

import streamlit as st

from core.data.finding import Finding
from core.evaluation.words import count
from core.spec import ImageConfig
from pages.parts.image_data_state import Album
from pages.parts.image_gallery_cells import cells, pager, redraw_if_wanted
from pages.parts.image_gallery_ticked import ticked_actions
from pages.parts.session import plain

AT_ONCE = 32


def show_found(config: ImageConfig, pictures: Album, finding: Finding) -> None:
    """A button that opens the pictures of a finding, if it is about single ones."""
    if not finding.columns:
        return
    if st.button(
        f"Show {count(len(finding.columns), 'picture')}",
        key=f"found:{finding.kind}",
        icon=":material/photo_library:",
        type="tertiary",
        width="stretch",
        help="Opens them side by side, copies beside each other.",
    ):
        _found(config, pictures, finding)


@st.dialog("Pictures", width="large")
def _found(config: ImageConfig, pictures: Album, finding: Finding) -> None:
    redraw_if_wanted()
    st.markdown(f"**{plain(finding.title)}**")
    places = pictures.places(finding.columns)
    page = pager(len(places), AT_ONCE, f"found:page:{finding.kind}", "pictures")
    ticked_actions(pictures, places[page], key="found", among=finding.columns)
    cells(config, pictures, places[page], "found", captions=True, opens=False)
