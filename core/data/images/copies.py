"""Which pictures are copies of each other: in every pixel, or nearly (saved again, scaled, a little brighter).

Near copies are looked for by a perceptual hash, pHash: the signs, against their median, of the 64 lowest frequencies of
a 32 x 32 grey copy (discrete cosine transform; Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
Functions", chapter 3). Hashes that differ in at most 4 of 64 bits agree in at least one of five pieces, so that only
pictures that share a piece are compared (multi-index hashing; Norouzi, Punjani and Fleet 2012). Different pictures may
have the same hash, so what they suggest is believed only where small colour copies agree as well.

Found are copies saved as another file type, with lower quality, at another size, or with slightly changed light. Not
found are mirrored, turned or cropped ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from core.data.images.npy import RowFile
from core.data.splits import connected

SIDE = 32
KEPT = 8
FARTHEST = 4
PIECES = (13, 13, 13, 13, 12)
# Of a copy at JPEG quality 30 the small colour copies differ by 5 levels on average; different photos by 30 and more.
MOST_MEAN = 7.0
MOST_ANYWHERE = 45.0
# Where a picture shows little contrast, less may differ.
MOST_OF_CONTRAST = 0.15
# A piece of the hash that more pictures share says nothing about them; the other pieces still may.
CROWD = 1_000
ROUNDS = 20
CELL = 4

_frequency = np.arange(KEPT)[:, None]
_COSINES = np.cos(np.pi * _frequency * (np.arange(SIDE)[None] + 0.5) / SIDE)


def perceptual_hash(thumb: np.ndarray) -> int:
    """The hash of an RGB picture (height, width, 3) uint8, as a number below 2 ** 64."""
    grey = Image.fromarray(thumb).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    lowest = (_COSINES @ np.asarray(grey, np.float64) @ _COSINES.T).reshape(-1)
    bits = lowest > np.median(lowest[1:]) + 1e-6
    bits[0] = False
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def exact_labels(digests: list[str]) -> np.ndarray:
    """(n,) int64, equal for equal digests."""
    return np.unique(np.array(digests, dtype="U64"), return_inverse=True)[1].reshape(-1).astype(np.int64)


def near_labels(hashes: np.ndarray, thumbs: np.ndarray | RowFile, exact: np.ndarray) -> np.ndarray:
    """(n,) int64, equal for pictures that are linked by a chain of near or exact copies.

    Args:
        hashes: (n,) uint64.
        thumbs: (n, side, side, 3) uint8; in memory or in a file, of which only candidates are read.
        exact: (n,) labels of exact copies.
    """
    _, originals, which = np.unique(exact, return_index=True, return_inverse=True)
    _, first, kind = np.unique(hashes[originals], return_index=True, return_inverse=True)
    links = [
        *_same_hash(kind.reshape(-1), originals, thumbs),
        *_near_hash(hashes[originals[first]], first, originals, thumbs),
    ]
    edges = np.array(links, np.int64).reshape(-1, 2)
    return connected(exact, components(len(originals), edges)[which.reshape(-1)]).astype(np.int64)


def components(count: int, edges: np.ndarray) -> np.ndarray:
    """(count,) labels, equal for what is linked by a chain of ``edges`` (m, 2)."""
    labels = np.arange(count)
    while True:
        lowest = labels[edges].min(axis=1)
        before = labels.copy()
        np.minimum.at(labels, labels[edges[:, 0]], lowest)
        np.minimum.at(labels, labels[edges[:, 1]], lowest)
        labels = labels[labels]
        if np.array_equal(before, labels):
            return labels


def _same_hash(kind: np.ndarray, originals: np.ndarray, thumbs: np.ndarray | RowFile) -> Iterator[tuple[int, int]]:
    """Links among originals with equal hashes: each is compared with the first that it may be a copy of.

    Args:
        kind: (m,) equal for equal hashes.
        originals: (m,) the place of each among ``thumbs``.
        thumbs: As in `near_labels`.
    """
    order = np.argsort(kind, kind="stable")
    sorted_kinds = kind[order]
    starts = np.flatnonzero(np.r_[True, sorted_kinds[1:] != sorted_kinds[:-1]]) if len(order) else np.array([], int)
    for members in np.split(order, starts[1:]):
        rounds = 0
        while len(members) > 1 and rounds < ROUNDS:
            leader, rest = int(members[0]), members[1:]
            alike = _alike(originals[np.full(len(rest), leader)], originals[rest], thumbs)
            yield from ((leader, member) for member in rest[alike].tolist())
            members, rounds = rest[~alike], rounds + 1


def _near_hash(
    hashes: np.ndarray, first: np.ndarray, originals: np.ndarray, thumbs: np.ndarray | RowFile
) -> Iterator[tuple[int, int]]:
    """Links among originals with different hashes that are near each other.

    Args:
        hashes: (k,) uint64, all different.
        first: (k,) an original with each.
        originals: (m,) the place of each among ``thumbs``.
        thumbs: As in `near_labels`.
    """
    shift = 0
    for width in PIECES:
        piece = (hashes >> np.uint64(shift)) & np.uint64(2**width - 1)
        shift += width
        order = np.argsort(piece, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(piece[order]) != 0])
        for members in np.split(order, starts[1:]):
            if 1 < len(members) <= CROWD:
                left, right = np.triu_indices(len(members), 1)
                one, two = members[left], members[right]
                near = np.bitwise_count(hashes[one] ^ hashes[two]) <= FARTHEST
                one, two = first[one[near]], first[two[near]]
                alike = _alike(originals[one], originals[two], thumbs)
                yield from zip(one[alike].tolist(), two[alike].tolist(), strict=True)


def _alike(one: np.ndarray, two: np.ndarray, thumbs: np.ndarray | RowFile) -> np.ndarray:
    """(m,) whether the small colour copies of pictures ``one`` (m,) and ``two`` (m,) agree."""
    result = np.zeros(len(one), bool)
    for start in range(0, len(one), 256):
        part = slice(start, start + 256)
        left, right = _coarse(thumbs, one[part]), _coarse(thumbs, two[part])
        apart = np.abs(left - right).reshape(len(left), -1)
        contrast = left.reshape(len(left), -1).std(axis=1)
        most = np.minimum(MOST_MEAN, 0.5 + MOST_OF_CONTRAST * contrast)
        result[part] = (apart.mean(axis=1) <= most) & (apart.max(axis=1, initial=0) <= MOST_ANYWHERE)
    return result


def _coarse(thumbs: np.ndarray | RowFile, rows: np.ndarray) -> np.ndarray:
    """Means over cells of 4 x 4 pixels, float32."""
    places, back = np.unique(rows, return_inverse=True)
    chosen = np.asarray(thumbs[places], np.float32)
    cells = chosen.shape[1] // CELL
    return chosen.reshape(len(chosen), cells, CELL, cells, CELL, 3).mean(axis=(2, 4))[back.reshape(-1)]
