"""From the bytes of a text file to blocks of whole lines in UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from core.errors import UserError

BLOCK_BYTES = 1 << 20
LONGEST_LINE = 256 << 20
REPLACEMENT = "\N{REPLACEMENT CHARACTER}".encode()
WINDOWS_LETTERS = "".join(
    bytes([code]).decode("latin-1" if code in b"\x81\x8d\x8f\x90\x9d" else "cp1252") for code in range(256)
)
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Block:
    """Whole lines of text.

    Attributes:
        text: Valid UTF-8; every line ends with one line feed.
        line: Number of the first line in the file, counted from 1.
    """

    text: bytes
    line: int


@dataclass
class Repairs:
    """Broken characters that were replaced: how many, and the line of the first, counted from 1."""

    count: int = 0
    line: int = 0


def blocks(
    path: Path, encoding: str, progress: Progress | None = None, repairs: Repairs | None = None
) -> Iterator[Block]:
    """Read a text file in blocks of about two megabytes.

    Args:
        path: The file.
        encoding: ``"utf-8"``, ``"utf-16"`` or ``"latin-1"`` (which includes Windows-1252).
        progress: Is called with the share that was read, 0 to 1.
        repairs: Counts characters that are broken in a file of otherwise good UTF-8, and are replaced.

    Raises:
        UserError: Bytes that the encoding does not allow, or NUL characters; with the line number.
    """
    line = 1
    repairs = repairs or Repairs()
    size = path.stat().st_size or 1
    with path.open("rb") as file:
        for text in _whole_lines(_pieces(file, encoding)):
            text = _checked(text, line, path, repairs)
            yield Block(text, line)
            line += text.count(b"\n")
            if progress:
                progress(min(file.tell() / size, 1.0))


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Cut at the last line break of each piece; all line breaks become line feeds."""
    waiting: list[bytes] = []
    for piece in _line_feeds(pieces):
        cut = piece.rfind(b"\n") + 1
        if cut:
            yield b"".join([*waiting, piece[:cut]])
            waiting = []
        waiting.append(piece[cut:])
        if sum(map(len, waiting)) > LONGEST_LINE:
            raise UserError("One line of this file is longer than 256 MB.", "Save it as a table with line breaks.")
    if rest := b"".join(waiting):
        yield rest + b"\n"


def _line_feeds(pieces: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for part in pieces:
        piece, held = held + part, b""
        if piece.endswith(b"\r"):
            piece, held = piece[:-1], b"\r"
        yield piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece
    if held:
        yield b"\n"


def _pieces(file: IO[bytes], encoding: str) -> Iterator[bytes]:
    """The file as UTF-8 without a byte order mark; pieces may end within a character."""
    start = file.read(BLOCK_BYTES)
    if encoding == "utf-16":
        yield from _from_utf16(file, start)
        return
    piece = start.removeprefix(codecs.BOM_UTF8)
    while piece:
        yield piece if encoding == "utf-8" or piece.isascii() else from_windows(piece).encode()
        piece = file.read(BLOCK_BYTES)


def from_windows(piece: bytes) -> str:
    """Decode Windows-1252; the five bytes that it does not know are read as Latin-1."""
    return codecs.charmap_decode(piece, "strict", WINDOWS_LETTERS)[0]


def utf16_order(start: bytes) -> str:
    """The byte order of UTF-16 text, from its mark or from where the zero bytes of Latin letters stand."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-be" if start[0::2].count(0) > start[1::2].count(0) else "utf-16-le"


def _from_utf16(file: IO[bytes], piece: bytes) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(utf16_order(piece))()
    try:
        while piece:
            yield decoder.decode(piece).encode()
            piece = file.read(BLOCK_BYTES)
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise UserError("This file is not valid UTF-16 text.", "Choose another encoding.") from None


def _checked(text: bytes, line: int, path: Path, repairs: Repairs) -> bytes:
    if b"\0" in text:
        place = line + text.count(b"\n", 0, text.index(b"\0"))
        raise UserError(
            f"Line {place:,} holds a NUL character (a byte of value zero), which a text table never does.",
            "Choose another encoding, or save the table again from the program that made it.",
        )
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError as error:
        place = line + text.count(b"\n", 0, error.start)
        if not repairs.count and not is_mostly_utf8(path):
            raise UserError(f"Line {place:,} is not valid UTF-8 text.", "Choose Latin-1 as the encoding.") from None
        mended = text.decode(errors="replace").encode()
        repairs.line = repairs.line or place
        repairs.count += mended.count(REPLACEMENT) - text.count(REPLACEMENT)
        return mended
    return text


def is_mostly_utf8(path: Path) -> bool:
    """Whether a file has at least twice as many letters beyond ASCII in good UTF-8 as broken bytes.

    In text of another encoding hardly any letters look like UTF-8 by chance.
    """
    good = broken = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    with path.open("rb") as file:
        piece = b"start"
        while piece:
            piece = file.read(BLOCK_BYTES)
            if piece.isascii() and piece and not decoder.getstate()[0]:
                continue
            text = decoder.decode(piece, final=not piece)
            codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
            lost = int(((codes >= 0xDC80) & (codes <= 0xDCFF)).sum())
            good, broken = good + int((codes > 127).sum()) - lost, broken + lost
    return good >= 2 * broken
