"""What a generated script has to know about a run, be it on a table or on pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.preprocess import NEVER_VARIED
from core.data.splits import Split
from core.errors import UserError
from core.export.data import escaped, part_column
from core.network.image_shapes import head_of
from core.network.shapes import expanded_layers
from core.progress import progress
from core.runs import Run
from core.spec import AnyConfig, BatchNormalization, Dropout, ImageConfig, NetworkSpec, RunConfig
from core.studies import Study
from core.training.image_prepare import prepare_images
from core.training.prepare import Prepared, prepare
from core.training.study_rows import StudyRows
from core.training.study_shared import rows_of

Scores = dict[str, dict[str, tuple[float, ...]]]


@dataclass(frozen=True)
class Start:
    """How starting weights and batches of a network that was trained beside others differ from those of one alone.

    Attributes:
        inputs: Inputs of the layout that all of them shared; 0 where it is the network's own.
        places: Where its own inputs are in that layout.
        steps: Steps of an epoch that its rows are spread over; 0 where each batch but the last is full.
    """

    inputs: int = 0
    places: tuple[int, ...] = ()
    steps: int = 0


@dataclass(frozen=True)
class Columns:
    """What is known about the columns of a table.

    Attributes:
        part: Name of the column with the parts.
        texts: Names of the features that are texts.
        numbers: Whether there are features that are numbers.
        every: All columns of the file, the target and the part last.
        marked: Columns with texts that have an apostrophe in the file, see `core.export.data.escaped`.
        log: Whether the logarithm is taken of "all", "some" or "none" of the numbers.
        never_varied: Whether some number is the same in all training rows.
        never_known: Whether some number is missing in all training rows.
    """

    part: str
    texts: tuple[str, ...]
    numbers: bool
    every: tuple[str, ...]
    marked: tuple[str, ...]
    log: str
    never_varied: bool
    never_known: bool


@dataclass(frozen=True, eq=False)
class Facts:
    """A run as its script needs it.

    Attributes:
        run: Its folder.
        config: What was chosen.
        classes: Names of the classes; empty for regression.
        rows: How many rows or pictures each part has; only those that have some.
        columns: Of a table; None for pictures.
        dense: The layers that learn from inputs or features as one dense network, or None for convolutions.
        measured: Metrics of the app, ``(value, low, high)`` each, for each part.
        epochs: How many epochs at most.
        kept_start: Whether no epoch was better than the network before training, which was kept.
        start: How it was started.
        differs: Why its scores may differ from the app's, or an empty text.
    """

    run: Run
    config: AnyConfig
    classes: tuple[str, ...]
    rows: dict[str, int]
    columns: Columns | None
    dense: NetworkSpec | None
    measured: Scores
    epochs: int
    kept_start: bool
    start: Start
    differs: str

    @property
    def watched(self) -> str:
        """The part that early stopping looks at; empty where there is none to look at."""
        return next((part for part in ("watch", "validation") if part in self.rows), "")

    @property
    def stops(self) -> bool:
        """Whether training stops early."""
        return self.config.training.early_stopping and bool(self.watched)


def facts_of(run: Run) -> Facts:
    """Read the run and its data; raises `UserError` where it has no results, or the data is not there any more."""
    config, metrics = run.config, run.metrics()
    if metrics is None:
        raise UserError("This run has no results (yet).", "Wait until it has finished, or train it again.")
    prepared = (
        prepare_images(config, run.workspace) if isinstance(config, ImageConfig) else prepare(config, run.workspace)
    )
    split, classes = prepared.dataset.split, prepared.dataset.class_names
    dense = config.network if isinstance(config, RunConfig) else _head(config)
    start, unlike = _start(run, prepared, split, dense)
    told = progress(run)
    epochs, cut = _epochs(config, told.facts, told.state)
    parts = {name: len(getattr(split, name)) for name in ("train", "watch", "validation", "test")}
    return Facts(
        run=run,
        config=config,
        classes=classes,
        rows={name: count for name, count in parts.items() if count},
        columns=_columns(prepared, config)
        if isinstance(config, RunConfig) and isinstance(prepared, Prepared)
        else None,
        dense=dense,
        measured=_measured(metrics, run.test(), parts),
        epochs=epochs,
        kept_start=config.training.early_stopping and told.facts.get("best_epoch") == 0,
        start=start,
        differs=_differs(dense, unlike, told.stopped_by if cut else ""),
    )


def _head(config: ImageConfig) -> NetworkSpec | None:
    return None if config.network.backbone == "none" else head_of(config.network)


def _columns(prepared: Prepared, config: RunConfig) -> Columns:
    features, fitted = prepared.dataset.features, prepared.preprocessing
    learned = features.numbers[prepared.dataset.split.train]
    names = (*features.names, config.data.target)
    part = part_column(names)
    texts = dict(zip(features.text_names, features.categories, strict=True))
    texts[config.data.target] = prepared.dataset.class_names
    log = "all" if len(fitted.log) and fitted.log.all() else "some" if fitted.log.any() else "none"
    return Columns(
        part=part,
        texts=features.text_names,
        numbers=bool(features.number_names),
        every=(*names, part),
        marked=tuple(name for name, values in texts.items() if any(escaped(value) != value for value in values)),
        log=log,
        never_varied=bool((fitted.scale == NEVER_VARIED).any()),
        never_known=bool(np.isnan(learned).all(axis=0).any()),
    )


def _start(run: Run, prepared: Any, split: Split, dense: NetworkSpec | None) -> tuple[Start, bool]:
    """How the network was started, and whether that cannot be told exactly."""
    config = run.config
    if config.origin is None or not config.data.split.folds or dense is None:
        return Start(), False
    try:
        shared = rows_of(Study(run.workspace, config.origin.study))
    except UserError:
        return Start(), True  # The study is gone, and with it what its networks shared.
    if not shared.spec.stacked:
        return Start(), False
    size = config.training.batch_size
    steps = -(-shared.largest // size)
    if steps > len(split.train):
        return Start(), True  # It has learned from some rows twice in an epoch.
    spread = steps if steps != -(-len(split.train) // size) else 0
    if not isinstance(shared, StudyRows):
        return Start(steps=spread), False
    places = tuple(shared.columns_of(prepared).tolist())
    if places == tuple(range(shared.inputs)):
        return Start(steps=spread), False
    normalized = any(isinstance(layer, BatchNormalization) for layer in dense.layers)
    return Start(shared.inputs, places, spread), normalized


def _epochs(config: AnyConfig, ended: dict[str, Any], state: str) -> tuple[int, bool]:
    """How many epochs at most, and whether somebody stopped the training before it ended by itself."""
    most, done = config.training.epochs, int(ended.get("epochs", config.training.epochs))
    waited = done - int(ended.get("best_epoch", 0))
    by_itself = done >= most or (config.training.early_stopping and waited >= config.training.patience)
    if isinstance(config, ImageConfig) and config.network.backbone != "none" and config.network.fine_tune_blocks:
        return most, state == "stopped"
    return (most, False) if by_itself else (done, True)


def _differs(dense: NetworkSpec | None, unlike: bool, stopped: str) -> str:
    if stopped:
        return f"It was stopped {stopped}, maybe in the middle of an epoch, which nobody can repeat exactly"
    if dense is not None and any(isinstance(layer, Dropout) and layer.rate for layer in expanded_layers(dense)):
        return "Dropout draws other random numbers here than in the app"
    return "The comparison that the network comes from started it in a way of its own" if unlike else ""


def _measured(metrics: dict[str, Any], test: dict[str, Any] | None, rows: dict[str, int]) -> Scores:
    """Of the parts that this network can be scored on: a network that learned from all rows has no validation."""
    found = {part: each for part, each in metrics["parts"].items() if rows.get(part)}
    if test:
        found["test"] = test["parts"]["test"]
    return {
        part: {key: _rounded(values) for key, values in each["metrics"].items() if values["value"] is not None}
        for part, each in found.items()
    }


def _rounded(values: dict[str, float | None]) -> tuple[float, ...]:
    """Value and interval; where there is no interval, the value alone."""
    found = [values[name] for name in ("value", "low", "high")]
    return tuple(float(f"{value:.7g}") for value in found if value is not None and math.isfinite(value))
