"""One training run from its folder to its metrics; what a worker does for `engine.submit`."""

from __future__ import annotations

import contextlib
import errno
import time
import traceback
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.dataset import Dataset, build_dataset
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.data.schema import Schema
from core.errors import UserError
from core.evaluation.baselines import baselines
from core.evaluation.report import evaluate
from core.network.outputs import class_weights, encode_for_loss, starting_bias, target_unit, to_predictions
from core.progress import progress
from core.runs import Run
from core.spec import NetworkSpec, RunConfig, output_units
from core.training.fit import FitState, Watch, fit
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.shape import Part, Rates, StackShape
from core.training.stack import Stack
from core.training.telling import Checkpoints, Telling
from core.workspace import Workspace

ATTEMPTS = 3


@dataclass(frozen=True, eq=False)
class Prepared:
    """A dataset as the network receives it: ``x`` (n, inputs), ``target`` as the loss takes it."""

    dataset: Dataset
    preprocessing: Preprocessing
    x: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    centre: float
    scale: float
    columns: tuple[str, ...]

    def part(self, rows: np.ndarray) -> Part:
        """Some of the rows."""
        return Part(self.x[rows], self.target[rows], self.weight[rows])


def train_run(root: str, run_id: str) -> str:
    """Train the run in workspace ``root``; every end, good or bad, is told in the run's events."""
    with contextlib.suppress(UserError):  # The run was deleted while it waited.
        run = Run(Workspace(root), run_id)
        if not progress(run).ended:
            _train_or_explain(run)
    return run_id


def _train_or_explain(run: Run) -> None:
    try:
        _train(run)
    except UserError as error:
        run.fail(error.problem, error.remedy)
    except Exception as error:
        if not run.folder.exists():
            return
        (run.folder / "reserve").unlink(missing_ok=True)
        _log(run, traceback.format_exc())
        run.fail(*_explain(error))


def prepare(config: RunConfig, workspace: Workspace) -> Prepared:
    """Load, split and preprocess; every statistic is fitted on the training rows."""
    table = load_joined(workspace, config.data)
    dataset = build_dataset(table, config.data)
    train = dataset.split.train
    preprocessing = Preprocessing.fit(dataset.features.take(train), config.data.scaling)
    classes = len(dataset.class_names)
    centre, scale = target_unit(config.data.task, dataset.y[train])
    weight = np.ones(len(dataset), np.float32)
    if config.training.class_weights and classes:
        weight[train] = class_weights(dataset.y[train], classes)
    target = encode_for_loss(config.training.loss, dataset.y, classes, centre, scale)
    x = preprocessing.transform(dataset.features)
    return Prepared(dataset, preprocessing, x, target, weight, centre, scale, table.names)


def _train(run: Run) -> None:
    attempts = sum(event["event"] == "started" for event in run.events())
    if attempts >= ATTEMPTS:
        raise UserError(
            f"Training was started {attempts} times and each time its process died, most often for lack of memory.",
            "Try a smaller network, fewer features or a smaller batch size.",
        )
    checkpoint = run.load_checkpoint()
    run.append("started", from_epoch=int(checkpoint["epoch"]) if checkpoint else None)
    run.append("stage", words="Reading the data")
    config = run.config
    prepared = prepare(config, run.workspace)
    run.append("stage", words="Building the network")
    with borrowed(stack_shape([config.network], config, prepared)) as stack:
        start_stack(stack, [config.network], config, prepared)
        state = _fit(run, stack, config, prepared, checkpoint)
        _finish(run, stack, state, config, prepared)


def _finish(run: Run, stack: Stack, state: FitState, config: RunConfig, prepared: Prepared) -> None:
    if not all(np.isfinite(weights.numpy()).all() for weights in stack.weights):
        raise UserError(
            "The training ran away: the cost became infinite or not a number.",
            "Lower the learning rate, or check the data for huge values.",
        )
    run.append("stage", words="Measuring how good it is")
    _conclude(run, stack, config, prepared)
    stopped = run.stop_requested
    run.finish(
        "stopped" if stopped else "finished",
        best_epoch=int(state.best_epoch[0]),
        epochs=state.epoch,
        seconds=round(time.time() - (progress(run).started or time.time()), 3),
    )


def stack_shape(networks: list[NetworkSpec], config: RunConfig, prepared: Prepared) -> StackShape:
    """The shape of a stack for this data."""
    outputs = output_units(config.training.loss, len(prepared.dataset.class_names))
    return StackShape.of(networks, config.training, prepared.x.shape[1], outputs)


def start_stack(stack: Stack, networks: list[NetworkSpec], config: RunConfig, prepared: Prepared) -> None:
    """Put networks at their starting weights."""
    train = prepared.dataset.split.train
    bias = starting_bias(config.training.loss, prepared.target[train], prepared.weight[train])
    seeds = [config.training.seed] * len(networks)
    weights = initial_weights(networks[0], prepared.x.shape[1], bias, seeds)
    stack.prepare(Rates.of(networks), config.training.learning_rate, weights)


def _fit(
    run: Run, stack: Stack, config: RunConfig, prepared: Prepared, checkpoint: dict[str, np.ndarray] | None
) -> FitState:
    split = prepared.dataset.split
    told = Telling(run)
    watch = Watch(
        epoch=told.epoch,
        step=told.step,
        stop=told.stop,
        checkpoint=Checkpoints(run, stack, told),
    )
    state = None
    if checkpoint:
        stack.restore(checkpoint)
        state = FitState(int(checkpoint["epoch"]), checkpoint["best_epoch"], checkpoint["ended"])
    try:
        return fit(stack, prepared.part(split.train), prepared.part(split.validation), config.training, watch, state)
    finally:
        told.flush()


def _conclude(run: Run, stack: Stack, config: RunConfig, prepared: Prepared) -> None:
    dataset, split = prepared.dataset, prepared.dataset.split
    run.save_weights([weights.numpy()[0] for weights in stack.weights])
    seen = np.concatenate([split.train, split.validation])
    predictions = to_predictions(
        config.training.loss, stack.predict(prepared.x[seen])[0], prepared.centre, prepared.scale
    )
    run.save_dataset(dataset_facts(prepared))
    part = ["train"] * len(split.train) + ["validation"] * len(split.validation)
    run.save_predictions(prediction_frame(dataset, seen, predictions, part))
    save_model(run, config, prepared)
    run.save_metrics(_report(run, config, prepared, predictions))


def save_model(run: Run, config: RunConfig, prepared: Prepared) -> None:
    """Write model.keras from the run's weights."""
    from core.network.model import build_model, build_network

    classes = len(prepared.dataset.class_names)
    network = build_network(config.network, config.training.loss, prepared.x.shape[1], classes)
    network.set_weights(run.load_weights())
    run.save_model(build_model(network, prepared.preprocessing, prepared.centre, prepared.scale).save)


def dataset_facts(prepared: Prepared) -> dict:
    """What prediction on new rows needs, JSON-able."""
    dataset, train = prepared.dataset, prepared.dataset.split.train
    return {
        "schema": Schema.of(dataset, prepared.columns).to_dict(),
        "preprocessing": prepared.preprocessing.to_dict(),
        "class_names": list(dataset.class_names),
        "centre": prepared.centre,
        "scale": prepared.scale,
        "input_mean": prepared.x[train].mean(axis=0, dtype=np.float64).tolist(),
        "rows": {"train": len(train), "validation": len(dataset.split.validation), "test": len(dataset.split.test)},
    }


def prediction_frame(dataset: Dataset, rows: np.ndarray, predictions: np.ndarray, part: list[str]) -> pd.DataFrame:
    """One line a row: its number in the file (from 1), its id, what was true, what was predicted."""
    frame = pd.DataFrame({"row": dataset.rows[rows] + 1, "part": part})
    if dataset.ids is not None:
        frame["id"] = [dataset.ids[row] for row in rows]
    if dataset.groups is not None:
        frame["group"] = dataset.groups[rows]
    if predictions.ndim == 1:
        return frame.assign(y_true=dataset.y[rows], prediction=predictions)
    frame = frame.assign(y_true=dataset.y[rows], prediction=predictions.argmax(axis=1))
    for number in range(predictions.shape[1]):
        frame[f"probability_{number}"] = predictions[:, number]
    return frame


def _report(run: Run, config: RunConfig, prepared: Prepared, predictions: np.ndarray) -> dict:
    split = prepared.dataset.split
    cut = len(split.train)
    parts = {"train": (split.train, predictions[:cut]), "validation": (split.validation, predictions[cut:])}
    return report(config, prepared, parts, progress(run).history)


def report(
    config: RunConfig, prepared: Prepared, parts: dict[str, tuple[np.ndarray, np.ndarray]], history: list[dict]
) -> dict:
    """Metrics, baselines and verdict of some parts; for each its rows and the network's predictions for them."""
    dataset = prepared.dataset
    train = dataset.split.train
    classes = len(dataset.class_names)
    lines = baselines(
        config.data.task,
        prepared.x[train],
        dataset.y[train],
        {part: prepared.x[rows] for part, (rows, _) in parts.items()},
        classes,
    )
    return evaluate(
        config.data.task,
        dataset.class_names,
        {part: (dataset.y[rows], predictions) for part, (rows, predictions) in parts.items()},
        lines,
        groups=None if dataset.groups is None else {part: dataset.groups[rows] for part, (rows, _) in parts.items()},
        history=[epoch for epoch in history if epoch["loss"] is not None and epoch["val_loss"] is not None],
        regularization=config.network.regularization.words,
        rows=len(train),
        inputs=prepared.x.shape[1],
    )


def _explain(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full, so the result could not be kept.", "Free some space, delete old runs, train again."
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "There was not enough memory for this network and table.", "Try fewer units or fewer features."
    name = type(error).__name__
    return f"Something unexpected went wrong while training ({name}).", "The run's log.txt has the details."


def _log(run: Run, text: str) -> None:
    with open(run.folder / "log.txt", "a", encoding="utf-8") as file:
        file.write(text)
