"""Zips of generated pictures, kept and read."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from core.data.images.image_set import ImageSet
from core.data.images.read import load_images
from core.spec import ImageSource
from core.workspace import Workspace
from tests.core.data.images.pictures import Files, zipped


@pytest.fixture
def source_of(workspace: Workspace) -> Callable[[bytes], ImageSource]:
    """Keeps the bytes of a zip as an upload."""
    return lambda content: ImageSource(fingerprint=workspace.keep(io.BytesIO(content)), name="photos.zip")


@pytest.fixture
def load(workspace: Workspace, source_of: Callable[[bytes], ImageSource]) -> Callable[[Files | bytes], ImageSet]:
    """Reads files, or the bytes of a zip, as a set of pictures."""

    def read(files: Files | bytes) -> ImageSet:
        return load_images(workspace, source_of(files if isinstance(files, bytes) else zipped(files)))

    return read
