"""A complete run: the same configuration, data and versions give the same result."""

from __future__ import annotations

from pydantic import model_validator

from core.spec.base import Spec, choice
from core.spec.data import DataSpec
from core.spec.network import NetworkSpec
from core.spec.training import LOSS_WORDS, LOSSES, TrainingSpec


class Origin(Spec):
    """The study that a run comes from."""

    study: str = choice("", "Study", "Its id.", pattern=r"^[0-9]{8}-[0-9]{6}-[0-9a-f]{6}$")
    setting: int = choice(0, "Setting", "Which of its settings, counted from 0.", ge=0)


class RunConfig(Spec):
    """Everything that was chosen for one training run."""

    version: int = choice(1, "Version", "Version of this file's format.", ge=1, le=1)
    name: str = choice("", "Name", "What this run is called on Home.", max_length=200)
    data: DataSpec
    network: NetworkSpec = NetworkSpec()
    training: TrainingSpec = TrainingSpec()
    origin: Origin | None = None

    @model_validator(mode="after")
    def _loss_suits_task(self) -> RunConfig:
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
    def plain(self) -> RunConfig:
        """The same choices as a draft has them: with the plain split, and from no study."""
        split = {**self.data.split.model_dump(), "folds": 0, "fold": 0, "repeat": 0, "learn_from_all": False}
        return self.change(data={**self.data.model_dump(), "split": split}, origin=None, name="")
