"""What the draft's pictures amount to, computed once for each choice and kept small."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
from PIL import Image

from core.data.finding import Finding
from core.data.images.dataset import build_image_dataset
from core.data.images.findings import image_findings
from core.data.images.image_set import ImageInfo, ImageSet
from core.data.images.pixels import pixels_of
from core.data.target import class_order
from core.errors import UserError
from core.image_choices import class_of_each, takes_part
from core.spec import ImageData, ImageSource
from pages.parts.session import workspace
from pages.parts.tables import images_of

# Thumbnails are drawn at this size; Streamlit would scale and save larger ones anew each time.
SIDE = 88


@dataclass(frozen=True, eq=False)
class Album:
    """A set of pictures as a choice sees it, whether they take part or not.

    Args:
        image_set: n pictures.
        names: (n,) class of each, corrected.
        takes: (n,) whether it takes part.
    """

    image_set: ImageSet
    names: np.ndarray
    takes: np.ndarray

    @cached_property
    def classes(self) -> dict[str, int]:
        """Pictures that take part, of each class, in the order in which classes are shown everywhere."""
        names, counts = np.unique(self.names[self.takes].astype(str), return_counts=True)
        found = dict(zip(names.tolist(), counts.tolist(), strict=True))
        return {str(names[place]): found[str(names[place])] for place in class_order(list(found))}

    @cached_property
    def out(self) -> np.ndarray:
        """Places of those that are left out."""
        return np.flatnonzero(~self.takes)

    def of_class(self, name: str) -> np.ndarray:
        """Places of the pictures of a class that take part."""
        return np.flatnonzero(self.takes & (self.names == name))

    def places(self, ids: tuple[str, ...]) -> np.ndarray:
        """Places of pictures by their ids, copies beside each other; ids that are not here are passed over."""
        index = self.image_set.index
        found = np.array([index[id] for id in ids if id in index], np.int64)
        return found[np.argsort(self.image_set.near[found], kind="stable")]

    def info(self, place: int) -> ImageInfo:
        """What is known of one picture."""
        return self.image_set.images[place]


@dataclass(frozen=True)
class ImageProspect:
    """What learning would start from, or why it cannot.

    Args:
        parts: Pictures for training, validation and the sealed test.
        problem: (problem, remedy) where learning is impossible.
    """

    parts: tuple[int, int, int] = (0, 0, 0)
    problem: tuple[str, str] | None = None

    @property
    def error(self) -> UserError | None:
        """Why nothing can be learned, if so."""
        return None if self.problem is None else UserError(*self.problem)


def album(data: ImageData) -> Album:
    """The pictures of a choice. Raises `UserError` if the upload is gone."""
    key = data.model_dump_json(include={"source", "left_out", "leave_out_classes", "relabelled"})
    return _album(str(workspace().root), key, data)


def image_prospect(data: ImageData) -> ImageProspect:
    """What learning would start from."""
    return _prospect(str(workspace().root), data.model_dump_json(exclude={"size", "color"}), data)


def known_image_findings(data: ImageData) -> list[Finding]:
    """What is worth knowing about the pictures, heaviest first."""
    return _findings(str(workspace().root), data.model_dump_json(), data)


def thumbnail(source: ImageSource, place: int) -> bytes:
    """A PNG of `SIDE` pixels each way with the whole picture in its middle."""
    return _thumbnail(str(workspace().root), source.fingerprint, place, source)


def enlarged(source: ImageSource, place: int) -> bytes:
    """A JPEG of the picture at its own size, or at most 800 pixels wide and high. Raises `UserError`."""
    return _enlarged(str(workspace().root), source.fingerprint, place, source)


def pixels_at(data: ImageData, place: int) -> np.ndarray:
    """One picture as the network gets it, (size, size, channels) uint8. Raises `UserError`."""
    return _pixels(str(workspace().root), data.source.fingerprint, place, data.size, data.color, data.source)


@st.cache_resource(max_entries=4, show_spinner=False)
def _album(root: str, key: str, _data: ImageData) -> Album:
    image_set = images_of(_data.source)
    return Album(image_set, class_of_each(_data, image_set), takes_part(_data, image_set))


@st.cache_resource(max_entries=16, show_spinner=False)
def _prospect(root: str, key: str, _data: ImageData) -> ImageProspect:
    try:
        split = build_image_dataset(images_of(_data.source), _data).split
    except UserError as error:
        return ImageProspect(problem=(error.problem, error.remedy))
    return ImageProspect((len(split.train), len(split.validation), len(split.test)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _findings(root: str, key: str, _data: ImageData) -> list[Finding]:
    return image_findings(images_of(_data.source), _data)


@st.cache_resource(max_entries=2_000, show_spinner=False)
def _thumbnail(root: str, key: str, place: int, _source: ImageSource) -> bytes:
    small = images_of(_source).thumb(place)
    small.thumbnail((SIDE, SIDE))
    ground = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    ground.paste(small, ((SIDE - small.width) // 2, (SIDE - small.height) // 2))
    return _saved(ground, "PNG", compress_level=1)


@st.cache_resource(max_entries=16, show_spinner=False)
def _enlarged(root: str, key: str, place: int, _source: ImageSource) -> bytes:
    image = images_of(_source).open(place)
    image.thumbnail((800, 800))
    return _saved(image, "JPEG", quality=90)


@st.cache_resource(max_entries=32, show_spinner=False)
def _pixels(root: str, key: str, place: int, size: int, color: str, _source: ImageSource) -> np.ndarray:
    image_set = images_of(_source)
    path = image_set.images[place].path
    return pixels_of(image_set.content(place), path, size, "grey" if color == "grey" else "rgb")


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()
