"""The entries of a project file: opened like any zip from outside, and only known names in known places."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from typing import IO, Annotated

from pydantic import Field

from core.data.words import quoted
from core.data.zips import ZIP_ERRORS, all_expand, expands, is_locked, too_many_entries, unsafe
from core.errors import UserError
from core.project.files import CHOICES, FOLDERS, RESULTS
from core.project.schemas import Count, Kept
from core.workspace import FINGERPRINT, RUN_ID

MANIFEST, FORMAT = "muffin.json", 1
DRAFTS = ("draft.json", "study_draft.json")
MOST_ENTRIES = 200_000
MOST_TOTAL = 100_000_000_000
# Of a file that is read as a whole; an upload is not.
MOST_BYTES = 1_500_000_000
# Values take up to a hundred times the memory of the text that they are read from, so that none may be much larger
# than it ever needs to be: a feature takes 300 bytes of dataset.json, an epoch 180 of events.jsonl.
MOST_JSON = 1_000_000
MOST_JSON_OF = {
    "muffin.json": 100_000, "study_draft.json": 100_000, "title.json": 10_000,
    "draft.json": 2_000_000, "config.json": 2_000_000, "study.json": 2_000_000,
    "dataset.json": 20_000_000, "result.json": 10_000_000, "events.jsonl": 12_000_000,
}  # fmt: skip
# Uploads that are larger are not compressed, so that no file that was written here looks like a bomb.
HARMLESS_ENTRY = 20_000_000
HARMLESS_TOTAL = 1_000_000_000
CHOOSE = "Choose a file that Muffin wrote with 'Download my project'."
_CHUNK = re.compile(r"[0-9]{2,4}\.(board\.npz|curves|weights\.npz|answers\.npz)")


class Manifest(Kept):
    """``muffin.json``."""

    format: Count
    written: Annotated[str, Field(max_length=50)] = ""
    versions: Annotated[dict[str, str], Field(max_length=100)] = Field(default_factory=dict)


class Entries:
    """The files in a project file; a context manager.

    Args:
        source: The file, seekable.

    Raises:
        UserError: It is no project file, or holds what no project file holds.
    """

    def __init__(self, source: IO[bytes]) -> None:
        source.seek(0)
        if too_many_entries(source, MOST_ENTRIES):
            raise UserError(f"This file holds more than {MOST_ENTRIES:,} files, which is the limit.", CHOOSE)
        size = source.tell()
        try:
            self._zip = zipfile.ZipFile(source)
            infos = [info for info in self._zip.infolist() if not info.is_dir()]
        except ZIP_ERRORS:
            raise UserError(
                "A project file was expected, and this file is none, or it is damaged or cut off.", CHOOSE
            ) from None
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos):
            raise UserError("This project file holds two files of one name.", CHOOSE)
        if MANIFEST not in self._infos:
            raise UserError("This zip is no project file of Muffin.", CHOOSE)
        self.total = _check_all(infos, size)
        _check_manifest(lambda: self.read(MANIFEST))

    def __enter__(self) -> Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return self._infos[name].file_size

    def read(self, name: str) -> bytes:
        """A whole file, which is not an upload."""
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> IO[bytes]:
        """A file to be read piece by piece; what it raises when it is damaged is the reader's business."""
        return self._zip.open(self._infos[name])

    def uploads(self) -> list[str]:
        """Fingerprints that the names of the uploads tell."""
        return [name.partition("/")[2] for name in self._infos if name.startswith("uploads/")]

    def ids(self, folder: str) -> list[str]:
        """Ids of the runs or studies, oldest first."""
        return sorted({name.split("/")[1] for name in self._infos if name.startswith(f"{folder}/")})

    def names(self, folder: str, id: str) -> Sequence[str]:
        """Names of the files of a run or study."""
        start = f"{folder}/{id}/"
        return [name.removeprefix(start) for name in self._infos if name.startswith(start)]


def _check_all(infos: Sequence[zipfile.ZipInfo], size: int) -> int:
    """Bytes of all entries of a file of ``size`` bytes; raises `UserError` where one is not as it should be."""
    for info in infos:
        _check(info)
    total = sum(info.file_size for info in infos)
    if total > MOST_TOTAL or all_expand(infos, size, HARMLESS_TOTAL):
        raise UserError(
            f"This project file would expand from {size / 1e6:,.1f} MB to {total / 1e9:,.1f} GB, which is beyond what "
            "this app takes.",
            CHOOSE,
        )
    return total


def _check_manifest(read: Callable[[], bytes]) -> None:
    try:
        manifest = Manifest.model_validate_json(read())
    except Exception:  # What a decompressor raises, beside all that is no manifest.
        raise UserError("This zip is no project file of Muffin, or it is damaged.", CHOOSE) from None
    if manifest.format != FORMAT:
        raise UserError("This project file was written by a newer Muffin.", "Update this one, then load it again.")


def _check(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if reason := unsafe(info):
        raise UserError(f"The file {quoted(name)} in this project file {reason}.", CHOOSE)
    if not _known(name):
        raise UserError(f"This project file holds {quoted(name)}, which no project file has.", CHOOSE)
    if is_locked(info):
        raise UserError(f"The file {quoted(name)} in this project file is locked with a password.", CHOOSE)
    if info.file_size > _most(name) or expands(info, 0 if _is_json(name) else HARMLESS_ENTRY):
        raise UserError(
            f"The file {quoted(name)} in this project file would take {info.file_size / 1e6:,.0f} MB, which is beyond "
            "what this app writes.",
            CHOOSE,
        )


def _most(name: str) -> int:
    """Bytes that a file of this name may have."""
    if name.startswith("uploads/"):
        return MOST_TOTAL
    return MOST_JSON_OF.get(name.rpartition("/")[2], MOST_JSON) if _is_json(name) else MOST_BYTES


def _is_json(name: str) -> bool:
    return name.endswith((".json", ".jsonl"))


def _known(name: str) -> bool:
    """Whether a project file has a file of this name, exactly so."""
    folder, *rest = name.split("/")
    if not rest:
        return folder in (MANIFEST, *DRAFTS)
    if folder == "uploads":
        return len(rest) == 1 and bool(FINGERPRINT.fullmatch(rest[0]))
    kind = next((kind for kind, own in FOLDERS.items() if own == folder), None)
    if kind is None or len(rest) != 2 or not RUN_ID.fullmatch(rest[0]):
        return False
    return rest[1] in (*CHOICES[kind], *RESULTS[kind]) or (kind == "study" and bool(_CHUNK.fullmatch(rest[1])))
