"""A complete run: the same configuration, data and versions give the same result."""

from __future__ import annotations

from pydantic import model_validator

from core.spec.base import Spec, choice
from core.spec.data import DataSpec
from core.spec.network import NetworkSpec
from core.spec.training import LOSS_WORDS, LOSSES, TrainingSpec


class RunConfig(Spec):
    """Everything that was chosen for one training run."""

    version: int = choice(1, "Version", "Version of this file's format.", ge=1, le=1)
    name: str = choice("", "Name", "What this run is called on Home.", max_length=200)
    data: DataSpec
    network: NetworkSpec = NetworkSpec()
    training: TrainingSpec = TrainingSpec()

    @model_validator(mode="after")
    def _loss_suits_task(self) -> RunConfig:
        allowed = LOSSES[self.data.task]
        if self.training.loss not in allowed:
            words = " or ".join(LOSS_WORDS[loss] for loss in allowed)
            raise ValueError(f"the loss must be {words} for this task, got {LOSS_WORDS[self.training.loss]}")
        return self
