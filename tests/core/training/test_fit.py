"""The loop: early stopping, stop in time, resume exactly."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.spec import NetworkSpec, TrainingSpec
from core.training.fit import Epoch, FitState, Watch, batch_rows, fit
from core.training.initial import initial_weights
from core.training.shape import Part, Rates, StackShape
from core.training.stack import Stack

NETWORK = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 4}], "regularization": {"dropout": 0.3}})
TRAINING = TrainingSpec(loss="mean_squared_error", batch_size=16, learning_rate=0.02, epochs=8, patience=3)


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(StackShape.of([NETWORK], TRAINING, 3, 1))


def prepared(stack: Stack, training: TrainingSpec = TRAINING) -> Stack:
    stack.prepare(Rates.of([NETWORK]), training.learning_rate, initial_weights(NETWORK, 3, np.zeros(1), [1]))
    return stack


def rows(seed: int, noise: float = 0.1) -> Part:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(50, 3)).astype(np.float32)
    y = (x[:, 0] + noise * generator.normal(size=50)).astype(np.float32)
    return Part(x, y, np.ones(50, np.float32))


def test_every_row_is_seen_once_an_epoch_and_orders_differ() -> None:
    one, two = batch_rows(10, 4, seed=0, epoch=1), batch_rows(10, 4, seed=0, epoch=2)
    assert sorted(one[one >= 0]) == list(range(10))
    assert (one == -1).sum() == 2
    assert (one != two).any()
    np.testing.assert_array_equal(one, batch_rows(10, 4, seed=0, epoch=1))


def test_resumed_training_equals_an_uninterrupted_one(stack: Stack) -> None:
    training = replace_training(epochs=6, early_stopping=False)
    train, validation = rows(0), rows(1)
    fit(prepared(stack), train, validation, training, Watch())
    whole = [variable.numpy() for variable in stack.weights]

    kept: dict[str, np.ndarray] = {}
    position = FitState()

    def checkpoint(state: FitState) -> None:
        nonlocal position
        if state.epoch == 3:
            kept.update(stack.state())
            position = replace(state)

    fit(prepared(stack), train, validation, training, Watch(checkpoint=checkpoint, stop=lambda: bool(kept)))
    prepared(stack)
    stack.restore(kept)
    fit(stack, train, validation, training, Watch(), position)
    for expected, variable in zip(whole, stack.weights, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected)


def test_early_stopping_keeps_the_best_weights(stack: Stack) -> None:
    training = replace_training(epochs=60, learning_rate=0.3)
    seen: list[Epoch] = []
    validation = rows(1, noise=3.0)
    state = fit(prepared(stack, training), rows(0, noise=3.0), validation, training, Watch(epoch=seen.append))
    losses = [float(epoch.val_loss[0]) for epoch in seen]
    assert state.best_epoch[0] == int(np.argmin(losses))
    assert len(seen) - 1 == min(60, state.best_epoch[0] + training.patience)
    now = float(np.mean((stack.predict(validation.x)[0, :, 0] - validation.y) ** 2))
    assert now == pytest.approx(min(losses), rel=1e-4)


def test_stop_is_heard_and_keeps_what_was_learned(stack: Stack) -> None:
    seen: list[Epoch] = []
    fit(prepared(stack), rows(0), rows(1), TRAINING, Watch(epoch=seen.append, stop=lambda: len(seen) >= 3))
    assert [epoch.epoch for epoch in seen] == [0, 1, 2]


def test_loss_that_runs_away_ends_the_training(stack: Stack) -> None:
    seen: list[Epoch] = []
    part = rows(0)
    huge = Part(part.x, part.y * 1e30, part.weight)
    fit(prepared(stack), huge, huge, TRAINING, Watch(epoch=seen.append))
    assert len(seen) < TRAINING.epochs
    assert not np.isfinite(seen[-1].loss[0])


def replace_training(**values: object) -> TrainingSpec:
    return TRAINING.change(**values)


def test_slow_steps_are_done_few_at_a_time_in_every_epoch(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    now, done = 0.0, []

    def train_steps(part: Part, batches: np.ndarray, start: int, stop: int, seed: tuple[int, int]) -> None:
        nonlocal now
        now += 0.25 * (stop - start)
        done.append(stop - start)

    monkeypatch.setattr("core.training.fit.time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(stack, "train_steps", train_steps)
    fit(prepared(stack), rows(0), rows(1), replace_training(epochs=2, batch_size=1), Watch())
    assert sum(done) == 2 * len(rows(0).weight)
    assert done[0] == 8 and max(done[1:]) == 2
