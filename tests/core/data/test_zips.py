"""Zips are counted by the list at their end, and never believed to be shorter than zipfile would find them."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import zips

MOST = 20


def packed(entries: int, content: bytes = b"", comment: bytes = b"") -> bytes:
    """A zip of small files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for number in range(entries):
            file.writestr(f"{number:03d}.txt", content)
        file.comment = comment
    return target.getvalue()


@pytest.mark.parametrize("comment", [b"", b"hello", b"PK is how a zip begins"])
def test_only_the_list_at_the_end_counts(comment: bytes) -> None:
    looks_like_many = packed(2, zips.ENTRY_MARK * 100, comment)
    assert not zips.too_many_entries(io.BytesIO(looks_like_many), MOST)
    assert zips.too_many_entries(io.BytesIO(packed(2 * MOST, comment=comment)), MOST)


def test_a_list_whose_length_is_told_elsewhere_is_counted() -> None:
    many = packed(2 * MOST)
    end = many.rfind(zips.END_MARK)
    start, length = zips.list_of_entries(io.BytesIO(many)) or (0, 0)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 40, 40, length, start)
    locator = struct.pack("<4sLQL", zips.LARGE_MARK, 0, end, 1)
    lying = struct.pack("<4s4H2LH", zips.END_MARK, 0, 0, 1, 1, 46, start, 0)
    large = many[:end] + record + locator + lying
    assert len(zipfile.ZipFile(io.BytesIO(large)).infolist()) == 2 * MOST
    assert zips.too_many_entries(io.BytesIO(large), MOST)


@settings(max_examples=300, deadline=None)
@given(
    place=st.integers(1, 120),
    put=st.sampled_from([zips.END_MARK, zips.LARGE_MARK, b"PK\x06\x06", b"\0\0\0\0", b"\xff" * 4])
    | st.binary(max_size=6),
    after=st.binary(max_size=30),
)
def test_what_zipfile_finds_many_entries_in_is_never_called_short(place: int, put: bytes, after: bytes) -> None:
    many = packed(2 * MOST)
    at = max(0, len(many) - place)
    odd = many[:at] + put + many[at + len(put) :] + after
    try:
        found = len(zipfile.ZipFile(io.BytesIO(odd)).infolist())
    except zips.ZIP_ERRORS + (struct.error,):
        return
    assert found <= 2 * MOST
    if found > MOST:
        assert zips.too_many_entries(io.BytesIO(odd), MOST)
