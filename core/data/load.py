"""Tables of a workspace: read once for each file and format, then memory-mapped."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from core.data.join import join
from core.data.read import read_table
from core.data.read_excel import check_unpacked
from core.data.read_grid import TooManyCells, check_size
from core.data.table import Table, shorten
from core.errors import UserError
from core.limits import ELSEWHERE, check_disk, limits_of
from core.spec import DataSpec, TableSource
from core.workspace import Workspace, opened_once

READER_VERSION = 2
Progress = Callable[[float], None]


def load_table(workspace: Workspace, source: TableSource, progress: Progress | None = None) -> Table:
    """The table of one uploaded file, memory-mapped.

    Args:
        workspace: Where the upload is, and where the table is kept.
        source: The file and its format.
        progress: Is called with the share that is done, 0 to 1.

    Raises:
        UserError: The file was deleted, does not hold a table, or the disk is full.
    """

    def build(folder: Path) -> None:
        path = workspace.upload(source.fingerprint)
        if not path.is_file():
            raise UserError(f"The uploaded file '{shorten(source.name)}' is no longer there.", "Upload it again.")
        check_file(workspace, source.fingerprint)
        check_disk(workspace, path.stat().st_size)
        with _elsewhere_said(workspace):
            read_table(path, source.format, progress, folder, limits_of(workspace).cells)

    return _kept(workspace, table_key(source), build, progress)


def load_joined(workspace: Workspace, spec: DataSpec, progress: Progress | None = None) -> Table:
    """The table that a run learns from: the source's, with the joined one beside it if there is one.

    Raises:
        UserError: As `load_table` and `core.data.join.join` do.
    """
    if spec.join is None:
        return load_table(workspace, spec.source, progress)
    other, on = spec.join.source, spec.join.on

    def build(folder: Path) -> None:
        left = load_table(workspace, spec.source, _part(progress, 0.0, 0.6))
        right = load_table(workspace, other, _part(progress, 0.6, 0.9))
        with _elsewhere_said(workspace):
            check_size(left.rows, len(left.names) + len(right.names), limits_of(workspace).cells)
        join(left, right, on).save(folder)

    return _kept(workspace, joined_key(spec), build, progress)


def joined_key(spec: DataSpec) -> str:
    """A SHA-256 of all that decides the table of `load_joined`."""
    if spec.join is None:
        return table_key(spec.source)
    return _digest(table_key(spec.source), table_key(spec.join.source), repr(spec.join.on))


def check_file(workspace: Workspace, fingerprint: str) -> None:
    """Raise `UserError` where an uploaded spreadsheet would unpack to more than can be read, before it is opened."""
    check_unpacked(workspace.upload(fingerprint), limits_of(workspace).cells)


def table_key(source: TableSource) -> str:
    """A SHA-256 of all that decides a table: the file's bytes, its format and the reader's version."""
    return _digest(source.fingerprint, source.format.model_dump_json())


@contextlib.contextmanager
def _elsewhere_said(workspace: Workspace) -> Iterator[None]:
    """A visitor whose table is too large is told that it need not be so elsewhere."""
    try:
        yield
    except TooManyCells as error:
        raise UserError(error.problem, error.remedy + (ELSEWHERE if workspace.public else "")) from None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join([f"reader {READER_VERSION}", *parts]).encode()).hexdigest()


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    return None if progress is None else lambda share: progress(start + (end - start) * share)


def _kept(workspace: Workspace, key: str, build: Callable[[Path], None], progress: Progress | None) -> Table:
    """Open the table called ``key``; first build it in a folder of its own if it is not there."""
    opened = opened_once(workspace.table(key), build, Table.open)
    if progress:
        progress(1.0)
    return opened
