"""What is checked about any zip from outside before anything in it is believed."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from collections.abc import Sequence
from typing import IO

MOST_FOLDERS = 50
# Photos hardly shrink in a zip, drawings and tables about tenfold; what expands much more, and to much, was made to
# do harm.
MOST_RATIO = 200
ENTRY_MARK = b"PK\x01\x02"
SMALLEST_ENTRY = 46
# The end of a zip: its mark, 8 bytes, then length and place of its list of entries; a comment may follow.
END_MARK = b"PK\x05\x06"
END_BYTES = 22
LONGEST_END = 66_000
# Where this stands 20 bytes before the end, length and place are told elsewhere.
LARGE_MARK = b"PK\x06\x07"
UNTOLD = 0xFFFFFFFF
# What zipfile raises on damaged, locked or exotic zips.
ZIP_ERRORS = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError)


def too_many_entries(file: IO[bytes], most: int) -> bool:
    """Whether a zip has more entries than ``most``; found without opening it, which takes minutes for millions."""
    listed = list_of_entries(file)
    if listed is not None and listed[1] <= most * SMALLEST_ENTRY:
        return False
    file.seek(0)
    marks, rest = 0, b""
    while block := file.read(1 << 20):
        marks += (rest + block).count(ENTRY_MARK)
        rest = block[-len(ENTRY_MARK) + 1 :]
        if marks > most:
            return True
    return False


def list_of_entries(file: IO[bytes]) -> tuple[int, int] | None:
    """Where the list of entries begins and how many bytes it has, as zipfile reads them; None where that is unclear."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - LONGEST_END))
    end = file.read(LONGEST_END)
    last = len(end) - END_BYTES
    without_comment = last >= 0 and end[last:].startswith(END_MARK) and end.endswith(b"\0\0")
    place = last if without_comment else end.rfind(END_MARK)
    if place < 0 or place > last or end[max(0, place - 20) : place].startswith(LARGE_MARK):
        return None
    length, start = struct.unpack("<II", end[place + 12 : place + 20])
    return None if UNTOLD in (length, start) else (start, length)


def expands(info: zipfile.ZipInfo, harmless: int) -> bool:
    """Whether an entry of more than ``harmless`` bytes expands as only bombs do."""
    return info.file_size > harmless and info.file_size > MOST_RATIO * max(info.compress_size, 1)


def all_expand(infos: Sequence[zipfile.ZipInfo], size: int, harmless: int) -> bool:
    """Whether all entries of a zip of ``size`` bytes together are more than ``harmless`` and expand as bombs do."""
    total = sum(info.file_size for info in infos)
    return total > harmless and total > MOST_RATIO * size


def is_locked(info: zipfile.ZipInfo) -> bool:
    """Whether an entry needs a password."""
    return bool(info.flag_bits & 1)


def unsafe(info: zipfile.ZipInfo) -> str:
    """Why an entry is not trusted, in words that follow its name, or nothing."""
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute path"
    if ".." in name.split("/"):
        return "leads out of the zip ('..')"
    if name.count("/") > MOST_FOLDERS:
        return f"lies in more than {MOST_FOLDERS} folders"
    mode = info.external_attr >> 16
    plain = not mode or stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
    return "" if plain else "is a link or a device, not a file"
