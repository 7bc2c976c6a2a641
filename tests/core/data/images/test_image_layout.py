"""Folders and tables of labels say which class and part each picture has."""

from __future__ import annotations

import pytest

from core.data.images import labels
from core.data.images.labels import read_labels
from core.data.images.layout import arrange, short_names


def arranged(*paths: str) -> list[tuple[str, str]]:
    return [(place.class_name, place.part) for place in arrange([tuple(path.split("/")) for path in paths])]


@pytest.mark.parametrize("above", ["", "photos/", "my/photos/"])
def test_folders_are_classes_and_folders_around_all_are_looked_through(above: str) -> None:
    found = arranged(f"{above}cat/1.png", f"{above}dog/2.png", f"{above}dog/old/3.png")
    assert found == [("cat", ""), ("dog", ""), ("dog", "")]


def test_a_stray_file_does_not_hide_the_classes() -> None:
    assert arranged("cover.png", "p/cat/1.png", "p/dog/2.png", "p/dog/3.png") == [
        ("", ""), ("cat", ""), ("dog", ""), ("dog", ""),
    ]  # fmt: skip


def test_pictures_at_the_top_have_no_class() -> None:
    assert arranged("1.png", "2.png") == [("", ""), ("", "")]


@pytest.mark.parametrize("above", ["", "data/"])
def test_train_val_and_test_are_parts(above: str) -> None:
    found = arranged(
        f"{above}Train/cat/1.png", f"{above}Train/dog/2.png", f"{above}valid/cat/3.png", f"{above}test/dog/4.png"
    )
    assert found == [("cat", "train"), ("dog", "train"), ("cat", "validation"), ("dog", "test")]


def test_what_lies_beside_the_parts_has_no_class() -> None:
    found = arranged("train/cat/1.png", "test/cat/2.png", "extra/cat/3.png", "test/4.png")
    assert found == [("cat", "train"), ("cat", "test"), ("", ""), ("", "test")]


def test_a_class_called_train_is_no_part() -> None:
    assert arranged("train/1.png", "bus/2.png") == [("train", ""), ("bus", "")]


def test_parts_without_classes_are_not_taken_for_classes() -> None:
    assert arranged("train/1.png", "test/2.png") == [("", "train"), ("", "test")]


def test_long_names_are_cut_and_stay_different() -> None:
    long = ["x" * 10_000 + str(number) for number in range(3)]
    names = short_names([*long, "cat", long[0]])
    assert [len(name) for name in names] == [100, 98, 98, 3, 100]
    assert len(set(names)) == 4 and names[0] == names[4]


FLAT = [("1.png",), ("2.png",), ("3.png",)]


@pytest.mark.parametrize(
    "table",
    [
        "file,label\n1.png,cat\n2.png,dog\n3.png,cat\n",
        "\ufefflabel;file\ncat;1.png\ndog;2.png\ncat;3.png\n",
        "id\tbreed\n1\tcat\n2\tdog\n3\tcat\n",
        "1.png,cat\n2.png,dog\n3.png,cat\n",
        "number,path,width,species\n7,./1.PNG,40,cat\n8,./2.PNG,41,dog\n9,./3.PNG,42,cat\n",
        "file,width,kind\n1.png,40,cat\n2.png,41,dog\n3.png,42,cat\n",
    ],
)
def test_table_names_the_classes_of_a_flat_zip(table: str) -> None:
    assert read_labels([table.encode()], FLAT) == ["cat", "dog", "cat"]


def test_path_is_believed_before_the_name() -> None:
    paths = [("train", "1.png"), ("test", "1.png")]
    table = b"file,label\ntrain/1.png,cat\ntest/1.png,dog\n"
    assert read_labels([table], paths) == ["cat", "dog"]


def test_files_without_a_row_have_no_class_and_other_tables_are_ignored() -> None:
    tables = [b"day,rain\nmonday,1\n", b"\xff\xfe\x00", b"", b"file,label\n1.png,cat\n2.png,\n"]
    assert read_labels(tables, FLAT) == ["cat", "", ""]


def test_mark_at_the_start_of_a_table_does_not_hide_its_first_column() -> None:
    table = "\ufefflabel,file,size\ncat,1.png,small\ndog,2.png,large\nowl,3.png,large\n"
    assert read_labels([table.encode()], FLAT) == ["cat", "dog", "owl"]


def test_letters_of_old_tools_are_read() -> None:
    assert read_labels(["file,label\n1.png,Käse\n".encode("latin-1")], FLAT) == ["Käse", "", ""]


def test_tables_that_would_take_minutes_are_left_aside() -> None:
    paths = [("1.png",), ("2.png",)]
    good = b"file,label\n1.png,cat\n2.png,dog\n"
    wide = b"1.png," + b"," * labels.LONGEST_LINE + b"cow\n"
    long = b"1.png,cow\n" * (labels.MOST_ROWS + 2)
    assert read_labels([wide, long, good], paths) == ["cat", "dog"]


def test_old_line_ends_part_rows() -> None:
    assert read_labels([b"file,label\r1.png,cat\r2.png,dog"], [("1.png",), ("2.png",)]) == ["cat", "dog"]
