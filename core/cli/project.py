"""``python -m core export RUN… --out FILE`` and ``python -m core import FILE``."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from core.cli.common import add_workspace, answer, tell
from core.data.words import counted
from core.engine import Engine
from core.errors import UserError
from core.export.formats import FORMATS, format_of
from core.project import read_project, without_network, write_project
from core.runs import Run
from core.studies import Study
from core.training import answer as answer_question
from core.workspace import Workspace

PROJECT = "project"
SECONDS = 600


def add_to(commands: Any) -> None:
    """Declare both commands."""
    parser = commands.add_parser("export", help="write runs and comparisons into a project file, or a run for others")
    parser.add_argument("ids", metavar="ID", nargs="*", help="runs and comparisons (see: python -m core runs)")
    parser.add_argument("--all", action="store_true", help="the whole workspace")
    parser.add_argument(
        "--format",
        choices=(PROJECT, *FORMATS),
        default=PROJECT,
        help="project (default): a file that import takes; any other: one run for other tools",
    )
    parser.add_argument("--without-data", action="store_true", help="leave uploads out of a project file")
    parser.add_argument("--out", metavar="FILE", help="where to write (default: muffin.zip, or the format's own name)")
    add_workspace(parser)
    parser.set_defaults(run=export)
    parser = commands.add_parser("import", help="add what a project file holds to the workspace")
    parser.add_argument("file", metavar="FILE", help="a project file, as export writes it")
    add_workspace(parser)
    parser.set_defaults(run=take_in)


def export(options: argparse.Namespace) -> int:
    """Write the file."""
    workspace = Workspace(options.workspace)
    if bool(options.ids) == options.all:
        raise UserError("Either ids of runs and comparisons, or --all, were expected.", "See: python -m core runs")
    records = None if options.all else [_record(workspace, id) for id in options.ids]
    if options.format == PROJECT:
        out = options.out or "muffin.zip"
        with _written(out) as file:
            write_project(workspace, file, records, not options.without_data)
    else:
        out = _for_others(records or [], options.format, options.out)
    answer({"out": out, "bytes": Path(out).stat().st_size})
    return 0


def take_in(options: argparse.Namespace) -> int:
    """Add a project file, and let a worker build the networks of its runs."""
    workspace = Workspace(options.workspace)
    with open(options.file, "rb") as file:
        imported = read_project(workspace, file)
    for note in imported.notes:
        tell(note)
    told = {"runs": [run.id for run in imported.runs], "studies": [study.id for study in imported.studies]}
    try:
        _build_networks(workspace, {*told["runs"]})
    finally:
        answer({**told, "notes": imported.notes})
    return 0


def _record(workspace: Workspace, id: str) -> Run | Study:
    return Study(workspace, id) if workspace.study(id).is_dir() else Run(workspace, id)


def _for_others(records: list[Run | Study], key: str, out: str | None) -> str:
    """Write one run or comparison for other tools, and return where."""
    if len(records) != 1:
        raise UserError(f"The format {key} takes exactly one run.", f"Name one run, or use --format {PROJECT}.")
    (record,) = records
    out = out or format_of(record, key).file_name
    question = "export_study" if isinstance(record, Study) else "export_run"
    root = str(record.workspace.root)
    Engine(record.workspace).ask(answer_question, question, root, record.id, key, seconds=SECONDS)
    with _written(out) as file, record.export(key).open("rb") as made:
        while block := made.read(1 << 20):
            file.write(block)
    return out


def _build_networks(workspace: Workspace, ids: set[str]) -> None:
    runs = [run for run in without_network(workspace) if run.id in ids]
    if not runs:
        return
    tell(f"building {counted(len(runs), 'network')}")
    engine, root = Engine(workspace), str(workspace.root)
    for run in runs:
        engine.ask(answer_question, "restore_model", root, run.id, seconds=SECONDS)


@contextmanager
def _written(name: str) -> Iterator[IO[bytes]]:
    """A file that is there when it is whole; raises `UserError` where it cannot be written."""
    out = Path(name)
    try:
        handle, temporary = tempfile.mkstemp(dir=out.absolute().parent, prefix=".new-")
    except OSError as error:
        raise UserError(f"{name[:200]} cannot be written: {error.strerror}.", "Choose another --out.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(temporary, out)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
