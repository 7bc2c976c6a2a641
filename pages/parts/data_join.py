"""A second table beside the first: add it, choose how rows are matched, read it another way, remove it."""

from __future__ import annotations

import streamlit as st

from core.data.join import shared_columns
from core.data.table import Table
from core.evaluation.words import count
from core.spec import DataSpec, Join
from core.workspace import Workspace
from pages.parts.data_change import join_by, join_nothing, join_with, want
from pages.parts.data_pick import MATCHES, labels, short
from pages.parts.data_reading import reading
from pages.parts.data_state import one_table, table_key
from pages.parts.form import field_info
from pages.parts.intake import forget_uploads, fresh_uploads, keep_file
from pages.parts.session import errors_shown, plain, workspace

BY_ORDER = ""


def joining_words(data: DataSpec) -> str:
    """The second table in one line."""
    if data.join is None:
        return "Join a second table"
    by = "the order of the rows" if data.join.on is None else short(data.join.on, 30)
    return f"Second table: {plain(short(data.join.source.name, 40))}, matched by {plain(by)}"


def joining(data: DataSpec) -> None:
    """What stands beside the first table, or a field for a file that shall."""
    if data.join is None:
        _add()
        return
    left, right = one_table(data.source), one_table(data.join.source)
    st.markdown(
        f"**{plain(short(data.join.source.name))}** ({_size(right)}) stands beside "
        f"**{plain(short(data.source.name))}** ({_size(left)})."
    )
    _key(data, data.join)
    st.button(
        "Remove the second table",
        key="join:remove",
        icon=":material/link_off:",
        on_click=want,
        args=(join_nothing(), "removing the second table", "join"),
    )
    st.markdown("**How the second file was read**")
    reading(data.join.source, second=True)


def _size(table: Table) -> str:
    return f"{count(table.rows, 'row')} × {count(len(table.names), 'column')}"


def _add() -> None:
    st.write(
        "If the answer, or some of the features, are in another file, add it here. Rows are matched by a column that "
        "both files share, or by their order."
    )
    files = fresh_uploads("join:upload", "The second table")
    if not files:
        return
    with errors_shown():
        want(join_with(keep_file(files[0]), files[0].name), "joining a second table", "join")
    forget_uploads("join:upload")
    st.rerun()


def _key(data: DataSpec, joined: Join) -> None:
    key, info = "join:on", field_info("data.join")
    names = list(_candidates(str(workspace().root), table_key(data), data))
    if joined.on and joined.on not in names:
        names.insert(0, joined.on)
    shown = labels(names) | {BY_ORDER: "the order of the rows"}
    st.session_state[key] = joined.on or BY_ORDER
    st.selectbox(
        str(Join.model_fields["on"].title),
        [BY_ORDER, *names],
        key=key,
        format_func=shown.__getitem__,
        help=Join.model_fields["on"].description or info.description,
        on_change=lambda: want(join_by(st.session_state[key] or None), "matching rows another way", "join"),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _candidates(root: str, key: str, _data: DataSpec) -> tuple[str, ...]:
    """Columns of the first table that may match the second's: those that share values, then other texts."""
    assert Workspace(root) and _data.join is not None
    left, right = one_table(_data.source), one_table(_data.join.source)
    shared = [pair.left for pair in shared_columns(left, right)]
    same = [name for name in left.names if name in set(right.names)]
    return tuple(dict.fromkeys([*shared, *same, *left.text_names]))[:MATCHES]
