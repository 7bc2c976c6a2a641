"""Whether a file or folder is a table or holds pictures, by what it is and not by its name."""

from __future__ import annotations

from pathlib import Path

from core.cli.common import upload
from core.data.images.pack import keep_folder
from core.errors import UserError
from core.workspace import Workspace

# The end of a zip lists what is in it; Excel and OpenDocument files are zips with one of these.
END_OF_ZIP = b"PK\x05\x06"
OFFICE = b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis"
EDGE = 1 << 20


def holds_pictures(name: str) -> bool:
    """Whether it is a folder or a plain zip; looks at both ends of the file only, however long it is."""
    path = Path(name)
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            start = file.read(EDGE)
            file.seek(max(0, path.stat().st_size - EDGE))
            end = file.read(EDGE)
    except OSError:
        return False
    return (
        start.startswith(b"PK")
        and END_OF_ZIP in end
        and not any(mark in part for part in (start, end) for mark in OFFICE)
    )


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
