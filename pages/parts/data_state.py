"""What the draft's data amounts to, computed once for each choice and kept small."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data.dataset import build_dataset
from core.data.findings import Finding, findings
from core.data.load import load_joined, load_table
from core.data.profile import Profile, profile
from core.data.read import Preview, preview, sheets
from core.data.sniff import sniff
from core.data.table import Table
from core.errors import UserError
from core.proposal import propose_run
from core.spec import DataSpec, RunConfig, TableFormat, TableSource
from core.workspace import Workspace
from pages.parts.session import workspace


@dataclass(frozen=True)
class Prospect:
    """What learning would start from, or why it cannot.

    Args:
        features: How many columns are learned from.
        class_names: Names of the classes, empty for a number.
        class_rows: Rows of each class.
        parts: Rows for training, validation and the sealed test.
        problem: (problem, remedy) where learning is impossible.
    """

    features: int = 0
    class_names: tuple[str, ...] = ()
    class_rows: tuple[int, ...] = ()
    parts: tuple[int, int, int] = (0, 0, 0)
    problem: tuple[str, str] | None = None

    @property
    def error(self) -> UserError | None:
        """Why nothing can be learned, if so."""
        return None if self.problem is None else UserError(*self.problem)


def whole_table(data: DataSpec) -> Table:
    """The table of a choice, joined if it says so. Raises `UserError`."""
    return _table(str(workspace().root), table_key(data), data)


def one_table(source: TableSource) -> Table:
    """The table of one file. Raises `UserError`."""
    return whole_table(DataSpec(source=source))


def table_key(data: DataSpec) -> str:
    """Short and equal for choices that give the same table; good as a part of widget keys."""
    text = data.model_dump_json(include={"source", "join"})
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def known_columns(data: DataSpec) -> Profile:
    """Statistics of every column."""
    return _profile(str(workspace().root), table_key(data), data)


def prospect(data: DataSpec) -> Prospect:
    """What learning would start from."""
    return _prospect(str(workspace().root), data.model_dump_json(), data)


def known_findings(data: DataSpec) -> list[Finding]:
    """What is worth knowing about the data, heaviest first."""
    return _findings(str(workspace().root), data.model_dump_json(), data)


def proposed_run(data: DataSpec) -> RunConfig:
    """The network and training that are proposed for a choice of data."""
    return _proposed(str(workspace().root), data.model_dump_json(), data)


def first_cells(source: TableSource) -> Preview:
    """The first cells of a file, read the way its format says. Raises `UserError`."""
    return _preview(str(workspace().root), source.model_dump_json(), source)


def detected(source: TableSource) -> TableFormat:
    """How the file would be read if nobody had said anything. Raises `UserError`."""
    return _sniffed(str(workspace().root), source.fingerprint, source.name)


def sheet_names(source: TableSource) -> list[str]:
    """The sheets of an Excel file. Raises `UserError`."""
    return _sheets(str(workspace().root), source.fingerprint)


@st.cache_resource(max_entries=6, show_spinner=False)
def _table(root: str, key: str, _data: DataSpec) -> Table:
    if _data.join is None:
        return load_table(Workspace(root), _data.source)
    return load_joined(Workspace(root), _data)


@st.cache_resource(max_entries=3, show_spinner=False)
def _profile(root: str, key: str, _data: DataSpec) -> Profile:
    return profile(whole_table(_data))


@st.cache_resource(max_entries=8, show_spinner=False)
def _prospect(root: str, key: str, _data: DataSpec) -> Prospect:
    try:
        dataset = build_dataset(whole_table(_data), _data)
    except UserError as error:
        return Prospect(problem=(error.problem, error.remedy))
    split, names = dataset.split, dataset.class_names
    rows = np.bincount(dataset.y, minlength=len(names)).tolist() if names else []
    parts = (len(split.train), len(split.validation), len(split.test))
    return Prospect(len(dataset.features.names), names, tuple(rows), parts)


@st.cache_resource(max_entries=8, show_spinner=False)
def _findings(root: str, key: str, _data: DataSpec) -> list[Finding]:
    return findings(whole_table(_data), _data)


@st.cache_resource(max_entries=8, show_spinner=False)
def _proposed(root: str, key: str, _data: DataSpec) -> RunConfig:
    return propose_run(_data, whole_table(_data))


@st.cache_resource(max_entries=8, show_spinner=False)
def _preview(root: str, key: str, _source: TableSource) -> Preview:
    return preview(Workspace(root).upload(_source.fingerprint), _source.format)


@st.cache_resource(max_entries=8, show_spinner=False)
def _sniffed(root: str, fingerprint: str, name: str) -> TableFormat:
    return sniff(Workspace(root).upload(fingerprint), name)


@st.cache_resource(max_entries=8, show_spinner=False)
def _sheets(root: str, fingerprint: str) -> list[str]:
    return sheets(Workspace(root).upload(fingerprint))
