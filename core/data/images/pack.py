"""A folder of pictures, or files of a directory upload, as the zip that everything else reads."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from core.data.words import quoted
from core.errors import UserError
from core.workspace import Workspace

# Equal folders give equal zips, and so one set of pictures.
NO_DATE = (1980, 1, 1, 0, 0, 0)


def keep_files(workspace: Workspace, files: Iterable[tuple[str, IO[bytes]]]) -> str:
    """Pack files into a zip without compressing them again, keep it as an upload, and return its SHA-256.

    Args:
        workspace: Where it is kept.
        files: The path of each, which is only written into the zip, and its content.
    """
    with tempfile.TemporaryFile(dir=workspace.draft.parent) as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
            for path, content in files:
                with packed.open(zipfile.ZipInfo(path.replace("\\", "/"), NO_DATE), "w", force_zip64=True) as entry:
                    while block := content.read(1 << 20):
                        entry.write(block)
        target.seek(0)
        return workspace.keep(target)


def keep_folder(workspace: Workspace, folder: Path) -> str:
    """As `keep_files`, for all files below a folder; links are not followed.

    Raises:
        UserError: There is no such folder.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {quoted(folder)}.", "Give the path of a folder of pictures, or of a zip.")
    return keep_files(workspace, _files(folder))


def _files(folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    for above, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(above, name)
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as content:
                    yield path.relative_to(folder).as_posix(), content
