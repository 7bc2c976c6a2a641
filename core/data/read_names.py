"""Column names from a file become unique, readable and never blank."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.data.table import quoted

LONGEST_NAME = 200
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_name(raw: str) -> str:
    """One name without control characters, line breaks and spaces around it; at most 200 characters."""
    return " ".join(CONTROL_CHARACTERS.sub("", raw[:4000]).split())[:LONGEST_NAME].rstrip()


def clean_names(raw: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Unique names, and one note for each kind of change; blank names become ``column <position>``."""
    cleaned = [clean_name(name) for name in raw]
    used = set(cleaned)
    met: set[str] = set()
    numbers: dict[str, int] = {}
    blank, repeated = [], []
    for place, name in enumerate(cleaned):
        if not name:
            cleaned[place] = _free(f"column {place + 1}", used, numbers)
            blank.append(cleaned[place])
        elif name in met:
            cleaned[place] = _free(name, used, numbers)
            repeated.append(cleaned[place])
        met.add(cleaned[place])
    return tuple(cleaned), [*_notes(blank, repeated), *_length_note(raw)]


def numbered(width: int) -> tuple[str, ...]:
    """Names for a file without a header: ``column 1``, ``column 2``, …"""
    return tuple(f"column {place}" for place in range(1, width + 1))


def unique_beside(taken: Sequence[str], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of a second table that differ from those of the first, and the ones that had to change."""
    used = {*taken, *names}
    before = set(taken)
    numbers: dict[str, int] = {}
    unique = [_free(name, used, numbers) if name in before else name for name in names]
    return unique, [new for new, old in zip(unique, names, strict=True) if new != old]


def _free(name: str, used: set[str], numbers: dict[str, int]) -> str:
    """``name``, else ``name (2)``, ``name (3)``… that no other column has."""
    candidate = name
    while candidate in used:
        numbers[name] = numbers.get(name, 1) + 1
        ending = f" ({numbers[name]})"
        candidate = name[: LONGEST_NAME - len(ending)] + ending
    used.add(candidate)
    return candidate


def _notes(blank: list[str], repeated: list[str]) -> list[str]:
    notes = []
    if blank:
        notes.append(f"Columns without a name were numbered: {quoted(blank)}.")
    if repeated:
        notes.append(f"Columns with the name of an earlier column were renamed: {quoted(repeated)}.")
    return notes


def _length_note(raw: Sequence[str]) -> list[str]:
    long = sum(len(" ".join(name.split())) > LONGEST_NAME for name in raw if len(name) > LONGEST_NAME)
    if not long:
        return []
    return [f"Column names longer than {LONGEST_NAME} characters were shortened ({long:,} of them)."]
