"""From an upload to a set of pictures that is read once."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.images import read, sort
from core.data.images.image_set import ImageSet
from core.data.images.read import load_images
from core.errors import UserError
from core.spec import ImageSource
from core.workspace import Workspace
from tests.core.data.images.pictures import Files, picture, saved, two_classes, zipped

Load = Callable[[Files | bytes], ImageSet]


def everything(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_pictures_have_their_classes_sizes_and_pixels(load: Load) -> None:
    found = load({"cats/1.png": picture(1, (50, 20)), "dogs/2.jpg": picture(2, (200, 300), "JPEG")})
    assert [(image.path, image.class_name, image.width, image.height, image.mode) for image in found.images] == [
        ("cats/1.png", "cats", 50, 20, "RGB"), ("dogs/2.jpg", "dogs", 200, 300, "RGB"),
    ]  # fmt: skip
    assert (np.asarray(found.open(0)) == np.asarray(Image.open(io.BytesIO(picture(1, (50, 20)))))).all()
    assert found.thumb(0).size == (96, 38) and found.thumb(1).size == (64, 96)
    assert found.thumbs.shape == (2, 96, 96, 3)
    assert found.unreadable == () and found.notes == ()


@pytest.mark.parametrize(
    ("file", "damage"),
    [("images.json", b""), ("images.json", b"[]"), ("images.json", b'{"images": 5}'), ("copies.npy", b"")],
)
def test_damaged_set_is_read_again_from_the_upload(load: Load, file: str, damage: bytes) -> None:
    whole = load(two_classes())
    (whole.folder / file).write_bytes(damage)
    again = load(two_classes())
    assert again.images == whole.images
    assert (again.thumbs == whole.thumbs).all()


def test_unreadable_files_are_listed_and_the_rest_is_read(load: Load) -> None:
    files = {**two_classes(2), "cats/empty.png": b"", "cats/cut.png": picture(1)[:200], "dogs/fake.jpg": b"hello"}
    found = load({**files, "stray.png": picture(9), "readme.txt": b"hi"})
    assert len(found) == 4
    reasons = dict(found.unreadable)
    assert set(reasons) == {"cats/empty.png", "cats/cut.png", "dogs/fake.jpg", "stray.png"}
    assert "no class" in reasons["stray.png"] and "empty" in reasons["cats/empty.png"]
    assert found.notes == ("1 file that is no picture left aside.",)
    assert [found.open(index).size for index in range(4)] == [(40, 30)] * 4


def test_flat_zip_with_a_table_of_labels(load: Load) -> None:
    table = b"file,label\n1.png,cat\n2.png,dog\n"
    found = load({"all/1.png": picture(1), "all/2.png": picture(2), "all/3.png": picture(3), "labels.csv": table})
    assert [image.class_name for image in found.images] == ["cat", "dog"]
    assert found.unreadable[0][0] == "all/3.png"
    assert "Classes come from the table of labels in the zip." in found.notes


def test_folders_win_over_a_table(load: Load) -> None:
    found = load({**two_classes(2), "labels.csv": b"file,label\n0.png,a\n1.png,b\n"})
    assert {image.class_name for image in found.images} == {"cats", "dogs"}


def test_pictures_inside_inner_zips_open(load: Load) -> None:
    found = load({"cats.zip": zipped({"1.png": picture(1)}), "dogs.zip": zipped({"2.png": picture(2)})})
    assert [image.class_name for image in found.images] == ["cats", "dogs"]
    assert (np.asarray(found.open(1)) == np.asarray(Image.open(io.BytesIO(picture(2))))).all()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"1.png": picture(1), "2.png": picture(2)}, "None of the 2 pictures lies in a folder"),
        ({"train/1.png": picture(1), "test/2.png": picture(2)}, "None of the 2 pictures lies in a folder"),
        ({"notes.txt": b"hello"}, "holds no pictures; it holds 'notes.txt'"),
        ({}, "holds no pictures; it holds nothing"),
        ({"cats/1.png": b"", "dogs/2.png": b"x"}, r"No picture in the zip can be read\. 'cats/1\.png' is empty"),
    ],
)
def test_a_zip_without_usable_pictures_gives_a_sentence(
    load: Load, workspace: Workspace, files: Files, words: str
) -> None:
    with pytest.raises(UserError, match=words):
        load(files)
    assert not list((workspace.root / "image_sets").iterdir())


def test_ids_follow_the_path_and_stay_apart(load: Load) -> None:
    first = load(two_classes(2))
    second = load({"cats/new.png": picture(7), **two_classes(2)})
    assert {image.path: image.id for image in first.images}.items() <= {i.path: i.id for i in second.images}.items()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target, pytest.warns(UserWarning, match="Duplicate name"):
        for seed in (1, 2):
            target.writestr("cats/1.png", picture(seed))
    twice = load(content.getvalue())
    assert len({image.id for image in twice.images}) == 2
    assert (np.asarray(twice.open(1)) == np.asarray(Image.open(io.BytesIO(picture(2))))).all()


def test_set_is_read_once_and_nothing_is_written_elsewhere(
    workspace: Workspace, source_of: Callable[[bytes], ImageSource], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = source_of(zipped({**two_classes(2), "../../evil.png": picture(3), "/tmp/evil.png": picture(4)}))
    shares: list[float] = []
    load_images(workspace, source, shares.append)
    assert shares[-1] == 1.0 and shares == sorted(shares)
    assert {path.split("/")[1] for path in everything(tmp_path)} == {"uploads", "image_sets"}
    names = {path.rsplit("/", 1)[1] for path in everything(tmp_path) if "image_sets" in path}
    assert names == {"images.json", "copies.npy", "thumbs.npy", "pixels-64-rgb.npy"}
    monkeypatch.setattr(read, "_build", lambda *_: pytest.fail("read again"))
    assert len(load_images(workspace, source)) == 4


def test_deleted_upload_gives_a_sentence(workspace: Workspace, source_of: Callable[[bytes], ImageSource]) -> None:
    source = source_of(zipped(two_classes(2)))
    load_images(workspace, source)
    workspace.upload(source.fingerprint).unlink()
    with pytest.raises(UserError, match="no longer there"):
        load_images(workspace, source).open(0)


def test_full_disk_gives_a_sentence_and_leaves_nothing(
    workspace: Workspace, source_of: Callable[[bytes], ImageSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(read, "save_images", full)
    with pytest.raises(UserError, match="disk is full"):
        load_images(workspace, source_of(zipped(two_classes(2))))
    assert not list((workspace.root / "image_sets").iterdir())


def test_two_hundred_classes(load: Load) -> None:
    tiny = [saved(Image.new("RGB", (4, 4), (number, 255 - number, 7))) for number in range(200)]
    found = load({f"class {number:03d}/{place}.png": tiny[number] for number in range(200) for place in range(2)})
    assert len({image.class_name for image in found.images}) == 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("<b onclick=x>cat", "<b onclick=x>cat"),
        ("猫", "猫"),
        ("x" * 10_000, "x" * 100),
        ("a'\"&;", "a'\"&;"),
        (" spaced\t out ", "spaced out"),
    ],
    ids=["html", "unicode", "long", "quotes", "spaces"],
)
def test_odd_class_names_survive(load: Load, name: str, expected: str) -> None:
    found = load({f"{name}/1.png": picture(1), "other/2.png": picture(2)})
    assert [image.class_name for image in found.images] == [expected, "other"]


def test_every_conversion_is_kept_with_its_picture(load: Load) -> None:
    palette = saved(Image.new("RGB", (8, 8), "red").quantize(4))
    found = load({"cats/1.png": palette, "dogs/2.tif": saved(Image.new("CMYK", (8, 8)), "TIFF")})
    assert [image.notes for image in found.images] == [
        ("converted from a palette to RGB",), ("converted from print colours (CMYK) to RGB",),
    ]  # fmt: skip
    stored = json.loads((found.folder / "images.json").read_text())
    assert stored["images"]["mode"] == ["P", "CMYK"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=4, unique=True))
def test_any_names_give_a_set_or_a_sentence(
    workspace: Workspace, source_of: Callable[[bytes], ImageSource], names: list[str]
) -> None:
    clean = [name.encode("utf-8", "replace").decode() for name in names]
    files = {f"{name}/{number}.png": picture(number, (4, 4)) for number, name in enumerate(clean)}
    try:
        found = load_images(workspace, source_of(zipped(files)))
    except UserError as error:
        assert error.problem
    else:
        assert len(found) + len(found.unreadable) <= len(files)
        assert all(1 <= len(image.class_name) <= 100 for image in found.images)
    assert {path.name for path in workspace.root.iterdir()} <= {"uploads", "image_sets"}


def test_tables_of_labels_share_one_limit(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    table = b"file,label\n1.png,cat\n2.png,dog\n"
    files = {"1.png": picture(1), "2.png": picture(2), "notes.txt": b"x" * 40, "labels.csv": table}
    assert [image.class_name for image in load(files).images] == ["cat", "dog"]
    monkeypatch.setattr(sort, "MOST_TABLE_BYTES", len(table) + 39)
    with pytest.raises(UserError, match="folder that tells its class"):
        load({**files, "3.png": picture(3)})
