"""What terms mean, as help beside the words in which they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

import streamlit as st

from core.glossary import Term, terms_in
from pages.parts.course import GLOSSARY, LESSONS

SHORT = 3
LINKS = {lesson.key: f"[{lesson.title}]({lesson.address})" for lesson in LESSONS}


def help_with_terms(words: str, help: str = "", options: Iterable[str] = ()) -> str:
    """Help of a widget, a heading or a text: its own sentence, then what the terms in its words mean.

    Terms of the sentence itself and of the options are links to the Glossary, so that the help stays short.

    Args:
        words: Its label, or the terms in it. Never text from data: a column may be called "weight".
        help: Its own sentence.
        options: What can be chosen there.
    """
    there = terms_in(words)
    named = [term for term in there if not _says(help, term)]
    further = [term for term in terms_in(". ".join([help, *options])) if term not in there]
    lessons = dict.fromkeys(_lesson(term) for term in there if term not in named)
    told = set(map(_lesson, named))
    parts = [help + "".join(lesson for lesson in lessons if lesson not in told)] if help else []
    parts += [_told(term) for term in named]
    if further:
        parts.append(f"In the Glossary: {', '.join(map(_link, further))}.")
    return "\n\n".join(parts)


def help_among(text: str, vocabulary: Iterable[Term]) -> str:
    """What the terms of a text mean that are in a vocabulary; for texts with names from data, which are no terms."""
    return help_with_terms(", ".join(term.name for term in terms_in(text) if term in vocabulary))


def words_of(text: str) -> None:
    """A button that opens what the terms of a text mean; nothing where there are none. Never text from data."""
    found = terms_in(text)
    if found:
        with st.popover("The terms here", icon=f":material/{GLOSSARY.icon}:", type="tertiary"):
            st.markdown(definitions(found))


def definitions(terms: Iterable[Term], others: bool = False) -> str:
    """What terms mean, a paragraph each, as Markdown; with their other names if these are wanted."""
    return "\n\n".join(_told(term, others) for term in terms)


def _told(term: Term, others: bool = False) -> str:
    also = f" (also {', '.join(term.also)})" if others and term.also else ""
    return f"**{term.title}**{also}: {term.means}{_lesson(term)}"


def _lesson(term: Term) -> str:
    """A link to its lesson; none on the page of that lesson, and none where there is no such page."""
    lesson = LINKS.get(term.lesson)
    here = (st.context.url or "").rstrip("/").endswith(f"/learn_{term.lesson}")
    return "" if lesson is None or here else f" Try it: {lesson}"


def _says(help: str, term: Term) -> bool:
    """Whether a sentence says most of what the term means, so that it need not be said again."""
    words = [word for word in re.findall(r"\w+", term.means.casefold()) if len(word) > SHORT]
    known = set(re.findall(r"\w+", help.casefold()))
    return sum(word in known for word in words) > len(words) / 2


def _link(term: Term) -> str:
    return f"[{term.name}]({GLOSSARY.address}?term={quote(term.name)})"
