"""The draft's table or pictures, and what follows from them, read once and kept in memory."""

from __future__ import annotations

import streamlit as st

from core.data.images.image_set import ImageSet
from core.data.images.read import load_images
from core.data.load import load_joined
from core.data.shape import DataShape, data_shape
from core.data.table import Table
from core.image_proposal import image_count_shape
from core.spec import DataSpec, ImageConfig, ImageSource
from pages.parts.session import check_data_shared, workspace

_FILES = {"source", "join"}


def table_of(data: DataSpec) -> Table:
    """The table of a data choice, joined; raises `UserError`."""
    check_data_shared()
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


def images_of(source: ImageSource) -> ImageSet:
    """The pictures of a zip; raises `UserError`."""
    check_data_shared()
    return _images(str(workspace().root), source.fingerprint, _source=source)


def pictures_of(config: ImageConfig) -> tuple[int, int, int, int]:
    """Pictures to train on, to validate with, sealed ones, and classes; raises `UserError`."""
    return _pictures(str(workspace().root), config.data.model_dump_json(), _config=config)


@st.cache_resource(max_entries=4, show_spinner="Reading the pictures…")
def _images(root: str, key: str, _source: ImageSource) -> ImageSet:
    return load_images(workspace(), _source)


@st.cache_data(max_entries=32, show_spinner="Looking at the pictures…")
def _pictures(root: str, key: str, _config: ImageConfig) -> tuple[int, int, int, int]:
    return image_count_shape(_config, images_of(_config.data.source))
