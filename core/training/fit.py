"""The training loop: epochs, early stopping for each member, checkpoints, stop in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from core.spec import TrainingSpec
from core.training.shape import Part
from core.training.stack import Stack

WATCHED_ROWS = 20_000
FIRST_STEPS = 8
SECONDS_BETWEEN_STOPS = 0.5


@dataclass(frozen=True)
class Epoch:
    """What one epoch led to; each array (members,). Epoch 0 is the network before training."""

    epoch: int
    loss: np.ndarray
    metric: np.ndarray
    val_loss: np.ndarray
    val_metric: np.ndarray


@dataclass
class FitState:
    """Where a training stands, beside the weights in the stack; ``steps`` is how many are done in half a second."""

    epoch: int = -1
    best_epoch: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    ended: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    steps: int = FIRST_STEPS


@dataclass(frozen=True)
class Watch:
    """What the loop tells and asks while it runs.

    ``epoch`` is called after each epoch, ``step`` with the share of the epoch that is done, ``stop`` asks whether
    the person wants to stop, ``checkpoint`` is called after each epoch and decides itself whether to save.
    """

    epoch: Callable[[Epoch], None] = lambda epoch: None
    step: Callable[[int, float], None] = lambda epoch, share: None
    stop: Callable[[], bool] = lambda: False
    checkpoint: Callable[[FitState], None] = lambda state: None


def fit(
    stack: Stack, train: Part, validation: Part, training: TrainingSpec, watch: Watch, state: FitState | None = None
) -> FitState:
    """Train ``stack`` until the epochs are over, every member has stopped early, or the person stops.

    Early stopping watches the validation loss without penalty. With it, members end with their best weights.
    """
    if state is None:
        state = FitState(-1, np.zeros(stack.members, np.int64), np.zeros(stack.members, bool))
    watched = _watched(train, validation)
    train = _on_device(train)
    if state.epoch < 0:
        _finish_epoch(stack, watched, training, state, watch)
    while state.epoch < training.epochs and not state.ended.all():
        if watch.stop() or not _train_epoch(stack, train, training, state, watch):
            break
        _finish_epoch(stack, watched, training, state, watch)
    if training.early_stopping:
        stack.use_best()
    return state


def _train_epoch(stack: Stack, train: Part, training: TrainingSpec, state: FitState, watch: Watch) -> bool:
    """One pass over all rows, in pieces, so that a stop is heard within a second; False where it was stopped."""
    epoch = state.epoch + 1
    batches = batch_rows(len(train.weight), training.batch_size, training.seed, epoch)
    seed = int(np.random.SeedSequence([training.seed, epoch]).generate_state(1)[0] >> 1), 0
    start = 0
    while start < len(batches):
        began = time.monotonic()
        stop = min(start + state.steps, len(batches))
        stack.train_steps(train, batches, start, stop, seed)
        seconds = max(time.monotonic() - began, 1e-6)
        state.steps = max(1, min(len(batches), int((stop - start) * SECONDS_BETWEEN_STOPS / seconds)))
        start = stop
        if start < len(batches):
            watch.step(epoch, start / len(batches))
            if watch.stop():
                return False
    return True


def _finish_epoch(
    stack: Stack, watched: tuple[Part, tf.Tensor], training: TrainingSpec, state: FitState, watch: Watch
) -> None:
    before = stack.best_loss.numpy()
    (loss, val_loss), (metric, val_metric) = stack.score(*watched)
    state.epoch += 1
    improved = (val_loss < before) & ~state.ended
    state.best_epoch = np.where(improved, state.epoch, state.best_epoch)
    state.ended = state.ended | ~np.isfinite(loss)
    if training.early_stopping:
        state.ended = state.ended | (state.epoch - state.best_epoch >= training.patience)
    watch.epoch(Epoch(state.epoch, loss, metric, val_loss, val_metric))
    watch.checkpoint(state)


def batch_rows(rows: int, batch_size: int, seed: int, epoch: int) -> np.ndarray:
    """Shuffled row numbers of one epoch, (steps, batch_size) int32; the last batch is padded with -1."""
    order = np.random.default_rng([seed, 2, epoch]).permutation(rows)
    steps = -(-rows // batch_size)
    batches = np.full(steps * batch_size, -1, np.int32)
    batches[:rows] = order
    return batches.reshape(steps, batch_size)


def _watched(train: Part, validation: Part) -> tuple[Part, tf.Tensor]:
    """Rows for the curves, and which of them are training rows; at most `WATCHED_ROWS` of each, always the same."""
    train, validation = _sample(train), _sample(validation)
    arrays = zip((train.x, train.y, train.weight), (validation.x, validation.y, validation.weight), strict=True)
    both = Part(*(np.concatenate(pair) for pair in arrays))
    learned = np.repeat(np.array([1, 0], np.float32), [len(train.weight), len(validation.weight)])
    return _on_device(both), tf.constant(learned)


def _sample(part: Part) -> Part:
    """At most `WATCHED_ROWS` rows, always the same: enough for a curve, cheap on large tables."""
    rows = len(part.weight)
    if rows <= WATCHED_ROWS:
        return part
    chosen = np.sort(np.random.default_rng(0).choice(rows, WATCHED_ROWS, replace=False))
    return Part(part.x[chosen], part.y[chosen], part.weight[chosen])


def _on_device(part: Part) -> Part:
    return Part(*(tf.constant(array, tf.float32) for array in (part.x, part.y, part.weight)))
