"""Whatever is uploaded is recognised by its content, and what cannot be used is told in a sentence."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from core.arrivals import Arrival, classes_in_names, kind_of, propose_arrivals
from core.data.images.read import load_images
from core.errors import UserError
from core.spec import AnyConfig, ImageConfig, RunConfig
from core.workspace import Workspace
from tests.conftest import grades
from tests.core.data.images.pictures import picture, two_classes, zipped

TABLE = grades(40).to_csv(index=False).encode()


def propose(workspace: Workspace, files: dict[str, bytes]) -> AnyConfig:
    return propose_arrivals(workspace, [Arrival(name, io.BytesIO(content)) for name, content in files.items()])


def classes_of(workspace: Workspace, config: AnyConfig) -> dict[str, int]:
    assert isinstance(config, ImageConfig)
    names = [image.class_name for image in load_images(workspace, config.data.source).images]
    return {name: names.count(name) for name in sorted(set(names))}


def excel() -> bytes:
    content = io.BytesIO()
    grades(20).to_excel(content, index=False)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("photos", zipped({"a/b.png": b""}), "zip"),
        ("table.csv", zipped({"a/b.png": b""}), "zip"),
        ("photos.zip", excel(), "table"),
        ("photo.csv", picture(1), "picture"),
        ("photo", picture(1, kind="JPEG"), "picture"),
        ("photo.jpg", b"", "picture"),
        ("bmi.csv", b"BMI,age\n20,30\n", "table"),
        ("p.csv", b"P1,P2\n1,2\n", "table"),
        ("cut.xlsx", excel()[:3000], "table"),
        ("cut.zip", zipped(two_classes(2))[:300], "zip"),
        ("empty.csv", b"", "table"),
    ],
)
def test_content_decides_what_a_file_is(name: str, content: bytes, kind: str) -> None:
    file = Arrival(name, io.BytesIO(content))
    assert kind_of(file) == kind
    assert file.content.read() == content


def test_table_and_zip_of_pictures_each_become_their_own_kind_of_run(workspace: Workspace) -> None:
    assert isinstance(propose(workspace, {"grades.csv": TABLE}), RunConfig)
    config = propose(workspace, {"pets.zip": zipped(two_classes(3))})
    assert config.data.source.name == "pets.zip"
    assert classes_of(workspace, config) == {"cats": 3, "dogs": 3}


def test_folder_is_read_as_a_zip_of_it_would_be(workspace: Workspace) -> None:
    files = {f"pets/{name}": content for name, content in two_classes(3).items()}
    config = propose(workspace, {**files, "pets/.DS_Store": b"junk", "pets/read me.txt": b"words"})
    assert config.data.source.name == "pets"
    assert classes_of(workspace, config) == {"cats": 3, "dogs": 3}


def test_a_zip_for_each_class_makes_its_classes(workspace: Workspace) -> None:
    zips = {f"{name}.zip": zipped({f"{k}.png": picture(10 * s + k) for k in range(3)})
            for s, name in enumerate(("cats", "dogs"))}  # fmt: skip
    config = propose(workspace, zips)
    assert config.data.source.name == "cats.zip and 1 more"
    assert classes_of(workspace, config) == {"cats": 3, "dogs": 3}


def test_pictures_with_a_table_of_labels_get_their_classes_from_it(workspace: Workspace) -> None:
    pictures = {f"{number}.png": picture(number) for number in range(6)}
    table = "file,label\n" + "".join(f"{name},{'odd' if int(name[0]) % 2 else 'even'}\n" for name in pictures)
    config = propose(workspace, {**pictures, "labels.csv": table.encode()})
    assert config.data.source.name == "6 pictures"
    assert classes_of(workspace, config) == {"even": 3, "odd": 3}


def test_pictures_that_are_named_after_their_class_are_sorted_by_it(workspace: Workspace) -> None:
    files = {f"{name}.{number}.png": picture(10 * start + number) for start, name in enumerate(("cat", "dog"))
             for number in range(3)}  # fmt: skip
    assert classes_of(workspace, propose(workspace, files)) == {"cat": 3, "dog": 3}


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (["a-1.png", "a-2.png", "b-1.png", "b (2).png"], ["a", "a", "b", "b"]),
        (["red_cat_1.png", "red_cat_2.png", "x/dog01.png", "x/dog02.png"], ["red_cat", "red_cat", "dog", "dog"]),
        (["IMG_1.jpg", "IMG_2.jpg", "DSC1.jpg", "DSC2.jpg"], None),
        (["1.png", "2.png"], None),
        (["cat1.png", "cat2.png"], None),
        (["cat1.png", "cat2.png", "dog1.png"], None),
    ],
)
def test_names_tell_classes_only_where_they_clearly_do(names: list[str], classes: list[str] | None) -> None:
    assert classes_in_names(names) == classes


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"one.png": picture(1)}, "1 picture came without classes"),
        ({"IMG_1.png": picture(1), "IMG_2.png": picture(2)}, "2 pictures came without classes"),
        ({"pets.zip": zipped(two_classes(3)), "grades.csv": TABLE}, "A zip and a table .'grades.csv'. were given"),
        ({"a.csv": TABLE, "b.csv": TABLE, "c.csv": TABLE}, "one table, or from two .* got 3 files"),
        ({".DS_Store": b"junk"}, "no file that could be used"),
        ({"pets.zip": zipped({"grades.csv": TABLE})}, "holds no pictures"),
    ],
)
def test_what_cannot_be_used_together_is_told(workspace: Workspace, files: dict[str, bytes], words: str) -> None:
    with pytest.raises(UserError, match=words) as told:
        propose(workspace, files)
    assert told.value.remedy


def test_too_many_files_are_better_zipped(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="20,001 files were given at once") as told:
        propose_arrivals(workspace, [Arrival("a.png", io.BytesIO())] * 20_001)
    assert "zip" in told.value.remedy


def test_names_with_folders_are_never_paths(workspace: Workspace, tmp_path: Path) -> None:
    files = {f"../../{name}": content for name, content in two_classes(3).items()}
    with pytest.raises(UserError):
        propose(workspace, files)
    assert not (tmp_path / "cats").exists()


def test_two_tables_are_joined(workspace: Workspace) -> None:
    frame = pd.DataFrame({"id": range(30), "a": range(30), "b": range(30)})
    answer = pd.DataFrame({"id": range(30), "answer": ["yes", "no", "no"] * 10})
    config = propose(workspace, {name: table.to_csv(index=False).encode()
                                 for name, table in (("a.csv", frame), ("b.csv", answer))})  # fmt: skip
    assert isinstance(config, RunConfig)
    assert config.data.target == "answer"
