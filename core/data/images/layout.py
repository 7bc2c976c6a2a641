"""From the folders of a zip to classes and parts (train, validation, test)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
LONGEST_CLASS = 100

Path = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """What folders say of one file: its class ("" if none) and part ("" if none)."""

    class_name: str
    part: str


def arrange(paths: Sequence[Path]) -> list[Place]:
    """Class and part of each file.

    A single folder around everything is looked through. Folders called train, val and test (train and at least one
    other) are parts, with the classes below. Else the outermost folders are the classes; deeper ones count to them.
    """
    depth = _unwrapped(paths, 0)
    tops = {path[depth].casefold() for path in paths if len(path) > depth + 1}
    found = {PARTS[top] for top in tops if top in PARTS}
    if "train" not in found or len(found) < 2:
        return [Place(_folder(path, depth), "") for path in paths]
    inside = [path for path in paths if len(path) > depth + 1 and path[depth].casefold() in PARTS]
    lower = _unwrapped(inside, depth + 1)
    return [
        Place(_folder(path, lower), PARTS[path[depth].casefold()])
        if len(path) > depth + 1 and path[depth].casefold() in PARTS
        else Place("", "")
        for path in paths
    ]


def _unwrapped(paths: Sequence[Path], depth: int) -> int:
    """The depth at which folders differ."""
    while True:
        inside = [path for path in paths if len(path) > depth + 1]
        deeper = sum(len(path) > depth + 2 for path in inside)
        if len({path[depth] for path in inside}) != 1 or 2 * deeper <= len(paths):
            return depth
        depth += 1


def _folder(path: Path, depth: int) -> str:
    return path[depth] if len(path) > depth + 1 else ""


def short_names(names: Sequence[str]) -> list[str]:
    """The same names, those beyond 100 characters cut, and still different where they were."""
    short: dict[str, str] = {}
    taken = {name for name in names if len(name) <= LONGEST_CLASS}
    for name in names:
        if len(name) > LONGEST_CLASS and name not in short:
            cut, number = name[:LONGEST_CLASS], 2
            while cut in taken:
                cut, number = f"{name[: LONGEST_CLASS - 6]} ({number})", number + 1
            short[name] = cut
            taken.add(cut)
    return [short.get(name, name) for name in names]
