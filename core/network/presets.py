"""Networks and training settings that are good out of the box, from the shape of the table alone.

**Small** and **medium** are ordinary networks: rectified units, Adam, a light penalty.

**Wide** is for tables with few rows for their many inputs (genes), where an ordinary network learns the noise by heart
and ends far below the average answer. What holds it back:

- The output layer starts at zero and its bias at the average answer, so that training starts from the simplest answer,
  and early stopping returns to it where nothing better is found.
- The learning rate falls with the number of inputs, so that an answer moves equally little at each step in every table,
  and early stopping can choose finely.
- For regression, the L2 penalty grows with ``sqrt(inputs / rows)``. The slope of the loss at the start, which is noise
  unless there is a signal, has length ``2 sqrt(inputs / rows)`` for independent standardised inputs and target. In a
  network of two linear layers the penalty ``l2 (|W|^2 + |v|^2)`` is, at its smallest, ``2 l2 |W v|``, which such a
  slope overcomes only where ``l2 < sqrt(inputs / rows)``.
- For classes there is no hidden layer. No single penalty suited both weak signals and tumours that can be told apart
  perfectly (it made their probabilities timid: 0.39 to 0.85 of the log loss explained, logistic regression 0.92). Plain
  gradient steps, stopped early, pass close to every L2 strength on their way (for least squares: Ali, Kolter and
  Tibshirani 2019) and were level on both (0.94). The steps are stable: a row of standardised inputs has a squared
  length of about ``inputs``, and the curvature of softmax is at most 1/2, so that rates below ``4 / inputs`` cannot
  run away.

``python -m benchmarks presets`` measures all three against the mean and against ridge and logistic regression.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal, NamedTuple

from core.spec import LOSSES, Dense, NetworkSpec, Regularization, Task, TrainingSpec
from core.spec.network import Activation

PresetName = Literal["small", "medium", "wide"]
MANY_ROWS = 1_500
FEWEST_WIDE_INPUTS = 20
LIGHT_PENALTY = 0.01
WIDE_PENALTY = 0.2
MOST_PENALTY = 10.0


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
    """Name of the preset for a table of this shape; arguments as in `propose`."""
    if inputs >= FEWEST_WIDE_INPUTS and 2 * inputs > rows:
        return "wide"
    return "medium" if rows >= MANY_ROWS else "small"


def preset(name: PresetName, task: Task, rows: int, inputs: int) -> Preset:
    """A preset, fitted to the size of the table; arguments as in `propose`."""
    rows, inputs = max(rows, 1), max(inputs, 1)
    match name:
        case "small":
            network = _network(name, (32,), "relu", LIGHT_PENALTY * sqrt(inputs / rows))
            return Preset(network, _training(task, rows, 5e-3, epochs=300, patience=30))
        case "medium":
            network = _network(name, (64, 32), "relu", LIGHT_PENALTY * sqrt(inputs / rows), dropout=0.1)
            return Preset(network, _training(task, rows, 3e-3, epochs=200, patience=20))
        case "wide":
            return _wide(task, rows, inputs)


def _wide(task: Task, rows: int, inputs: int) -> Preset:
    if task == "regression":
        network = _network("wide", (16,), "tanh", WIDE_PENALTY * sqrt(inputs / rows))
        return Preset(network, _training(task, rows, min(0.5 / inputs, 5e-3), epochs=300, patience=30))
    network = NetworkSpec(preset="wide", layers=(), output_initializer="zeros")
    training = _training(task, rows, min(2.0 / inputs, 0.1), epochs=500, patience=30)
    return Preset(network, training.change(optimizer="sgd"))


def _network(
    name: PresetName, units: tuple[int, ...], activation: Activation, l2: float, dropout: float = 0.0
) -> NetworkSpec:
    penalty = Regularization(kernel_regularizer="l2", l2=_readable(min(l2, MOST_PENALTY)), dropout=dropout)
    layers = tuple(Dense(units=count, activation=activation) for count in units)
    return NetworkSpec(preset=name, layers=layers, regularization=penalty, output_initializer="zeros")


def _training(task: Task, rows: int, learning_rate: float, epochs: int, patience: int) -> TrainingSpec:
    return TrainingSpec(
        loss=LOSSES[task][0],
        learning_rate=_readable(learning_rate),
        batch_size=_batch_size(rows),
        epochs=epochs,
        patience=patience,
    )


def _batch_size(rows: int) -> int:
    """A power of two with eight steps an epoch or more on small tables, and a few hundred on large ones."""
    wanted = min(32, rows // 8) if rows < 10_000 else rows // 300
    return min(max(4, 2 ** (max(wanted, 1).bit_length() - 1)), 1024)


def _readable(number: float) -> float:
    """Two digits are plenty, and easier to read in a form."""
    return float(f"{number:.2g}")
