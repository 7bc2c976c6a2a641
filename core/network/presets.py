"""Networks and training settings that are good out of the box, from the shape of the table alone."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.spec import LOSSES, Dense, NetworkSpec, Regularization, Task, TrainingSpec

PresetName = Literal["small", "medium", "wide"]
MANY_ROWS = 1_500


class Preset(NamedTuple):
    """What goes into a run beside its data."""

    network: NetworkSpec
    training: TrainingSpec


def propose(task: Task, rows: int, inputs: int) -> Preset:
    """The preset that suits a table.

    Args:
        task: What is predicted.
        rows: Number of training rows.
        inputs: Number of input values of one row, after preprocessing.
    """
    return preset(suitable(rows, inputs), task, rows, inputs)


def suitable(rows: int, inputs: int) -> PresetName:
    """Name of the preset for tables of this shape."""
    if 2 * inputs > rows:
        return "wide"
    return "medium" if rows >= MANY_ROWS else "small"


def preset(name: PresetName, task: Task, rows: int, inputs: int) -> Preset:
    """A preset, fitted to the size of the table; arguments as in `propose`."""
    match name:
        case "small":
            return Preset(_network(name, 16), _training(task, rows))
        case "medium":
            return Preset(_network(name, 64, 32), _training(task, rows))
        case "wide":
            return _wide(task, rows, inputs)


def _network(name: PresetName, *units: int) -> NetworkSpec:
    layers = tuple(Dense(units=count) for count in units)
    penalty = Regularization(kernel_regularizer="l2", l2=1e-4)
    return NetworkSpec(preset=name, layers=layers, regularization=penalty, output_initializer="zeros")


def _training(task: Task, rows: int) -> TrainingSpec:
    return TrainingSpec(loss=LOSSES[task][0], learning_rate=3e-3, batch_size=32, epochs=200, patience=20)


def _wide(task: Task, rows: int, inputs: int) -> Preset:
    network = NetworkSpec(preset="wide", layers=(), output_initializer="zeros")
    training = TrainingSpec(
        loss=LOSSES[task][0],
        optimizer="sgd",
        learning_rate=min(0.5 / max(inputs, 1), 0.1),
        batch_size=32,
        epochs=1_000,
        patience=100,
    )
    return Preset(network, training)
