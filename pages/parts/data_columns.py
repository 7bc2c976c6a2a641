"""What each column is used for: the row's name, groups, left out; and what is done with gaps, copies and scales."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.data.table import Table
from core.spec import DataSpec
from pages.parts.data_change import set_data, want
from pages.parts.data_pick import MANY, MATCHES, column_choice, labels, option_choice, search_field, short
from pages.parts.form import field_info
from pages.parts.session import plain

NONE = "none"


def uses_words(data: DataSpec) -> str:
    """The uses of columns in one line."""
    named = [(data.id_column, "names the rows"), (data.group_column, "groups them")]
    parts = [f"{plain(short(name, 30))} {words}" for name, words in named if name]
    left_out = f"{len(data.drop):,} left out" if data.drop else "none left out"
    return f"Columns: {', '.join([*parts, left_out])}"


def column_uses(table: Table, data: DataSpec) -> None:
    """Id, group, left out; then missing values, duplicates and scaling."""
    left, right = st.columns(2)
    with left:
        _single("id_column", table, data)
    with right:
        _single("group_column", table, data)
    _left_out(table, data)
    for place, name in zip(st.columns(3), ("missing_values", "duplicate_rows", "scaling"), strict=True):
        with place:
            _field(name, data)


def _single(name: str, table: Table, data: DataSpec) -> None:
    info, key = field_info(f"data.{name}"), f"data:{name}"
    column_choice(
        str(info.title),
        [column for column in table.names if column != data.target],
        getattr(data, name) or "",
        key,
        lambda: want(set_data(**{name: st.session_state[key] or None})),
        help=str(info.description),
        none=NONE,
    )


def _field(name: str, data: DataSpec) -> None:
    path = key = f"data.{name}"
    option_choice(path, getattr(data, name), key, lambda: want(set_data(**{name: st.session_state[key]})))


def _left_out(table: Table, data: DataSpec) -> None:
    if len(table.names) <= MANY:
        _few(table, data)
    else:
        _many(table, data)


def _few(table: Table, data: DataSpec) -> None:
    info, key = field_info("data.drop"), "data:drop"
    names = [name for name in table.names if name != data.target]
    st.session_state[key] = list(data.drop)
    st.multiselect(
        str(info.title),
        names,
        key=key,
        format_func=labels(names).__getitem__,
        help=info.description,
        placeholder="nothing is left out",
        on_change=lambda: want(set_data(drop=_ordered(table, st.session_state[key]))),
    )


def _many(table: Table, data: DataSpec) -> None:
    """Two fields: one takes columns out, one puts them back."""
    info, out = field_info("data.drop"), set(data.drop)
    st.markdown(f"**{info.title}**: {len(out):,} of {len(table.names):,} columns.", help=info.description)
    names = [name for name in table.names if name not in out and name != data.target]
    found = search_field(names, "data:take_out")
    shown = found[:MATCHES]
    picked = st.multiselect(
        "Columns to leave out",
        shown,
        format_func=labels(shown).__getitem__,
        key=f"data:take_out:{len(out)}",
        placeholder=f"{len(found):,} columns match; the first {len(shown):,} are listed",
        help="Choose columns here, then leave them out.",
    )
    with st.container(horizontal=True):
        _button("Leave these out", table, out.union(picked), "leaving out columns", off=not picked)
        narrowed = len(found) < len(names)
        words = f"Leave out all {len(found):,} that match"
        _button(words, table, out.union(found), "leaving out columns", off=not narrowed or not found)
    if out:
        _put_back(table, data)


def _put_back(table: Table, data: DataSpec) -> None:
    out, shown = set(data.drop), list(data.drop[:MATCHES])
    back = st.multiselect(
        "Columns to put back",
        shown,
        format_func=labels(shown).__getitem__,
        key=f"data:put_back:{len(out)}",
        placeholder=f"{len(out):,} columns are left out",
        help="Choose columns here, then put them back.",
    )
    with st.container(horizontal=True):
        _button("Put these back", table, out.difference(back), "putting back columns", off=not back)
        _button(f"Put back all {len(out):,}", table, set(), "putting back columns", off=False)


def _button(label: str, table: Table, out: set[str], done: str, *, off: bool) -> None:
    change = set_data(drop=_ordered(table, out))
    st.button(label, key=f"data:drop:{label.split(',')[0][:14]}", on_click=want, args=(change, done), disabled=off)


def _ordered(table: Table, chosen: Sequence[str] | set[str]) -> tuple[str, ...]:
    """The chosen names in file order."""
    wanted = set(chosen)
    return tuple(name for name in table.names if name in wanted)
