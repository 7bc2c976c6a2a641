"""The only reader and writer of study folders (and see `core.record`).

study.json          the StudySpec; never changes
plan.json           which members train together: the chunks
NN.checkpoint.npz   enough to resume chunk NN exactly; removed at its end
NN.board.npz        how each of its members stands, written anew twice a second
NN.curves           float32, one block (6 curves, members) an epoch; a torn last block is ignored
NN.weights.npz      the best weights of its members, stacked
NN.answers.npz      what its members answered for the rows that were held out from them
result.json         scores, ties, the best setting, what the weights became
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UserError
from core.export.formats import STUDY_FORMATS
from core.record import Record
from core.run_files import npz
from core.spec import StudySpec
from core.workspace import Workspace, new_id, write_file

NOT_HERE = "This study is not here: it was deleted or belongs to somebody else.", "Open Home."
CURVES = ("loss", "metric", "held_loss", "held_metric", "watch_loss", "watch_metric")
# Epochs kept of the curves; of longer trainings every second, third, … epoch.
MOST_EPOCHS = 500


@dataclass(frozen=True)
class Chunk:
    """Members that train together: every combination of ``settings`` and ``groups``, group by group.

    A group is (fold, seed): members that learn from the same rows in the same order.
    """

    number: int
    settings: tuple[int, ...]
    groups: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Board:
    """How the members stand; arrays (members,) in the order of ``StudySpec.members``.

    Attributes:
        epoch: Epochs done until its training ended or until now; -1 where it did not begin.
        best_epoch: The epoch whose weights are kept so far.
        ended: Whether its training is over.
        diverged: Whether its cost became infinite or not a number.
        scores: (6, members) loss and metric at the best epoch, as `CURVES` names them; NaN where unknown.
    """

    epoch: np.ndarray
    best_epoch: np.ndarray
    ended: np.ndarray
    diverged: np.ndarray
    scores: np.ndarray


class Study(Record):
    """One study folder.

    Args:
        workspace: Where studies live.
        study: The study's id; raises `UserError` where there is no such study.
    """

    formats = STUDY_FORMATS

    def __init__(self, workspace: Workspace, study: str) -> None:
        super().__init__(workspace, study, workspace.study(study))
        if not (self.folder / "plan.json").is_file():
            raise UserError(*NOT_HERE)

    @classmethod
    def create(cls, workspace: Workspace, spec: StudySpec, chunks: Sequence[Chunk]) -> Study:
        """A new folder in state queued; ``chunks`` as `core.study_plan.plan` makes them."""
        study = new_id()
        record = Record(workspace, study, workspace.study(study))
        record._begin("study.json", spec.model_dump_json(indent=1))
        plan = [{"settings": chunk.settings, "groups": chunk.groups} for chunk in chunks]
        record._write_json("plan.json", {"chunks": plan})
        return cls(workspace, study)

    @property
    def spec(self) -> StudySpec:
        """What was chosen; raises `UserError` where the study was deleted meanwhile."""
        try:
            return _parsed((self.folder / "study.json").read_bytes())
        except FileNotFoundError:
            raise UserError(*NOT_HERE) from None

    @property
    def name(self) -> str:
        """The name shown on Home."""
        return self.title or self.spec.name or f"{self.spec.run.data.source.name}, compared"

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """Which members train together."""
        plan = self._read_json("plan.json") or {}
        try:
            return tuple(
                Chunk(number, tuple(each["settings"]), tuple((fold, seed) for fold, seed in each["groups"]))
                for number, each in enumerate(plan["chunks"])
            )
        except (KeyError, TypeError, ValueError):  # A damaged plan counts as none.
            return ()

    def members_of(self, chunk: Chunk) -> np.ndarray:
        """(groups, settings) place of each member of a chunk among ``StudySpec.members``."""
        spec = self.spec
        groups, settings = np.array(chunk.groups).reshape(-1, 2), np.array(chunk.settings)
        return (settings[None] * spec.seeds + groups[:, 1:]) * spec.folds + groups[:, :1]

    def board(self) -> Board:
        """How every member stands, also while they train."""
        members = len(self.spec.members)
        board = Board(
            np.full(members, -1), np.zeros(members, int), np.zeros(members, bool), np.zeros(members, bool),
            np.full((len(CURVES), members), np.nan, np.float32),
        )  # fmt: skip
        for chunk in self.chunks:
            found = self._read_npz(f"{chunk.number:02d}.board.npz")
            if found is not None:
                own = self.members_of(chunk).ravel()
                board.scores[:, own] = found["scores"].reshape(len(CURVES), -1)
                for name in ("epoch", "best_epoch", "ended", "diverged"):
                    getattr(board, name)[own] = found[name].ravel()
        return board

    def save_board(self, chunk: Chunk, board: Mapping[str, np.ndarray]) -> None:
        """Keep how a chunk's members stand: ``epoch``, and ``best_epoch``, ``ended``, ``diverged``, ``scores``."""
        write_file(self.folder / f"{chunk.number:02d}.board.npz", npz(board))

    @property
    def board_time(self) -> float:
        """When the members' state was last written, in seconds since 1970; 0 for never."""
        return max((path.stat().st_mtime for path in self.folder.glob("*.board.npz")), default=0.0)

    def curves(self) -> tuple[np.ndarray, np.ndarray]:
        """Epochs (e,) and curves (e, 6, members), NaN where a member has not been; as `CURVES` names them."""
        read = [(self.members_of(chunk).ravel(), self._chunk_curves(chunk)) for chunk in self.chunks]
        length = max((len(curves) for _, curves in read), default=0)
        together = np.full((length, len(CURVES), len(self.spec.members)), np.nan, np.float32)
        for own, curves in read:
            together[: len(curves), :, own] = curves
        return np.arange(length) * self.curve_step, together

    @property
    def curve_step(self) -> int:
        """Every which epoch is kept in the curves."""
        return -(-self.spec.run.training.epochs // MOST_EPOCHS)

    def append_curves(self, chunk: Chunk, blocks: Sequence[np.ndarray]) -> None:
        """Add blocks (6, …) of a chunk's members."""
        with open(self._curves(chunk), "ab") as file:
            file.write(b"".join(np.ascontiguousarray(block, np.float32).tobytes() for block in blocks))

    def cut_curves(self, chunk: Chunk, blocks: int) -> None:
        """Forget what came after the first ``blocks`` blocks."""
        path = self._curves(chunk)
        if path.exists():
            os.truncate(path, min(path.stat().st_size, blocks * self._block(chunk) * 4))

    def save_checkpoint(self, chunk: Chunk, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays that a chunk resumes from."""
        write_file(self.folder / f"{chunk.number:02d}.checkpoint.npz", npz(arrays))

    def load_checkpoint(self, chunk: Chunk) -> dict[str, np.ndarray] | None:
        """The newest checkpoint, or None."""
        return self._read_npz(f"{chunk.number:02d}.checkpoint.npz")

    def save_chunk(self, chunk: Chunk, weights: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray]) -> None:
        """Keep what a chunk led to, and remove what only its training needed."""
        write_file(self.folder / f"{chunk.number:02d}.weights.npz", npz(weights))
        write_file(self.folder / f"{chunk.number:02d}.answers.npz", npz(answers))
        (self.folder / f"{chunk.number:02d}.checkpoint.npz").unlink(missing_ok=True)

    def weights(self, chunk: Chunk) -> dict[str, np.ndarray] | None:
        """Stacked weights, each (groups, settings, ...), or None."""
        return self._read_npz(f"{chunk.number:02d}.weights.npz")

    def answers(self, chunk: Chunk) -> dict[str, np.ndarray] | None:
        """What a chunk's members answered, or None where it has not ended.

        For each group ``g`` of the chunk: ``g-held`` (rows,) positions in the dataset, ``g-answers`` (settings, rows[,
        classes]), ``g-train`` (settings,) scores on the learned rows, ``g-learned`` how many those are, and
        ``g-baseline-KEY`` (rows[, classes]) of each baseline.
        """
        return self._read_npz(f"{chunk.number:02d}.answers.npz")

    def is_trained(self, chunk: Chunk) -> bool:
        """Whether a chunk's members have answered."""
        return (self.folder / f"{chunk.number:02d}.answers.npz").is_file()

    def save_result(self, result: dict[str, Any]) -> None:
        """Keep the answer to the study's question."""
        self._write_json("result.json", result)

    def result(self) -> dict[str, Any] | None:
        """The answer, or None."""
        return self._read_json("result.json")

    def fail(self, problem: str, remedy: str) -> None:
        """End as failed; a study that failed is never resumed, so its checkpoints go."""
        self._remove_checkpoints()
        super().fail(problem, remedy)

    def trouble(self, problem: str, remedy: str) -> None:
        """Tell that a chunk could not be trained; the others stop, and what they have learned is judged."""
        (self.folder / "reserve").unlink(missing_ok=True)
        self.append("trouble", problem=problem, remedy=remedy)
        with contextlib.suppress(OSError):  # The disk may still be full.
            self.request_stop()

    def finish(self, event: str, **fields: Any) -> None:
        """End well (``finished`` or ``stopped``), and remove what only a running study needs."""
        self.append(event, **({**self.stop_reason, **fields} if event == "stopped" else fields))
        self._remove_checkpoints()
        for name in ("reserve", "stop"):
            (self.folder / name).unlink(missing_ok=True)

    def _remove_checkpoints(self) -> None:
        for path in self.folder.glob("*.checkpoint.npz"):
            path.unlink(missing_ok=True)

    def _chunk_curves(self, chunk: Chunk) -> np.ndarray:
        members = len(chunk.settings) * len(chunk.groups)
        try:
            values = np.fromfile(self._curves(chunk), np.float32)
        except FileNotFoundError:
            values = np.zeros(0, np.float32)
        whole = len(values) // self._block(chunk)
        return values[: whole * self._block(chunk)].reshape(whole, len(CURVES), members)

    def _block(self, chunk: Chunk) -> int:
        return len(CURVES) * len(chunk.settings) * len(chunk.groups)

    def _curves(self, chunk: Chunk) -> Path:
        return self.folder / f"{chunk.number:02d}.curves"


def all_studies(workspace: Workspace) -> list[Study]:
    """Every readable study, newest first."""
    studies = []
    for study in workspace.studies():
        with contextlib.suppress(UserError):
            found = Study(workspace, study)
            if found.spec:
                studies.append(found)
    return studies


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> StudySpec:
    return StudySpec.parse_json(content)
