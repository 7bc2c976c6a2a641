"""Data: is it fit for learning?"""

from __future__ import annotations

import streamlit as st

from core.data.table import Table
from core.errors import UserError
from core.spec import ImageConfig, RunConfig
from pages.parts.data_change import fulfil, undo_offer
from pages.parts.data_columns import column_uses, uses_words
from pages.parts.data_findings import finding_cards
from pages.parts.data_join import joining, joining_words
from pages.parts.data_reading import reading, reading_words
from pages.parts.data_sections import section
from pages.parts.data_split import splitting, splitting_words
from pages.parts.data_start import other_data, understood, what_and_on
from pages.parts.data_state import Prospect, prospect, whole_table
from pages.parts.data_table import notes, table_and_chart
from pages.parts.image_data import image_data_page
from pages.parts.session import draft, errors_shown, show_error


def empty() -> None:
    """Nothing was chosen yet."""
    st.title("Data", anchor=False)
    st.write(
        "Start with a table: one row for each student, patient or sample, one column for each thing you know about "
        "them, and one column with the answer. Or with pictures: a zip or a folder, with a folder for each class."
    )
    other_data("start")


def lost(error: UserError) -> None:
    """The draft's file cannot be read any more."""
    st.title("Data", anchor=False)
    show_error(error)
    st.write("Your settings are kept. Give the file again, or start with other data.")
    other_data("start")


def page(config: RunConfig) -> None:
    """The whole page for a draft."""
    try:
        with st.spinner("Opening the table…"):
            table, found = whole_table(config.data), prospect(config.data)
    except UserError as error:
        lost(error)
        return
    understood(table, config.data, found)
    what_and_on(config, table, found)
    undo_offer(config)
    table_and_chart(config.data)
    notes(table)
    # Checking 20,000 columns takes a moment: everything else is drawn before it.
    checks = st.container()
    _sections(config, table, found)
    with checks, errors_shown():
        finding_cards(config.data)


def _sections(config: RunConfig, table: Table, found: Prospect) -> None:
    """What unfolds; each line says what was chosen, and its inside is drawn only while it is open."""
    data = config.data
    section("read", reading_words(data.source), "description", lambda: reading(data.source))
    section("join", joining_words(data), "join_inner", lambda: joining(data), not data.target)
    section("columns", uses_words(data), "view_column", lambda: column_uses(table, data))
    section("split", splitting_words(found), "call_split", lambda: splitting(config, found))
    section("other", "Use other data", "upload_file", lambda: other_data("other"))


fulfil()
current = draft()
if current is None:
    empty()
elif isinstance(current, ImageConfig):
    image_data_page(current)
else:
    page(current)
