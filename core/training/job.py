"""One training run from its folder to its metrics; what a worker does for `engine.submit`."""

from __future__ import annotations

import contextlib
import errno
import time
import traceback

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.schema import Schema
from core.errors import UserError
from core.evaluation.baselines import baselines
from core.evaluation.report import evaluate
from core.network.outputs import to_predictions
from core.progress import progress
from core.runs import Run
from core.spec import RunConfig
from core.training.fit import FitState, Watch, fit
from core.training.initial import initial_weights
from core.training.pool import borrowed
from core.training.prepare import Prepared, prepare
from core.training.shape import Rates, StackShape
from core.training.stack import Stack
from core.training.telling import Checkpoints, Telling
from core.workspace import Workspace

ATTEMPTS = 3


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
        run.log(traceback.format_exc())
        run.fail(*_explain(error))


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
    with borrowed(stack_shape(config, prepared)) as stack:
        start_stack(stack, config, prepared)
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
        best_epoch=int(state.best_epoch[0, 0]),
        epochs=state.epoch,
        seconds=round(time.time() - (progress(run).started or time.time()), 3),
    )


def stack_shape(config: RunConfig, prepared: Prepared) -> StackShape:
    """The shape of a stack for this data."""
    outputs = prepared.outputs(config.training.loss)
    return StackShape.of([config.network], config.training, prepared.x.shape[1], outputs)


def start_stack(stack: Stack, config: RunConfig, prepared: Prepared) -> None:
    """Put the network at its starting weights."""
    biases = prepared.starting_bias(config.training.loss)[None]
    weights = initial_weights(config.network, prepared.x.shape[1], biases, [config.training.seed])
    stack.prepare(Rates.of([config.network]), config.training.learning_rate, weights)


def _fit(
    run: Run, stack: Stack, config: RunConfig, prepared: Prepared, checkpoint: dict[str, np.ndarray] | None
) -> FitState:
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
        state = FitState.of(checkpoint)
    group = prepared.group(config.training.seed)
    try:
        return fit(stack, prepared.rows, [group], config.training, watch, state)
    finally:
        told.flush()


def _conclude(run: Run, stack: Stack, config: RunConfig, prepared: Prepared) -> None:
    dataset, split = prepared.dataset, prepared.dataset.split
    run.save_weights([weights.numpy()[0, 0] for weights in stack.weights])
    seen = np.concatenate([split.train, split.validation])
    predictions = to_predictions(
        config.training.loss, stack.predict(prepared.x[None, seen])[0, 0], prepared.centre, prepared.scale
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
