"""What unfolds on Data; each line says what was chosen, and its inside is drawn only while it is open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts.data_change import show_problem
from pages.parts.session import errors_shown


def section(name: str, words: str, icon: str, draw: Callable[[], None], opened_at_first: bool = False) -> None:
    """One of them.

    Args:
        name: Stays the same while the words change.
        words: What was chosen, in one line.
        icon: Name of a Material symbol.
        draw: Draws the inside.
        opened_at_first: Whether it is open until someone closes it.
    """
    # The words change with the choices, which would close it: what is open is remembered apart.
    key, opened = f"data:section:{name}", f"data:open:{name}"

    def remember() -> None:
        st.session_state[opened] = st.session_state[key]

    if opened_at_first:
        st.session_state.setdefault(opened, True)
    st.session_state[key] = bool(st.session_state.get(opened))
    shown = st.expander(words, icon=f":material/{icon}:", key=key, on_change=remember)
    if shown.open:
        with shown, errors_shown():
            show_problem(name)
            draw()
