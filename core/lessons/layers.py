"""A small network of two inputs and one answer, trained step by step; what each of its neurons says anywhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

import numpy as np

from core.lessons.activations import relu, sigmoid, tanh
from core.lessons.costs import binary_crossentropies
from core.lessons.optimizers import Arrays, Memory, fresh, stepped

Activation = Literal["tanh", "relu", "sigmoid", "linear"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
BATCH = 20


class Network(NamedTuple):
    """Dense layers; the last one is a single neuron with a sigmoid, which answers the chance of class 1.

    Args:
        activation: Of the hidden layers.
        seed: Of the weights that it began with and of the order of the points in each epoch.
        values: Weights (inputs, units) and biases (units,) of each layer in turn, from the inputs on.
        memory: Of the optimizer (Adam).
        epochs: How many times it has seen all points.
    """

    activation: Activation
    seed: int
    values: Arrays
    memory: Memory
    epochs: int = 0

    @property
    def weights(self) -> Arrays:
        """(inputs, units) of each layer."""
        return self.values[::2]


def untrained(hidden: tuple[int, ...], activation: Activation, seed: int) -> Network:
    """A network with ``hidden`` neurons in its hidden layers.

    Weights are drawn evenly between ``±sqrt(6 / (inputs + units))`` and biases are 0, as in Keras' ``Dense`` (Glorot
    and Bengio 2010).
    """
    generator = np.random.default_rng(seed)
    sizes = (2, *hidden, 1)
    values: list[np.ndarray] = []
    for inputs, units in pairwise(sizes):
        reach = np.sqrt(6 / (inputs + units))
        values += [generator.uniform(-reach, reach, (inputs, units)), np.zeros(units)]
    return Network(activation, seed, tuple(values), fresh(tuple(values)))


def outputs(network: Network, x: np.ndarray) -> list[np.ndarray]:
    """(n, units) of each layer for n points (n, 2); the last is (n, 1), the chance of class 1."""
    found: list[np.ndarray] = []
    for weights, biases in zip(network.values[::2], network.values[1::2], strict=True):
        last = len(found) + 1 == len(network.weights)
        x = _FORWARD["sigmoid" if last else network.activation](x @ weights + biases)
        found.append(x)
    return found


def trained(network: Network, x: np.ndarray, y: np.ndarray, epochs: int, rate: float, batch: int = BATCH) -> Network:
    """The network after so many more epochs of Adam on binary cross-entropy; the one given stays as it was.

    Args:
        network: To start from.
        x: (n, 2) points.
        y: (n,) classes, 0 or 1.
        epochs: How many more times it sees all points. In two goes or in one: the result is the same.
        rate: The learning rate.
        batch: How many points share a step.
    """
    for epoch in range(network.epochs, network.epochs + epochs):
        order = np.random.default_rng((network.seed, epoch)).permutation(len(x))
        for start in range(0, len(x), batch):
            rows = order[start : start + batch]
            values, memory = stepped("adam", network.values, gradients(network, x[rows], y[rows]), network.memory, rate)
            network = network._replace(values=values, memory=memory)
    return network._replace(epochs=network.epochs + epochs)


def gradients(network: Network, x: np.ndarray, y: np.ndarray) -> Arrays:
    """How the mean binary cross-entropy changes with each weight and bias (backpropagation); shapes as ``values``."""
    layers = [x, *outputs(network, x)]
    # For a sigmoid under binary cross-entropy, the slope at the weighted sum is the answer minus the truth.
    slope = (layers[-1] - y[:, None]) / len(x)
    found: list[np.ndarray] = []
    for number in reversed(range(len(network.weights))):
        found = [layers[number].T @ slope, slope.sum(axis=0), *found]
        if number:
            slope = (slope @ network.weights[number].T) * _SLOPE[network.activation](layers[number])
    return tuple(found)


def cost(answers: np.ndarray, y: np.ndarray) -> float:
    """Mean binary cross-entropy of answers (n,), chances of class 1, for classes (n,)."""
    return float(binary_crossentropies(y, answers).mean())


def share_right(answers: np.ndarray, y: np.ndarray) -> float:
    """Which share of answers (n,), from one half on read as class 1, is the class (n,)."""
    return float(np.mean((answers >= 0.5) == (y == 1)))


def brightness(values: np.ndarray) -> np.ndarray:
    """Outputs of a neuron (n,) of any activation, from 0 (most negative) over one half (zero) to 1 (most positive)."""
    most = float(np.abs(values).max(initial=0.0))
    return 0.5 + values / (2 * most) if most else np.full(len(values), 0.5)


_FORWARD: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "linear": lambda sums: sums,
}
# The derivatives, from what the neurons put out.
_SLOPE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "tanh": lambda out: 1 - out * out,
    "relu": lambda out: (out > 0).astype(float),
    "sigmoid": lambda out: out * (1 - out),
    "linear": np.ones_like,
}
