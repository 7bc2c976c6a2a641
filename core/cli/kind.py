"""Whether a file or folder is a table or holds pictures, by what it is and not by its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

from core.cli.common import upload
from core.data.images.pack import keep_folder
from core.errors import UserError
from core.workspace import Workspace

# Excel files are zips too; each has one of these.
OFFICE = {"[content_types].xml", "mimetype"}


def holds_pictures(name: str) -> bool:
    """Whether it is a folder or a plain zip."""
    path = Path(name)
    if path.is_dir():
        return True
    try:
        with zipfile.ZipFile(path) as file:
            return not OFFICE & {entry.casefold() for entry in file.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def keep_pictures(workspace: Workspace, name: str) -> tuple[str, str]:
    """Keep a zip or folder of pictures as an upload; its SHA-256 and its name."""
    path = Path(name)
    if not path.is_dir():
        return upload(workspace, name)
    try:
        return keep_folder(workspace, path), f"{path.resolve().name}.zip"
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"The folder {name[:200]} cannot be read: {reason}.", "Check who may read it.") from None
