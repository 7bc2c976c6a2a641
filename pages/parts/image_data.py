"""The pictures as understood, by class; findings; what may be changed."""

from __future__ import annotations

import streamlit as st

from core.data.finding import Finding
from core.errors import UserError
from core.spec import ImageConfig
from pages.parts.data_findings import all_cards
from pages.parts.data_sections import section
from pages.parts.data_start import other_data
from pages.parts.image_data_change import set_image_remedy, undo_here
from pages.parts.image_data_facts import class_chart, files_words, pictures_files, understood
from pages.parts.image_data_found import show_found
from pages.parts.image_data_numbers import numbers_section
from pages.parts.image_data_size import size_and_colour
from pages.parts.image_data_split import image_splitting, image_splitting_words
from pages.parts.image_data_state import Album, ImageProspect, album, image_prospect, known_image_findings
from pages.parts.image_gallery import gallery
from pages.parts.launch import ways_on
from pages.parts.session import errors_shown, plain, show_error


def image_data_page(config: ImageConfig) -> None:
    """The page Data for a draft on pictures."""
    try:
        with st.spinner("Opening the pictures…"):
            pictures, found = album(config.data), image_prospect(config.data)
    except UserError as error:
        _lost(error)
        return
    understood(config, pictures)
    train, network, _ = st.columns([1.55, 2.35, 5.4])
    ways_on(config, train, network, found.error is None)
    if found.error is not None:
        show_error(found.error)
    undo_here(config, "top")
    gallery(config)
    for note in pictures.image_set.notes:
        st.caption(f":material/info: {plain(note)}")
    checks = st.container()
    chart, network = st.columns([1, 1.25], gap="medium")
    with chart, st.container(border=True, height="stretch"):
        class_chart(pictures)
    with network, st.container(border=True, height="stretch"):
        size_and_colour(config, pictures)
    _sections(config, pictures, found)
    with checks, errors_shown():
        _findings(config, pictures)


def _lost(error: UserError) -> None:
    """The draft's zip cannot be read any more."""
    st.title("Data", anchor=False)
    show_error(error)
    st.write("Your settings are kept. Give the pictures again, or start with other data.")
    other_data("start")


def _findings(config: ImageConfig, pictures: Album) -> None:
    st.subheader("What to know about these pictures", anchor=False)
    with st.spinner("Checking every picture…"):
        found = known_image_findings(config.data)

    def beside(finding: Finding) -> None:
        show_found(config, pictures, finding)

    all_cards(found, set_image_remedy, beside)


def _sections(config: ImageConfig, pictures: Album, found: ImageProspect) -> None:
    """What unfolds; each line says what was chosen."""
    section("numbers", "Images are numbers", "grid_on", lambda: numbers_section(config, pictures))
    section("files", files_words(pictures), "photo_library", lambda: pictures_files(pictures))
    section("image_split", image_splitting_words(found), "call_split", lambda: image_splitting(config, found))
    section("other", "Use other data", "upload_file", lambda: other_data("other"))
