"""What does this word mean?"""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from core.glossary import TERMS, Term, search
from pages.parts.course import LESSONS
from pages.parts.session import plain
from pages.parts.terms import definitions

ALL = ""
_ASKED, _LESSON = "glossary:asked", "glossary:lesson"


def page() -> None:
    """A field to search in, and the terms in the order of the alphabet."""
    st.title("Glossary")
    st.write(
        f"The {len(TERMS)} terms that Muffin uses, in plain words. They also stand in the help beside each control, "
        "which its question mark opens."
    )
    # An address may name a term; what is typed afterwards counts, so it is taken from there once.
    if (named := st.query_params.get("term")) is not None:
        st.session_state[_ASKED], st.session_state[_LESSON] = named, ALL
        del st.query_params["term"]
    _found()


@st.fragment
def _found() -> None:
    left, right = st.columns([2, 1])
    asked = left.text_input(
        "Search",
        key=_ASKED,
        placeholder="loss, overfitting, CNN …",
        help="Looks through names, other names and meanings. Press Enter.",
    )
    titles = {ALL: "all pages", **{lesson.key: lesson.title for lesson in LESSONS}}
    lesson = right.selectbox(
        "Page of Learn",
        list(titles),
        format_func=titles.__getitem__,
        key=_LESSON,
        help="Only the terms that this page explains.",
    )
    terms = [term for term in search(asked) if lesson in (ALL, term.lesson)]
    if not terms:
        st.info(f"No term matches “{plain(asked[:60])}” here. Try a part of the word, or another page.")
    elif asked.strip():
        _list(terms)
    else:
        for letter, of_letter in groupby(terms, key=lambda term: term.title[0]):
            st.subheader(letter, anchor=False)
            _list(list(of_letter))


def _list(terms: list[Term]) -> None:
    st.markdown(definitions(terms, others=True))


page()
