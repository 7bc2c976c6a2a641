"""The grid of a study: which values of what are compared."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Annotated, NamedTuple

from pydantic import Field

from core.spec.base import Spec, choice, plain_number

RATES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
RATE_NAMES = {"l1": "L1", "l2": "L2", "dropout": "dropout"}
DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)
Penalty = Annotated[float, Field(ge=0.0, le=10.0)]
DropoutRate = Annotated[float, Field(ge=0.0, le=0.9)]
Units = Annotated[int, Field(ge=1, le=4096)]
Depth = Annotated[int, Field(ge=0, le=10)]
Strength = Annotated[float, Field(ge=0.0, le=5.0)]
Width = Annotated[float, Field(ge=0.1, le=8.0)]


class Setting(NamedTuple):
    """One point of the grid.

    ``units``, ``depth`` and ``width`` are None where the network's own layers are used, and ``augmentation`` where its
    own strengths are. ``augmentation`` and ``width`` are times: 2.0 means twice as strong, and twice the filters.
    """

    l1: float
    l2: float
    dropout: float
    units: int | None
    depth: int | None
    augmentation: float | None = None
    width: float | None = None

    @property
    def words(self) -> str:
        """Such as ``L2 0.001, dropout 0.3, 16 neurons``; ``no regularization`` where there is none."""
        rates = [
            f"{name} {plain_number(rate)}" for name, rate in zip(RATE_NAMES.values(), self[:3], strict=True) if rate
        ]
        size = [f"{self.units} neurons"] if self.units is not None else []
        size += [f"{self.depth} {'layer' if self.depth == 1 else 'layers'}"] if self.depth is not None else []
        if self.augmentation is not None:
            size += [f"augmentation x {plain_number(self.augmentation)}" if self.augmentation else "no augmentation"]
        size += [f"filters x {plain_number(self.width)}"] if self.width is not None else []
        return ", ".join([*(rates or ["no regularization"]), *size])


class Grid(Spec):
    """Every combination of these values is one setting."""

    l1: tuple[Penalty, ...] = choice(
        (0.0,),
        "L1 rates",
        "Rates of the L1 penalty to compare; it makes many weights zero.",
        ladder=RATES,
        min_length=1,
        max_length=50,
    )
    l2: tuple[Penalty, ...] = choice(
        RATES,
        "L2 rates",
        "Rates of the L2 penalty to compare; it keeps all weights small.",
        ladder=RATES,
        min_length=1,
        max_length=50,
    )
    dropout: tuple[DropoutRate, ...] = choice(
        (0.0,),
        "Dropout rates",
        "Shares of neurons that are switched off at random while training, to compare.",
        ladder=DROPOUTS,
        min_length=1,
        max_length=50,
    )
    units: tuple[Units, ...] = choice(
        (),
        "Widths (neurons in a layer)",
        "How many neurons each hidden layer has, to compare; none means as on Network.",
        ladder=(4, 8, 16, 32, 64),
        max_length=20,
    )
    depth: tuple[Depth, ...] = choice(
        (),
        "Depths (hidden layers)",
        "How many hidden layers there are, to compare; none means as on Network.",
        ladder=(0, 1, 2, 3),
        max_length=20,
    )
    augmentation: tuple[Strength, ...] = choice(
        (),
        "Augmentation (times its strength)",
        "How strongly training pictures are varied: 0 not at all, 1 as on Network, 2 twice as strongly; none means 1.",
        ladder=(0.0, 0.5, 1.0, 2.0),
        max_length=20,
    )
    width: tuple[Width, ...] = choice(
        (),
        "Width (times the filters)",
        "How many filters and neurons each layer has: 1 as on Network, 2 twice as many; none means 1.",
        ladder=(0.5, 1.0, 2.0),
        max_length=20,
    )

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Every combination once, the least regularized first."""
        rates = (sorted(set(getattr(self, name))) for name in ("l1", "l2", "dropout"))
        sizes = (sorted(set(getattr(self, name))) or [None] for name in Setting._fields[3:])
        return tuple(Setting(*values) for values in product(*rates, *sizes))

    @property
    def size(self) -> int:
        """How many settings there are, without making them."""
        rates = (len(set(getattr(self, name))) for name in ("l1", "l2", "dropout"))
        return prod(rates) * prod(max(1, len(set(getattr(self, name)))) for name in Setting._fields[3:])

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the axes that hold more than one value."""
        return tuple(name for name in Setting._fields if len(set(getattr(self, name))) > 1)
