"""A run that has results, read once: what pages and reports show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.errors import UserError
from core.evaluation.answers import predicted_classes
from core.evaluation.nouns import metrics_in_words, noun_of
from core.progress import Progress, progress
from core.runs import Run
from core.spec import AnyConfig, DataSpec


@dataclass(frozen=True, eq=False)
class Opened:
    """A run that has results.

    Attributes:
        run: Its folder.
        config: What was chosen.
        told: How it ended, and its epochs.
        metrics: As `core.evaluation.report.evaluate` describes.
        facts: As `Run.dataset` gives.
        rows: Validation rows as `Run.predictions` gives them, in that order; none if they are lost.
    """

    run: Run
    config: AnyConfig
    told: Progress
    metrics: dict[str, Any]
    facts: dict[str, Any]
    rows: pd.DataFrame

    @property
    def table_data(self) -> DataSpec:
        """What was chosen about the table; raises `UserError` where the run learned from pictures."""
        return self.run.table_config.data

    @property
    def task(self) -> str:
        """Kind of answer."""
        return self.config.data.task

    @property
    def noun(self) -> str:
        """What one case is called: ``row`` or ``picture``."""
        return noun_of(self.config)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes; empty for regression."""
        return tuple(self.facts.get("class_names", ()))

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of all features."""
        return tuple(feature["name"] for feature in self.facts.get("schema", {}).get("features", ()))

    @cached_property
    def truth(self) -> np.ndarray:
        """``(n,)`` class indices or values."""
        return self.rows["y_true"].to_numpy(float if self.task == "regression" else np.int64)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """``(n, classes)``."""
        return class_probabilities(self.rows, len(self.class_names))

    @cached_property
    def values(self) -> np.ndarray:
        """``(n,)`` predicted values (regression)."""
        return self.rows["prediction"].to_numpy(float)

    def answers(self, threshold: float = 0.5) -> np.ndarray:
        """``(n,)`` class indices answered; the threshold acts where there are two classes."""
        return predicted_classes(self.probabilities, threshold)


def class_probabilities(rows: pd.DataFrame, classes: int) -> np.ndarray:
    """``(n, classes)`` from a frame of predictions."""
    return rows[[f"probability_{number}" for number in range(classes)]].to_numpy(float)


def open_run(run: Run) -> Opened:
    """What the folder of an ended run holds.

    Raises:
        UserError: It holds no results.
    """
    metrics, facts, predictions = run.metrics(), run.dataset(), run.predictions()
    if metrics is None or facts is None:
        raise UserError("This run holds no results.", "Train it again.")
    if predictions is None:
        predictions = pd.DataFrame({"part": [], "row": [], "y_true": [], "prediction": []})
    rows = predictions[predictions["part"] == "validation"].reset_index(drop=True)
    config, names = run.config, tuple(facts.get("class_names", ()))
    return Opened(run, config, progress(run), metrics_in_words(metrics, noun_of(config), names), facts, rows)
