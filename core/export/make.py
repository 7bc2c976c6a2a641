"""An export of a run or study is made once, in a worker, and kept beside it until what it was made of changes."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import tempfile
import threading
import time
import traceback
from pathlib import Path

from core.errors import UserError, full_disk_said
from core.export.formats import Format, format_of, why_not
from core.limits import check_disk
from core.record import Record
from core.studies import Study
from core.workspace import write_file

# TensorFlow's converters share what they keep in memory, and each takes as much of it as the network needs.
_one_at_a_time = threading.Lock()
# In seconds; no export takes as long.
LEFT_BEHIND = 3600
PATIENCE = 5.0


def make_export(record: Record, key: str) -> Path:
    """The file of one format, in the folder ``exports`` of a run or study; made unless it is there and current.

    Raises:
        UserError: It cannot be exported so, another file is being made, its workspace would hold more than it may, or
            something went wrong (the details go to its log).
    """
    format, target = format_of(record, key), record.export(key)
    if reason := why_not(record, key):
        raise UserError(reason, "Choose another format.")
    if not _one_at_a_time.acquire(timeout=PATIENCE):  # Whoever waits keeps a worker from answering others.
        raise UserError("Another file is being made right now, one at a time.", "Try again in a moment.")
    try:
        if made_export(record, key) is None:
            check_disk(record.workspace, sum(stat.st_size for stat in _read_files(record, format).values()))
            stamp = _stamp(record, format)
            _make(record, key, target)
            write_file(_stamp_file(target), stamp)
    finally:
        _one_at_a_time.release()
    return target


def made_export(record: Record, key: str) -> Path | None:
    """The file of one format where it was made and nothing that it depends on has changed since; cheap, for pages."""
    target = record.export(key)
    return target if target.is_file() and _kept_stamp(target) == _stamp(record, format_of(record, key)) else None


def _make(record: Record, key: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    _clear(target.parent)
    name = f"make_study_{key}" if isinstance(record, Study) else f"make_{key}"
    try:
        with full_disk_said(), tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as scratch:
            made = Path(scratch) / target.name
            getattr(importlib.import_module(f"core.export.{key}"), name)(record, made)
            os.replace(made, target)
    except UserError:
        raise
    except Exception as error:
        record.log(traceback.format_exc())
        raise UserError(
            f"The file could not be made ({type(error).__name__}: {str(error)[:200]}).",
            "Choose another format; the details are in its log.txt.",
        ) from None


def _clear(folder: Path) -> None:
    """Remove what a worker left behind that was ended while it made a file; one that still makes one is spared."""
    for left in folder.glob(".new-*"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND:
            shutil.rmtree(left, ignore_errors=True)


def _stamp(record: Record, format: Format) -> str:
    """What the export is made of: size and time of each file, so that a clock that was set back does not matter."""
    found = _read_files(record, format).items()
    return json.dumps({name: [stat.st_size, stat.st_mtime_ns] for name, stat in found})


def _read_files(record: Record, format: Format) -> dict[str, os.stat_result]:
    return {name: (record.folder / name).stat() for name in format.reads if (record.folder / name).is_file()}


def _stamp_file(target: Path) -> Path:
    return target.with_name(f".{target.name}.json")


def _kept_stamp(target: Path) -> str:
    try:
        return _stamp_file(target).read_text()
    except FileNotFoundError:
        return ""
