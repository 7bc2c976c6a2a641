"""A study: which regularization settings are compared, and how often each is trained."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import Any, Literal, NamedTuple

from pydantic import model_validator

from core.errors import UserError
from core.spec.augmentation import Augmentation
from core.spec.base import Spec, choice, plain_number
from core.spec.grid import RATE_NAMES, Grid, Setting
from core.spec.network import ImageNetworkSpec, NetworkSpec
from core.spec.resize import has_dense, resized, widened
from core.spec.run import AnyConfig, ConfigField, ImageConfig, RunConfig

MOST_MEMBERS = 2_000
NO_LAYERS = {"dropout": "dropout (which switches off their neurons)", "units": "their width"}
AXES_FOR_PICTURES = {"augmentation": "augmentation", "width": "the number of filters"}
AXES_FOR_DENSE = {"units": "the number of neurons", "depth": "the number of hidden layers"}
Score = Literal["", "accuracy", "balanced_accuracy", "log_loss", "r2", "rmse", "mae"]


class Member(NamedTuple):
    """One network of a study: which setting, trained without which fold, from which seed; each counted from 0."""

    setting: int
    fold: int
    seed: int


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
        other = AXES_FOR_PICTURES if self.stacked else AXES_FOR_DENSE
        unfit = [words for name, words in other.items() if getattr(self.grid, name)]
        if unfit:
            raise ValueError(f"{unfit[0]} would make no difference to this kind of network; compare something else")
        if self.grid.augmentation and isinstance(self.run, ImageConfig) and not self.run.augmentation.active:
            raise ValueError("no augmentation is chosen on Network, so its strength makes no difference")
        if self.stacked and not has_dense(self.run.network) and not any(self.grid.depth):
            flat = [name for name in self.grid.varied if name in ("dropout", "units")]
            if flat:
                raise ValueError(
                    f"the network has no hidden layers, so {NO_LAYERS[flat[0]]} would make no difference; compare "
                    "depths too, or choose a network with hidden layers"
                )
        return self

    @property
    def stacked(self) -> bool:
        """Whether members are dense networks, which train together; those with convolutions train one by one."""
        network = self.run.network
        return isinstance(network, NetworkSpec) or network.frozen

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
        kept = {name: getattr(setting, name) if name in varied else None for name in Setting._fields[3:]}
        size = Setting(0.0, 0.0, 0.0, **kept)
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
        layers = widened(resized(network.layers, setting.units, setting.depth), setting.width or 1.0)
        same = (layers, regularization) == (network.layers, kept)
        preset = network.preset if same else "custom"
        return network.change(
            preset=preset, layers=[layer.model_dump() for layer in layers], regularization=regularization.model_dump()
        )

    def chosen(self, setting: Setting) -> dict[str, Any]:
        """The choices of a setting: ``network``, and for pictures ``augmentation``."""
        values = {"network": self.network(setting).model_dump()}
        if isinstance(self.run, ImageConfig):
            times = 1.0 if setting.augmentation is None else setting.augmentation
            varied = {name: min(1.0, times * strength) for name, strength in self.run.augmentation.model_dump().items()}
            values["augmentation"] = Augmentation.parse(varied).model_dump()
        return values

    @property
    def table_run(self) -> RunConfig:
        """The run of a study on a table; raises `UserError` for one on pictures."""
        if not isinstance(self.run, RunConfig):
            raise UserError("This comparison is about pictures, not about a table.", "Choose one on a table.")
        return self.run

    def member_config(self, member: Member) -> AnyConfig:
        """The run that a member is."""
        split = {"folds": self.folds, "fold": member.fold, "repeat": member.seed, "learn_from_all": False}
        setting = self.settings[member.setting]
        return self.run.change(
            origin=None,
            name=f"{self.run.data.source.name[:80]}: {self.words[member.setting]}, part {member.fold + 1}, "
            f"repeat {member.seed + 1}",
            **self.chosen(setting),
            training={**self.run.training.model_dump(), "seed": self.training_seed(member.seed)},
            data=self.run.data.change(split={**self.run.data.split.model_dump(), **split}).model_dump(),
        )

    def training_seed(self, seed: int) -> int:
        """The seed of starting weights and batches of a repetition."""
        return (self.run.training.seed + seed) % 2**31
