"""Small studies that tests train in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.spec import RunConfig, StudySpec
from core.studies import Chunk, Study
from core.training.study_end import conclude_study
from core.training.study_job import train_chunk
from core.workspace import Workspace


def with_network(config: RunConfig, *layers: dict, **data: Any) -> RunConfig:
    """The same with other layers and other choices about the data."""
    network = {"preset": "custom", "layers": layers or [{"kind": "Dense", "units": 3}]}
    return config.change(network=network, data=config.data.change(**data).model_dump())


def study_of(
    workspace: Workspace, config: RunConfig, grid: dict, cuts: Sequence[tuple] | None = None, **values: Any
) -> Study:
    """A study in state queued; ``cuts`` are settings and groups of each chunk, without them all are one."""
    spec = StudySpec.parse({"run": config.model_dump(), "grid": {"l2": [0.0], **grid}, **values})
    groups = [(fold, seed) for seed in range(spec.seeds) for fold in range(spec.folds)]
    pieces = cuts or [(range(len(spec.settings)), groups)]
    chunks = [Chunk(number, tuple(some), tuple(own)) for number, (some, own) in enumerate(pieces)]
    return Study.create(workspace, spec, chunks)


def trained(study: Study, end: bool = True) -> Study:
    """The same study after its chunks, and its end, were worked on one after the other."""
    for chunk in study.chunks:
        assert train_chunk(str(study.workspace.root), study.id, chunk.number) == chunk.number
    if end:
        assert conclude_study(str(study.workspace.root), study.id) == study.id
    return study


def member_weights(study: Study) -> list[list[np.ndarray] | None]:
    """Weights of every member, in the order of ``StudySpec.members``."""
    found: list[list[np.ndarray] | None] = [None] * len(study.spec.members)
    for chunk in study.chunks:
        kept = study.weights(chunk)
        for group, row in enumerate(study.members_of(chunk)):
            for setting, member in enumerate(row):
                found[member] = None if kept is None else [kept[name][group, setting] for name in sorted(kept)]
    return found


def member_answers(study: Study) -> list[np.ndarray | None]:
    """Answers of every member for the rows that were held out from it."""
    found: list[np.ndarray | None] = [None] * len(study.spec.members)
    for chunk in study.chunks:
        kept = study.answers(chunk)
        for group, row in enumerate(study.members_of(chunk)):
            for setting, member in enumerate(row):
                found[member] = None if kept is None else kept[f"{group}-answers"][setting]
    return found


def visits(rows: int = 50, seed: int = 0) -> pd.DataFrame:
    """Several visits of each person, missing cells, and kinds that are so rare that some folds don't know them."""
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(generator.normal(size=(rows, 2)).round(3), columns=["u", "v"])
    frame["kind"] = np.where(generator.random(rows) < 0.5, "often", "usual")
    frame.loc[[3, 4], "kind"] = "rare"
    frame.loc[[20], "kind"] = "once"
    frame["person"] = np.repeat(np.arange(rows), generator.integers(1, 5, rows))[:rows]
    frame["ill"] = np.where(frame["u"] - frame["v"] + generator.normal(0, 0.3, rows) > 0, "yes", "no")
    frame.loc[generator.choice(rows, 6, replace=False), "u"] = np.nan
    return frame
