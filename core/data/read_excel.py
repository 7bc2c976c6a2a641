"""Excel and OpenDocument sheets as grids of text cells."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, PasswordError

from core.data.read_grid import Grid, check_size, grid_of_rows
from core.data.table import quoted
from core.errors import UserError

LARGEST_UNPACKED = 1 << 30
# A cell takes 30 to 60 bytes of the XML inside.
BYTES_A_CELL = 100
EXACT_INTEGERS = 1e15
CELL = re.compile(rb'<(?:\w+:)?c\b[^>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
ROW_REPEATS = re.compile(rb'number-rows-repeated="([0-9]{1,9})"')
COLUMN_REPEATS = re.compile(rb'number-columns-repeated="([0-9]{1,9})"[^>]*office:value-type')


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
            for member in members:
                if member.filename.endswith(".xml") and "sheet" in member.filename.lower():
                    _check_sheet(archive, member, most)
                if member.filename == "content.xml":
                    _check_repeats(archive, member, most)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise UserError(f"This Excel file is damaged ({str(error)[:80]}).", "Save it again and upload that.") from None


def _check_sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: float | None) -> None:
    rows = columns = 0
    tail = b""
    with archive.open(member) as file:
        while piece := file.read(1 << 20):
            for letters, row in CELL.findall(tail + piece):
                rows = max(rows, int(row))
                columns = max(columns, _column_number(letters))
            tail = piece[-300:]
    check_size(rows, columns, most)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _check_repeats(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: float | None) -> None:
    content = archive.read(member)
    rows = max(map(int, ROW_REPEATS.findall(content)), default=1)
    columns = max(map(int, COLUMN_REPEATS.findall(content)), default=1)
    if columns > 1:
        check_size(rows, columns, most)
