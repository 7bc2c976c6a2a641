"""From lines of text to cells: quotes, uneven rows, blank lines, row names without a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from core.data.read_blocks import Block, Progress, Repairs, blocks
from core.data.read_grid import CHUNK_CELLS, Grid, title_rows
from core.data.words import counted
from core.errors import UserError
from core.spec import TableFormat

HEAD_RECORDS = 100
UNUSED_CHARACTERS = (b"\x1f", b"\x1e", b"\x1d", b"\x1c", b"\x01")
ROW_NAMES = "row name"


def text_grid(path: Path, format: TableFormat, progress: Progress | None = None) -> Grid:
    """Read a text table; raises `UserError` with the line number where cells cannot be told apart."""
    repairs = Repairs()
    source = blocks(path, format.encoding, progress, repairs)
    block = _from_first_filled_line(source, format.delimiter if format.header else "")
    if not format.header:
        width = max(len(record) for record in islice(_records(iter([block]), format.delimiter), HEAD_RECORDS))
        rows = _Rows(width, format.delimiter, repairs)
        return Grid(None, width, rows.chunks(chain([block], source)), rows.notes)
    titles = title_rows(_head(block, format.delimiter)) if format.delimiter != " " else 0
    header, rest = _header(block, format.delimiter, titles)
    rest = rest if rest.text else next(source, rest)
    head = _head(rest, format.delimiter)
    header = _without_unused_names(header, head)
    notes = ["Lines above the column names were skipped."] if titles else []
    if _lacks_name_of_first_column(header, head):
        header = [ROW_NAMES, *header]
        notes.append(f"The first row has one name less than the rows have cells: the first column is '{ROW_NAMES}'.")
    rows = _Rows(len(header), format.delimiter, repairs, notes)
    return Grid(header, len(header), rows.chunks(chain([rest], source)), rows.notes)


def _from_first_filled_line(source: Iterator[Block], delimiter: str) -> Block:
    """Leave out leading lines without any text; they cannot be the header."""
    for block in source:
        text = block.text.lstrip(b" \t\v\f\n" + delimiter.encode())
        if text:
            start = block.text.rfind(b"\n", 0, len(block.text) - len(text)) + 1
            return Block(block.text[start:], block.line + block.text.count(b"\n", 0, start))
    raise UserError("This file is empty.", "Choose a file that holds a table.")


def _header(block: Block, delimiter: str, titles: int) -> tuple[list[str], Block]:
    """The record below the titles, and the block without them."""
    filled = (pair for pair in _numbered_records(iter([block]), delimiter) if pair[0])
    record, lines = next(islice(filled, titles, None))
    start = 0
    for _ in range(lines - block.line):
        start = block.text.index(b"\n", start) + 1
    return record, Block(block.text[start:], lines)


def _head(block: Block, delimiter: str) -> list[list[str]]:
    """The first records that are not blank; none if they cannot be told apart."""
    try:
        return [record for record in islice(_records(iter([block]), delimiter), HEAD_RECORDS) if record]
    except UserError:
        return []


def _without_unused_names(header: list[str], head: list[list[str]]) -> list[str]:
    """Drop the blank names that a separator at the end of the header makes, where no row is that long."""
    width = max(map(len, head), default=len(header))
    while len(header) > max(width, 1) and not header[-1].strip():
        header = header[:-1]
    return header


def _lacks_name_of_first_column(header: list[str], head: list[list[str]]) -> bool:
    """True for the files of R, whose header has no name for the column of row names."""
    longer = all(len(record) == len(header) + 1 for record in head)
    return len(header) > 1 and bool(head) and longer and any(record[-1].strip() for record in head)


def _lines(source: Iterator[Block], delimiter: str) -> Iterator[str]:
    for block in source:
        for line in io.BytesIO(block.text):
            text = line.decode()
            yield text.strip(" \n") + "\n" if delimiter == " " else text


def _numbered_records(source: Iterator[Block], delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Each record with the number of the line after it; blank lines give empty records."""
    first = next(source, None)
    if first is None:
        return
    reader = csv.reader(_lines(chain([first], source), delimiter), delimiter=delimiter, strict=True,
                        skipinitialspace=True)  # fmt: skip
    line = first.line
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _quote_error(str(error), line) from None
        line = first.line + reader.line_num
        yield record, line


def _records(source: Iterator[Block], delimiter: str) -> Iterator[list[str]]:
    return (record for record, _ in _numbered_records(source, delimiter))


def _quote_error(reason: str, line: int) -> UserError:
    if "expected after" in reason:
        problem = f"In line {line:,}, a quotation mark closes in the middle of a cell."
    else:
        problem = f"A quotation mark that opens in line {line:,} is never closed."
    return UserError(problem, "Correct that line (a quotation mark inside a quoted cell is written twice).")


@dataclass
class _Rows:
    """Cells of rows that all get the same width, and the notes about those that had another one."""

    width: int
    delimiter: str
    repairs: Repairs
    notes: list[str] = field(default_factory=list)
    blank: int = 0
    short: int = 0
    first_short: int = 0

    def chunks(self, source: Iterator[Block]) -> Iterator[pa.Array]:
        """Even blocks without quotes go to Arrow as they are; all else through Python's own CSV reader."""
        for block in source:
            if b'"' in block.text:
                yield from self._checked(chain([block], source))
                break
            cells = self._even(block.text)
            if cells is None:
                yield from self._checked(iter([block]))
            elif len(cells):
                yield cells
        self._conclude()

    def _even(self, text: bytes) -> pa.Array | None:
        """Cells of a block whose lines all have the right number of separators, else None."""
        if self.delimiter == " ":
            text = re.sub(rb" *\n *", b"\n", re.sub(rb"  +", b" ", text)).lstrip(b" ")
        separator = self.delimiter.encode()
        lines = text.split(b"\n")
        lines.pop()
        counts = {line.count(separator) for line in lines}
        unused = next((character for character in UNUSED_CHARACTERS if character not in text), None)
        if not counts <= {self.width - 1} or unused is None:
            return None
        return _one_cell_a_line(text.replace(separator, b"\n"), unused) if lines else pa.array([], pa.string())

    def _checked(self, source: Iterator[Block]) -> Iterator[pa.Array]:
        cells: list[str] = []
        line = 0
        for record, after in _numbered_records(source, self.delimiter):
            if len(record) == self.width:
                cells += record
            else:
                cells += self._repaired(record, line or after - 1)
            line = after
            if len(cells) >= CHUNK_CELLS // 4:
                yield pa.array(cells, pa.string())
                cells = []
        if cells:
            yield pa.array(cells, pa.string())

    def _repaired(self, record: list[str], line: int) -> list[str]:
        if not any(cell.strip() for cell in record):
            return self._without_values(record)
        if len(record) < self.width:
            self.first_short = self.first_short or line
            self.short += 1
            return record + [""] * (self.width - len(record))
        if any(cell.strip() for cell in record[self.width :]):
            raise UserError(
                f"Line {line:,} has {counted(len(record), 'cell')}, but the table has {counted(self.width, 'column')}.",
                "Correct that line (a cell that holds the separator must stand in quotation marks), "
                "or choose another separator.",
            )
        return record[: self.width]

    def _without_values(self, record: list[str]) -> list[str]:
        if len(record) > 1 or self.width == 1:
            return [""] * self.width
        self.blank += 1
        return []

    def _conclude(self) -> None:
        if self.repairs.count:
            self.notes.append(
                f"Characters that are not valid UTF-8 were replaced by '\N{REPLACEMENT CHARACTER}' "
                f"({self.repairs.count:,} of them, the first in line {self.repairs.line:,})."
            )
        if self.blank:
            self.notes.append(f"Blank lines were skipped ({self.blank:,} of them).")
        if self.short:
            others = f" and {self.short - 1:,} more" if self.short > 1 else ""
            self.notes.append(
                f"Line {self.first_short:,}{others} had fewer cells than the table has columns; "
                "the cells at the end count as missing."
            )


def _one_cell_a_line(text: bytes, unused: bytes) -> pa.Array:
    """(lines,) texts. Arrow splits lines far quicker than Python; ``unused`` stands nowhere in the text."""
    column = arrow_csv.read_csv(
        pa.py_buffer(text),
        arrow_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=["cell"]),
        arrow_csv.ParseOptions(delimiter=unused.decode(), quote_char=False, ignore_empty_lines=False),
        arrow_csv.ConvertOptions(column_types={"cell": pa.string()}, check_utf8=False, strings_can_be_null=False),
    ).column(0)
    return pa.concat_arrays(column.chunks)
