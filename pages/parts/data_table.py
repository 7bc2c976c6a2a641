"""The table as understood: a slice of it, the target first, and how one column is spread."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.data.blocks import number_text
from core.data.profile import ColumnProfile, Profile
from core.data.table import Table
from core.data.target import class_texts, target_values
from core.evaluation.words import count, format_number
from core.spec import DataSpec
from pages.parts.charts import Chart, column_histogram
from pages.parts.data_pick import labels, matching, short
from pages.parts.data_state import known_columns, table_key, whole_table
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

MOST_ROWS = 50
MOST_COLUMNS = 30
MARK = "background-color: rgba(96, 103, 206, 0.16)"
NOTES_SHOWN = 3
ROW_KEY = "data:slice_row"


@st.fragment
def table_and_chart(data: DataSpec) -> None:
    """The slice, and beside it the target or the column that was clicked."""
    table, known = whole_table(data), known_columns(data)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        clicked = _slice(table, known, data)
    with right, st.container(border=True):
        name = clicked or data.target
        if name:
            chart = _chart(table, data, name)
            st.plotly_chart(chart.figure, key="data:chart", config={"displayModeBar": False})
            _said(chart)
        else:
            st.caption("Choose a target, or click the head of a column, to see how its values are spread.")


def _said(chart: Chart) -> None:
    """The chart's sentence, without what its title says already."""
    title = html.unescape(str(chart.figure.layout.title.text).replace("<br>", " "))
    rest = chart.sentence.removeprefix(title).strip(" .;")
    if rest:
        st.caption(plain(rest[0].upper() + rest[1:] + "."))


def notes(table: Table) -> None:
    """What the reader did, in its own sentences."""
    for note in table.notes[:NOTES_SHOWN]:
        st.caption(f":material/info: {plain(note)}")
    if len(table.notes) > NOTES_SHOWN:
        with st.expander(f"{len(table.notes) - NOTES_SHOWN:,} more notes about the reading"):
            for note in table.notes[NOTES_SHOWN:]:
                st.caption(plain(note))


def _slice(table: Table, known: Profile, data: DataSpec) -> str | None:
    """Draw the slice; returns the column that was clicked."""
    names, page = _columns(table, data)
    if not names:
        st.caption("No column has a name like that.")
        return None
    first = _first_row(table)
    frame = table.frame(slice(first, first + MOST_ROWS), names)
    places = [f"c{place}" for place in range(len(names))]
    frame.columns = pd.Index(places)
    frame.index = pd.Index(frame.index + 1, name="row")
    marked = frame.style.format(lambda value: _cell(value, table.numbers.dtype), na_rep="")
    if names[0] == data.target:
        marked = marked.map(lambda _: MARK, subset=["c0"])
    shown = labels(names)
    settings = {
        place: st.column_config.Column(
            f"{shown[name]}{_role(name, data)}",
            help=f"{plain(_words(known.column(name)))}\n\n{help_with_terms(_role(name, data))}",
        )
        for place, name in zip(places, names, strict=True)
    }
    event = st.dataframe(
        marked,
        column_config=settings,
        height=min(35 * (len(frame) + 1) + 3, 360),
        on_select="rerun",
        selection_mode="single-column",
        key=f"data:slice:{table_key(data)}:{data.target}:{page}:{first}",
    )
    _below(table, known, data)
    chosen = event.selection.columns
    return names[int(chosen[0][1:])] if chosen and chosen[0] in places else None


def _columns(table: Table, data: DataSpec) -> tuple[list[str], str]:
    """At most thirty columns, the target first, and what picked them."""
    ordered = [name for name in table.names if name != data.target]
    head = [data.target] if data.target in table.names else []
    if len(table.names) <= MOST_COLUMNS:
        return head + ordered, ""
    search, pager = st.columns([3, 2])
    typed = search.text_input(
        "Search columns", key=f"data:slice_search:{table_key(data)}", placeholder="part of a name"
    )
    found = matching(ordered, typed)
    width = MOST_COLUMNS - len(head)
    pages = max(1, -(-len(found) // width))
    page = int(pager.number_input(f"Columns, page of {pages:,}", 1, pages, key=f"data:slice_page:{pages}"))
    return head + found[(page - 1) * width : page * width] if found else [], f"{page}:{typed}"


def _first_row(table: Table) -> int:
    """What the field below the slice says."""
    return min(int(st.session_state.get(ROW_KEY) or 1), table.rows) - 1 if table.rows > MOST_ROWS else 0


def _below(table: Table, known: Profile, data: DataSpec) -> None:
    words, pager = st.columns([3, 1.4])
    words.caption(_summary(table, known, data))
    if table.rows > MOST_ROWS:
        st.session_state[ROW_KEY] = _first_row(table) + 1
        pager.number_input(f"From row (of {table.rows:,})", 1, table.rows, step=MOST_ROWS, key=ROW_KEY)


def _cell(value: Any, kind: np.dtype) -> str:
    """A cell as a person wrote it: 55, not 55.000000; ``kind`` is what numbers were kept as."""
    if not isinstance(value, float | np.floating):
        return str(value)
    readable = value == 0 or 1e-5 < abs(float(value)) < 1e15
    return number_text(kind.type(value)) if readable else f"{value:.6g}"


def _role(name: str, data: DataSpec) -> str:
    roles = {data.target: " (target)", data.id_column: " (id)", data.group_column: " (group)"}
    return roles.get(name, " (left out)" if name in data.drop else "")


def _words(column: ColumnProfile) -> str:
    missing = f"; {column.missing:,} missing" if column.missing else ""
    if column.kind == "text":
        frequent = ", ".join(short(text, 20) for text, _ in column.top[:3])
        return f"Text; {column.distinct:,} different: {frequent}{missing}"
    if column.minimum is None or column.maximum is None:
        return f"Number; no value{missing}"
    return f"Number; {format_number(column.minimum)} to {format_number(column.maximum)}{missing}"


def _summary(table: Table, known: Profile, data: DataSpec) -> str:
    numbers, texts = len(table.number_names), len(table.texts)
    missing = int(known.numbers.missing.sum()) + sum(column.missing for column in known.texts.values())
    parts = [f"{count(numbers, 'column')} of numbers, {texts:,} of texts"]
    parts.append(f"{missing:,} of {table.rows * len(table.names):,} cells missing" if missing else "nothing missing")
    if data.drop:
        parts.append(f"{len(data.drop):,} left out")
    return "; ".join(parts) + ". Click the head of a column to see how its values are spread."


def _chart(table: Table, data: DataSpec, name: str) -> Chart:
    if name != data.target or data.task == "regression" or name in table.texts:
        return column_histogram(table.column(name), name)
    values = target_values(table, name)
    found, codes = np.unique(values[~np.isnan(values)], return_inverse=True)
    texts = np.array(class_texts(table, name, found), dtype=object)
    cells = np.full(len(values), None, dtype=object)
    cells[~np.isnan(values)] = texts[codes]
    return column_histogram(cells, name)
