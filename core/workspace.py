"""The only place that knows where anything is on disk.

WORKSPACE/uploads/<sha256>          the bytes of each uploaded file, once
WORKSPACE/tables/<key>/             each table as typed arrays, once a file and format
WORKSPACE/image_sets/<key>/         what is known of each zip of pictures, and their pixels at the sizes asked for
WORKSPACE/runs/<run>/               one folder a run
WORKSPACE/studies/<study>/          one folder a study
WORKSPACE/draft.json                what is being chosen now
WORKSPACE/engine/                   address and certificates of the local cluster
WORKSPACE/shared/<token hash>.json  the secret of each link that was given away, to show the link again
WORKSPACE/visitors/<token hash>/    the same again, for each browser on a shared server
WORKSPACE/shares/<token hash>/      the same again, for each link: a copy of one run or study (`core.sharing`)
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

from core.errors import UserError, full_disk_said
from core.limits import check_disk, check_upload

T = TypeVar("T")
RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
VISITORS, SHARES = "visitors", "shares"
# How exactly it is known when a workspace was last visited.
VISIT_SECONDS = 600


class Workspace:
    """A folder of one person's uploads, tables, runs and draft.

    Args:
        root: The folder; made with mode 0700 if it is not there. Default: the environment variable
            ``MUFFIN_WORKSPACE``, else ``.muffin`` in the person's home folder.
    """

    def __init__(self, root: str | os.PathLike[str] | None = None) -> None:
        self.root = Path(root or os.environ.get("MUFFIN_WORKSPACE") or Path.home() / ".muffin").absolute()
        self._engine_owner: Workspace = self

    def _folder(self, *parts: str) -> Path:
        folder = self.root
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for part in parts:
            folder = folder / part
            folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def visitor(self, token: str) -> Workspace:
        """The workspace of one browser on a shared server; ``token`` is a secret and never a path."""
        return self.visitor_called(hashlib.sha256(token.encode()).hexdigest())

    def visitor_called(self, name: str) -> Workspace:
        """The workspace of a visitor by the name of its folder, the SHA-256 of a secret (see `core.visits`)."""
        own = Workspace(self._folder(VISITORS, _checked(name, FINGERPRINT, "visitor")))
        own._engine_owner = self
        own._note_visit()
        return own

    def share(self, token: str) -> Workspace:
        """The workspace of one link that was given away (it may not be there); all visitors' lie in one place."""
        owner = self._engine_owner
        own = Workspace(owner._folder(SHARES) / hashlib.sha256(token.encode()).hexdigest())
        own._engine_owner = owner
        return own

    def everyone(self) -> Iterator[Workspace]:
        """This workspace and those of all visitors."""
        yield self
        for folder in sorted((self.root / VISITORS).glob("*")):
            if FINGERPRINT.fullmatch(folder.name):
                own = Workspace(folder)
                own._engine_owner = self
                yield own

    @property
    def public(self) -> bool:
        """Whether it is a visitor's or a shared one, not that of who sits at the machine."""
        return self.root.parent.name in (VISITORS, SHARES) and bool(FINGERPRINT.fullmatch(self.root.name))

    def check_writable(self) -> None:
        """Raise `UserError` in what was shared: it is read only."""
        if self.root.parent.name == SHARES and FINGERPRINT.fullmatch(self.root.name):
            raise UserError(
                "This was shared with you to look at; nothing in it can be changed.", "Open your own Muffin."
            )

    @property
    def last_used(self) -> float:
        """When it was last visited, in seconds since 1970, to about ten minutes."""
        try:
            return (self.root / "visited").stat().st_mtime
        except FileNotFoundError:
            return self._folder().stat().st_mtime

    def _note_visit(self) -> None:
        if abs(time.time() - self.last_used) > VISIT_SECONDS or not (self.root / "visited").exists():
            (self.root / "visited").touch()

    def size(self) -> int:
        """Bytes of all its files; those of other workspaces inside it do not count."""
        inside = (self.root / name for name in os.listdir(self._folder()) if name not in (VISITORS, SHARES, "engine"))
        return sum(size_of(path) for path in inside)

    def upload(self, fingerprint: str) -> Path:
        """The file that holds the uploaded bytes with this SHA-256 (it may not be there)."""
        return self._folder("uploads") / _checked(fingerprint, FINGERPRINT, "file")

    def table(self, key: str) -> Path:
        """The folder of a table that was read (it may not be there). ``key``: a SHA-256."""
        return self._folder("tables") / _checked(key, FINGERPRINT, "table")

    def image_set(self, key: str) -> Path:
        """The folder of a zip of pictures that was read (it may not be there). ``key``: a SHA-256."""
        return self._folder("image_sets") / _checked(key, FINGERPRINT, "set of pictures")

    def run(self, run: str) -> Path:
        """The folder of a run (it may not be there)."""
        return self._folder("runs") / _checked(run, RUN_ID, "run")

    def runs(self) -> Iterator[str]:
        """Ids of all runs, newest first."""
        names = [path.name for path in self._folder("runs").iterdir() if RUN_ID.fullmatch(path.name)]
        return iter(sorted(names, reverse=True))

    def study(self, study: str) -> Path:
        """The folder of a study (it may not be there)."""
        return self._folder("studies") / _checked(study, RUN_ID, "study")

    def studies(self) -> Iterator[str]:
        """Ids of all studies, newest first."""
        names = [path.name for path in self._folder("studies").iterdir() if RUN_ID.fullmatch(path.name)]
        return iter(sorted(names, reverse=True))

    @property
    def draft(self) -> Path:
        """The file of the draft."""
        return self._folder() / "draft.json"

    @property
    def engine(self) -> Path:
        """The folder of the local cluster's address and certificates; all visitors share one cluster."""
        return self._engine_owner._folder("engine")

    def clear(self) -> None:
        """Remove all uploads, tables, pictures, runs, studies and choices; what belongs to others inside it stays."""
        self.check_writable()
        kinds = (self.root / name for name in ("uploads", "tables", "image_sets", "runs", "studies"))
        for path in (*kinds, *self.root.glob(".new-*"), *self.root.glob("*draft*.json")):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def keep(self, source: IO[bytes]) -> str:
        """Copy an upload into the workspace, once for equal bytes; returns its SHA-256.

        Raises:
            UserError: It is larger than one upload may be, or the workspace would hold more than it may.
        """
        self.check_writable()
        digest = hashlib.sha256()
        handle, temporary = tempfile.mkstemp(dir=self._folder("uploads"))
        try:
            with os.fdopen(handle, "wb") as target:
                while block := source.read(1 << 20):
                    digest.update(block)
                    target.write(block)
                    check_upload(self, target.tell())
            if not self.upload(digest.hexdigest()).exists():
                check_disk(self)
            os.replace(temporary, self.upload(digest.hexdigest()))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest.hexdigest()


def new_id() -> str:
    """A new id of a run or study, sortable by time, e.g. ``20260101-093000-1a2b3c``."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; links are not followed, and what vanishes counts nothing."""
    files = [Path(above, name) for above, _, names in os.walk(path) for name in names] if path.is_dir() else [path]
    found = 0
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            found += file.lstat().st_size
    return found


def write_file(path: Path, content: bytes | str) -> None:
    """Write ``path`` so that a reader sees the old or the new content, never a part."""
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(data)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def build_once(final: Path, build: Callable[[Path], None]) -> None:
    """Let ``build`` fill a folder and move it to its place, unless it is there; raises `UserError` for a full disk."""
    if final.is_dir():
        return
    folder = Path(tempfile.mkdtemp(dir=final.parent, prefix=".new-"))
    try:
        with full_disk_said():
            build(folder)
            publish_folder(folder, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def opened_once(final: Path, build: Callable[[Path], None], opened: Callable[[Path], T]) -> T:
    """What ``opened`` reads of a folder that `build_once` fills; a damaged one is built once more.

    It holds nothing that is not also in an upload.
    """
    build_once(final, build)
    try:
        return opened(final)
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        shutil.rmtree(final, ignore_errors=True)
        build_once(final, build)
        return opened(final)


def publish_folder(temporary: Path, final: Path) -> None:
    """Move a finished folder to its place; an equal one that is already there stays."""
    try:
        os.rename(temporary, final)
    except OSError:
        if not final.is_dir():
            raise
        shutil.rmtree(temporary, ignore_errors=True)


def _checked(name: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(name):
        raise UserError(f"There is no {what} called {name[:60]!r}.", "Open it from Home.")
    return name
