"""The training loop: epochs, early stopping for each member, checkpoints, stop in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from core.spec import TrainingSpec
from core.training.shape import Group, Rows
from core.training.stack import Stack

WATCHED_ROWS = 20_000
# Of the learned rows a sample will do for the curves where looking at all of them would cost as much as learning.
FEWEST_LEARNED, LEARNED_PRODUCTS = 200, 50_000_000
FIRST_STEPS = 8
SECONDS_BETWEEN_STOPS = 0.5


@dataclass(frozen=True)
class Epoch:
    """What one epoch led to. Epoch 0 is the network before training.

    ``loss`` and ``metric`` are (parts, groups, settings), the parts in the order of `Group.parts`; NaN for no rows.
    """

    epoch: int
    loss: np.ndarray
    metric: np.ndarray


@dataclass
class FitState:
    """Where a training stands, beside the weights in the stack; arrays (groups, settings).

    ``steps`` is how many are done in half a second.
    """

    epoch: int = -1
    best_epoch: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    ended: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    diverged: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    steps: int = FIRST_STEPS

    @classmethod
    def start(cls, members: tuple[int, int]) -> FitState:
        """Before the first epoch."""
        return cls(-1, np.zeros(members, np.int64), np.zeros(members, bool), np.zeros(members, bool))

    def arrays(self) -> dict[str, np.ndarray]:
        """What a checkpoint keeps."""
        return {
            "epoch": np.array(self.epoch),
            "best_epoch": self.best_epoch,
            "ended": self.ended,
            "diverged": self.diverged,
        }

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> FitState:
        """The inverse of `arrays`."""
        return cls(int(arrays["epoch"]), arrays["best_epoch"], arrays["ended"], arrays["diverged"])


@dataclass(frozen=True)
class Watch:
    """What the loop tells and asks while it runs.

    ``epoch`` is called after each epoch, ``step`` with the share of the epoch that is done, ``stop`` asks whether
    the person wants to stop, ``checkpoint`` is called after each epoch and decides itself whether to save.
    """

    epoch: Callable[[Epoch, FitState], None] = lambda epoch, state: None
    step: Callable[[int, float], None] = lambda epoch, share: None
    stop: Callable[[], bool] = lambda: False
    checkpoint: Callable[[FitState], None] = lambda state: None


def fit(
    stack: Stack,
    rows: Rows,
    groups: Sequence[Group],
    training: TrainingSpec,
    watch: Watch,
    state: FitState | None = None,
) -> FitState:
    """Train ``stack`` until the epochs are over, every member has stopped early, or the person stops.

    Early stopping looks at the loss on the watched rows, without penalty. With it, members end with their best
    weights, and what a member does after its end counts no more.
    """
    state = state or FitState.start(stack.members)
    on_device = _on_device(rows)
    watched = _watched(on_device, rows, groups, max(FEWEST_LEARNED, LEARNED_PRODUCTS // stack.weights_each))
    if state.epoch < 0:
        _finish_epoch(stack, watched, groups, training, state, watch)
    while state.epoch < training.epochs and not state.ended.all():
        if watch.stop() or not _train_epoch(stack, on_device, groups, training, state, watch):
            break
        _finish_epoch(stack, watched, groups, training, state, watch)
    if training.early_stopping:
        stack.use_best()
    return state


def _train_epoch(
    stack: Stack, rows: Rows, groups: Sequence[Group], training: TrainingSpec, state: FitState, watch: Watch
) -> bool:
    """One pass over all rows, in pieces, so that a stop is heard within a second; False where it was stopped."""
    epoch = state.epoch + 1
    batches = batches_of(groups, training.batch_size, epoch)
    seeds = np.array([_dropout_seed(group, epoch) for group in groups], np.int32)
    start, steps = 0, batches.shape[1]
    while start < steps:
        began = time.monotonic()
        stop = min(start + state.steps, steps)
        stack.train_steps(rows, batches, start, stop, seeds)
        seconds = max(time.monotonic() - began, 1e-6)
        state.steps = max(1, min(steps, int((stop - start) * SECONDS_BETWEEN_STOPS / seconds)))
        start = stop
        if start < steps:
            watch.step(epoch, start / steps)
            if watch.stop():
                return False
    return True


def _finish_epoch(
    stack: Stack,
    watched: tuple[Rows, np.ndarray],
    groups: Sequence[Group],
    training: TrainingSpec,
    state: FitState,
    watch: Watch,
) -> None:
    before = stack.best_loss.numpy()
    loss, metric = stack.score(*watched, ~state.ended)
    empty = np.array([[not len(part) for part in group.parts] for group in groups]).T[:, :, None]
    loss, metric = (np.where(empty, np.nan, values) for values in (loss, metric))
    state.epoch += 1
    improved = (loss[-1] < before) & ~state.ended
    state.best_epoch = np.where(improved, state.epoch, state.best_epoch)
    state.diverged = state.diverged | (~np.isfinite(loss[0]) & ~state.ended)
    state.ended = state.ended | state.diverged
    if training.early_stopping:
        state.ended = state.ended | (state.epoch - state.best_epoch >= training.patience)
    watch.epoch(Epoch(state.epoch, loss, metric), state)
    watch.checkpoint(state)


def batches_of(groups: Sequence[Group], batch_size: int, epoch: int) -> np.ndarray:
    """Shuffled positions of the learned rows of each group, (groups, steps, batch_size) int32, -1 where padded.

    All groups take as many steps as the largest needs. One that is too small for them spreads its rows evenly; one with
    fewer rows than steps begins with them anew, for a step without rows would teach nothing but forgetting.
    """
    steps = max(-(-max(len(group.learn), group.largest) // batch_size) for group in groups)
    batches = np.full((len(groups), steps, batch_size), -1, np.int32)
    for group, own in zip(groups, batches, strict=True):
        order = group.learn[np.random.default_rng([group.seed, 2, epoch]).permutation(len(group.learn))]
        if -(-len(order) // batch_size) == steps:
            own.reshape(-1)[: len(order)] = order
        else:
            for step, part in enumerate(np.array_split(np.resize(order, max(len(order), steps)), steps)):
                own[step, : len(part)] = part
    return batches


def _dropout_seed(group: Group, epoch: int) -> tuple[int, int]:
    return int(np.random.SeedSequence([group.seed, epoch, group.fold]).generate_state(1)[0] >> 1), 0


def _watched(on_device: Rows, rows: Rows, groups: Sequence[Group], learned: int) -> tuple[Rows, np.ndarray]:
    """Rows for the curves and how much each counts in each part, (groups, parts, n); always the same rows.

    ``learned`` is how many of the learned rows are looked at.
    """
    limits = (min(WATCHED_ROWS, learned), WATCHED_ROWS, WATCHED_ROWS)
    if all(len(part) <= limit for group in groups for part, limit in zip(group.parts, limits, strict=False)):
        return on_device, _shares([group.parts for group in groups], rows.x.shape[1])
    parts = [[_sample(part, limit) for part, limit in zip(group.parts, limits, strict=False)] for group in groups]
    own = [np.unique(np.concatenate(some)) for some in parts]
    most = max(map(len, own))
    chosen = [np.concatenate([some, np.zeros(most - len(some), np.int64)]) for some in own]
    places = [[np.searchsorted(every, part) for part in some] for every, some in zip(own, parts, strict=True)]
    arrays = (rows.x, rows.y, rows.weight)
    taken = (np.stack([group[some] for group, some in zip(values, chosen, strict=True)]) for values in arrays)
    return _on_device(Rows(*taken)), _shares(places, most)


def _shares(parts: Sequence[Sequence[np.ndarray]], rows: int) -> np.ndarray:
    shares = np.zeros((len(parts), len(parts[0]), rows), np.float32)
    for group, some in enumerate(parts):
        for number, part in enumerate(some):
            shares[group, number, part] = 1.0 / max(1, len(part))
    return shares


def _sample(part: np.ndarray, most: int) -> np.ndarray:
    """At most so many rows, always the same: enough for a curve, cheap on large tables."""
    if len(part) <= most:
        return part
    return part[np.sort(np.random.default_rng(0).choice(len(part), most, replace=False))]


def _on_device(rows: Rows) -> Rows:
    return Rows(*(tf.constant(array, tf.float32) for array in (rows.x, rows.y, rows.weight)))
