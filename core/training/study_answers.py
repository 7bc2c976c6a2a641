"""What all members of a study answered, gathered from the files of its chunks."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np

from core.studies import Study

Row = tuple[np.ndarray | None, ...]
LABELS = {
    "majority": "always answering the most frequent class",
    "mean": "always answering the training average",
    "logistic": "a straight line (logistic regression)",
    "ridge": "a straight line (ridge regression)",
}


def label_of(baseline: str) -> str:
    """A baseline in words."""
    return LABELS[baseline]


class Answers:
    """What all chunks kept, in the order of settings and groups; None where a member has no answer."""

    def __init__(self, settings: int, groups: int) -> None:
        self.held: tuple[np.ndarray, ...] = tuple(np.zeros(0, np.int64) for _ in range(groups))
        self.learned = np.ones(groups, np.int64)
        self.members: tuple[Row, ...] = ((None,) * groups,) * settings
        self.train_scores = np.full((settings, groups), np.nan)
        self.baselines: dict[str, Row] = {}

    def without(self, groups: Sequence[bool]) -> Answers:
        """The same without any answer in the groups that are marked."""
        rest = copy(self)
        rest.members = tuple(_without(row, groups) for row in self.members)
        rest.baselines = {key: _without(row, groups) for key, row in self.baselines.items()}
        return rest

    @classmethod
    def of(cls, study: Study) -> Answers:
        """Read the files of a study's chunks."""
        spec = study.spec
        groups = spec.folds * spec.seeds
        found = cls(len(spec.settings), groups)
        held, members = list(found.held), [list(row) for row in found.members]
        lines: dict[str, list[np.ndarray | None]] = {}
        for chunk in study.chunks:
            kept = study.answers(chunk)
            for number, (fold, seed) in enumerate(chunk.groups if kept is not None else ()):
                assert kept is not None
                place = seed * spec.folds + fold
                held[place] = kept[f"{number}-held"]
                found.learned[place] = kept[f"{number}-learned"]
                for row, setting in enumerate(chunk.settings):
                    own = kept[f"{number}-answers"][row]
                    members[setting][place] = own if np.isfinite(own).all() else None
                    found.train_scores[setting, place] = kept[f"{number}-train"][row]
                for name, values in kept.items():
                    if name.startswith(f"{number}-baseline-"):
                        lines.setdefault(name.split("-")[2], [None] * groups)[place] = values
        found.held, found.members = tuple(held), tuple(map(tuple, members))
        found.baselines = {key: tuple(values) for key, values in lines.items()}
        return found


def _without(row: Row, groups: Sequence[bool]) -> Row:
    return tuple(None if gone else answer for answer, gone in zip(row, groups, strict=True))
