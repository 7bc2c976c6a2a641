"""Formats are detected from content: separator, decimal mark, encoding, header, missing markers, kind of file."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.data.read import read_table
from core.data.sniff import has_header, missing_markers, sniff
from core.errors import UserError
from core.spec import MISSING_MARKERS, TableFormat

CSVKIT = Path(__file__).parents[2] / "fixtures" / "csvkit"


def test_a_single_character_is_text(tmp_path: Path) -> None:
    assert sniff(written(tmp_path, "5")) == TableFormat(header=False)


def written(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("text", "delimiter", "decimal"),
    [
        ("a,b\n1.5,2\n3,4\n", ",", "."),
        ("a;b\n1.5;2\n3;4\n", ";", "."),
        ("a;b\n1,5;2,25\n3;4\n", ";", ","),
        ("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", ";", ","),
        ("a\tb\n1,5\t2\n3,5\t4\n", "\t", ","),
        ("a|b\n1.5|2\n", "|", "."),
        ("a b\n1.5 2\n3 4\n", " ", "."),
        ("x   y\n 1.5    2\n 30    4\n", " ", "."),
        ('a,b\n"1,5","2,5"\n"3,5","4,5"\n', ",", ","),
        ('a,b\n"1,234","2"\n"3,500","4"\n', ",", "."),
        ('name,note\nx,"one; two"\ny,"three; four"\n', ",", "."),
        ("full name\nJohn Smith\nMary Jones\n", ",", "."),
        ("score\n1\n2\n", ",", "."),
        ("\tA\tB\ng1\t1\t2\ng2\t3\t4\n", "\t", "."),
        ("A,B\ng1,1,2\ng2,3,4\n", ",", "."),
    ],
)
def test_separator_and_decimal_mark(tmp_path: Path, text: str, delimiter: str, decimal: str) -> None:
    found = sniff(written(tmp_path, text))
    assert (found.kind, found.delimiter, found.decimal) == ("text", delimiter, decimal)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "latin-1"),
    ],
)
def test_encoding(tmp_path: Path, codec: str, encoding: str) -> None:
    assert sniff(written(tmp_path, "name;größe\nJosé;1,5\n".encode(codec))).encoding == encoding


def test_one_broken_byte_does_not_make_a_file_latin(tmp_path: Path) -> None:
    good = "name,größe\nJosé,1\nŁódź,2\n".encode() * 50
    assert sniff(written(tmp_path, good + b"M\xfcller,3\n")).encoding == "utf-8"
    assert sniff(written(tmp_path, "Größe,Name\n1,Müller\n2,Çelik\n".encode("cp1252"))).encoding == "latin-1"
    half = "a,b\nJosé,1\n".encode() + "José,2\n".encode("latin-1")
    assert sniff(written(tmp_path, half)).encoding == "latin-1"


def test_latin_letter_far_into_a_file_is_seen(tmp_path: Path) -> None:
    content = b"a,b\n" + b"1,2\n" * 600_000 + "é,2\n".encode("latin-1")
    assert sniff(written(tmp_path, content)).encoding == "latin-1"
    assert sniff(written(tmp_path, b"a,b\n" + b"1,2\n" * 600_000 + "é,2\n".encode())).encoding == "utf-8"


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a,b\n1,2\n3,4\n", True),
        ("6,148,72\n1,85,66\n8,183,64\n", False),
        ("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n4.7,3.2,Iris-setosa\n", False),
        ("name,2019,2020,2021\nx,1,2,3\ny,4,5,6\n", True),
        ("0,1,2,3\n5,6.5,7,1\n8,9.5,1,0\n", True),
        ("gene,101,205,307\nENSG1,0.5,1.5,2.5\nENSG2,1.25,0.5,3.5\n", True),
        ("p,x,s\ne,x,s\np,f,y\ne,x,s\np,f,s\n", False),
        ("city,country\nParis,France\nRome,Italy\nBern,Switzerland\n", True),
        ("a,b,c\n1,b,c\n2,b,c\n3,b,c\n", True),
        ("?,2,3\n4,5,6\n7,8,9\n", False),
        ("a,b,c\n", True),
        ("1,2,3\n", False),
    ],
)
def test_header_or_none(tmp_path: Path, text: str, header: bool) -> None:
    assert sniff(written(tmp_path, text)).header is header


def test_header_of_row_names_is_one_shorter() -> None:
    assert has_header([["A", "B"], ["g1", "1", "2"], ["g2", "3", "4"]])


def test_words_for_missing_in_columns_of_numbers_are_found() -> None:
    rows = [["1", "x"], ["2", "n.d."], ["n.d.", "y"], ["4", "z"]]
    assert missing_markers(rows) == (*MISSING_MARKERS, "n.d.")
    assert missing_markers([["1"], ["2"], ["low"], ["4"]]) == MISSING_MARKERS


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]})
    frame.to_excel(tmp_path / "one.csv.xlsx", index=False)
    frame.to_parquet(tmp_path / "two.csv")
    assert sniff(tmp_path / "one.csv.xlsx", "table.csv").kind == "excel"
    assert sniff(tmp_path / "two.csv", "table.csv").kind == "parquet"
    assert sniff(written(tmp_path, "a,b\n1,2\n", "three.xlsx"), "three.xlsx").kind == "text"
    assert sniff(CSVKIT / "test.xls").kind == "excel"


def test_first_sheet_with_a_table_is_chosen() -> None:
    assert sniff(CSVKIT / "sheets.xlsx").sheet == "data"


def test_sheet_of_several_columns_comes_before_a_sheet_of_remarks(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"Read me": ["This book holds grades.", "See the second sheet."]}).to_excel(writer, index=False)
        pd.DataFrame({"Maths": [80, 50, 60], "Passed": list("yny")}).to_excel(writer, sheet_name="Grades", index=False)
        pd.DataFrame({"a": [1], "b": [2], "c": [3]}).to_excel(writer, sheet_name="Later", index=False)
    format = sniff(path)
    assert format.sheet == "Grades"
    table = read_table(path, format)
    assert table.names == ("Maths", "Passed")
    assert table.notes == ("The file has 3 sheets; 'Grades' was read.",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG picture"),
        (b"%PDF-1.7 abc", "PDF document"),
        (bytes(range(256)) * 20, "binary file"),
        (b"\x1f\x8b\x08\x00abc", "gzip archive"),
        (b'{"a": [1, 2]}', "JSON file"),
        (b'[\n {"a": 1}]', "JSON file"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"PK\x03\x04 broken", "damaged archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "cannot be read"),
        (b"PAR1 broken", "cannot be read"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content, "grades.csv")
    from core.data.read import read_table

    with pytest.raises(UserError, match=message):
        read_table(path, sniff(path, "grades.csv"))


def test_zip_of_tables_is_refused_with_a_reason(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    with pytest.raises(UserError, match="zip archive"):
        sniff(tmp_path / "x.zip")
