"""Copies are found whatever file they are saved as, and different pictures are not taken for copies."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.data.images import copies
from core.data.images.copies import FARTHEST, PIECES, components, exact_labels, near_labels, perceptual_hash
from core.data.images.image_set import ImageSet
from tests.core.data.images.pictures import Files, picture, saved, two_classes

Load = Callable[[Files], ImageSet]


def photo(seed: int) -> Image.Image:
    return Image.open(io.BytesIO(picture(seed, (240, 180))))


def test_equal_pixels_are_exact_copies_in_any_file(load: Load) -> None:
    image = photo(1)
    same = {"a/1.png": saved(image), "a/2.bmp": saved(image, "BMP"), "b/3.tif": saved(image, "TIFF")}
    found = load({**same, "b/4.png": picture(2)})
    assert found.exact.tolist()[0] == found.exact[1] == found.exact[2] != found.exact[3]
    assert found.images[0].sha256 == found.images[2].sha256


def test_one_other_pixel_is_a_near_copy_only(load: Load) -> None:
    changed = photo(1)
    changed.putpixel((3, 3), (1, 2, 3))
    found = load({"a/1.png": saved(photo(1)), "b/2.png": saved(changed)})
    assert found.exact[0] != found.exact[1] and found.near[0] == found.near[1]


def test_scaled_decoding_does_not_make_exact_copies_of_different_files(load: Load) -> None:
    flat = Image.new("RGB", (800, 800), (100, 100, 100))
    pattern = np.full((800, 800, 3), 100, np.uint8)
    pattern[::2, ::2], pattern[1::2, ::2] = 104, 96
    found = load({
        "a/1.jpg": saved(flat, "JPEG", quality=100),
        "b/2.jpg": saved(Image.fromarray(pattern), "JPEG", quality=100),
        "b/3.jpg": saved(flat, "JPEG", quality=100),
    })  # fmt: skip
    assert (found.thumbs[0] == found.thumbs[1]).all()
    assert found.exact[0] == found.exact[2] != found.exact[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda image: Image.open(io.BytesIO(saved(image, "JPEG", quality=60))),
        lambda image: image.resize((120, 90)),
        lambda image: image.resize((480, 360)),
        lambda image: ImageEnhance.Brightness(image).enhance(1.03),
    ],
    ids=["lower quality", "half size", "double size", "brighter"],
)
def test_near_copies_are_found(load: Load, change: Callable[[Image.Image], Image.Image]) -> None:
    files = {f"a/{seed}.png": saved(photo(seed)) for seed in range(8)}
    files |= {f"b/{seed}.png": saved(change(photo(seed))) for seed in range(8)}
    found = load(files)
    assert found.near[:8].tolist() == found.near[8:].tolist()
    assert len(set(found.near.tolist())) == 8
    assert not set(found.exact[:8].tolist()) & set(found.exact[8:].tolist())


def test_different_pictures_are_no_copies(load: Load) -> None:
    found = load(two_classes(40))
    assert len(set(found.near.tolist())) == 80


def test_same_hash_with_other_colours_is_no_copy(load: Load) -> None:
    colours = [Image.new("RGB", (20, 20), (number * 40, 0, 255 - number * 40)) for number in range(6)]
    found = load({f"{'ab'[number % 2]}/{number}.png": saved(image) for number, image in enumerate(colours)})
    assert len({image.hash for image in found.images}) == 1
    assert len(set(found.near.tolist())) == 6


def test_same_hash_with_another_small_thing_is_no_copy() -> None:
    thumbs = np.stack([np.asarray(photo(1).resize((96, 96)))] * 2)
    hashes = np.zeros(2, np.uint64)
    assert near_labels(hashes, thumbs, np.arange(2)).tolist() == [0, 0]
    thumbs[1, 40:48, 40:48] ^= 128
    assert np.abs(thumbs[0].astype(int) - thumbs[1]).mean() < 1
    assert near_labels(hashes, thumbs, np.arange(2)).tolist() == [0, 1]


def test_every_pair_within_reach_shares_a_piece_of_its_hash() -> None:
    assert sum(PIECES) == 64 and len(PIECES) == FARTHEST + 1
    thumbs = np.repeat(np.random.default_rng(1).integers(0, 256, (1, 96, 96, 3), dtype=np.uint8), 2, axis=0)
    random = np.random.default_rng(0)
    for _ in range(200):
        code = int(random.integers(0, 2**63))
        other = code
        for bit in random.choice(64, FARTHEST, replace=False).tolist():
            other ^= 1 << bit
        labels = near_labels(np.array([code, other], np.uint64), thumbs, np.arange(2))
        assert labels[0] == labels[1]
    far = np.array([0, 2 ** (FARTHEST + 1) - 1], np.uint64)
    assert near_labels(far, thumbs, np.arange(2)).tolist() == [0, 1]


def test_hash_is_the_sign_of_low_frequencies() -> None:
    across = np.repeat((127.5 + 100 * np.cos(np.pi * (np.arange(96) + 0.5) / 96))[None], 96, axis=0)
    bits = f"{perceptual_hash(np.repeat(across[..., None], 3, axis=2).astype(np.uint8)):064b}"
    assert bits[0] == "0" and bits[1] == "1" and bits[8] == "0"
    assert perceptual_hash(np.full((96, 96, 3), 9, np.uint8)) == 0


def test_components_follow_chains() -> None:
    labels = components(6, np.array([[0, 3], [3, 5], [1, 2]]))
    assert labels[0] == labels[3] == labels[5] and labels[1] == labels[2]
    assert len(set(labels.tolist())) == 3
    chain = np.stack([np.arange(99), np.arange(1, 100)], axis=1)[::-1]
    assert set(components(100, chain).tolist()) == {0}
    assert components(3, np.zeros((0, 2), np.int64)).tolist() == [0, 1, 2]


def test_crowds_of_like_hashes_stay_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def unlike(one: np.ndarray, two: np.ndarray, thumbs: np.ndarray) -> np.ndarray:
        compared.append(len(one))
        return np.zeros(len(one), bool)

    monkeypatch.setattr(copies, "_alike", unlike)
    thumbs = np.zeros((0, 96, 96, 3), np.uint8)
    near_labels(np.arange(4096, dtype=np.uint64) << np.uint64(52), thumbs, np.arange(4096))
    assert sum(compared) == 0
    near_labels(np.zeros(5000, np.uint64), thumbs, np.arange(5000))
    assert 0 < sum(compared) < copies.ROUNDS * 5000


def test_exact_labels_follow_digests() -> None:
    assert exact_labels(["b", "a", "b"]).tolist() == [1, 0, 1]
