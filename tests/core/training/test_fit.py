"""The loop: early stopping, stop in time, resume exactly."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core.spec import NetworkSpec, TrainingSpec
from core.training.fit import Epoch, FitState, Watch, batches_of, fit
from core.training.initial import initial_weights
from core.training.shape import Group, Rates, Rows, StackShape
from core.training.stack import Stack

NETWORK = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 4}], "regularization": {"dropout": 0.3}})
TRAINING = TrainingSpec(loss="mean_squared_error", batch_size=16, learning_rate=0.02, epochs=8, patience=3)


@pytest.fixture(scope="module")
def stack() -> Stack:
    return Stack(StackShape.of([NETWORK], TRAINING, 3, 1))


def prepared(stack: Stack, training: TrainingSpec = TRAINING) -> Stack:
    stack.prepare(Rates.of([NETWORK]), training.learning_rate, initial_weights(NETWORK, 3, np.zeros((1, 1)), [1]))
    return stack


TRAIN, VALIDATION = np.arange(50), np.arange(50, 100)
GROUP = Group(TRAIN, VALIDATION)


def rows(noise: float = 0.1) -> Rows:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(100, 3)).astype(np.float32)
    return Rows.one(x, (x[:, 0] + noise * generator.normal(size=100)).astype(np.float32))


def test_every_learned_row_is_seen_once_an_epoch_and_orders_differ() -> None:
    group = Group(np.arange(5, 15), np.arange(5))
    one, two = batches_of([group], 4, epoch=1)[0], batches_of([group], 4, epoch=2)[0]
    assert sorted(one[one >= 0]) == list(range(5, 15))
    assert (one == -1).sum() == 2
    assert (one != two).any()
    np.testing.assert_array_equal(one, batches_of([group], 4, epoch=1)[0])
    assert (one != batches_of([Group(group.learn, group.watch, seed=1)], 4, epoch=1)[0]).any()


def test_groups_of_different_size_take_the_same_number_of_steps_and_none_is_empty() -> None:
    batches = batches_of([Group(np.arange(9), TRAIN), Group(np.arange(3), TRAIN), Group(np.arange(8), TRAIN)], 2, 1)
    assert batches.shape == (3, 5, 2)
    assert (batches >= 0).sum((1, 2)).tolist() == [9, 5, 8]
    assert ((batches >= 0).sum(2) > 0).all()
    assert set(batches[1][batches[1] >= 0]) == {0, 1, 2}
    assert sorted(batches[2][batches[2] >= 0]) == list(range(8))
    alone = batches_of([Group(np.arange(8), TRAIN, largest=9)], 2, 1)
    np.testing.assert_array_equal(alone[0], batches[2])


def test_resumed_training_equals_an_uninterrupted_one(stack: Stack) -> None:
    training = replace_training(epochs=6, early_stopping=False)
    every = rows()
    fit(prepared(stack), every, [GROUP], training, Watch())
    whole = stack.get_weights()

    kept: dict[str, np.ndarray] = {}
    position = FitState()

    def checkpoint(state: FitState) -> None:
        nonlocal position
        if state.epoch == 3:
            kept.update(stack.state())
            position = replace(state)

    fit(prepared(stack), every, [GROUP], training, Watch(checkpoint=checkpoint, stop=lambda: bool(kept)))
    prepared(stack)
    stack.restore(kept)
    fit(stack, every, [GROUP], training, Watch(), position)
    for expected, weights in zip(whole, stack.get_weights(), strict=True):
        np.testing.assert_array_equal(weights, expected)


def test_early_stopping_keeps_the_best_weights(stack: Stack) -> None:
    training = replace_training(epochs=60, learning_rate=0.3)
    seen: list[Epoch] = []
    every = rows(noise=3.0)
    told = Watch(epoch=lambda epoch, state: seen.append(epoch))
    state = fit(prepared(stack, training), every, [GROUP], training, told)
    losses = [float(epoch.loss[1, 0, 0]) for epoch in seen]
    assert state.best_epoch[0, 0] == int(np.argmin(losses))
    assert len(seen) - 1 == min(60, state.best_epoch[0, 0] + training.patience)
    now = float(np.mean((stack.predict(every.x)[0, 0, VALIDATION, 0] - every.y[0, VALIDATION]) ** 2))
    assert now == pytest.approx(min(losses), rel=1e-4)


def test_held_out_rows_decide_nothing(stack: Stack) -> None:
    training = replace_training(epochs=40, learning_rate=0.3)
    every = rows(noise=3.0)
    ends = []
    for held in (VALIDATION, VALIDATION[:5], None):
        group = Group(TRAIN[:30], TRAIN[30:], held)
        seen: list[Epoch] = []
        watch = Watch(epoch=lambda epoch, state, seen=seen: seen.append(epoch))
        state = fit(prepared(stack, training), every, [group], training, watch)
        ends.append((state.epoch, int(state.best_epoch[0, 0]), stack.get_weights()[0].tolist()))
        assert seen[0].loss.shape == (len(group.parts), 1, 1)
    assert ends[0] == ends[1] == ends[2]


def test_without_watched_rows_the_last_network_is_kept(stack: Stack) -> None:
    training = replace_training(epochs=4, early_stopping=False)
    seen: list[Epoch] = []
    watch = Watch(epoch=lambda epoch, state: seen.append(epoch))
    state = fit(prepared(stack), rows(), [Group(TRAIN, np.zeros(0, np.int64))], training, watch)
    assert state.epoch == 4 and not state.diverged.any()
    assert np.isnan(seen[-1].loss[1]).all() and np.isfinite(seen[-1].loss[0]).all()


def test_curves_of_long_tables_look_at_a_sample(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.fit.WATCHED_ROWS", 20)
    seen: list[Epoch] = []
    watch = Watch(epoch=lambda epoch, state: seen.append(epoch))
    every = rows()
    fit(prepared(stack), every, [GROUP], replace_training(epochs=1, early_stopping=False), watch)
    some = VALIDATION[np.sort(np.random.default_rng(0).choice(50, 20, replace=False))]
    expected = np.mean((stack.predict(every.x)[0, 0, some, 0] - every.y[0, some]) ** 2)
    assert seen[-1].loss[1, 0, 0] == pytest.approx(expected, rel=1e-4)


def test_stop_is_heard_and_keeps_what_was_learned(stack: Stack) -> None:
    seen: list[Epoch] = []
    watch = Watch(epoch=lambda epoch, state: seen.append(epoch), stop=lambda: len(seen) >= 3)
    fit(prepared(stack), rows(), [GROUP], TRAINING, watch)
    assert [epoch.epoch for epoch in seen] == [0, 1, 2]


def test_loss_that_runs_away_ends_the_training(stack: Stack) -> None:
    seen: list[Epoch] = []
    part = rows()
    huge = Rows(part.x, part.y * 1e30, part.weight)
    state = fit(prepared(stack), huge, [GROUP], TRAINING, Watch(epoch=lambda epoch, state: seen.append(epoch)))
    assert len(seen) < TRAINING.epochs
    assert not np.isfinite(seen[-1].loss[0, 0, 0])
    assert state.diverged.all()


def replace_training(**values: object) -> TrainingSpec:
    return TRAINING.change(**values)


def test_slow_steps_are_done_few_at_a_time_in_every_epoch(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    now, done = 0.0, []

    def train_steps(rows: Rows, batches: np.ndarray, start: int, stop: int, seeds: np.ndarray) -> None:
        nonlocal now
        now += 0.25 * (stop - start)
        done.append(stop - start)

    monkeypatch.setattr("core.training.fit.time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(stack, "train_steps", train_steps)
    fit(prepared(stack), rows(), [GROUP], replace_training(epochs=2, batch_size=1), Watch())
    assert sum(done) == 2 * len(TRAIN)
    assert done[0] == 8 and max(done[1:]) == 2
