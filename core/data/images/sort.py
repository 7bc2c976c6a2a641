"""Which files of a zip are pictures, and of which class and part each is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.data.images.archive import Archive, Contents, Entry, Skipped
from core.data.images.decode import Unreadable
from core.data.images.labels import MOST_TABLE_BYTES, TABLES, read_labels
from core.data.images.layout import Place, arrange, short_names
from core.data.words import counted, listed
from core.errors import UserError

# Files that lie beside pictures and are none; all others are tried.
OTHER_FILES = frozenset(
    {
        *("txt", "csv", "tsv", "json", "jsonl", "xml", "yaml", "yml", "toml", "md", "rst", "html", "htm", "css", "js"),
        *("py", "ipynb", "m", "r", "sh", "bat", "cfg", "ini", "log", "pdf", "doc", "docx", "xls", "xlsx", "ppt"),
        *("pptx", "npy", "npz", "mat", "h5", "hdf5", "pkl", "pt", "pth", "parquet", "db", "sqlite", "names", "data"),
        *("mp4", "mov", "avi", "mkv", "webm", "mp3", "wav", "gz", "tar", "rar", "7z", "bz2", "xz", "exe", "dll", "lst"),
    }
)


@dataclass(frozen=True, eq=False)
class Sorted:
    """Pictures to read: entries with a class, their ids, what was left aside, and sentences about it."""

    entries: list[Entry]
    places: list[Place]
    ids: list[str]
    skipped: list[Skipped]
    notes: list[str]


def sort_entries(found: Contents, archive: Archive) -> Sorted:
    """Find the class of every picture, by folders or by a table of labels.

    Raises:
        UserError: There is no picture, or no picture with a class.
    """
    pictures = [entry for entry in found.entries if _ending(entry) not in OTHER_FILES]
    others = len(found.entries) - len(pictures)
    if not pictures:
        held = listed(sorted({entry.path[-1] for entry in found.entries}), 3) or "nothing that can be used"
        raise UserError(
            f"The zip holds no pictures; it holds {held}.", "Zip a folder that has a folder of pictures for each class."
        )
    paths = [entry.path for entry in pictures]
    places = arrange(paths)
    notes = [f"{counted(others, 'file')} that {'is' if others == 1 else 'are'} no picture left aside."] * (others > 0)
    if len({place.class_name for place in places if place.class_name}) < 2:
        labelled = _by_table(found, archive, places, paths)
        if labelled is not None:
            places = labelled
            notes.append("Classes come from the table of labels in the zip.")
    return _with_class(pictures, places, notes)


def _by_table(
    found: Contents, archive: Archive, places: Sequence[Place], paths: Sequence[tuple[str, ...]]
) -> list[Place] | None:
    labels = read_labels(_tables(found, archive), paths)
    if not any(labels):
        return None
    return [Place(label, place.part) for label, place in zip(labels, places, strict=True)]


def _tables(found: Contents, archive: Archive) -> Iterator[bytes]:
    """The bytes of each table, one at a time; not of those that are too large to be about pictures."""
    left = MOST_TABLE_BYTES
    for entry in found.entries:
        if entry.path[-1].casefold().endswith(TABLES) and archive.mark(entry.archive, entry.number)[1] <= left:
            try:
                content = archive.read(entry.archive, entry.number)
            except Unreadable:
                continue
            left -= len(content)
            yield content


def _with_class(pictures: list[Entry], places: list[Place], notes: list[str]) -> Sorted:
    kept = [number for number, place in enumerate(places) if place.class_name]
    if not kept:
        raise UserError(
            f"None of the {counted(len(pictures), 'picture')} lies in a folder that tells its class.",
            "Put the pictures of each class into a folder with its name, or add a CSV file with the columns 'file' "
            "and 'label', and zip that.",
        )
    lost = [number for number, place in enumerate(places) if not place.class_name]
    skipped = [Skipped("/".join(pictures[number].path), "has no class: no folder or label tells it") for number in lost]
    names = short_names([places[number].class_name for number in kept])
    if any(name != places[number].class_name for name, number in zip(names, kept, strict=True)):
        notes.append("Very long class names were cut to 100 characters.")
    return Sorted(
        [pictures[number] for number in kept],
        [Place(name, places[number].part) for name, number in zip(names, kept, strict=True)],
        _ids([pictures[number].path for number in kept]),
        skipped,
        notes,
    )


def _ids(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """A short id for each path; the same path twice gives two."""
    seen: Counter[tuple[str, ...]] = Counter()
    ids: list[str] = []
    for path in paths:
        seen[path] += 1
        text = "/".join((*path, *[f"\n{seen[path]}"] * (seen[path] > 1)))
        ids.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])
    return ids


def _ending(entry: Entry) -> str:
    return entry.path[-1].rpartition(".")[2].casefold() if "." in entry.path[-1] else ""
