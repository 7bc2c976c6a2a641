"""How a JPEG file is laid out: in a single pass, or in several that have to be held and added up."""

from __future__ import annotations

# Cameras and programs write at most some twenty; each further one costs the decoder as much time as the first.
MOST_PASSES = 200
START_OF_SCAN = 0xDA
# Markers C0 to CF say how the picture is coded, but for three that say other things.
CODINGS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


def too_many_passes(content: bytes) -> bool:
    """Whether the file may hold more passes than any picture needs; a few bytes are enough for one more."""
    return content.count(bytes((0xFF, START_OF_SCAN))) > MOST_PASSES


def in_one_pass(content: bytes) -> bool:
    """Whether the first pass brings all colours in all detail, so that the picture can be decoded line by line."""
    place, colours = 2, 0
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            return False
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == 0xFF:
            place += 1
            continue
        if marker in PROGRESSIVE:
            return False
        if marker in CODINGS:
            colours = content[place + 9] if place + 9 < len(content) else 0
        elif marker == START_OF_SCAN:
            return place + 4 < len(content) and content[place + 4] >= colours
        place += 2 + length
    return False
