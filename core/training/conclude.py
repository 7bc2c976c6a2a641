"""What stays of a trained network: its model file, predictions, metrics and verdict."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.images.dataset import ImageDataset
from core.data.schema import Schema
from core.errors import UserError
from core.evaluation.baselines import Baseline, baselines
from core.evaluation.report import evaluate
from core.network.model import build_model, build_network
from core.network.outputs import from_model
from core.progress import progress
from core.runs import Run
from core.spec import AnyConfig, RunConfig
from core.studies import Study
from core.training.prepare import Prepared
from core.training.study_answers import Answers, label_of

ROWS_AT_ONCE = 8192
CROSS_VALIDATED = (
    "This network learned from all rows but the sealed ones, so none are left to check it on. The validation scores "
    "are those of the comparison that it comes from, its first repeat: each row was answered by a network with the "
    "same setting that had not seen the row. Which features matter is worked out on rows that it learned from."
)


def conclude(run: Run, config: RunConfig, prepared: Prepared, weights: list[np.ndarray]) -> None:
    """Write everything that a trained run consists of.

    Args:
        run: Where to.
        config: What was chosen.
        prepared: The data as the network received it.
        weights: Of the plain network, in Keras' order.
    """
    classes = len(prepared.dataset.class_names)
    network = build_network(config.network, config.training.loss, prepared.x.shape[1], classes)
    network.set_weights(weights)
    run.save_weights(weights)
    run.save_dataset(dataset_facts(prepared))
    run.save_model(build_model(network, prepared.preprocessing, prepared.centre, prepared.scale).save)
    split = prepared.dataset.split
    parts = {part: (rows, answers_of(network, config, prepared, rows)) for part, rows in _parts(prepared)}
    lines = None
    if config.data.split.learn_from_all:
        rows, answers, lines = cross_validated(run, config, prepared.dataset, prepared.x)
        parts["validation"] = rows, answers
    seen = np.concatenate([rows for rows, _ in parts.values()])
    names = [part for part, (rows, _) in parts.items() for _ in rows]
    answers = np.concatenate([answers for _, answers in parts.values()])
    run.save_predictions(prediction_frame(prepared.dataset, seen, answers, names))
    found = report(config, prepared, parts, progress(run).history, lines)
    run.save_metrics(found | {"note": CROSS_VALIDATED if not len(split.validation) else ""})


def _parts(prepared: Prepared) -> list[tuple[str, np.ndarray]]:
    split = prepared.dataset.split
    return [(part, rows) for part, rows in (("train", split.train), ("validation", split.validation)) if len(rows)]


def answers_of(network: keras.Model, config: RunConfig, prepared: Prepared, rows: np.ndarray) -> np.ndarray:
    """Probabilities (n, classes) or values (n,) of some rows."""
    starts = range(0, len(rows), ROWS_AT_ONCE)
    outputs = [network(prepared.x[rows[start : start + ROWS_AT_ONCE]]).numpy() for start in starts]
    answers = from_model(config.training.loss, np.concatenate(outputs))
    return answers if prepared.dataset.class_names else answers * prepared.scale + prepared.centre


def cross_validated(
    run: Run, config: AnyConfig, dataset: Dataset | ImageDataset, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray, list[Baseline]]:
    """Rows, answers and baselines of the study that the run comes from, each row held out once (one repetition).

    Args:
        run: A run that learned from train and validation rows.
        config: What was chosen for it.
        dataset: n rows or pictures.
        x: (n, inputs) what a straight line learns from.

    Raises:
        UserError: The study is not there any more, or has no answers.
    """
    missing = UserError("The study that this run comes from is gone.", "Start a comparison again, then use a setting.")
    if config.origin is None:
        raise missing
    study = Study(run.workspace, config.origin.study)
    found = Answers.of(study)
    if config.origin.setting >= len(found.members):
        raise missing
    own, folds = found.members[config.origin.setting], study.spec.folds
    repetitions = [range(start, start + folds) for start in range(0, len(own), folds)]
    first = max(([place for place in places if own[place] is not None] for places in repetitions), key=len)
    if not first:
        raise missing
    rows = np.concatenate([found.held[place] for place in first])
    answers = np.concatenate([answer for place in first if (answer := own[place]) is not None])
    own = x[dataset.split.train]
    fitted = baselines(config.data.task, own, dataset.y[dataset.split.train], {"train": own}, len(dataset.class_names))
    learned = {each.key: each.predictions for each in fitted}
    lines = []
    for key, values in found.baselines.items():
        held = [value for place in first if (value := values[place]) is not None]
        if key in learned and len(held) == len(first):
            lines.append(Baseline(key, label_of(key), learned[key] | {"validation": np.concatenate(held)}))
    return rows, answers, lines


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


def report(
    config: RunConfig,
    prepared: Prepared,
    parts: dict[str, tuple[np.ndarray, np.ndarray]],
    history: list[dict],
    lines: list[Baseline] | None = None,
) -> dict:
    """Metrics, baselines and verdict of some parts; for each its rows and the network's predictions for them.

    ``lines`` are the baselines where they were fitted before.
    """
    dataset = prepared.dataset
    train = dataset.split.train
    classes = len(dataset.class_names)
    if lines is None:
        inputs = {part: prepared.x[rows] for part, (rows, _) in parts.items()}
        lines = baselines(config.data.task, prepared.x[train], dataset.y[train], inputs, classes)
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
