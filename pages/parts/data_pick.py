"""Lists to choose from: the options of a field, and columns by name, among three or among 20,000."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.parts.form import field_info
from pages.parts.labels import distinct

MANY = 300
MATCHES = 100
LENGTH = 60


def short(name: str, length: int = LENGTH) -> str:
    """A name on one line, cut in the middle, where names differ least."""
    line = " ".join(name[: 20 * length].split()) or "(blank)"
    return line if len(line) <= length else f"{line[: length - 12]}…{line[-11:]}"


def labels(names: Sequence[str]) -> dict[str, str]:
    """What each name looks like in a list; no two look the same."""
    once = list(dict.fromkeys(names))
    return dict(zip(once, distinct(short(name) for name in once), strict=True))


def matching(names: Sequence[str], search: str) -> list[str]:
    """Names that hold what was typed, in any case."""
    wanted = search.strip().casefold()
    return [name for name in names if wanted in name.casefold()] if wanted else list(names)


def search_field(names: Sequence[str], key: str) -> list[str]:
    """All names where they are few; else a field to type into, and the names that match."""
    if len(names) <= MANY:
        return list(names)
    typed = st.text_input(
        f"Search {len(names):,} columns",
        key=f"{key}:search",
        placeholder="part of a name",
        help="Type a part of a name; the list below then holds the columns that match.",
    )
    return matching(names, typed)


def column_choice(
    label: str, names: Sequence[str], value: str, key: str, on_change: Callable[[], None], *, help: str, none: str = ""
) -> None:
    """A list of one column; ``st.session_state[key]`` is its name, or ``""`` for what ``none`` calls it."""
    found: Sequence[str] = names
    if len(names) > MANY:
        found = search_field(names, key)[:MATCHES]
    if value and value not in found:
        found = [value, *found]
    options = [*([""] if none or not value else []), *found]
    shown = labels(found) | {"": none or "choose a column"}
    st.session_state[key] = value
    st.selectbox(label, options, key=key, format_func=shown.__getitem__, help=help, on_change=on_change)


def option_choice(path: str, value: str, key: str, on_change: Callable[[], None]) -> None:
    """The options of the field at ``path`` as a list; they are whole phrases, too long to stand side by side."""
    info = field_info(path)
    extra: Any = info.json_schema_extra
    shown = {option: words.replace(" classification)", ")") for option, words in extra["options"].items()}
    st.session_state[key] = value
    st.selectbox(
        str(info.title), list(shown), key=key, format_func=shown.__getitem__, help=info.description, on_change=on_change
    )
