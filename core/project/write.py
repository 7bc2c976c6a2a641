"""Write a project file."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import IO

from core.draft import load_draft
from core.errors import UserError, full_disk_said
from core.project.entries import DRAFTS, FORMAT, HARMLESS_ENTRY, MANIFEST
from core.project.files import (
    CHOICES,
    DRAWN,
    FOLDERS,
    LEARNED,
    RESULTS,
    TOGETHER,
    Piece,
    chunk_pieces,
    config_of,
    kind_of,
    pieces,
    uploads_of,
)
from core.runs import Run, all_runs
from core.studies import Study, all_studies
from core.workspace import Workspace

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "pandas", "scikit-learn", "streamlit")
Progress = Callable[[float], None]


def write_project(
    workspace: Workspace,
    target: IO[bytes],
    records: Sequence[Run | Study] | None = None,
    with_data: bool = True,
    progress: Progress | None = None,
) -> None:
    """Write a project file.

    Args:
        workspace: Whose.
        target: Where to; need not be seekable.
        records: Runs and studies of the workspace, with the studies that the runs come from; None for everything.
        with_data: Whether the uploads go in, and what leads back to their rows.
        progress: Is called with the share that is done, 0 to 1.

    Raises:
        UserError: One of them was deleted meanwhile, or the disk is full.
    """
    whole = records is None
    chosen = _with_studies(workspace, [*all_studies(workspace), *all_runs(workspace)] if records is None else records)
    groups = [
        _about_everything(workspace, whole),
        *(_of_record(record, with_data) for record in chosen),
        *([Piece(f"uploads/{path.name}", path)] for path in (_uploads(workspace, chosen, whole) if with_data else ())),
    ]
    tell = progress or (lambda share: None)
    with full_disk_said(), zipfile.ZipFile(target, "w", strict_timestamps=False) as file:
        for done, group in enumerate(groups, start=1):
            _add_all(file, group)
            tell(done / len(groups))


def project_size(workspace: Workspace, records: Sequence[Run | Study], with_data: bool) -> int:
    """Bytes that a project file of a whole workspace has at most; ``records`` are all its runs and studies."""
    paths = [
        record.folder / name for record in records for name in (*CHOICES[kind_of(record)], *RESULTS[kind_of(record)])
    ]
    kinds = (*DRAWN, *(LEARNED if with_data else ()))
    chunks = [piece.content for each in records if isinstance(each, Study) for piece in chunk_pieces(each, kinds)]
    uploads = _uploads(workspace, records, whole=True) if with_data else []
    return sum(path.stat().st_size for path in (*paths, *chunks, *uploads) if isinstance(path, Path) and path.is_file())


def _about_everything(workspace: Workspace, whole: bool) -> Iterator[Piece]:
    yield Piece(MANIFEST, json.dumps(_manifest()).encode())
    for path in map(workspace.draft.with_name, DRAFTS if whole else ()):
        if path.is_file():
            yield Piece(path.name, path)


def _with_studies(workspace: Workspace, records: Sequence[Run | Study]) -> list[Run | Study]:
    """Also the studies that runs come from, each once."""
    origins = {run.config.origin.study for run in records if isinstance(run, Run) and run.config.origin}
    own = {record.id for record in records if isinstance(record, Study)}
    once = {record.id: record for record in records}
    return [*once.values(), *(study for study in all_studies(workspace) if study.id in origins - own)]


def _uploads(workspace: Workspace, records: Sequence[Run | Study], whole: bool) -> list[Path]:
    """The files that they learned from, as far as these are there; of a whole workspace also the draft's."""
    configs = [config_of(record) for record in records]
    if whole and (draft := load_draft(workspace)):
        configs.append(draft)
    names = dict.fromkeys(name for config in configs for name in uploads_of(config))
    return [path for path in map(workspace.upload, names) if path.is_file()]


def _of_record(record: Run | Study, with_data: bool) -> Iterator[Piece]:
    found = list(pieces(record, with_data))
    if isinstance(record, Run) and not {piece.name for piece in found}.issuperset(TOGETHER):
        found = [piece for piece in found if piece.name in CHOICES["run"]]
    learned = chunk_pieces(record, LEARNED) if with_data and isinstance(record, Study) else ()
    for piece in chain(found, learned):
        yield Piece(f"{FOLDERS[kind_of(record)]}/{record.id}/{piece.name}", piece.content)


def _add_all(file: zipfile.ZipFile, group: Iterable[Piece]) -> None:
    try:
        for piece in group:
            _add(file, piece)
    except FileNotFoundError:
        raise UserError("A run or comparison was deleted while the file was written.", "Write it again.") from None


def _add(file: zipfile.ZipFile, piece: Piece) -> None:
    """Add one file; a large table is not compressed, see `core.project.entries.HARMLESS_ENTRY`."""
    content = piece.content
    if isinstance(content, Path) and piece.name.endswith((".jsonl", ".curves")):
        content = content.read_bytes()  # It may grow while it is read.
    if isinstance(content, bytes):
        file.writestr(piece.name, content, _how(len(content), False))
        return
    with content.open("rb") as source:
        is_zip = piece.name.startswith("uploads/") and source.read(4) == b"PK\x03\x04"
    how = _how(content.stat().st_size, is_zip)
    file.write(content, piece.name, how)


def _how(size: int, is_zip: bool) -> int:
    """A zip inside is compressed again, so that its list of files is not taken for that of the project file."""
    return zipfile.ZIP_DEFLATED if is_zip or size <= HARMLESS_ENTRY else zipfile.ZIP_STORED


def _manifest() -> dict[str, object]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {"format": FORMAT, "written": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "versions": versions}
