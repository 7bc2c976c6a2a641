"""Every kind of picture becomes upright RGB, and what was converted is said."""

from __future__ import annotations

import io
import warnings
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.data.images import colours, decode
from core.data.images.decode import Unreadable, decode_upload
from core.errors import UserError
from tests.core.data.images.pictures import picture, saved

RED, WHITE = (255, 0, 0), (255, 255, 255)


def corner(content: bytes) -> tuple[int, ...]:
    return tuple(np.asarray(decode.decode(content).image)[0, 0].tolist())


@pytest.mark.parametrize("orientation", range(1, 9))
def test_camera_s_orientation_turns_the_picture_upright(orientation: int) -> None:
    upright = np.zeros((20, 30, 3), np.uint8)
    upright[:10, :15] = RED
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = Image.fromarray(upright) if back is None else Image.fromarray(upright).transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[decode.ORIENTATION] = orientation
    found = decode.decode(saved(stored, "PNG", exif=exif))
    assert (np.asarray(found.image) == upright).all()
    assert (found.width, found.height) == (30, 20)
    assert found.notes == ((decode.UPRIGHT,) if orientation > 1 else ())


def test_damaged_orientation_leaves_the_picture_as_it_is() -> None:
    found = decode.decode(saved(Image.new("RGB", (8, 6), RED), "JPEG", exif=b"Exif\x00\x00MM\x00\x2a\xff\xff\xff\xff"))
    assert (found.width, found.height, found.notes) == (8, 6, ())


def test_cmyk_becomes_rgb() -> None:
    found = decode.decode(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "TIFF"))
    assert found.notes == (colours.CMYK,) and found.mode == "CMYK"
    assert found.image.getpixel((0, 0)) == RED


def test_sixteen_bit_grey_keeps_its_range() -> None:
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    found = decode.decode(saved(Image.fromarray(values), "PNG"))
    assert np.asarray(found.image)[0, :, 0].tolist() == [0, 1, 128, 255]
    assert found.notes == (colours.DEPTH,)


def test_twelve_bits_stored_as_sixteen_do_not_look_black() -> None:
    values = np.array([[0, 2048, 4095, 4095]], np.uint16)
    found = decode.decode(saved(Image.fromarray(values), "PNG"))
    assert np.asarray(found.image)[0, :, 0].tolist() == [0, 128, 255, 255]
    assert found.notes == (colours.DEPTH, colours.TWELVE)


def test_sixteen_bit_colour_is_said_to_be_reduced() -> None:
    rows = b"\x00" + bytes([255, 255, 0, 0, 128, 0])
    header = b"\x00\x00\x00\x01\x00\x00\x00\x01\x10\x02\x00\x00\x00"
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big") for name, data in chunks
    )
    found = decode.decode(content)
    assert found.notes == (colours.DEPTH,)
    assert found.image.getpixel((0, 0)) == (255, 0, 128)


def test_values_beyond_sixteen_bits_are_stretched_and_that_is_said() -> None:
    values = np.array([[-2.0, 0.0, np.nan, 2.0]], np.float32)
    found = decode.decode(saved(Image.fromarray(values), "TIFF"))
    assert np.asarray(found.image)[0, :, 0].tolist() == [0, 128, 128, 255]
    assert found.notes == (colours.DEPTH, colours.STRETCHED)


def test_palette_becomes_rgb() -> None:
    found = decode.decode(saved(Image.new("RGB", (8, 8), RED).quantize(4), "PNG"))
    assert found.notes == (colours.PALETTE,)
    assert found.image.getpixel((3, 3)) == RED


def test_of_an_animation_the_first_frame_is_used() -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in (RED, "blue", "green")]
    found = decode.decode(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    assert found.notes == (decode.FIRST_FRAME,)
    assert found.image.getpixel((0, 0)) == RED


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        (Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG", {}),
        (Image.new("LA", (8, 8), (0, 0)), "PNG", {}),
        (Image.new("P", (8, 8), 0), "PNG", {"transparency": 0}),
        (Image.new("RGB", (8, 8), RED), "PNG", {"transparency": RED}),
        (Image.new("L", (8, 8), 7), "PNG", {"transparency": 7}),
    ],
    ids=["rgba", "la", "palette", "rgb key", "grey key"],
)
def test_transparent_parts_become_white(image: Image.Image, kind: str, options: dict[str, object]) -> None:
    content = saved(image, kind, **options)
    assert corner(content) == WHITE
    assert decode.decode(content).notes[-1] == colours.TRANSPARENT


def test_half_transparent_is_mixed_with_white_and_opaque_is_not_mentioned() -> None:
    assert corner(saved(Image.new("RGBA", (2, 2), (255, 0, 0, 128)))) == (255, 127, 127)
    assert decode.decode(saved(Image.new("RGBA", (2, 2), (255, 0, 0, 255)))).notes == ()


def test_lab_becomes_rgb() -> None:
    found = decode.decode(saved(Image.new("LAB", (4, 4), (255, 128, 128)), "TIFF"))
    assert found.notes == (colours.OTHER_COLOURS,)
    assert np.asarray(found.image).min() > 245


@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000", "PPM", "TGA", "ICO", "PCX"]
)
def test_usual_formats_are_read(kind: str) -> None:
    found = decode.decode(saved(Image.new("RGB", (32, 32), (200, 30, 30)), kind))
    assert (found.width, found.height) == (32, 32)
    assert np.abs(np.asarray(found.image, int)[16, 16] - (200, 30, 30)).max() <= 6


def test_an_icon_with_a_single_size_is_not_taken_for_something_else() -> None:
    content = saved(Image.new("RGBA", (256, 256), (200, 30, 30, 255)), "ICO", sizes=[(256, 256)])
    found = decode.decode(content)
    assert (found.width, found.height) == (256, 256)
    assert found.image.getpixel((128, 128)) == (200, 30, 30)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        (picture(1, (80, 80), "JPEG")[:400], "cut off"),
        (picture(1, (80, 80))[:300], "cut off"),
        (picture(1, (80, 80))[:60] + b"\x00" * 90, "is"),
    ],
)
def test_what_cannot_be_read_has_a_reason(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        decode.decode(content)


@pytest.mark.parametrize("side", [7_000, 15_000, 60_000])
def test_decompression_bombs_are_refused_before_they_expand(side: int) -> None:
    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    chunk = b"IHDR" + header
    content = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    content += b"\x00\x00\x00\x00IDAT" + zlib.crc32(b"IDAT").to_bytes(4, "big")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Unreadable, match=r"at most 40 million|too large"):
            decode.decode(content)


def test_passes_count_at_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "MOST_PIXELS", 90_000)
    image = Image.new("RGB", (400, 400), RED)
    assert decode.decode(saved(image, "JPEG"), 48).image.size == (50, 50)
    with pytest.raises(Unreadable, match="400 x 400"):
        decode.decode(saved(image, "JPEG", progressive=True), 48)
    with pytest.raises(Unreadable, match="400 x 400"):
        decode.decode(saved(image, "JPEG"))


@pytest.mark.parametrize("size", [(1, 100_001), (100_001, 1)])
def test_very_long_sides_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(Unreadable, match="at most 100,000 are read along a side"):
        decode.decode(saved(Image.new("L", size)))


def one_colour_a_pass(side: int) -> bytes:
    """A plain grey JPEG with three colours, each in a pass of its own, as few programs write it."""
    grey = saved(Image.new("L", (16, 16), 128), "JPEG")
    start, scan = grey.index(b"\xff\xc0"), grey.index(b"\xff\xda")
    size = side.to_bytes(2, "big") * 2
    frame = b"\xff\xc0\x00\x11\x08" + size + b"\x03" + b"".join(bytes([n, 0x11, 0]) for n in (1, 2, 3))
    # Six bits a block of 8 x 8 say that nothing changes.
    blocks = "001010" * (side // 8) ** 2
    coded = bytes(int(blocks[place : place + 8], 2) for place in range(0, len(blocks), 8))
    passes = b"".join(b"\xff\xda\x00\x08\x01" + bytes([n, 0, 0, 63, 0]) + coded for n in (1, 2, 3))
    rest = grey[start + 2 + int.from_bytes(grey[start + 2 : start + 4], "big") : scan]
    return grey[:start] + frame + rest + passes + b"\xff\xd9"


def test_a_pass_for_each_colour_counts_at_full_size(monkeypatch: pytest.MonkeyPatch) -> None:
    content = one_colour_a_pass(400)
    found = decode.decode(content, 48)
    assert found.image.size == (50, 50) and found.image.getpixel((9, 9)) == (128, 128, 128)
    monkeypatch.setattr(decode, "MOST_PIXELS", 90_000)
    with pytest.raises(Unreadable, match="400 x 400"):
        decode.decode(content, 48)


def test_a_jpeg_with_passes_without_end_is_refused() -> None:
    content = saved(Image.new("RGB", (64, 64), RED), "JPEG", progressive=True)
    again = content[content.rindex(b"\xff\xda") : -2]
    assert decode.decode(content[:-2] + 20 * again + b"\xff\xd9").image.getpixel((5, 5))[0] > 250
    with pytest.raises(Unreadable, match="far too many passes"):
        decode.decode(content[:-2] + 500 * again + b"\xff\xd9")


def test_jpeg_is_decoded_at_a_scale_but_never_below_what_is_asked_for() -> None:
    found = decode.decode(picture(3, (1600, 1200), "JPEG"), 96)
    assert found.image.size == (200, 150) and found.scaled
    assert (found.width, found.height) == (1600, 1200)
    assert decode.decode(picture(3, (100, 100), "JPEG"), 96).image.size == (100, 100)


def test_person_is_told_which_picture_is_wrong() -> None:
    with pytest.raises(UserError, match=r"'a\.jpg' is empty"):
        decode_upload(b"", "a.jpg")


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP", "TGA"]))
def test_damage_anywhere_gives_a_picture_or_a_reason(data: st.DataObject, kind: str) -> None:
    content = bytearray(picture(5, (20, 15), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tried in (bytes(content), bytes(content[:cut])):
            try:
                found = decode.decode(tried, 32)
            except Unreadable as error:
                assert str(error)
            else:
                assert found.image.mode == "RGB"
                assert Image.open(io.BytesIO(tried)).format is not None
