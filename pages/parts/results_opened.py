"""The run that Results shows: which one, and what its folder holds, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.answers import predicted_classes
from core.evaluation.words import shorten
from core.progress import Progress, progress
from core.runs import Run, all_runs
from core.spec import AnyConfig, DataSpec
from pages.parts.labels import distinct
from pages.parts.results_words import metrics_in_words, noun_of
from pages.parts.session import chosen_run, workspace

MOST_CHOICES = 50


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


def class_labels(shown: Opened) -> list[str]:
    """The classes for a list to choose from; no two look the same."""
    return distinct(shorten(name, 60) for name in shown.class_names)


def run_to_show() -> Run | None:
    """The run in the address, else the newest that has results, else the newest; None where there is none.

    Raises:
        UserError: The address names a run that is not here.
    """
    if st.query_params.get("run"):
        return chosen_run()
    return next((run for run in all_runs(workspace()) if _has_results(run)), None) or chosen_run()


def choices(shown: Run) -> list[Run]:
    """Runs that can be opened instead, newest first, with the shown one among them."""
    found = list(islice(filter(_has_results, all_runs(workspace())), MOST_CHOICES))
    return found if shown.id in [run.id for run in found] else [shown, *found]


def opened(run: Run) -> Opened:
    """What the folder of an ended run holds.

    Raises:
        UserError: It holds no results.
    """
    return _opened(str(run.workspace.root), run.id, _run=run)


@st.cache_resource(max_entries=4, show_spinner="Opening the results…")
def _opened(root: str, run: str, _run: Run) -> Opened:
    metrics, facts, predictions = _run.metrics(), _run.dataset(), _run.predictions()
    if metrics is None or facts is None:
        raise UserError("This run holds no results.", "Train it again.")
    if predictions is None:
        predictions = pd.DataFrame({"part": [], "row": [], "y_true": [], "prediction": []})
    rows = predictions[predictions["part"] == "validation"].reset_index(drop=True)
    config, names = _run.config, tuple(facts.get("class_names", ()))
    return Opened(_run, config, progress(_run), metrics_in_words(metrics, noun_of(config), names), facts, rows)


def _has_results(run: Run) -> bool:
    return run.model.is_file()
