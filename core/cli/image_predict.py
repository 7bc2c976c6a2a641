"""Predictions for pictures: single files, folders and zips; what cannot be read is said and stops nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pandas as pd

from core.cli.common import tell
from core.cli.kind import holds_pictures
from core.data.images.archive import Archive, contents
from core.data.images.decode import MOST_BYTES, Unreadable
from core.data.images.pixels import in_order, pixels_of
from core.data.words import counted, listed
from core.engine import Engine
from core.errors import UserError
from core.runs import Run
from core.spec import ImageData
from core.training import answer as answer_question

# Of pixels that travel to the worker at once.
MOST_AT_ONCE = 8_000_000
SECONDS = 600
NAMED = 5
# What is in a file, or why it cannot be used.
Content = bytes | str


def predict_pictures(run: Run, names: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Columns ``file``, ``prediction`` and ``probability_<class>``, a line a picture, and notes.

    Args:
        run: A run that learned from pictures.
        names: Files, folders and zips.

    Raises:
        UserError: None of them can be read, or the run has no network.
    """
    data = run.image_config.data
    classes = (run.dataset() or {}).get("class_names")
    if not run.model.is_file() or not classes:
        raise UserError("This run has no trained network yet.", "Wait until it has finished, or train it again.")
    files: list[str] = []
    answers: list[np.ndarray] = []
    unlike: list[bool] = []
    notes: list[str] = []
    seen = in_order(lambda file: _seen(*file, data), chain.from_iterable(map(_files, names)))
    engine = Engine(run.workspace)
    at_once = max(1, MOST_AT_ONCE // (3 * data.size**2))
    while some := list(islice(seen, at_once)):
        notes += [reason for _, reason in some if isinstance(reason, str)]
        usable = [(name, pixels) for name, pixels in some if not isinstance(pixels, str)]
        if usable:
            pixels = np.stack([pixels for _, pixels in usable])
            root = str(run.workspace.root)
            found = engine.ask(answer_question, "predict_pixels", root, run.id, pixels, seconds=SECONDS)
            files += [name for name, _ in usable]
            answers.append(found["probabilities"])
            unlike += found["unlike"].tolist()
            tell(f"{counted(len(files), 'picture')} done")
    if not files:
        shown = " ".join(notes[:3])
        raise UserError(f"There is no picture that can be read. {shown}".strip(), "Give JPEG or PNG files.")
    odd = [name for name, is_unlike in zip(files, unlike, strict=True) if is_unlike]
    if odd:
        notes.append(f"{counted(len(odd), 'picture')} unlike all training pictures: {listed(odd, NAMED)}.")
    return _frame(files, np.concatenate(answers), classes), notes


def _frame(files: list[str], probabilities: np.ndarray, classes: list[str]) -> pd.DataFrame:
    names = np.array(classes, object)
    frame = pd.DataFrame({"file": files, "prediction": names[probabilities.argmax(axis=1)]})
    shares = {f"probability_{name}": probabilities[:, number] for number, name in enumerate(classes)}
    return pd.concat([frame, pd.DataFrame(shares)], axis=1)


def _seen(name: str, content: Content, data: ImageData) -> tuple[str, np.ndarray | str]:
    """A picture as the network gets it, or a sentence why it cannot be used."""
    if isinstance(content, str):
        return name, f"{name[:200]} {content}."
    try:
        return name, pixels_of(content, name, data.size, data.color)
    except UserError as error:
        return name, error.problem


def _files(name: str) -> Iterator[tuple[str, Content]]:
    path = Path(name)
    if path.is_dir():
        for above, folders, names in os.walk(path):
            folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
            for own in sorted(one for one in names if not one.startswith(".")):
                full = Path(above, own)
                yield full.relative_to(path).as_posix(), _read(full)
    elif holds_pictures(name):
        yield from _entries(path)
    else:
        yield path.name, _read(path)


def _read(path: Path) -> Content:
    try:
        if path.stat().st_size > MOST_BYTES:
            return f"is larger than {MOST_BYTES / 1e6:,.0f} MB"
        return path.read_bytes()
    except OSError as error:
        return f"cannot be read ({error.strerror or type(error).__name__})"


def _entries(path: Path) -> Iterator[tuple[str, Content]]:
    with tempfile.TemporaryDirectory() as folder:
        found = contents(path, Path(folder))
        archive = Archive(found.archives)
        try:
            for entry in found.entries:
                try:
                    content: Content = archive.read(entry.archive, entry.number)
                except Unreadable as error:
                    content = str(error)
                yield "/".join(entry.path), content
        finally:
            archive.close()
    for one in found.skipped:
        yield one.path, one.reason
