"""The draft's table and what follows from it, read once and kept in memory."""

from __future__ import annotations

import streamlit as st

from core.data.dataset import build_dataset
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.data.table import Table
from core.spec import DataSpec
from pages.parts.session import workspace

_FILES = {"source", "join"}


def table_of(data: DataSpec) -> Table:
    """The table of a data choice, joined; raises `UserError`."""
    return _table(str(workspace().root), data.model_dump_json(include=_FILES), _data=data)


def shape_of(data: DataSpec) -> tuple[int, int]:
    """Number of inputs of the network and of classes (0 for regression); raises `UserError`."""
    inputs, classes = _shape(str(workspace().root), data.model_dump_json(), _data=data)
    return inputs, classes


@st.cache_resource(max_entries=4, show_spinner="Reading the table…")
def _table(root: str, key: str, _data: DataSpec) -> Table:
    return load_joined(workspace(), _data)


@st.cache_data(max_entries=32, show_spinner="Looking at the table…")
def _shape(root: str, key: str, _data: DataSpec) -> tuple[int, int]:
    dataset = build_dataset(table_of(_data), _data)
    inputs = Preprocessing.fit(dataset.features.take(dataset.split.train), _data.scaling).inputs
    return inputs, len(dataset.class_names)
