"""What stands in a file stands in the table, and whatever the reader changed is said."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data import read_blocks, read_grid
from core.data.read import preview, read_table, sheets
from core.data.read_excel import check_unpacked
from core.data.sniff import sniff
from core.data.table import Table
from core.errors import UserError
from core.spec import TableFormat

CSVKIT = Path(__file__).parents[2] / "fixtures" / "csvkit"


def written(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes, **format: object) -> Table:
    return read_table(written(folder, content), TableFormat.parse(format))


def cells(table: Table) -> list[list[object]]:
    columns: list[list[object]] = [table.column(name).tolist() for name in table.names]
    return [[None if value != value else value for value in row] for row in zip(*columns, strict=True)]


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many small pieces, so that short test files cross their borders."""
    monkeypatch.setattr(read_blocks, "BLOCK_BYTES", 16)


def test_numbers_texts_and_missing_cells(tmp_path: Path) -> None:
    table = read(tmp_path, "id,x,y,flag\n a ,1,?,yes\nb,-2.5e1,NA,no\n,3,4,\n")
    assert table.names == ("id", "x", "y", "flag")
    assert table.number_names == ("x", "y")
    assert cells(table) == [["a", 1, None, "yes"], ["b", -25, None, "no"], [None, 3, 4, None]]
    assert table.notes == ()
    assert table.numbers.dtype == np.float64


def test_own_missing_markers_replace_the_usual_ones(tmp_path: Path) -> None:
    table = read(tmp_path, "x,y\n-999,NA\n1,b\n", missing=["-999"])
    assert cells(table) == [[None, "NA"], [1, "b"]]


def test_booleans_stay_text(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a,b\ntrue,yes\nfalse,no\n")) == [["true", "yes"], ["false", "no"]]


def test_decimal_comma(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b;c\n1,5;2;1.234\n-2,5e3;3,25;5\n", delimiter=";", decimal=",")
    assert table.number_names == ("a", "b")
    assert cells(table) == [[1.5, 2, "1.234"], [-2500, 3.25, "5"]]


def test_identifiers_keep_their_digits(tmp_path: Path) -> None:
    table = read(tmp_path, "zip,card,x\n007,1234567890123456,0.1234567890123456\n123,2,0\n")
    assert cells(table) == [["007", "1234567890123456", 0.1234567890123456], ["123", "2", 0]]
    assert "kept as text: 'zip', 'card'" in table.notes[0]


def test_infinite_and_enormous_values_are_missing_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\ninf,1e400,1\n-Infinity,1,1e39\n5,6,7\n")
    assert cells(table) == [[None, None, 1], [None, 1, None], [5, 6, 7]]
    assert table.notes == ("Infinite or enormous values count as missing: 4 in 'a', 'b', 'c'.",)


def test_text_late_in_a_file_keeps_the_earlier_texts(tmp_path: Path, tiny_blocks: None) -> None:
    lines = [f"{row},1.50,{row}" for row in range(50)] + ["50,low,0007", "51,,8"]
    table = read(tmp_path, "n,level,code\n" + "\n".join(lines))
    assert table.number_names == ("n",)
    assert table.column("level").tolist() == ["1.50"] * 50 + ["low", None]
    assert table.column("code").tolist() == [str(row) for row in range(50)] + ["0007", "8"]
    assert table.column("n").tolist() == list(range(52))


@pytest.mark.parametrize("in_folder", [True, False])
def test_late_text_in_a_table_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_folder: bool) -> None:
    monkeypatch.setattr("core.data.table.DOUBLE_PRECISION_CELLS", 50)
    monkeypatch.setattr("core.data.read_numbers.DOUBLE_PRECISION_CELLS", 50)
    monkeypatch.setattr(read_blocks, "BLOCK_BYTES", 64)
    text = (
        "a,b,c,id\n" + "".join(f"{n},{n}.50,{n / 4},{20240100 + n}\n" for n in range(60)) + "60,x,15,20240160\n\n,,,\n"
    )
    folder = tmp_path / "table"
    folder.mkdir()
    table = read_table(written(tmp_path, text), TableFormat(), None, folder if in_folder else None)
    for found in [table, Table.open(folder)] if in_folder else [table]:
        assert found.numbers.dtype == np.float32
        assert found.number_names == ("a", "c")
        np.testing.assert_array_equal(found.numbers, [[n, n / 4] for n in range(61)])
        assert found.column("b").tolist() == [f"{n}.50" for n in range(60)] + ["x"]
        assert found.column("id").tolist() == [str(20240100 + n) for n in range(61)]
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sizes.keys() == ({"numbers.npy", "codes.npy", "table.json"} if in_folder else set())
    assert sizes.get("numbers.npy", 128 + 61 * 2 * 4) == 128 + 61 * 2 * 4


def test_large_table_without_texts_is_written_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.table.DOUBLE_PRECISION_CELLS", 50)
    monkeypatch.setattr("core.data.read_numbers.DOUBLE_PRECISION_CELLS", 50)
    monkeypatch.setattr(read_blocks, "BLOCK_BYTES", 64)
    text = "a,b\n" + "".join(f"{n},{n / 8}\n" for n in range(100)) + ",\n,\n"
    table = read_table(written(tmp_path, text), TableFormat(), None, tmp_path)
    np.testing.assert_array_equal(np.load(tmp_path / "numbers.npy"), [[n, n / 8] for n in range(100)])
    assert isinstance(table.numbers, np.memmap)
    assert (tmp_path / "numbers.npy").stat().st_size == 128 + 100 * 2 * 4
    assert table.notes == ("Empty rows at the end were left out (2 of them).",)


def test_names_become_unique_and_readable(tmp_path: Path) -> None:
    long = "x" * 10_000
    table = read(tmp_path, f'a,a,, b ,<b>&🙂,{long},{long},"two\nlines",a (2)\n1,2,3,4,5,6,7,8,9\n')
    names = table.names
    assert names[:5] == ("a", "a (3)", "column 3", "b", "<b>&🙂")
    assert names[5] == "x" * 200 and names[6] == "x" * 196 + " (2)"
    assert names[7:] == ("two lines", "a (2)")
    assert table.notes == (
        "Columns without a name were numbered: 'column 3'.",
        f"Columns with the name of an earlier column were renamed: 'a (3)', '{'x' * 39}…'.",
        "Column names longer than 200 characters were shortened (2 of them).",
    )


def test_without_header_columns_are_numbered(tmp_path: Path) -> None:
    table = read(tmp_path, "1,x\n2,y\n", header=False)
    assert table.names == ("column 1", "column 2")
    assert cells(table) == [[1, "x"], [2, "y"]]


def test_empty_columns_and_rows_at_the_end_are_left_out(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,,\n1,2,,\n,,,\n3,4,,\n,,,\n,,,\n")
    assert table.names == ("a", "b")
    assert cells(table) == [[1, 2], [None, None], [3, 4]]
    assert table.notes == (
        "Empty columns without a name were left out (2 of them).",
        "Empty rows at the end were left out (2 of them).",
    )


def test_row_names_without_a_name_of_their_own(tmp_path: Path) -> None:
    table = read(tmp_path, "A,B\ng1,1,2\ng2,3,4\n")
    assert table.names == ("row name", "A", "B")
    assert cells(table) == [["g1", 1, 2], ["g2", 3, 4]]
    assert "the first column is 'row name'" in table.notes[0]


def test_separator_at_the_end_of_every_line(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a,b\n1,2,\n3,4,\n")) == [[1, 2], [3, 4]]
    assert cells(read(tmp_path, "a,b,\n1,2\n3,4\n")) == [[1, 2], [3, 4]]


def test_titles_above_the_names_are_skipped(tmp_path: Path) -> None:
    table = read(tmp_path, "Report of 2024\n\na,b,c\n1,2,3\n")
    assert table.names == ("a", "b", "c")
    assert table.notes == ("Lines above the column names were skipped.",)


def test_short_rows_are_filled_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n1,2,3\n4,5\n6\n")
    assert cells(table) == [[1, 2, 3], [4, 5, None], [6, None, None]]
    assert table.notes[0].startswith("Line 3 and 1 more had fewer cells")


def test_blank_lines_are_skipped_and_said_but_not_in_a_single_column(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n\n1,2\n   \n3,4\n\n")
    assert cells(table) == [[1, 2], [3, 4]]
    assert table.notes == ("Blank lines were skipped (3 of them).",)
    assert cells(read(tmp_path, "a\n1\n\n3\n\n")) == [[1], [None], [3]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,4,5\n", "Line 3 has 3 cells, but the table has 2 columns"),
        ('a,b\n"x\ny",2\n3,4,5\n', "Line 4 has 3 cells"),
        ('a,b\n1,2\n"3,4\n5,6\n', "opens in line 3 is never closed"),
        ('a,b\n1,2\n"3"4,5\n', "In line 3, a quotation mark closes in the middle"),
        ('a,b\n"' + "x\n" * 100_000, "opens in line 2 is never closed"),
        ("a,b\n1,2\n3,\x004\n", "Line 3 holds a NUL"),
        ("a,b\n", "no rows, only column names"),
        ("a,b\n,\n", "no rows, only column names"),
        ("\n\n", "is empty"),
    ],
)
@pytest.mark.parametrize("block", [16, 1 << 20])
def test_what_cannot_be_read_is_said_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str, block: int
) -> None:
    monkeypatch.setattr(read_blocks, "BLOCK_BYTES", block)
    with pytest.raises(UserError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("block", [7, 1 << 20])
def test_broken_characters_are_replaced_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(read_blocks, "BLOCK_BYTES", block)
    names = "name,x\nJosé,1\nŁódź,2\n\N{REPLACEMENT CHARACTER}é,3\n".encode()
    found = read(tmp_path, names + b"M\xfcller,4\n\xffZo\xc3,5\n" + "Zoé,6\n".encode() * 3)
    assert found.column("name").tolist()[:5] == ["José", "Łódź", "\ufffdé", "M\ufffdller", "\ufffdZo\ufffd"]
    assert found.column("x").tolist() == [1, 2, 3, 4, 5, 6, 6, 6]
    assert found.notes == (
        "Characters that are not valid UTF-8 were replaced by '\ufffd' (3 of them, the first in line 5).",
    )


def test_wrong_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Line 3 is not valid UTF-8"):
        read(tmp_path, "a\nb\né\n".encode("latin-1"))
    with pytest.raises(UserError, match="not valid UTF-16"):
        read(tmp_path, b"a,b\n1,2\n3", encoding="utf-16")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_breaks(tmp_path: Path, tiny_blocks: None, encoding: str, newline: str) -> None:
    text = newline.join(['näme,"qu,öte"', "é,1", "ü€,2", ""])
    path = written(tmp_path, text.encode(encoding))
    table = read_table(path, sniff(path))
    assert table.names == ("näme", "qu,öte")
    assert cells(table) == [["é", 1], ["ü€", 2]]
    assert table.notes == ()


def test_one_row_one_column_and_one_cell(tmp_path: Path) -> None:
    assert cells(read(tmp_path, "a,b\n1,x")) == [[1, "x"]]
    assert cells(read(tmp_path, "a\n1\n2\n")) == [[1], [2]]
    assert cells(read(tmp_path, "7", header=False)) == [[7]]


def test_dates_and_mixed_columns_are_said(tmp_path: Path) -> None:
    table = read(
        tmp_path, 'day,x,n\n2024-01-31,1,"1,200"\n2024-02-01,2,"3,100"\n2024-02-02,3,"4,200"\n2024-02-03,<5,\n'
    )
    assert table.notes[0] == "Dates stay text: 'day'."
    assert "may have marks between the thousands stay text: 'n'" in table.notes[1]
    assert "mixed in 'x' (for example '<5')" in table.notes[2]


@pytest.mark.parametrize(
    ("column", "decimal", "numbers"),
    [
        (["3", "-45,000", *(f"1,{i}" for i in range(200, 229))], ".", [3, -45000, *range(1200, 1229)]),
        (["1,234.50", "2,000"], ".", [1234.5, 2000]),
        (["1,234,567", "2,000"], ".", [1234567, 2000]),
        (["1.234,50", "850,25", "2.000"], ",", [1234.5, 850.25, 2000]),
        (["1 234", "5 678"], ".", [1234, 5678]),
        (["1'234", "5\u00a0678"], ".", [1234, 5678]),
    ],
)
def test_marks_between_thousands_are_taken_out_where_they_are_certain(
    tmp_path: Path, column: list[str], decimal: str, numbers: list[float]
) -> None:
    content = "t;n;m\n" + "".join(f"x;{cell};1\n" for cell in column) + "x;;2\n"
    folder = tmp_path / "kept"
    folder.mkdir()
    kept = read_table(
        written(tmp_path, content), TableFormat.parse({"delimiter": ";", "decimal": decimal}), folder=folder
    )
    for table in (kept, Table.open(folder), read(tmp_path, content, delimiter=";", decimal=decimal)):
        assert table.number_names == ("n", "m")
        assert cells(table) == [*(["x", number, 1] for number in numbers), ["x", None, 2]]
        assert table.notes == ("Marks between the thousands were taken out of the numbers: 'n'.",)


@pytest.mark.parametrize(
    ("column", "decimal"),
    [
        (["1,234", "5,678"], "."),
        (["1,200", "3", "-45,000"], "."),
        ([f"1,{i}" for i in range(200, 300)], "."),
        (["1,234,567", "0,512"], "."),
        (["1,234,567", "12,34"], "."),
        (["1.234", "5.678"], ","),
        (["1,234 567", "1,234,567"], "."),
        (["1,234,567", "many"], "."),
        (["192.168.100.200", "10.0.0.1"], "."),
        (["1,2,3", "4,5,6"], "."),
    ],
)
def test_what_may_be_something_else_than_thousands_stays_text(tmp_path: Path, column: list[str], decimal: str) -> None:
    table = read(tmp_path, "n;m\n" + "".join(f"{cell};1\n" for cell in column), delimiter=";", decimal=decimal)
    assert list(table.texts) == ["n"]
    assert table.texts["n"].cells().tolist() == column


def test_spaces_between_columns(tmp_path: Path) -> None:
    table = read(tmp_path, 'x   y name\n 1    2 "a b"\n30 4  c \n', delimiter=" ")
    assert cells(table) == [[1, 2, "a b"], [30, 4, "c"]]
    assert cells(read(tmp_path, "x y\n 1   2 \n3 4\n", delimiter=" ")) == [[1, 2], [3, 4]]


def test_genes_in_rows_are_swapped(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 4)).round(6)
    frame = pd.DataFrame(values, [f"ENSG{gene}" for gene in range(300)], ["s1", "s2", "s3", "s4"])
    table = read(tmp_path, frame.rename_axis("gene_id").to_csv(), transpose=True)
    assert table.names == ("sample", *frame.index)
    assert table.column("sample").tolist() == ["s1", "s2", "s3", "s4"]
    np.testing.assert_array_equal(table.numbers, values.T)


def test_students_in_columns_are_swapped(tmp_path: Path) -> None:
    text = "Student,1,2,3\nHistory,80,50,60\nMath,60,,70\nresult,pass,fail,pass\n,,,\n"
    table = read(tmp_path, text, transpose=True)
    assert table.names == ("Student", "History", "Math", "result")
    assert table.number_names == ("History", "Math")
    assert cells(table) == [["1", 80, 60, "pass"], ["2", 50, None, "fail"], ["3", 60, 70, "pass"]]
    assert table.notes == ()
    assert read(tmp_path, "a,1,2\nb,3,4\n", transpose=True, header=False).names == ("a", "b")
    with pytest.raises(UserError, match="needs a column of names"):
        read(tmp_path, "a\n1\n", transpose=True)


def test_preview_shows_first_cells_as_texts(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c\n" + "007,1.50,x\n" * 20)
    shown = preview(path, TableFormat(), rows=3, columns=2)
    assert (shown.names, shown.rows, shown.columns) == (("a", "b"), (("007", "1.50"),) * 3, 3)
    swapped = preview(path, TableFormat(transpose=True), rows=2, columns=4)
    assert swapped.names == ("a", "007", "007 (2)", "007 (3)")
    assert swapped.rows == (("b", "1.50", "1.50", "1.50"), ("c", "x", "x", "x"))


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_grid, "MOST_CELLS", 10)
    path = written(tmp_path, "a,b\n" + "1,2\n" * 20)
    with pytest.raises(UserError, match="at most 10 cells"):
        read_table(path, TableFormat())
    pd.DataFrame({"a": range(20)}).to_parquet(tmp_path / "p")
    with pytest.raises(UserError, match="20 rows and 1 columns"):
        read_table(tmp_path / "p", TableFormat(kind="parquet"))


def test_excel_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.read_excel.CalamineWorkbook", None)
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active["XFD1048576"] = 1
    book.save(tmp_path / "bomb.xlsx")
    with pytest.raises(UserError, match="1,048,576 rows and 16,384 columns"):
        read_table(tmp_path / "bomb.xlsx", TableFormat(kind="excel"))


ODS_ROW = "<table:table-row table:number-rows-repeated = '1000000'>"
ODS_BOMBS = {
    "single quotes": "<table:table-cell table:number-columns-repeated='1000' office:value='1'/>",
    "value told first": '<table:table-cell office:value="1" table:number-columns-repeated="1000"/>',
    "many cells in a repeated row": "<table:table-cell office:value='1'/>" * 1_000,
}
EXCEL_BOMBS = {
    "single quotes": "<row><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>",
    "spaces": """<row><c r="A1"><v>1</v></c><c r\n = "XFD1048576"><v>1</v></c></row>""",
    "small letters": """<row><c r="A1"><v>1</v></c><c r="xfd1048576"><v>1</v></c></row>""",
    "a mark in an attribute": """<row><c r="A1"><v>1</v></c><c t=">" r="XFD1048576"><v>1</v></c></row>""",
    "a prefix": """<x:row xmlns:x="x"><x:c r="A1"/><x:c r="XFD1048576"/></x:row>""",
    "cells without a place": f"<row r='1048576'><c><v>1</v></c></row><row r='1'>{'<c><v>1</v></c>' * 16_384}</row>",
}


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/other.dat"])
@pytest.mark.parametrize("rows", EXCEL_BOMBS.values(), ids=EXCEL_BOMBS)
def test_excel_bomb_is_found_however_it_is_written(tmp_path: Path, rows: str, part: str) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(part, f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    with pytest.raises(UserError, match="1,048,576 rows and 16,384 columns"):
        check_unpacked(tmp_path / "bomb.xlsx", 5e6)


@pytest.mark.parametrize("cells", ODS_BOMBS.values(), ids=ODS_BOMBS)
def test_opendocument_bomb_is_found_however_it_is_written(tmp_path: Path, cells: str) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.ods", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("content.xml", f"<x><table:table>{ODS_ROW}{cells}</table:table-row></table:table></x>")
    with pytest.raises(UserError, match="1,000,000 rows and 1,000 columns"):
        check_unpacked(tmp_path / "bomb.ods", 5e6)


def test_empty_rows_to_the_end_of_a_sheet_are_no_table(tmp_path: Path) -> None:
    table = "<table:table-row><table:table-cell office:value='1'/><table:table-cell "
    end = "table:number-columns-repeated='16383'/></table:table-row><table:table-row "
    end += "table:number-rows-repeated='1048575'><table:table-cell table:number-columns-repeated='16384'/>"
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as book:
        book.writestr("content.xml", f"<x><table:table>{table}{end}</table:table-row></table:table></x>")
    check_unpacked(tmp_path / "t.ods", 10)
    rows = "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576' hidden='1'/>"
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    check_unpacked(tmp_path / "t.xlsx", 10)


def test_binary_workbook_whose_size_cannot_be_told_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as book:
        book.writestr("xl/Workbook.bin", b"")
    with pytest.raises(UserError, match="binary workbook"):
        check_unpacked(tmp_path / "t.xlsx")


def test_sheet_that_is_no_xml_is_refused_as_damaged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row></c>")
    with pytest.raises(UserError, match="damaged"):
        check_unpacked(tmp_path / "t.xlsx", 10)


def test_excel_sheets_types_and_dates(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "id": ["007", "8", "9"], "n": [80, 60, None], "x": [0.1, 2.5, -3e-7],
        "day": pd.to_datetime(["2024-01-31", "2024-02-01", ""]), "ok": [True, False, True],
    })  # fmt: skip
    with pd.ExcelWriter(tmp_path / "t.xlsx") as writer:
        pd.DataFrame({"other": [1]}).to_excel(writer, sheet_name="first", index=False)
        frame.to_excel(writer, sheet_name="second", index=False)
    assert sheets(tmp_path / "t.xlsx") == ["first", "second"]
    table = read_table(tmp_path / "t.xlsx", TableFormat(kind="excel", sheet="second"))
    assert table.number_names == ("n", "x")
    assert cells(table) == [
        ["007", 80, 0.1, "2024-01-31", "TRUE"], ["8", 60, 2.5, "2024-02-01", "FALSE"], ["9", None, -3e-7, None, "TRUE"],
    ]  # fmt: skip
    assert "the first one, 'first', was read" in read_table(tmp_path / "t.xlsx", TableFormat(kind="excel")).notes[0]
    with pytest.raises(UserError, match="no sheet called 'third'"):
        read_table(tmp_path / "t.xlsx", TableFormat(kind="excel", sheet="third"))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "id": ["1", "2", None], "n": np.array([1, 2, 3], np.int8), "x": [0.1, np.nan, 1e-30],
        "f": np.array([0.1, 0.2, 0.3], np.float32), "c": pd.Categorical(["u", "v", "u"]), "b": [True, False, True],
        "l": [[1], [2], [3]],
    })  # fmt: skip
    frame.to_parquet(tmp_path / "p")
    table = read_table(tmp_path / "p", TableFormat(kind="parquet"))
    assert table.number_names == ("n", "x", "f")
    assert cells(table) == [
        ["1", 1, 0.1, 0.1, "u", "true"], ["2", 2, None, 0.2, "v", "false"], [None, 3, 1e-30, 0.3, "u", "true"],
    ]  # fmt: skip
    assert table.notes == ("Columns that hold lists or records were left out: 'l'.",)


@pytest.mark.parametrize("name", sorted(path.name for path in CSVKIT.iterdir() if path.suffix not in (".md", "")))
def test_messy_files_give_a_table_or_a_sentence(name: str) -> None:
    failures = {"bad.csv": "Line 2 has 4 cells", "null_byte.csv": "binary file", "empty.csv": "is empty"}
    if name in failures:
        with pytest.raises(UserError, match=failures[name]):
            read_table(CSVKIT / name, sniff(CSVKIT / name))
        return
    table = read_table(CSVKIT / name, sniff(CSVKIT / name))
    assert table.rows >= 1 and len(table.names) == len(table.number_names) + len(table.texts)


def test_messy_files_hold_what_their_authors_meant() -> None:
    def table(name: str) -> Table:
        return read_table(CSVKIT / name, sniff(CSVKIT / name))

    assert cells(table("mac_newlines.csv")) == [["1", 2, 3], ["Once upon\na time", 5, 6]]
    assert cells(table("test_utf16_big.csv")) == [[1, 2, "3"], [4, 5, "ʤ"]]
    assert cells(table("test_utf8_bom.csv")) == [[1, 2, "3"], [4, 5, "ʤ"]]
    assert cells(table("test_latin1.csv")) == [[1, 2, "3"], [4, 5, "©"]]
    assert cells(table("test_locale.csv")) == [[1.7, 200_000_000, None]]
    assert cells(table("test_no_leading_zeroes.csv")) == [["01", 0.11, 0.1]]
    assert table("test_header_newline.csv").names == ("start end", "b", "c")
    assert table("FY09_EDU_Recipients_by_State.csv").column("Code").tolist()[:2] == ["01", "02"]


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=6
).filter(lambda word: not any(character.isspace() for character in word))
TEXTS = st.one_of(st.none(), WORDS.map(lambda word: "t" + word))
NUMBERS = st.one_of(st.none(), st.floats(-1e30, 1e30), st.integers(-999, 999))


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, list[object]]]:
    rows = draw(st.integers(3, 8))
    kinds = [NUMBERS, *draw(st.lists(st.sampled_from([NUMBERS, TEXTS]), min_size=1, max_size=4))]
    columns: list[list[object]] = [[*draw(st.lists(kind, min_size=rows, max_size=rows))] for kind in kinds]
    columns[0][:] = [value if value is not None else 1 for value in columns[0]]
    names = [f"n{draw(WORDS)}{place}" for place in range(len(kinds))]
    return list(zip(names, columns, strict=True))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables(),
    st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", ".")]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from([16, 100, 1 << 20]),
)
def test_any_table_in_any_dialect_comes_back(
    tmp_path: Path,
    columns: list[tuple[str, list[object]]],
    marks: tuple[str, str],
    encoding: str,
    newline: str,
    quoting: int,
    block: int,
) -> None:
    delimiter, decimal = marks
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=newline, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow([name for name, _ in columns])
    for row in zip(*(values for _, values in columns), strict=True):
        writer.writerow([_written(value, decimal) for value in row])
    path = written(tmp_path, buffer.getvalue().encode(encoding))
    found = sniff(path)
    assert (found.delimiter, found.header) == (delimiter, True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_blocks, "BLOCK_BYTES", block)
        table = read_table(path, found)
    assert table.names == tuple(name for name, _ in columns)
    for name, values in columns:
        np.testing.assert_array_equal(_comparable(table.column(name).tolist()), _comparable(values))


def _written(value: object, decimal: str) -> str:
    return "" if value is None else str(value).replace(".", decimal) if not isinstance(value, str) else value


def _comparable(values: list) -> list[object]:
    return [None if value is None or (isinstance(value, float) and math.isnan(value)) else value for value in values]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from("a1,;\t| \"'\n\r\0-.é🙂0"), max_size=80).map(str.encode),
        st.text(st.sampled_from('a1,;\n"é'), max_size=40).map(lambda text: text.encode("utf-16")),
    ),
    st.booleans(),
    st.sampled_from([8, 1 << 20]),
)
def test_any_bytes_give_a_table_or_a_sentence(tmp_path: Path, content: bytes, transpose: bool, block: int) -> None:
    path = written(tmp_path, content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_blocks, "BLOCK_BYTES", block)
        try:
            format = sniff(path).change(transpose=transpose)
            preview(path, format)
            table = read_table(path, format)
        except UserError:
            return
    assert table.numbers.shape == (table.rows, len(table.number_names))
    assert len(set(table.names)) == len(table.names) == len(table.number_names) + len(table.texts)
    assert all(table.names)
