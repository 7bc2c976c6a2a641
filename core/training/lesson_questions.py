"""What the pages of Learn ask a worker: small networks, trained while somebody waits."""

from __future__ import annotations

import threading

import numpy as np
import tensorflow as tf

from core.lessons.overfitting import DRAWS, LEARNED, NEW, UNITS, draw_points
from core.lessons.points import Kind
from core.spec import Dense, Dropout, NetworkSpec
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.shape import Rates, Rows, StackShape

STEPS, SCORED_EVERY, BATCH = 400, 20, 20
LEARNING_RATE = 0.03
# Who clicks on while the first program is compiled waits for that one, instead of having it compiled again.
_turn = threading.Lock()
_NETWORK = NetworkSpec(layers=tuple(Dense(units=units, activation="tanh") for units in UNITS))
_WITH_DROPOUT = tuple(layer for dense in _NETWORK.layers for layer in (dense, Dropout(rate=0.0)))


def memorise(kind: Kind, noise: float, learned: int, l1: float, l2: float, dropout: float) -> dict[str, np.ndarray]:
    """Train a network on a few points, once for each draw, all at the same time.

    Args:
        kind: Of the points, see `core.lessons.points`.
        noise: Of the points.
        learned: How many of them each network learns from, at most ``max(LEARNED)``.
        l1: Rate of the penalty on absolute weights.
        l2: Rate of the penalty on squared weights.
        dropout: Share of the neurons that is switched off in each step.

    Returns:
        ``steps`` (r,), at which ``cost`` and ``right`` (2, draws, r) were taken, on learned and on new points; and the
        weights, ``weight_0`` and so on, each (draws, ...), as Keras orders them.
    """
    drawn = draw_points(kind, noise)
    rows = Rows(*(tf.constant(each) for each in (drawn.x, drawn.y, np.ones_like(drawn.y))))
    shares = np.zeros((DRAWS, 2, max(LEARNED) + NEW), np.float32)
    shares[:, 0, :learned] = 1 / learned
    shares[:, 1, -NEW:] = 1 / NEW
    batches = _batches(learned)
    going, scores = np.ones((DRAWS, 1), bool), []
    with _turn, borrowed(_shape(dropout > 0)) as stack:
        rates = Rates(*(np.array([rate], np.float32) for rate in (l1, l2, dropout)))
        stack.prepare(rates, LEARNING_RATE, initial_weights(_NETWORK, 2, np.zeros((DRAWS, 1)), range(DRAWS)))
        seeds = np.array([(seed, 0) for seed in range(DRAWS)], np.int32)
        steps = range(0, STEPS + 1, SCORED_EVERY)
        for stop in steps:
            if stop:
                stack.train_steps(rows, batches, stop - SCORED_EVERY, stop, seeds)
            scores.append(stack.score(rows, shares, going))
        weights = [array[:, 0] for array in stack.get_weights()]
    cost, right = (np.stack([score[number][:, :, 0] for score in scores], -1) for number in (0, 1))
    return {"steps": np.array(steps), "cost": cost, "right": right} | {
        f"weight_{i}": each for i, each in enumerate(weights)
    }


def _shape(dropout: bool) -> StackShape:
    """Penalties stand in the program whatever their rates are, so that it is compiled once; dropout takes longer to."""
    layers = _WITH_DROPOUT if dropout else _NETWORK.layers
    return StackShape(layers, "binary_crossentropy", "adam", 2, 1, DRAWS, 1, l1=True, l2=True)


def _batches(learned: int) -> np.ndarray:
    """Shuffled positions of the learned points, again and again, (draws, STEPS, BATCH) int32."""
    times = -(-STEPS * BATCH // learned)
    every = np.tile(np.arange(learned, dtype=np.int32), (DRAWS, times, 1))
    shuffled = np.random.default_rng(6).permuted(every, axis=2)
    return shuffled.reshape(DRAWS, -1)[:, : STEPS * BATCH].reshape(DRAWS, STEPS, BATCH).copy()
