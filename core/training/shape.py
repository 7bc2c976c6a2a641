"""What a stack of networks is given: its shape, each member's rates, and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.spec import Dense, Dropout, Layer, NetworkSpec, TrainingSpec


@dataclass(frozen=True)
class Rates:
    """Regularization of each member: ``l1``, ``l2`` and ``dropout``, each (members,) float32."""

    l1: np.ndarray
    l2: np.ndarray
    dropout: np.ndarray

    @classmethod
    def of(cls, networks: Sequence[NetworkSpec]) -> Rates:
        """The rates of several networks that share their layers."""
        rates = [(*n.regularization.rates, n.regularization.dropout) for n in networks]
        l1, l2, dropout = np.asarray(rates, np.float32).reshape(-1, 3).T
        return cls(l1, l2, dropout)


@dataclass(frozen=True)
class StackShape:
    """Everything about a stack that a compiled program depends on, beside the number of rows.

    ``layers`` are the hidden layers; a Dropout of rate 0 stands where each member has a rate of its own.
    """

    layers: tuple[Layer, ...]
    loss: str
    optimizer: str
    inputs: int
    outputs: int
    members: int
    l1: bool
    l2: bool

    @classmethod
    def of(cls, networks: Sequence[NetworkSpec], training: TrainingSpec, inputs: int, outputs: int) -> StackShape:
        """The shape of a stack of networks that share their layers."""
        rates = Rates.of(networks)
        layers = member_layers(networks[0], bool(rates.dropout.any()))
        flags = bool(rates.l1.any()), bool(rates.l2.any())
        return cls(layers, training.loss, training.optimizer, inputs, outputs, len(networks), *flags)

    @property
    def all_layers(self) -> tuple[Layer, ...]:
        """Hidden layers and the output layer without its activation."""
        return (*self.layers, Dense(units=self.outputs, activation="linear"))


def member_layers(network: NetworkSpec, dropout: bool) -> tuple[Layer, ...]:
    """Hidden layers; with ``dropout``, a Dropout of rate 0 stands for each member's own rate."""
    layers: list[Layer] = []
    for layer in network.layers:
        if not isinstance(layer, Dropout) or layer.rate > 0:
            layers.append(layer)
        if isinstance(layer, Dense) and dropout:
            layers.append(Dropout(rate=0.0))
    return tuple(layers)


@dataclass(frozen=True)
class Part:
    """Rows to learn from or to watch: ``x`` (n, inputs), ``y`` (n,) or (n, classes), ``weight`` (n,); float32."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
