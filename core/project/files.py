"""What of a run or a study travels, into a share or into a project file.

Only what ended well takes its results along; of all else go the choices and what was told. Without the raw data,
predictions lose ids and file names, their rows are numbered anew in an order drawn by chance, and what holds an image
of the training pictures (``novelty.npz``) stays behind.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.data.images.read import set_key
from core.data.load import joined_key, table_key
from core.progress import progress
from core.record import State
from core.runs import Run
from core.spec import AnyConfig, DataSpec, ImageConfig
from core.studies import Study
from core.study_progress import study_progress

Kind = Literal["run", "study"]
FOLDERS: dict[Kind, str] = {"run": "runs", "study": "studies"}
ENDED_WELL: tuple[State, ...] = ("finished", "stopped")
CHOICES: dict[Kind, tuple[str, ...]] = {
    "run": ("config.json", "title.json", "events.jsonl"),
    "study": ("study.json", "plan.json", "title.json", "events.jsonl"),
}
PREDICTIONS = ("predictions.parquet", "test.parquet")
RESULTS: dict[Kind, tuple[str, ...]] = {
    "run": (
        "dataset.json", "weights.npz", *PREDICTIONS, "metrics.json", "test.json", "importance.json",
        "robustness.json", "novelty.npz",
    ),
    "study": ("result.json",),
}  # fmt: skip
# A run that has one of them has all, or it has no results.
TOGETHER = ("dataset.json", "weights.npz", "predictions.parquet", "metrics.json")
# Of each chunk of a study: what Compare draws, and what only opening a network or training a setting again needs.
DRAWN, LEARNED = ("board.npz", "curves"), ("weights.npz", "answers.npz")


class Piece(NamedTuple):
    """One file that travels: its name in the record's folder, and where it is or the bytes that stand in for it."""

    name: str
    content: Path | bytes


def kind_of(record: Run | Study) -> Kind:
    """In one word."""
    return "study" if isinstance(record, Study) else "run"


def state_of(record: Run | Study) -> State:
    """Where it stands."""
    return study_progress(record).state if isinstance(record, Study) else progress(record).state


def config_of(record: Run | Study) -> AnyConfig:
    """The choices about data and network."""
    return record.spec.run if isinstance(record, Study) else record.config


def uploads_of(config: AnyConfig) -> tuple[str, ...]:
    """Fingerprints of the files that are learned from."""
    joined = config.data.join if isinstance(config.data, DataSpec) else None
    return (config.data.source.fingerprint, *([joined.source.fingerprint] if joined else ()))


def derived_from(config: AnyConfig) -> list[tuple[str, str]]:
    """Folder and key of everything that is worked out from the uploads and can be worked out again."""
    data = config.data
    if not isinstance(data, DataSpec):
        return [("image_sets", set_key(data.source))]
    sources = [data.source, *([data.join.source] if data.join else [])]
    return [("tables", key) for key in dict.fromkeys([*map(table_key, sources), joined_key(data)])]


def pieces(record: Run | Study, with_data: bool) -> Iterator[Piece]:
    """Every file of a record that travels and is there, but the model file and a study's weights and answers."""
    kind, well = kind_of(record), state_of(record) in ENDED_WELL
    for name in (*CHOICES[kind], *(RESULTS[kind] if well else ())):
        path = record.folder / name
        if not path.is_file() or (name == "novelty.npz" and not with_data):
            continue
        if name in PREDICTIONS and not with_data:
            yield Piece(name, _blank_predictions(path))
        elif name == "config.json" and not with_data:
            yield Piece(name, _blank_pictures(config_of(record)).model_dump_json(indent=1).encode())
        elif name == "study.json" and not with_data and isinstance(record, Study):
            spec = record.spec.change(run=_blank_pictures(record.spec.run).model_dump())
            yield Piece(name, spec.model_dump_json(indent=1).encode())
        else:
            yield Piece(name, path)
    if isinstance(record, Study) and well:
        yield from chunk_pieces(record, DRAWN)


def chunk_pieces(study: Study, names: tuple[str, ...]) -> Iterator[Piece]:
    """Files of each chunk of a study that are there."""
    for chunk in study.chunks:
        for name in names:
            path = study.folder / f"{chunk.number:02d}.{name}"
            if path.is_file():
                yield Piece(path.name, path)


def _blank_predictions(path: Path) -> bytes:
    """The same predictions without a way back to the rows or pictures of the file."""
    frame = pd.read_parquet(path).sample(frac=1.0, random_state=secrets.randbits(32))
    frame = frame.sort_values("part", kind="stable", ignore_index=True)
    frame["row"] = np.arange(1, len(frame) + 1)
    if "group" in frame:
        codes, labels = pd.factorize(frame["group"])
        frame["group"] = np.random.default_rng(secrets.randbits(64)).permutation(len(labels))[codes]
    if "file" in frame:
        # Runs on pictures are held against each other by ids, so that these stay different.
        frame = frame.assign(id=[secrets.token_hex(8) for _ in range(len(frame))], file="")
    buffer = io.BytesIO()
    frame.drop(columns=[] if "file" in frame else ["id"], errors="ignore").to_parquet(buffer, index=False)
    return buffer.getvalue()


def _blank_pictures(config: AnyConfig) -> AnyConfig:
    """The same choices without ids of single pictures, by which a guessed file name could be confirmed."""
    if not isinstance(config, ImageConfig):
        return config
    return config.change(data=config.data.change(left_out=(), relabelled=()).model_dump())
