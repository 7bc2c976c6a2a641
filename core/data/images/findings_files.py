"""What is worth knowing about the files: unreadable, converted, repeated, too small, too large."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from core.data.finding import Finding
from core.data.images.parts import without_copies_across
from core.data.images.view import ImageView
from core.data.words import counted, quoted
from core.spec import SIZES

MANY = 0.05
HUGE = 4_000
SHOWN = 3
ENLARGED = 0.75


def unreadable(view: ImageView) -> Iterator[Finding]:
    """Files that were skipped, with the reasons of the first few."""
    skipped = view.image_set.unreadable
    if skipped:
        first = " ".join(f"{quoted(path)} {reason}." for path, reason in skipped[:SHOWN])
        more = f" And {len(skipped) - SHOWN:,} more." if len(skipped) > SHOWN else ""
        share = len(skipped) / (len(skipped) + len(view.image_set))
        yield Finding(
            kind="unreadable", severity="warning" if share > MANY else "note",
            title=f"{counted(len(skipped), 'file was', 'files were')} skipped", meaning=first + more,
        )  # fmt: skip


def label_conflict(view: ImageView) -> Iterator[Finding]:
    """The same picture in two classes."""
    pairs = np.unique(np.stack([view.near, np.unique(view.names, return_inverse=True)[1].reshape(-1)], axis=1), axis=0)
    labels, classes = np.unique(pairs[:, 0], return_counts=True)
    conflict = np.isin(view.near, labels[classes > 1])
    if conflict.any():
        ids = view.ids(conflict)
        example = next(image for image, hit in zip(view.images, conflict.tolist(), strict=True) if hit)
        yield Finding(
            kind="label_conflict", severity="warning",
            title=f"{counted(int((classes > 1).sum()), 'picture is', 'pictures are')} in more than one class",
            meaning=f"The same or nearly the same picture (such as {quoted(example.path)}) has different classes. One "
            "of them is wrong; correct it in the gallery, or leave all of them out.",
            columns=ids, remedy=f"Leave those {len(ids):,} files out",
            changes={"left_out": tuple(dict.fromkeys((*view.data.left_out, *ids)))},
        )  # fmt: skip


def exact_duplicates(view: ImageView) -> Iterator[Finding]:
    """Pictures that equal another one in every pixel."""
    copies = _repeats(view.exact)
    if copies.any() and view.data.duplicates != "drop":
        yield Finding(
            kind="exact_duplicates", severity="warning" if copies.mean() > MANY else "note",
            title=f"{counted(int(copies.sum()), 'picture repeats', 'pictures repeat')} another one",
            meaning="They equal another one in every pixel. Copies always stay on one side of the split, since a "
            "network that is tested on what it has seen looks better than it is.",
            columns=view.ids(copies), remedy="Keep only the first of each", changes={"duplicates": "drop"},
        )  # fmt: skip


def near_duplicates(view: ImageView) -> Iterator[Finding]:
    """Pictures that nearly equal another one."""
    copies = _repeats(view.near) & ~_repeats(view.exact)
    if copies.any() and view.data.duplicates != "drop":
        yield Finding(
            kind="near_duplicates", severity="warning" if copies.mean() > MANY else "note",
            title=f"{counted(int(copies.sum()), 'picture is', 'pictures are')} nearly the same as another one",
            meaning="The same picture saved again, scaled or made a little brighter, or the next one of a series. They "
            "always stay on one side of the split. Mirrored and cropped copies are not noticed.",
            columns=view.ids(copies), remedy="Keep only the first of each", changes={"duplicates": "drop"},
        )  # fmt: skip


def _repeats(labels: np.ndarray) -> np.ndarray:
    """(n,) whether an earlier one has the same label."""
    repeats = np.ones(len(labels), bool)
    repeats[np.unique(labels, return_index=True)[1]] = False
    return repeats


def parts(view: ImageView) -> Iterator[Finding]:
    """Folders train, val and test: used or not, and copies across them."""
    part = np.array([image.part for image in view.images], dtype=object)
    there = "train" in part and len(set(part.tolist()) - {""}) > 1
    if there and not view.data.folders_as_parts:
        yield Finding(
            kind="parts", severity="note", title="The zip has folders for train and test",
            meaning="They are ignored, and all pictures are divided by chance. Use them to compare with others who "
            "have used the same folders.",
            remedy="Use the zip's own parts", changes={"folders_as_parts": True},
        )  # fmt: skip
    elif not there and view.data.folders_as_parts:
        yield Finding(
            kind="parts", severity="problem", title="The zip has no folders for train and test",
            meaning="Pictures cannot be divided by folders that are not there.",
            remedy="Divide by chance", changes={"folders_as_parts": False},
        )  # fmt: skip
    elif there:
        lost = np.setdiff1d(np.arange(len(part)), without_copies_across(part, view.near))
        if len(lost):
            yield Finding(
                kind="copies_across_parts", severity="warning",
                title=f"{counted(len(lost), 'picture is', 'pictures are')} also in another part",
                meaning="The same picture lies in train and in val or test. It stays where it checks the network, and "
                "is left out of what the network learns from.",
                columns=tuple(view.images[place].id for place in lost.tolist()),
            )  # fmt: skip


def small(view: ImageView) -> Iterator[Finding]:
    """Pictures that have to be enlarged."""
    sides = np.array([min(image.width, image.height) for image in view.images])
    below = sides < ENLARGED * view.data.size
    if below.any():
        fitting = [size for size in SIZES if size <= np.median(sides)] or [SIZES[0]]
        smaller = fitting[-1] if below.mean() > 0.5 and fitting[-1] < view.data.size else None
        yield Finding(
            kind="small", severity="note",
            title=f"{counted(int(below.sum()), 'picture')} much smaller than {view.data.size} pixels",
            meaning=f"The smallest side is {sides.min():,} pixels. They are enlarged, which adds work but no detail.",
            columns=view.ids(below), remedy=f"Use {smaller} x {smaller} pixels" if smaller else "",
            changes={"size": smaller} if smaller else {},
        )  # fmt: skip


def large(view: ImageView) -> Iterator[Finding]:
    """Pictures of which hardly a trace of the detail is left."""
    sides = np.array([max(image.width, image.height) for image in view.images])
    above = sides > HUGE
    if above.any():
        yield Finding(
            kind="large", severity="note",
            title=f"{counted(int(above.sum()), 'picture is', 'pictures are')} very large",
            meaning=f"Up to {sides.max():,} pixels wide or high, scaled to {view.data.size}. That is fine where the "
            "object fills the picture; cut it out first where it is small.",
            columns=view.ids(above),
        )  # fmt: skip


def converted(view: ImageView) -> Iterator[Finding]:
    """What was done to make all pictures alike."""
    counts = Counter(note for image in view.images for note in image.notes)
    if counts:
        words = "; ".join(f"{count:,} {note}" for note, count in counts.most_common())
        ids = tuple(image.id for image in view.images if image.notes)
        yield Finding(
            kind="converted", severity="note", title=f"{counted(len(ids), 'picture was', 'pictures were')} converted",
            meaning=f"{words}. New pictures are treated in the same way.", columns=ids,
        )  # fmt: skip


def left_out(view: ImageView) -> Iterator[Finding]:
    """What a person has left out or corrected."""
    out, corrected = len(view.data.left_out), len(view.data.relabelled)
    if out or corrected or view.data.leave_out_classes:
        yield Finding(
            kind="left_out", severity="note", title="Pictures were left out or corrected",
            meaning=f"{counted(out, 'picture')} and {counted(len(view.data.leave_out_classes), 'class', 'classes')} "
            f"left out, {counted(corrected, 'picture')} given another class.",
            columns=tuple(id for id, _ in view.data.relabelled), remedy="Take all back",
            changes={"left_out": (), "relabelled": (), "leave_out_classes": ()},
        )  # fmt: skip
