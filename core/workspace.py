"""The only place that knows where anything is on disk.

WORKSPACE/uploads/<sha256>          the bytes of each uploaded file, once
WORKSPACE/tables/<key>/             each table as typed arrays, once a file and format
WORKSPACE/image_sets/<key>/         what is known of each zip of pictures, and their pixels at the sizes asked for
WORKSPACE/runs/<run>/               one folder a run
WORKSPACE/studies/<study>/          one folder a study
WORKSPACE/draft.json                what is being chosen now
WORKSPACE/engine/                   address and certificates of the local cluster
WORKSPACE/visitors/<token hash>/    the same again, for each browser on a shared server
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from core.errors import UserError

RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


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
        own = Workspace(self._folder("visitors", hashlib.sha256(token.encode()).hexdigest()))
        own._engine_owner = self
        return own

    def everyone(self) -> Iterator[Workspace]:
        """This workspace and those of all visitors."""
        yield self
        for folder in sorted((self.root / "visitors").glob("*")):
            if FINGERPRINT.fullmatch(folder.name):
                own = Workspace(folder)
                own._engine_owner = self
                yield own

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

    def keep(self, source: IO[bytes]) -> str:
        """Copy an upload into the workspace, once for equal bytes; returns its SHA-256."""
        digest = hashlib.sha256()
        handle, temporary = tempfile.mkstemp(dir=self._folder("uploads"))
        try:
            with os.fdopen(handle, "wb") as target:
                while block := source.read(1 << 20):
                    digest.update(block)
                    target.write(block)
            os.replace(temporary, self.upload(digest.hexdigest()))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest.hexdigest()


def new_id() -> str:
    """A new id of a run or study, sortable by time, e.g. ``20260101-093000-1a2b3c``."""
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


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
        build(folder)
        publish_folder(folder, final)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError("The disk is full.", "Make room, then try again.") from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
