"""Safe reading of a zip of pictures: nothing is unpacked under a name from the zip, and nothing without a limit."""

from __future__ import annotations

import shutil
import threading
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.images.decode import MOST_BYTES, Unreadable
from core.data.zips import ZIP_ERRORS, all_expand, expands, is_locked, too_many_entries, unsafe
from core.errors import UserError

MOST_ENTRIES = 200_000
MOST_TOTAL = 30_000_000_000
MOST_INNER = 100
MOST_INNER_BYTES = 4_000_000_000
DEEPEST = 3
HARMLESS_ENTRY = 20_000_000
HARMLESS_TOTAL = 1_000_000_000
JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "@eadir", "$recycle.bin"})
GONE = "The uploaded zip is no longer there.", "Upload it again."
SPLIT_IT = "Divide it into smaller zips."


@dataclass(frozen=True)
class Entry:
    """One file in a zip.

    Args:
        archive: 0 for the upload, k for the k-th zip inside it.
        number: Its place in the list of that zip.
        path: Folders and name; an inner zip counts as a folder. For display and classes only, never a path on disk.
    """

    archive: int
    number: int
    path: tuple[str, ...]


@dataclass(frozen=True)
class Skipped:
    """A file that takes no part, and why, in words that follow its name."""

    path: str
    reason: str


@dataclass(frozen=True, eq=False)
class Contents:
    """What a zip holds: usable entries, skipped ones, and the files (the upload first) in which they are."""

    entries: list[Entry]
    skipped: list[Skipped]
    archives: list[Path]
    most_inner: float = MOST_INNER_BYTES


class Archive:
    """Reads entries of an upload and of the zips that were inside it; safe to use from several threads.

    Args:
        paths: The upload, then the inner zips.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._zips = [_opened(path) for path in paths]
        self._lock = threading.Lock()
        self._infos = [file.infolist() for file in self._zips]

    def read(self, archive: int, number: int) -> bytes:
        """The bytes of one entry; raises `Unreadable`."""
        info = self._infos[archive][number]
        _check_entry(info)
        try:
            # zipfile counts its open entries without a lock of its own.
            with self._lock:
                file = self._zips[archive].open(info)
            try:
                return file.read(MOST_BYTES + 1)
            finally:
                with self._lock:
                    file.close()
        # A damaged entry may raise what the decompressor raises, beside all that zipfile does.
        except Exception:
            raise Unreadable("is damaged inside the zip") from None

    def mark(self, archive: int, number: int) -> tuple[int, int]:
        """The entry's CRC-32 and size, which are equal for equal files."""
        return self._infos[archive][number].CRC, self._infos[archive][number].file_size

    def close(self) -> None:
        """Close all files."""
        for file in self._zips:
            file.close()


def contents(upload: Path, folder: Path, most_inner: float = MOST_INNER_BYTES) -> Contents:
    """Look through a zip and the zips inside it.

    Args:
        upload: The zip.
        folder: Where inner zips are kept, under numbers of ours.
        most_inner: How many bytes all inner zips may have.

    Raises:
        UserError: Not a zip, damaged, too many entries, or made to expand without end.
    """
    found = Contents([], [], [upload], min(MOST_INNER_BYTES, most_inner))
    _look(found, 0, (), folder, depth=1)
    return found


def inner_path(folder: Path, number: int) -> Path:
    """The file of the ``number``-th inner zip."""
    return folder / f"inner-{number:03d}.zip"


def _look(found: Contents, archive: int, above: tuple[str, ...], folder: Path, depth: int) -> None:
    path = found.archives[archive]
    _check_count(path)
    with _opened(path) as file:
        infos = file.infolist()
        _check_total(infos, path, len(found.entries))
        for number, info in enumerate(infos):
            parts = _parts(info)
            if not parts or info.is_dir():
                continue
            own = parts[1:] if above and parts[0].casefold() == above[-1].casefold() and len(parts) > 1 else parts
            full = (*above, *own)
            if reason := unsafe(info):
                found.skipped.append(Skipped("/".join(full), reason))
            elif any(part.startswith(".") or part.casefold() in JUNK for part in parts):
                continue
            elif full[-1].casefold().endswith(".zip"):
                _look_inside(found, file, info, (*full[:-1], full[-1][:-4] or "zip"), folder, depth)
            else:
                found.entries.append(Entry(archive, number, full))


def _look_inside(
    found: Contents, file: zipfile.ZipFile, info: zipfile.ZipInfo, path: tuple[str, ...], folder: Path, depth: int
) -> None:
    """Unpack an inner zip under a number, and look through it."""
    name = "/".join(path) + ".zip"
    number = len(found.archives)
    if depth >= DEEPEST or number > MOST_INNER:
        limit = f"{DEEPEST} levels of zips" if depth >= DEEPEST else f"{MOST_INNER} zips in a zip"
        found.skipped.append(Skipped(name, f"lies beyond {limit}, which is the limit"))
        return
    unpacked = sum(path.stat().st_size for path in found.archives[1:])
    if info.file_size + unpacked > found.most_inner or expands(info, HARMLESS_ENTRY):
        found.skipped.append(Skipped(name, "is too large for a zip inside a zip"))
        return
    inner = inner_path(folder, number)
    try:
        with file.open(info) as source, inner.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        _opened(inner).close()
    except (UserError, *ZIP_ERRORS):
        inner.unlink(missing_ok=True)
        found.skipped.append(Skipped(name, "is damaged and cannot be opened"))
        return
    found.archives.append(inner)
    _look(found, number, path, folder, depth + 1)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise UserError(*GONE) from None
    except ZIP_ERRORS:
        raise UserError(
            "A zip file was expected, and this file is none, or it is damaged or cut off.",
            "Pack the folder of pictures as .zip (not .rar, .7z or .tar) and upload it again.",
        ) from None


def _check_count(path: Path) -> None:
    if not path.is_file():
        raise UserError(*GONE)
    with path.open("rb") as file:
        if too_many_entries(file, MOST_ENTRIES):
            raise UserError(f"The zip holds more than {MOST_ENTRIES:,} files, which is the limit.", SPLIT_IT)


def _check_total(infos: Sequence[zipfile.ZipInfo], path: Path, before: int) -> None:
    if len(infos) + before > MOST_ENTRIES:
        raise UserError(f"The zip holds more than {MOST_ENTRIES:,} files, which is the limit.", SPLIT_IT)
    total, size = sum(info.file_size for info in infos), path.stat().st_size
    if total > MOST_TOTAL or all_expand(infos, size, HARMLESS_TOTAL):
        raise UserError(
            f"The zip would expand from {size / 1e6:,.1f} MB to {total / 1e9:,.1f} GB, which is beyond "
            "what pictures do and what this app takes.",
            SPLIT_IT,
        )


def _check_entry(info: zipfile.ZipInfo) -> None:
    if is_locked(info):
        raise Unreadable("is locked with a password")
    if info.file_size > MOST_BYTES:
        raise Unreadable(f"is a file of {info.file_size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB are read")
    if expands(info, HARMLESS_ENTRY):
        raise Unreadable(f"would expand {info.file_size / max(info.compress_size, 1):,.0f} times, as zip bombs do")


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Folders and name in plain characters; names that old tools mark wrongly as cp437 are read as UTF-8."""
    name = info.filename
    if not info.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    pieces = (_plain(piece) for piece in name.replace("\\", "/").split("/"))
    return tuple(piece for piece in pieces if piece and piece != ".")


def _plain(text: str) -> str:
    kept = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())
