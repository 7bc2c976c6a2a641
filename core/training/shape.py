"""What a stack of networks is given: its shape, the rates of each setting, rows, and who learns from which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.spec import Dense, Dropout, Layer, NetworkSpec, TrainingSpec


@dataclass(frozen=True)
class Rates:
    """Regularization of each setting: ``l1``, ``l2`` and ``dropout``, each (settings,) float32."""

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

    ``layers`` are the hidden layers; a Dropout of rate 0 stands where each setting has a rate of its own. Members are
    every combination of groups (which rows are learned from, in which order) and settings (rates).
    """

    layers: tuple[Layer, ...]
    loss: str
    optimizer: str
    inputs: int
    outputs: int
    groups: int
    settings: int
    l1: bool
    l2: bool

    @classmethod
    def of(
        cls, networks: Sequence[NetworkSpec], training: TrainingSpec, inputs: int, outputs: int, groups: int = 1
    ) -> StackShape:
        """The shape of a stack: networks that share their layers, one a setting, each in every group."""
        rates = Rates.of(networks)
        layers = member_layers(networks[0], bool(rates.dropout.any()))
        flags = bool(rates.l1.any()), bool(rates.l2.any())
        return cls(layers, training.loss, training.optimizer, inputs, outputs, groups, len(networks), *flags)

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
class Rows:
    """All rows as each group's networks receive them.

    ``x`` (groups, n, inputs), ``y`` (groups, n) or (groups, n, outputs), ``weight`` (groups, n); float32.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    @classmethod
    def one(cls, x: np.ndarray, y: np.ndarray, weight: np.ndarray | None = None) -> Rows:
        """Rows of a single group, all counting alike where there is no ``weight``."""
        return cls(x[None], y[None], (np.ones(len(x), np.float32) if weight is None else weight)[None])


@dataclass(frozen=True, eq=False)
class Group:
    """Which rows a group of networks learns from, and which it is scored on; int64 positions.

    Attributes:
        learn: Rows that weights are fitted to.
        watch: Rows that decide when to stop (may be empty).
        held: Rows that nothing is decided on, or None where the watched rows are the ones to look at.
        seed: Of starting weights, batches and dropout.
        fold: Tells groups of the same seed apart.
        largest: How many rows the largest group learns from that this one is compared with, trained beside it or not.
    """

    learn: np.ndarray
    watch: np.ndarray
    held: np.ndarray | None = None
    seed: int = 0
    fold: int = 0
    largest: int = 0

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """Learned, held and watched rows; without held ones, learned and watched rows."""
        return (self.learn, self.watch) if self.held is None else (self.learn, self.held, self.watch)
