"""The sample of clothes is what its README says, and folders pack into the same sets as zips."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.images.dataset import build_image_dataset
from core.data.images.findings import image_findings
from core.data.images.image_set import ImageSet
from core.data.images.pack import keep_files, keep_folder
from core.data.images.propose import propose_images
from core.data.images.read import load_images
from core.errors import UserError
from core.spec import ImageSource
from core.workspace import Workspace
from tests.core.data.images.pictures import picture, two_classes

SAMPLES = Path(__file__).resolve().parents[4] / "sample_data"


def test_clothes_are_three_classes_without_copies(load: Callable[[bytes], ImageSet]) -> None:
    content = (SAMPLES / "clothes.zip").read_bytes()
    assert len(content) < 250_000
    found = load(content)
    assert Counter(image.class_name for image in found.images) == {"pullover": 115, "coat": 115, "shirt": 115}
    assert {(image.width, image.height, image.mode) for image in found.images} == {(28, 28, "L")}
    data = propose_images(found, ImageSource(fingerprint="0" * 64))
    assert (data.task, data.size, data.color) == ("multiclass", 32, "grey")
    assert image_findings(found, data) == []
    assert len(build_image_dataset(found, data)) == 345
    row = next(line for line in (SAMPLES / "README.md").read_text().splitlines() if "`clothes.zip`" in line)
    assert "345 photos" in row and "MIT" in row


def test_folder_and_files_make_one_set(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    for name, content in two_classes(3).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (tmp_path / "secret.png").write_bytes(picture(900))
    os.symlink(tmp_path / "secret.png", folder / "cats" / "link.png")
    first = keep_folder(workspace, folder)
    files = [(name, io.BytesIO(content)) for name, content in sorted(two_classes(3).items())]
    assert keep_files(workspace, files) == first
    found = load_images(workspace, ImageSource(fingerprint=first))
    assert [image.path for image in found.images] == sorted(two_classes(3))


def test_missing_folder_gives_a_sentence(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no folder"):
        keep_folder(workspace, tmp_path / "nowhere")


def test_names_of_a_directory_upload_are_not_trusted(workspace: Workspace) -> None:
    files = [("..\\evil.png", io.BytesIO(picture(1))), ("cats/1.png", io.BytesIO(picture(2)))]
    found = load_images(workspace, ImageSource(fingerprint=keep_files(workspace, files)))
    assert len(found) == 1 and "leads out" in found.unreadable[0][1]
