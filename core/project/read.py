"""Read a project file: everything is checked in a folder aside, then put in place, all of it or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from core.data.words import counted
from core.errors import UserError, full_disk_said
from core.limits import check_disk, check_project, check_runs, check_upload, limits_of
from core.progress import progress as progress_of
from core.project.arrays import MOST_CELLS
from core.project.check import File, Source, checked_run
from core.project.check_study import checked_study
from core.project.entries import DRAFTS, Entries
from core.project.events import INTERRUPTED
from core.project.files import FOLDERS, Kind, config_of, uploads_of
from core.runs import Run, all_runs
from core.spec import parse_config
from core.studies import Study
from core.study_draft import StudyDraft
from core.study_progress import study_progress
from core.workspace import Workspace, write_file

Progress = Callable[[float], None]
# Predictions may have more columns than the table that was learned from, but not endlessly many.
CELLS_OF_TABLE = 4
AGAIN = "Write the project file again, and copy it as a whole."


@dataclass(frozen=True)
class Imported:
    """What came with a project file.

    Attributes:
        runs: Oldest first. Those with results have no model file yet, see `without_network`.
        studies: Oldest first.
        notes: What else to know, one plain sentence each.
    """

    runs: list[Run]
    studies: list[Study]
    notes: list[str]


@dataclass(frozen=True)
class _Staged:
    """What was checked and waits aside: where it is and where it goes."""

    folder: Path
    moves: list[tuple[Path, Path]] = field(default_factory=list)
    ids: dict[Kind, dict[str, str]] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    drafts: dict[Path, bytes] = field(default_factory=dict)


def read_project(workspace: Workspace, source: IO[bytes], progress: Progress | None = None) -> Imported:
    """Add what a project file holds to a workspace; ids that are taken are replaced.

    The file may come from anybody: only known names are read, every value is checked, uploads must have the
    fingerprints that their names say, and networks are never read but built again from their weights.

    Args:
        workspace: Where to.
        source: The file, seekable.
        progress: Is called with the share that is done, 0 to 1.

    Raises:
        UserError: It is no project file, damaged, made to do harm, over a limit, or the disk is full. Then nothing of
            it is in the workspace.
    """
    workspace.check_writable()
    tell = progress or (lambda share: None)
    with Entries(source) as entries, full_disk_said():
        check_runs(workspace, sum(len(entries.ids(folder)) for folder in FOLDERS.values()))
        check_disk(workspace, entries.total)
        with tempfile.TemporaryDirectory(dir=workspace.draft.parent, prefix=".new-") as folder:
            staged = _Staged(Path(folder))
            _stage_records(workspace, entries, staged, lambda share: tell(0.7 * share))
            _stage_drafts(workspace, entries, staged)
            gone, idle = _stage_uploads(workspace, entries, staged, lambda share: tell(0.7 + 0.3 * share))
            _publish(staged)
    tell(1.0)
    runs = [Run(workspace, id) for id in sorted(staged.ids["run"].values())]
    studies = [Study(workspace, id) for id in sorted(staged.ids["study"].values())]
    return Imported(runs, studies, [*_notes(runs, studies, staged, gone, idle, _draft_stays(entries, staged))])


def without_network(workspace: Workspace) -> list[Run]:
    """Runs whose network must still be built from their weights: ask ``restore_model`` for each of them."""
    return [run for run in all_runs(workspace) if (run.folder / "weights.npz").is_file() and not run.model.is_file()]


def _stage_records(workspace: Workspace, entries: Entries, staged: _Staged, tell: Progress) -> None:
    """Studies first, because runs name them."""
    kinds: tuple[Kind, ...] = ("study", "run")
    places = {"study": workspace.study, "run": workspace.run}
    for kind in kinds:
        staged.ids[kind] = {id: _free(id, places[kind]) for id in entries.ids(FOLDERS[kind])}
    total, done = sum(map(len, staged.ids.values())), 0
    for kind in kinds:
        (staged.folder / FOLDERS[kind]).mkdir()
        for old, new in staged.ids[kind].items():
            source = _source(workspace, entries, kind, old, staged.ids["study"])
            own = staged.folder / FOLDERS[kind] / new
            _write(own, checked_run(source) if kind == "run" else checked_study(source))
            staged.moves.append((own, places[kind](new)))
            staged.needed.update(_needed(kind, own))
            done += 1
            tell(done / total)


def _source(workspace: Workspace, entries: Entries, kind: Kind, id: str, ids: Mapping[str, str]) -> Source:
    """One run or study; each of its files will be held in memory."""
    folder, names = f"{FOLDERS[kind]}/{id}/", entries.names(FOLDERS[kind], id)
    for name in names:
        check_project(workspace, entries.size(folder + name))
    cells = CELLS_OF_TABLE * limits_of(workspace).cells
    return Source(f"the {kind} {id}", names, lambda name: entries.read(folder + name), ids, int(min(cells, MOST_CELLS)))


def _free(id: str, place: Callable[[str], Path]) -> str:
    """The id, or where it is taken another one of the same time."""
    while place(id).exists():
        id = id[:16] + secrets.token_hex(3)
    return id


def _write(folder: Path, files: Iterator[File]) -> None:
    folder.mkdir(mode=0o700)
    for name, content in files:
        write_file(folder / name, content)


def _needed(kind: Kind, folder: Path) -> Sequence[str]:
    """Fingerprints of the uploads of what was staged."""
    workspace = Workspace(folder.parent.parent)
    return uploads_of(config_of(Run(workspace, folder.name) if kind == "run" else Study(workspace, folder.name)))


def _stage_drafts(workspace: Workspace, entries: Entries, staged: _Staged) -> None:
    """The drafts, where the workspace has none."""
    if workspace.draft.exists() or DRAFTS[0] not in entries:
        return
    source = Source("the draft", [name for name in DRAFTS if name in entries], entries.read)
    config = source.checked(DRAFTS[0], parse_config)
    staged.needed.update(uploads_of(config))
    staged.drafts[workspace.draft] = config.model_dump_json().encode()
    if DRAFTS[1] in entries:
        question = source.checked(DRAFTS[1], StudyDraft.parse_json)
        staged.drafts[workspace.draft.with_name(DRAFTS[1])] = question.model_dump_json().encode()


def _draft_stays(entries: Entries, staged: _Staged) -> bool:
    return DRAFTS[0] in entries and not staged.drafts


def _stage_uploads(workspace: Workspace, entries: Entries, staged: _Staged, tell: Progress) -> tuple[int, int]:
    """Unpack the uploads that are needed and not here; how many are missing everywhere, and how many nobody needs."""
    inside = entries.uploads()
    wanted = [name for name in inside if name in staged.needed and not workspace.upload(name).is_file()]
    (staged.folder / "uploads").mkdir()
    for done, name in enumerate(wanted):
        check_upload(workspace, entries.size(f"uploads/{name}"))
        path = staged.folder / "uploads" / name
        if _unpack(entries, name, path) != name:
            raise UserError(f"In this project file, the upload {name[:12]}… is not what its name says.", AGAIN)
        staged.moves.insert(0, (path, workspace.upload(name)))
        tell((done + 1) / len(wanted))
    gone = [name for name in staged.needed - {*inside} if not workspace.upload(name).is_file()]
    return len(gone), len({*inside} - staged.needed)


def _unpack(entries: Entries, name: str, path: Path) -> str:
    """The SHA-256 of what was unpacked; empty where it is damaged."""
    digest = hashlib.sha256()
    with path.open("wb") as target, entries.open(f"uploads/{name}") as source:
        while block := _block(source):
            digest.update(block)
            target.write(block)
    return digest.hexdigest()


def _block(source: IO[bytes]) -> bytes:
    try:
        return source.read(1 << 20)
    except Exception:  # A damaged entry raises what its decompressor raises; its fingerprint will not be right.
        return b""


def _publish(staged: _Staged) -> None:
    """Put everything in its place; where that fails in the middle, take it out again."""
    moved: list[Path] = []
    try:
        for source, target in staged.moves:
            if not (target.is_file() and source.parent.name == "uploads"):
                _move(source, target)
                moved.append(target)
        for path, content in staged.drafts.items():
            write_file(path, content)
            moved.append(path)
    except BaseException:
        for path in moved:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        raise UserError("The same project file is being loaded at the same moment.", "Reload the page.") from None


def _notes(
    runs: list[Run], studies: list[Study], staged: _Staged, gone: int, idle: int, draft_stays: bool
) -> Iterator[str]:
    words = "run or comparison", "runs and comparisons"
    again = sum(old != new for ids in staged.ids.values() for old, new in ids.items())
    if again:
        yield f"{counted(again, *words)} had ids that are taken here, and got new ones."
    broken = [progress_of(run).problem for run in runs] + [study_progress(study).problem for study in studies]
    if count := broken.count(INTERRUPTED[0]):
        yield f"{counted(count, *words)} had not ended when the file was written."
    if gone:
        yield (
            f"{counted(gone, 'file')} that was learned from did not come along: results and predictions work, and "
            "what needs the data itself does not."
        )
    if idle:
        yield f"{counted(idle, 'file')} that nothing here needs was left aside."
    if draft_stays:
        yield "What you are choosing right now was kept; the choices in the file were not taken over."
