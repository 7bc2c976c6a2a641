"""A run's network, opened for a converter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from core.data.preprocess import Preprocessing
from core.export.description import PIXELS, facts_of, output_name
from core.runs import Run
from core.spec import ImageConfig


@dataclass(frozen=True, eq=False)
class Opened:
    """What a converter needs.

    Args:
        model: As it was saved.
        facts: What the run keeps of its data.
        output: The name of what comes out.
        preprocessing: Of a table; None for pictures.
    """

    model: keras.Model
    facts: dict[str, Any]
    output: str
    preprocessing: Preprocessing | None

    @property
    def input_names(self) -> list[str]:
        """``numbers`` and ``categories``, each where the table has such columns, or ``pixels``."""
        return [PIXELS] if self.preprocessing is None else [each.name for each in self.model.inputs]


def open_run(run: Run) -> Opened:
    """The network of a run; raises `UserError` where there is none (yet)."""
    facts, config = facts_of(run), run.config
    return Opened(
        keras.models.load_model(run.model, compile=False, safe_mode=True),
        facts,
        output_name(config.training.loss),
        None if isinstance(config, ImageConfig) else Preprocessing.from_dict(facts["preprocessing"]),
    )
