"""How a file was read: what was detected, the first cells that come of it, and every way to read it otherwise."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from core.spec import MISSING_MARKERS, TableFormat, TableSource
from pages.parts.data_change import read_again, read_as_detected, want
from pages.parts.data_pick import labels, option_choice, short
from pages.parts.data_state import detected, first_cells, sheet_names
from pages.parts.form import draw, field_info
from pages.parts.session import errors_shown, plain

FIELDS: dict[str, list[list[str]]] = {
    "text": [["delimiter", "decimal", "encoding"], ["header", "transpose"]],
    "excel": [["header", "transpose"]],
    "parquet": [["transpose"]],
}
KIND_WORDS = {"text": "a text table (CSV and its relatives)", "excel": "a spreadsheet", "parquet": "a Parquet file"}
DONE = "reading the file another way"


def reading_words(source: TableSource) -> str:
    """How the file was read, in one line."""
    turned = "; rows and columns swapped" if source.format.transpose else ""
    words = "; ".join(_options(source.format)) or KIND_WORDS[source.format.kind]
    return f"How the file was read: {plain(words + turned)}"


def reading(source: TableSource, second: bool = False) -> None:
    """The choices and the live preview for the first or the second file."""
    format, key = source.format, f"read:{int(second)}"
    with errors_shown():
        _found(source, second, key)
    if format.kind == "excel":
        _sheet(source, second, key)
    for names in FIELDS[format.kind]:
        for place, name in zip(st.columns(len(names)), names, strict=True):
            with place:
                _choice(format, name, second, key)
    if format.kind != "parquet":
        _missing(format, second, key)
    st.markdown("**The first cells, read this way**")
    with errors_shown():
        _preview(source)


def _found(source: TableSource, second: bool, key: str) -> None:
    found = detected(source)
    with st.container(horizontal=True, vertical_alignment="center"):
        changed = found.change(transpose=source.format.transpose) != source.format
        said = f" It looked like this: {plain('; '.join(_options(found)))}." if changed else ""
        st.markdown(f"{plain(short(source.name))} is {KIND_WORDS[found.kind]}.{said}", width="content")
        if changed:
            label, icon = "Read it as detected", ":material/undo:"
            st.button(
                label,
                key=f"{key}:detected",
                type="tertiary",
                icon=icon,
                on_click=want,
                args=(read_as_detected(second), DONE, _place(second)),
            )


def _options(found: TableFormat) -> list[str]:
    if found.kind == "parquet":
        return []
    words = [_option(found, name) for name in ("delimiter", "decimal", "encoding")] if found.kind == "text" else []
    return [*words, "names in the first row" if found.header else "no row of names"]


def _option(found: TableFormat, name: str) -> str:
    extra: Any = field_info(f"data.source.format.{name}").json_schema_extra
    value = getattr(found, name)
    first, *_ = str(extra["options"][value]).split(" /")
    return {"delimiter": f"{first.split(' ')[0]} between columns", "decimal": f"decimal {first}"}.get(name, first)


def _choice(format: TableFormat, name: str, second: bool, key: str) -> None:
    key, path = f"{key}:{name}", f"data.source.format.{name}"
    value = getattr(format, name)
    if isinstance(value, str):
        option_choice(path, value, key, lambda: _wanted(second, name, key))
        return
    st.session_state[key] = value
    draw(field_info(path), key, lambda: _wanted(second, name, key), value)


def _wanted(second: bool, name: str, key: str) -> None:
    value = st.session_state[key]
    want(read_again(second, **{name: tuple(value) if isinstance(value, list) else value}), DONE, _place(second))


def _place(second: bool) -> str:
    """The section where the reading of a file is chosen."""
    return "join" if second else "read"


def _missing(format: TableFormat, second: bool, key: str) -> None:
    info, key = field_info("data.source.format.missing"), f"{key}:missing"
    st.session_state[key] = list(format.missing)
    st.multiselect(
        str(info.title),
        list(dict.fromkeys([*MISSING_MARKERS, *format.missing])),
        key=key,
        format_func=lambda marker: short(marker, 30) if marker else "(empty cell)",
        help=info.description,
        accept_new_options=True,
        max_selections=50,
        on_change=lambda: _wanted(second, "missing", key),
    )


def _sheet(source: TableSource, second: bool, key: str) -> None:
    info, key = field_info("data.source.format.sheet"), f"{key}:sheet"
    try:
        names = sheet_names(source)
    except UserError:
        return
    if len(names) < 2:
        return
    st.session_state[key] = source.format.sheet or names[0]
    shown = labels(names)
    st.selectbox(
        str(info.title),
        names,
        key=key,
        format_func=shown.__getitem__,
        help=info.description,
        on_change=lambda: _wanted(second, "sheet", key),
    )


def _preview(source: TableSource) -> None:
    first = first_cells(source)
    if not first.names:
        st.caption("There are no cells to show.")
        return
    places = [f"c{place}" for place in range(len(first.names))]
    rows = [(*row, *[""] * len(places))[: len(places)] for row in first.rows]
    shown = labels(first.names)
    settings = {place: st.column_config.Column(shown[name]) for place, name in zip(places, first.names, strict=True)}
    cells = [[short(cell, 80) if cell else "" for cell in row] for row in rows]
    st.dataframe(pd.DataFrame(cells, columns=pd.Index(places), dtype=object), column_config=settings, hide_index=True)
    if first.columns is not None and first.columns > len(first.names):
        st.caption(f"The first {len(first.names):,} of {first.columns:,} columns.")
