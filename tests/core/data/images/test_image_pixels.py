"""Pixels are the same numbers however and whenever they are made."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from core.data.images import pixels as room
from core.data.images.image_set import ImageSet
from core.data.images.npy import RowFile
from core.data.images.pixels import in_order, pixels, pixels_of, to_grey
from core.errors import UserError
from core.workspace import Workspace
from tests.core.data.images.pictures import Files, picture, saved, two_classes

Load = Callable[[Files], ImageSet]


def test_pixels_are_those_of_pillow(load: Load, workspace: Workspace) -> None:
    found = pixels(workspace, load(two_classes(3)), 32)
    expected = Image.open(io.BytesIO(picture(101))).resize((32, 32), Image.Resampling.BILINEAR)
    assert found.shape == (6, 32, 32, 3) and found.dtype == np.uint8
    assert (found[4] == np.asarray(expected)).all()
    assert not found.flags.writeable


@pytest.mark.parametrize("size", [32, 64, 96])
def test_pixels_of_one_picture_equal_those_of_the_set(load: Load, workspace: Workspace, size: int) -> None:
    large = picture(5, (1000, 700), "JPEG")
    found = load({"cats/1.jpg": large, "dogs/2.png": picture(6)})
    for color in ("rgb", "grey"):
        assert (pixels(workspace, found, size, color)[0] == pixels_of(large, "1.jpg", size, color)).all()


def test_pixels_made_while_reading_equal_those_made_later(load: Load, workspace: Workspace) -> None:
    found = load({"cats/1.jpg": picture(5, (1000, 700), "JPEG"), "dogs/2.png": picture(6)})
    early = np.array(pixels(workspace, found, 64))
    (found.folder / "pixels-64-rgb.npy").unlink()
    assert (early == pixels(workspace, found, 64)).all()


def test_scaled_decoding_is_near_full_decoding(load: Load, workspace: Workspace) -> None:
    content = picture(5, (1000, 700), "JPEG", quality=95)
    full = Image.open(io.BytesIO(content)).resize((64, 64), Image.Resampling.BILINEAR)
    ours = pixels(workspace, load({"cats/1.jpg": content, "dogs/2.png": picture(6)}), 64)[0]
    assert np.abs(ours.astype(int) - np.asarray(full, int)).mean() < 1.5


def test_grey_is_pillow_s() -> None:
    every = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert (to_grey(every)[..., 0] == np.asarray(Image.fromarray(every).convert("L"))).all()


def test_pixels_are_made_once(load: Load, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(two_classes(20))
    shares: list[float] = []
    first = np.array(pixels(workspace, found, 48, progress=shares.append))
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)
    monkeypatch.setattr(room, "_decoded", lambda *_: pytest.fail("made again"))
    assert (pixels(workspace, found, 48) == first).all()
    assert not list(found.folder.glob(".new-*"))


def test_failure_leaves_no_half_file(load: Load, workspace: Workspace) -> None:
    found = load(two_classes(3))
    found._upload.unlink()
    with pytest.raises(UserError, match="no longer there"):
        pixels(workspace, found, 128)
    assert not list(found.folder.glob(".new-*")) and not (found.folder / "pixels-128-rgb.npy").exists()


def test_one_picture_that_cannot_be_read_gives_a_sentence() -> None:
    with pytest.raises(UserError, match=r"'new\.png' is not a picture"):
        pixels_of(b"hello", "new.png", 64)
    assert pixels_of(saved(Image.new("RGBA", (9, 5), (0, 0, 0, 0))), "new.png", 16, "grey").min() == 255


def test_results_come_in_order_and_few_wait() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(500):
            taken.append(number)
            yield number

    results = in_order(lambda number: number * 2, items())
    assert next(results) == 0
    assert len(taken) <= room.WAITING * 64
    assert list(results) == [2 * number for number in range(1, 500)]


def test_rows_of_a_file_are_those_of_the_array(load: Load) -> None:
    found = load(two_classes(4))
    places = np.array([6, 0, 6, 3])
    assert (RowFile(found.folder / "thumbs.npy")[places] == found.thumbs[places]).all()
