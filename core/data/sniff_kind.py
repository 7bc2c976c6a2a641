"""What kind of file it is, by its first bytes; its name is only a hint."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path
from typing import Literal

from core.data.read_blocks import BLOCK_BYTES, is_mostly_utf8, utf16_order
from core.data.table import shorten
from core.errors import UserError

Kind = Literal["text", "excel", "parquet"]
Encoding = Literal["utf-8", "utf-16", "latin-1"]
OTHER_FILES = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x89HDF": "an HDF5 file",
    b"RDX": "an R data file",
    b"SQLite": "an SQLite database",
    b"ARROW1": "an Arrow or Feather file",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
}
ALLOWED_CONTROLS = b"\t\n\v\f\r\x1a\x1b"
CONTROLS = bytes(code for code in range(32) if code not in ALLOWED_CONTROLS)
MOST_CONTROLS = 0.01
JSON_START = re.compile(rb'\s*(\{\s*"[^"]*"\s*:|\[\s*[\[{])')


def file_kind(path: Path, name: str = "") -> Kind:
    """Text, Excel or Parquet by content; raises `UserError` for anything else.

    Args:
        path: The file.
        name: The name that it had, for the message.
    """
    with path.open("rb") as file:
        start = file.read(64 << 10)
    if not start.strip():
        raise UserError(f"The file{_called(name)} is empty.", "Choose a file that holds a table.")
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "excel"
    if start.startswith(b"PK\x03\x04"):
        return _zip_kind(path, name)
    for beginning, what in OTHER_FILES.items():
        if start.startswith(beginning):
            raise _no_table(name, what)
    if not _is_utf16(start) and len(start) - len(start.translate(None, CONTROLS)) > MOST_CONTROLS * len(start):
        raise _no_table(name, "a binary file")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<svg")):
        raise _no_table(name, "a web page or XML document")
    if JSON_START.match(start.removeprefix(codecs.BOM_UTF8)):
        raise _no_table(name, "a JSON file")
    return "text"


def _called(name: str) -> str:
    return f" '{shorten(name)}'" if name else ""


def _no_table(name: str, what: str) -> UserError:
    return UserError(
        f"Expected a table (CSV, TSV, Excel or Parquet), but the file{_called(name)} is {what}.",
        "Save the table as CSV or Excel and upload that.",
    )


def _zip_kind(path: Path, name: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = set(archive.namelist()[:100_000])
    except (zipfile.BadZipFile, ValueError, OSError):
        raise _no_table(name, "a damaged archive or Excel file") from None
    if any(member.startswith("xl/") for member in members) or {"content.xml", "mimetype"} <= members:
        return "excel"
    if any(member.startswith(("word/", "ppt/")) for member in members):
        raise _no_table(name, "an Office document without a table")
    raise _no_table(name, "a zip archive")


def _is_utf16(start: bytes) -> bool:
    """UTF-16 by its mark, or because every second byte of much of the text is zero."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    zeros = max(start[0::2].count(0), start[1::2].count(0))
    if not zeros or zeros < 0.3 * (len(start) // 2) or min(start[0::2].count(0), start[1::2].count(0)) > 0.05 * zeros:
        return False
    try:
        start[: len(start) // 2 * 2].decode(utf16_order(start))
    except UnicodeDecodeError as error:
        return error.end >= len(start) - 2
    return True


def file_encoding(path: Path) -> Encoding:
    """UTF-16 by its bytes; UTF-8 if the file is valid UTF-8 but for few characters; else Latin-1 / Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        piece = file.read(BLOCK_BYTES)
        if _is_utf16(piece[: 64 << 10]):
            return "utf-16"
        try:
            while piece:
                if not (piece.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(piece)
                piece = file.read(BLOCK_BYTES)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "utf-8" if is_mostly_utf8(path) else "latin-1"
    return "utf-8"
