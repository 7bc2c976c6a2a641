"""Excel and OpenDocument sheets as grids of text cells."""

from __future__ import annotations

import datetime
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook, PasswordError

from core.data.read_grid import Grid, check_size, grid_of_rows
from core.data.table import quoted
from core.errors import UserError

LARGEST_UNPACKED = 1 << 30
# A cell takes 30 to 60 bytes of the XML inside.
BYTES_A_CELL = 100
EXACT_INTEGERS = 1e15
CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
ROW = re.compile(r"[0-9]{1,7}")
# Without the first no reader finds a cell in a part of an Excel file; the second is the one sheet part of OpenDocument.
CELLS_BEGIN, CONTENT = b"sheetData", "content.xml"


def sheets(path: Path) -> list[str]:
    """Names of the sheets of an Excel or OpenDocument file, in their order; raises `UserError`."""
    check_unpacked(path)
    return _careful(lambda: list(CalamineWorkbook.from_path(path).sheet_names))


def excel_rows(path: Path, sheet: str, most: int | None = None) -> list[list[Any]]:
    """The cells of one sheet (or of its first ``most`` rows), rows of equal length; ``sheet == ""`` is the first."""
    names = sheets(path)
    if not names:
        raise UserError("This file has no sheet.", "Save the table as CSV and upload that.")
    if sheet and sheet not in names:
        raise UserError(f"There is no sheet called '{sheet[:60]}'.", f"Choose one of {quoted(names, 5)}.")
    chosen = sheet or names[0]
    rows: list[list[Any]] = _careful(
        lambda: CalamineWorkbook.from_path(path).get_sheet_by_name(chosen).to_python(nrows=most)
    )
    check_size(len(rows), len(rows[0]) if rows else 0)
    return rows


def excel_grid(path: Path, sheet: str, header: bool) -> Grid:
    """Read one sheet; ``sheet == ""`` is the first. Raises `UserError` if it cannot be read."""
    rows = excel_rows(path, sheet)
    if not rows or not rows[0]:
        raise UserError("This sheet is empty.", "Choose a sheet that holds a table.")
    grid = grid_of_rows([[cell_text(cell) for cell in row] for row in rows], header)
    if len(names := sheets(path)) > 1:
        which = quoted([sheet]) if sheet else f"the first one, {quoted(names[:1])},"
        grid.notes.append(f"The file has {len(names)} sheets; {which} was read.")
    return grid


def cell_text(cell: Any) -> str:
    """A cell as a CSV file would hold it: 80 not 80.0, TRUE, 2024-05-31."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_INTEGERS else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ")
    return str(cell)


def _careful(read: Callable[[], Any]) -> Any:
    """The parser is written in Rust; whatever it throws at a broken file, also a panic, becomes one sentence."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except PasswordError:
        raise UserError("This file is protected by a password.", "Save it without one and upload it again.") from None
    except BaseException as error:
        raise UserError(
            f"This Excel file cannot be read ({str(error)[:80] or type(error).__name__}).",
            "Open it in a spreadsheet program, save the table as CSV and upload that.",
        ) from None


def check_unpacked(path: Path, most: float | None = None) -> None:
    """Small files can unpack to enormous tables; look at the sizes before anything is unpacked in memory.

    Args:
        path: A file; what is no zip, and so no spreadsheet of today, is left to others.
        most: How many cells there may be.

    Raises:
        UserError: It would unpack to too much, or is damaged.
    """
    largest = min(LARGEST_UNPACKED, BYTES_A_CELL * most) if most else LARGEST_UNPACKED
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > largest:
                problem = f"This file unpacks to more than {largest / 1e6:,.0f} MB."
                raise UserError(problem, "Save the table as CSV and upload that.")
            if any(member.filename.lower().endswith("workbook.bin") for member in members):
                raise UserError("This is a binary workbook (.xlsb).", "Save the table as .xlsx or CSV and upload that.")
            for member in members:
                if member.filename == CONTENT:
                    _check_boxes(archive, member, _repeats, most)
                elif _has_cells(archive, member):
                    _check_boxes(archive, member, _places, most)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zlib.error) as error:
        raise UserError(f"This Excel file is damaged ({str(error)[:80]}).", "Save it again and upload that.") from None


# Rows and columns of each table that is found; and what is told of every element.
Boxes = list[list[int]]
Element = Callable[[str, Mapping[str, str]], None]


def _has_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a part may be a sheet; any name may be that of one."""
    tail = b""
    with archive.open(member) as file:
        while piece := file.read(1 << 20):
            if CELLS_BEGIN in tail + piece:
                return True
            tail = piece[-len(CELLS_BEGIN) :]
    return False


def _check_boxes(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, follow: Callable[[Boxes], Element], most: float | None
) -> None:
    """Raise ValueError where a part is no XML, for it cannot be told what a reader would make of it."""
    boxes: Boxes = [[0, 0]]
    parser = expat.ParserCreate()
    parser.StartElementHandler = follow(boxes)
    try:
        with archive.open(member) as file:
            while piece := file.read(1 << 20):
                parser.Parse(piece)
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"{member.filename[:40]}: {error}") from None
    for rows, columns in boxes:
        check_size(rows, columns, most)


def _places(boxes: Boxes) -> Element:
    """Follow where the cells of an Excel sheet are; the reader makes a box of all of them."""
    row, column, box = 0, 0, boxes[0]

    def element(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal row, column
        if name == "v":  # Half of all elements; only speed asks for this.
            return
        kind, told = name.rpartition(":")[2], attributes.get("r")
        if kind == "row":
            row, column = _number(told) if told else row + 1, 0
        elif kind == "c":
            at, column = _place(told) if told else (row, column + 1)
            if at > box[0] or column > box[1]:
                box[:] = max(box[0], at), max(box[1], column)

    return element


def _number(told: str) -> int:
    if not ROW.fullmatch(told):
        raise ValueError(f"a row {told[:20]!r}")
    return int(told)


def _place(told: str) -> tuple[int, int]:
    """Row and column, from 1, of a cell such as B7."""
    if not (found := CELL.fullmatch(told)):
        raise ValueError(f"a cell {told[:20]!r}")
    return int(found[2]), _column(found[1])


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _repeats(boxes: Boxes) -> Element:
    """Follow how far the cells with a value go in an OpenDocument sheet; rows and cells say how often they are."""
    row = times = column = 0

    def element(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal row, times, column
        if name == "table:table":
            row = times = 0
            boxes.append([0, 0])
        elif name == "table:table-row":
            row, column = row + times, 0
            times = int(attributes.get("table:number-rows-repeated", "1"))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            column += int(attributes.get("table:number-columns-repeated", "1"))
            if any(each.startswith("office:") or each == "table:formula" for each in attributes):
                boxes[-1] = [row + times, max(boxes[-1][1], column)]

    return element
