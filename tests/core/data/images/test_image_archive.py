"""A hostile zip can neither leave the workspace, nor fill memory or disk, nor stop the reading of the rest."""

from __future__ import annotations

import io
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import zips
from core.data.images import archive
from core.data.images.archive import Archive, contents
from core.data.images.decode import Unreadable
from core.errors import UserError
from tests.core.data.images.pictures import Files, picture, zipped


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Files | bytes], archive.Contents]:
    def run(files: Files | bytes) -> archive.Contents:
        upload = tmp_path / "upload"
        upload.write_bytes(files if isinstance(files, bytes) else zipped(files))
        (tmp_path / "folder").mkdir(exist_ok=True)
        return contents(upload, tmp_path / "folder")

    return run


def paths(found: archive.Contents) -> list[str]:
    return ["/".join(entry.path) for entry in found.entries]


Look = Callable[[Files | bytes], archive.Contents]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../../evil.png", "leads out"),
        ("a/../../evil.png", "leads out"),
        ("..\\evil.png", "leads out"),
        ("/etc/evil.png", "absolute"),
        ("C:\\evil.png", "absolute"),
        ("\\\\server\\evil.png", "absolute"),
    ],
)
def test_paths_that_lead_elsewhere_are_skipped(look: Look, name: str, reason: str) -> None:
    found = look({name: picture(1), "cats/1.png": picture(2)})
    assert paths(found) == ["cats/1.png"]
    assert len(found.skipped) == 1 and reason in found.skipped[0].reason


def test_links_are_skipped(look: Look) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        link = zipfile.ZipInfo("cats/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(link, "/etc/passwd")
        target.writestr("cats/1.png", picture(1))
    found = look(content.getvalue())
    assert paths(found) == ["cats/1.png"]
    assert found.skipped[0].reason == "is a link or a device, not a file"


def test_very_deep_folders_are_skipped(look: Look) -> None:
    found = look({"a/" * 20_000 + "deep.png": picture(1), "a/" * zips.MOST_FOLDERS + "2.png": picture(2)})
    assert [len(entry.path) for entry in found.entries] == [zips.MOST_FOLDERS + 1]
    assert found.skipped[0].reason == "lies in more than 50 folders"


def test_what_systems_leave_behind_is_not_mentioned(look: Look) -> None:
    junk = ["__MACOSX/cats/._1.png", "cats/.DS_Store", "cats/Thumbs.db", "cats/desktop.ini", ".hidden/1.png"]
    found = look({**dict.fromkeys(junk, b"x"), "cats/1.png": picture(1)})
    assert paths(found) == ["cats/1.png"] and not found.skipped


def test_inner_zips_are_folders(look: Look, tmp_path: Path) -> None:
    inner = zipped({"1.png": picture(1), "deep.zip": zipped({"2.png": picture(2)})})
    found = look({"cats.zip": inner, "dogs.zip": zipped({"dogs/3.png": picture(3)})})
    assert sorted(paths(found)) == ["cats/1.png", "cats/deep/2.png", "dogs/3.png"]
    read = Archive(found.archives)
    by_path = {"/".join(entry.path): read.read(entry.archive, entry.number) for entry in found.entries}
    assert by_path["cats/deep/2.png"] == picture(2) and by_path["dogs/3.png"] == picture(3)
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {f"inner-{n:03d}.zip" for n in (1, 2, 3)}


def test_zips_in_zips_end_somewhere(look: Look) -> None:
    content = zipped({"1.png": picture(1)})
    for _ in range(6):
        content = zipped({"again.zip": content, "2.png": picture(2)})
    found = look(content)
    assert len(found.entries) == archive.DEEPEST
    assert "3 levels" in found.skipped[0].reason


def test_damaged_inner_zip_is_skipped(look: Look) -> None:
    found = look({"broken.zip": b"PK\x03\x04 nothing", "cats/1.png": picture(1)})
    assert paths(found) == ["cats/1.png"]
    assert [(one.path, one.reason) for one in found.skipped] == [("broken.zip", "is damaged and cannot be opened")]


def test_inner_zips_share_one_limit_on_disk(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({"1.png": picture(1)})
    monkeypatch.setattr(archive, "MOST_INNER_BYTES", len(inner) + 10)
    found = look({"a.zip": inner, "b.zip": inner})
    assert paths(found) == ["a/1.png"] and found.skipped[0].path == "b.zip"


@pytest.mark.parametrize("content", [b"", b"not a zip", picture(1), zipped({"a/1.png": picture(1)})[:-30]])
def test_what_is_no_zip_is_said(look: Look, content: bytes) -> None:
    with pytest.raises(UserError, match="A zip file was expected"):
        look(content)


def test_too_many_files_are_refused_without_opening(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_ENTRIES", 20)
    assert len(look({f"a/{number}.png": b"" for number in range(20)}).entries) == 20
    monkeypatch.setattr(archive, "_opened", lambda path: pytest.fail("opened"))
    with pytest.raises(UserError, match="more than 20 files"):
        look({f"a/{number}.png": b"" for number in range(21)})


def test_a_zip_that_expands_without_end_is_refused(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "HARMLESS_TOTAL", 1_000_000)
    bomb = zipped({f"a/{number}.png": bytes(400_000) for number in range(5)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="would expand"):
        look(bomb)


@pytest.mark.parametrize(
    ("limit", "value", "words"), [("HARMLESS_ENTRY", 1000, "zip bombs"), ("MOST_BYTES", 1000, "at most 0 MB")]
)
def test_one_entry_that_expands_is_not_read(
    look: Look, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str
) -> None:
    found = look(zipped({"a/1.png": bytes(400_000)}, zipfile.ZIP_DEFLATED))
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(Unreadable, match=words):
        Archive(found.archives).read(0, 0)


def test_size_that_lies_is_not_believed(look: Look) -> None:
    content = bytearray(zipped({"a/1.png": bytes(400_000)}, zipfile.ZIP_DEFLATED))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 100)
    found = look(bytes(content))
    with pytest.raises(Unreadable, match="damaged inside the zip"):
        Archive(found.archives).read(0, 0)


def test_locked_entry_is_not_read(look: Look) -> None:
    content = bytearray(zipped({"a/1.png": picture(1)}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    found = look(bytes(content))
    with pytest.raises(Unreadable, match="password"):
        Archive(found.archives).read(0, 0)


def test_names_of_old_tools_are_read_as_utf8(look: Look) -> None:
    content = zipped({"K\u00e4tzchen/1.png": picture(1)})
    unmarked = content.replace(struct.pack("<H", 0x800), struct.pack("<H", 0))
    assert paths(look(unmarked)) == ["Kätzchen/1.png"]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=6, unique=True))
def test_no_name_writes_anywhere_or_stops_the_reading(names: list[str]) -> None:
    files = {name.encode("utf-8", "replace").decode(): b"x" for name in names}
    with tempfile.TemporaryDirectory() as above:
        upload, folder = Path(above, "upload"), Path(above, "folder")
        upload.write_bytes(zipped(files))
        folder.mkdir()
        found = contents(upload, folder)
        assert sorted(path.name for path in Path(above).rglob("*")) == ["folder", "upload"]
    for entry in found.entries:
        assert entry.path and all(part and part not in (".", "..") and "/" not in part for part in entry.path)
        assert all(part.isprintable() for part in entry.path)
