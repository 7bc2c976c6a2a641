"""A study: which regularization settings are compared, and how often each is trained."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from math import prod
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from core.errors import UserError
from core.spec.base import Spec, choice, plain_number
from core.spec.network import Dense, ImageNetworkSpec, Layer, NetworkSpec
from core.spec.run import AnyConfig, ConfigField, RunConfig

MOST_MEMBERS = 2_000
RATES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
RATE_NAMES = {"l1": "L1", "l2": "L2", "dropout": "dropout"}
DROPOUTS = (0.0, 0.1, 0.2, 0.3, 0.5)
NO_LAYERS = {"dropout": "dropout (which switches off their neurons)", "units": "their width"}
Penalty = Annotated[float, Field(ge=0.0, le=10.0)]
DropoutRate = Annotated[float, Field(ge=0.0, le=0.9)]
Units = Annotated[int, Field(ge=1, le=4096)]
Depth = Annotated[int, Field(ge=0, le=10)]
Score = Literal["", "accuracy", "balanced_accuracy", "log_loss", "r2", "rmse", "mae"]


class Setting(NamedTuple):
    """One point of the grid; ``units`` and ``depth`` are None where the network's own layers are used."""

    l1: float
    l2: float
    dropout: float
    units: int | None
    depth: int | None

    @property
    def words(self) -> str:
        """Such as ``L2 0.001, dropout 0.3, 16 neurons``; ``no regularization`` where there is none."""
        rates = [
            f"{name} {plain_number(rate)}" for name, rate in zip(RATE_NAMES.values(), self[:3], strict=True) if rate
        ]
        size = [f"{self.units} neurons"] if self.units is not None else []
        size += [f"{self.depth} {'layer' if self.depth == 1 else 'layers'}"] if self.depth is not None else []
        return ", ".join([*(rates or ["no regularization"]), *size])


class Member(NamedTuple):
    """One network of a study: which setting, trained without which fold, from which seed; each counted from 0."""

    setting: int
    fold: int
    seed: int


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

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Every combination once, the least regularized first."""
        rates = (sorted(set(getattr(self, name))) for name in ("l1", "l2", "dropout"))
        sizes = (sorted(set(getattr(self, name))) or [None] for name in ("units", "depth"))
        return tuple(Setting(*values) for values in product(*rates, *sizes))

    @property
    def size(self) -> int:
        """How many settings there are, without making them."""
        rates = (len(set(getattr(self, name))) for name in ("l1", "l2", "dropout"))
        return prod(rates) * max(1, len(set(self.units))) * max(1, len(set(self.depth)))

    @property
    def varied(self) -> tuple[str, ...]:
        """Names of the axes that hold more than one value."""
        return tuple(name for name in Setting._fields if len(set(getattr(self, name))) > 1)


class StudySpec(Spec):
    """Everything that was chosen for one study: a run's data, network and training, and what is varied."""

    version: int = choice(1, "Version", "Version of this file's format.", ge=1, le=1)
    name: str = choice("", "Name", "What this study is called on Home.", max_length=200)
    run: ConfigField
    grid: Grid = Grid()
    folds: int = choice(
        5,
        "Parts (folds)",
        "Each part is held out once while networks learn from the others; 1 draws new validation rows for each seed.",
        ge=1,
        le=20,
    )
    seeds: int = choice(
        3,
        "Repeats (seeds)",
        "How often all of it is repeated with other parts and other starting weights.",
        ge=1,
        le=50,
    )
    score: Score = choice(
        "",
        "Compared by",
        "The score that decides; automatic takes the one that Results speaks of.",
        options={
            "": "automatic",
            "accuracy": "share of correct answers (accuracy)",
            "balanced_accuracy": "the same, averaged over classes (balanced accuracy)",
            "log_loss": "penalty for confident mistakes (log loss)",
            "r2": "explained share of the differences (R²)",
            "rmse": "typical size of the error (RMSE)",
            "mae": "average size of the error (MAE)",
        },
    )

    @model_validator(mode="after")
    def _can_be_compared(self) -> StudySpec:
        count = self.grid.size * self.folds * self.seeds
        if count > MOST_MEMBERS:
            raise ValueError(
                f"{self.grid.size:,} settings x {self.folds} folds x {self.seeds} seeds are {count:,} "
                f"networks; at most {MOST_MEMBERS:,} are trained in one study, so choose fewer values, folds or seeds"
            )
        if self.folds * self.seeds < 2:
            raise ValueError("one fold and one seed train each setting only once, which shows no chance; choose more")
        numbers = self.score in ("r2", "rmse", "mae")
        if self.score and numbers != (self.run.data.task == "regression"):
            raise ValueError(f"the score {self.score} does not suit this task")
        hidden = any(isinstance(layer, Dense) for layer in self.run.network.layers)
        if not hidden and not any(self.grid.depth):
            flat = [name for name in self.grid.varied if name in ("dropout", "units")]
            if flat:
                raise ValueError(
                    f"the network has no hidden layers, so {NO_LAYERS[flat[0]]} would make no difference; compare "
                    "depths too, or choose a network with hidden layers"
                )
        return self

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The grid's settings."""
        return self.grid.settings

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Each setting in words that tell it from the others, such as ``L2 0.001`` or ``no L1, 16 neurons``."""
        return tuple(self._words(setting) for setting in self.settings)

    def _words(self, setting: Setting) -> str:
        varied = self.grid.varied
        rates = {name: rate for name, rate in setting._asdict().items() if name in RATE_NAMES}
        own = [name for name in rates if name in varied]
        if not varied:
            return setting.words
        shown = [f"{RATE_NAMES[name]} {plain_number(rates[name])}" for name in own if rates[name]]
        if own and not shown:
            shown = [f"no {' or '.join(RATE_NAMES[name] for name in own)}"]
            if not any(rates.values()):
                shown = ["no regularization"]
        units, depth = (getattr(setting, name) if name in varied else None for name in ("units", "depth"))
        size = Setting(0.0, 0.0, 0.0, units, depth)
        return ", ".join([*shown, *size.words.split(", ")[1:]])

    @property
    def members(self) -> tuple[Member, ...]:
        """Every network, setting by setting, then seed by seed."""
        places = product(range(len(self.settings)), range(self.seeds), range(self.folds))
        return tuple(Member(setting, fold, seed) for setting, seed, fold in places)

    def network(self, setting: Setting) -> NetworkSpec | ImageNetworkSpec:
        """The network of a setting."""
        network = self.run.network
        kinds = {(False, False): "none", (True, False): "l1", (False, True): "l2", (True, True): "l1_l2"}
        kept = network.regularization
        regularization = kept.change(
            kernel_regularizer=kinds[setting.l1 > 0, setting.l2 > 0],
            l1=setting.l1 or kept.l1,
            l2=setting.l2 or kept.l2,
            dropout=setting.dropout,
        )
        layers = _resized(network.layers, setting) if isinstance(network, NetworkSpec) else network.layers
        same = (layers, regularization) == (network.layers, kept)
        preset = network.preset if same else "custom"
        return network.change(
            preset=preset, layers=[layer.model_dump() for layer in layers], regularization=regularization.model_dump()
        )

    @property
    def table_run(self) -> RunConfig:
        """The run of a study on a table; raises `UserError` for one on pictures."""
        if not isinstance(self.run, RunConfig):
            raise UserError("This comparison is about pictures, not about a table.", "Choose one on a table.")
        return self.run

    def dense(self, setting: Setting) -> NetworkSpec:
        """The network of a setting that trains as a part of a stack."""
        network = self.network(setting)
        if not isinstance(network, NetworkSpec):
            raise UserError("Networks for pictures do not train as one stack.", "Compare them one by one.")
        return network

    def member_config(self, member: Member) -> AnyConfig:
        """The run that a member is."""
        split = {"folds": self.folds, "fold": member.fold, "repeat": member.seed, "learn_from_all": False}
        setting = self.settings[member.setting]
        return self.run.change(
            origin=None,
            name=f"{self.run.data.source.name[:80]}: {self.words[member.setting]}, part {member.fold + 1}, "
            f"repeat {member.seed + 1}",
            network=self.network(setting).model_dump(),
            training={**self.run.training.model_dump(), "seed": self.training_seed(member.seed)},
            data=self.run.data.change(split={**self.run.data.split.model_dump(), **split}).model_dump(),
        )

    def training_seed(self, seed: int) -> int:
        """The seed of starting weights and batches of a repetition."""
        return (self.run.training.seed + seed) % 2**31


def _resized(layers: tuple[Layer, ...], setting: Setting) -> tuple[Layer, ...]:
    """Layers with another width, or so many of the first hidden layer where their number is another."""
    first = next((layer for layer in layers if isinstance(layer, Dense)), Dense())
    units = setting.units or first.units
    dense = sum(isinstance(layer, Dense) for layer in layers)
    if setting.depth is not None and setting.depth != dense:
        return tuple(first.change(units=units) for _ in range(setting.depth))
    if setting.units is None:
        return layers
    return tuple(layer.change(units=units) if isinstance(layer, Dense) else layer for layer in layers)
