"""What a chunk of a study writes on the way: curves, board, and checkpoints to resume from."""

from __future__ import annotations

import time
from typing import Protocol

import numpy as np

from core.studies import CURVES, Chunk, Study
from core.training.fit import Epoch, FitState, Watch

BOARD_SECONDS = 0.5
CHECKPOINT_SECONDS = 5.0


class Learner(Protocol):
    """A stack, or a single network: says everything that it goes on from, and goes back to it."""

    def state(self) -> dict[str, np.ndarray]:
        """Arrays by their names."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """The inverse of `state`."""


def resumed(study: Study, chunk: Chunk, learner: Learner) -> tuple[ChunkTelling, FitState | None]:
    """What tells of a chunk, and where it stands if it was begun before."""
    told = ChunkTelling(study, chunk, learner)
    checkpoint = study.load_checkpoint(chunk)
    if not checkpoint:
        return told, None
    learner.restore(checkpoint)
    told.resume(checkpoint)
    return told, FitState.of(checkpoint)


class ChunkTelling:
    """Writes what becomes of a chunk's members into the study's folder: curves, board, checkpoints."""

    def __init__(self, study: Study, chunk: Chunk, learner: Learner) -> None:
        self.study, self.chunk, self.learner = study, chunk, learner
        self.members = len(chunk.groups), len(chunk.settings)
        training = study.spec.run.training
        self.keeps_best, self.patience = training.early_stopping, training.patience
        self.step = study.curve_step
        self.blocks: list[np.ndarray] = []
        self.scores = np.full((len(CURVES), *self.members), np.nan, np.float32)
        self.shown = self.looked = self.saved = time.monotonic()
        self.pause, self.wish = CHECKPOINT_SECONDS, False
        if study.load_checkpoint(chunk) is None:
            study.cut_curves(chunk, 0)

    @property
    def watch(self) -> Watch:
        """What the training loop tells and asks."""
        return Watch(epoch=self.epoch, stop=self.stop, checkpoint=self.checkpoint)

    def resume(self, checkpoint: dict[str, np.ndarray]) -> None:
        """Go back to a checkpoint: curves that were told after it are told again."""
        self.scores = checkpoint["scores"]
        self.study.cut_curves(self.chunk, int(checkpoint["epoch"]) // self.step + 1)

    def epoch(self, epoch: Epoch, state: FitState) -> None:
        """Keep an epoch's curves, and what the members are like at the epoch whose weights they keep."""
        both = np.stack([epoch.loss, epoch.metric], axis=1).reshape(-1, *self.members)
        block = np.concatenate([both, np.full((len(CURVES) - len(both), *self.members), np.nan)])
        # A member that has ended may go on beside the others; what it does then counts no more.
        block = np.where(self._epochs(state) < epoch.epoch, np.nan, block)
        newest = (state.best_epoch == epoch.epoch) if self.keeps_best else ~state.ended
        self.scores = np.where(newest, block, self.scores).astype(np.float32)
        if epoch.epoch % self.step == 0:
            self.blocks.append(block)
        if time.monotonic() - self.shown > BOARD_SECONDS:
            self.show(state)

    def show(self, state: FitState, over: bool = False) -> None:
        """Write curves and board."""
        self.study.append_curves(self.chunk, self.blocks)
        self.blocks = []
        board = {"epoch": self._epochs(state), "best_epoch": state.best_epoch, "diverged": state.diverged}
        board |= {"ended": state.ended | over, "scores": self.scores}
        self.study.save_board(self.chunk, board)
        self.shown = time.monotonic()

    def _epochs(self, state: FitState) -> np.ndarray:
        """(groups, settings) the last epoch that counts of each member."""
        own = np.full(self.members, state.epoch)
        return np.minimum(own, state.best_epoch + self.patience) if self.keeps_best else own

    def stop(self) -> bool:
        """Whether the person asked to stop, or another chunk failed; looked up at most ten times a second."""
        if time.monotonic() - self.looked > 0.1:
            self.looked = time.monotonic()
            self.wish = not self.study.folder.exists() or self.study.stop_in_time()
        return self.wish

    def checkpoint(self, state: FitState) -> None:
        """Save every five seconds, or more rarely where saving is slow."""
        began = time.monotonic()
        if began - self.saved < self.pause:
            return
        self.show(state)
        self.study.save_checkpoint(self.chunk, self.learner.state() | state.arrays() | {"scores": self.scores})
        self.saved = time.monotonic()
        self.pause = max(CHECKPOINT_SECONDS, 10 * (self.saved - began))

    def close(self, state: FitState) -> None:
        """Tell the end."""
        self.show(state, over=True)
