"""A complete run: the same configuration, data and versions give the same result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import Discriminator, Tag, TypeAdapter, model_validator

from core.spec.augmentation import Augmentation
from core.spec.base import Spec, choice, readable
from core.spec.data import DataSpec
from core.spec.images import ImageData
from core.spec.network import ImageNetworkSpec, NetworkSpec
from core.spec.training import LOSS_WORDS, LOSSES, TrainingSpec


class Origin(Spec):
    """The study that a run comes from."""

    study: str = choice(..., "Study", "Its id.", pattern=r"^[0-9]{8}-[0-9]{6}-[0-9a-f]{6}$")
    setting: int = choice(0, "Setting", "Which of its settings, counted from 0.", ge=0)


class _Config(Spec):
    version: int = choice(1, "Version", "Version of this file's format.", ge=1, le=1)
    name: str = choice("", "Name", "What this run is called on Home.", max_length=200)
    data: DataSpec | ImageData
    training: TrainingSpec = TrainingSpec()
    origin: Origin | None = None

    @model_validator(mode="after")
    def _loss_suits_task(self) -> Self:
        allowed = LOSSES[self.data.task]
        if self.training.loss not in allowed:
            words = " or ".join(LOSS_WORDS[loss] for loss in allowed)
            raise ValueError(f"the loss must be {words} for this task, got {LOSS_WORDS[self.training.loss]}")
        if self.data.split.learn_from_all and self.training.early_stopping:
            raise ValueError("a run that learns from all rows has none to stop early by; turn early stopping off")
        if self.data.split.learn_from_all and self.origin is None:
            raise ValueError("only a setting that a comparison has chosen learns from validation rows too")
        return self

    @property
    def plain(self) -> Self:
        """The same choices as a draft has them: with the plain split, and from no study."""
        split = {**self.data.split.model_dump(), "folds": 0, "fold": 0, "repeat": 0, "learn_from_all": False}
        return self.change(data={**self.data.model_dump(), "split": split}, origin=None, name="")


class RunConfig(_Config):
    """Everything that was chosen for one training run on a table."""

    data: DataSpec
    network: NetworkSpec = NetworkSpec()


class ImageConfig(_Config):
    """Everything that was chosen for one training run on pictures."""

    data: ImageData
    network: ImageNetworkSpec = ImageNetworkSpec()
    augmentation: Augmentation = Augmentation()


def _kind(config: Any) -> str:
    if isinstance(config, _Config):
        return "images" if isinstance(config, ImageConfig) else "table"
    data = config.get("data") if isinstance(config, Mapping) else None
    return "images" if isinstance(data, Mapping) and data.get("kind") == "images" else "table"


AnyConfig = RunConfig | ImageConfig
Config = TypeVar("Config", RunConfig, ImageConfig, AnyConfig)
ConfigField = Annotated[
    Annotated[RunConfig, Tag("table")] | Annotated[ImageConfig, Tag("images")], Discriminator(_kind)
]
_ANY: TypeAdapter[AnyConfig] = TypeAdapter(ConfigField)


def parse_config(text: str | bytes) -> AnyConfig:
    """A configuration of either kind from JSON; raises `UserError` that names every wrong field."""
    return readable(_ANY.validate_json, text)
