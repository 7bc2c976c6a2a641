"""The draft's table and what follows from it, read once and kept in memory."""

from __future__ import annotations

import streamlit as st

from core.data.load import load_joined
from core.data.shape import DataShape, data_shape
from core.data.table import Table
from core.spec import DataSpec
from pages.parts.session import workspace

_FILES = {"source", "join"}


def table_of(data: DataSpec) -> Table:
    """The table of a data choice, joined; raises `UserError`."""
    return _table(str(workspace().root), data.model_dump_json(include=_FILES), _data=data)


def shape_of(data: DataSpec) -> DataShape:
    """How large the data are for a network; raises `UserError`."""
    return _shape(str(workspace().root), data.model_dump_json(), _data=data)


@st.cache_resource(max_entries=4, show_spinner="Reading the table…")
def _table(root: str, key: str, _data: DataSpec) -> Table:
    return load_joined(workspace(), _data)


@st.cache_data(max_entries=32, show_spinner="Looking at the table…")
def _shape(root: str, key: str, _data: DataSpec) -> DataShape:
    return data_shape(table_of(_data), _data)
