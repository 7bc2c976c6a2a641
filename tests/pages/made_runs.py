"""Runs as pages find them, made without training, so that page tests are quick."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.dataset import Dataset, build_dataset
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.data.schema import Schema
from core.evaluation.baselines import baselines
from core.evaluation.report import evaluate
from core.runs import Run
from core.spec import LOSSES, DataSpec, RunConfig, TableSource, Task, TrainingSpec
from core.workspace import Workspace

TARGETS: dict[Task, str] = {"binary": "result", "multiclass": "kind", "regression": "size"}
ROWS = 120


def config_for(workspace: Workspace, task: Task, name: str = "marks.csv") -> RunConfig:
    """A choice of data whose file is in the workspace."""
    fingerprint = workspace.keep(io.BytesIO(small_table().to_csv(index=False).encode()))
    others = tuple(target for target in TARGETS.values() if target != TARGETS[task])
    source = TableSource(fingerprint=fingerprint, name=name)
    data = DataSpec(source=source, target=TARGETS[task], task=task, drop=others, id_column="student")
    return RunConfig(data=data, training=TrainingSpec(loss=LOSSES[task][0], epochs=10))


def small_table() -> pd.DataFrame:
    """120 students with two marks, a town, and a target for each task; one name looks like a formula."""
    random = np.random.default_rng(0)
    history, maths = random.integers(0, 100, (2, ROWS))
    names = [f"S{number:03d}" for number in range(ROWS)]
    names[0] = "=1+1"
    return pd.DataFrame(
        {
            "student": names,
            "History": history,
            "Maths": maths,
            "town": random.choice(["Bonn", "Köln", "Trier"], ROWS),
            "result": np.where(history + maths > 90, "pass", "fail"),
            "kind": np.array(["low", "middle", "high"])[np.digitize(history, [33, 66])],
            "size": history / 10 + maths / 20,
        }
    )


def write_results(run: Run, config: RunConfig) -> None:
    """What a worker leaves at the end, with made-up predictions."""
    table = load_joined(run.workspace, config.data)
    dataset = build_dataset(table, config.data)
    split = dataset.split
    preprocessing = Preprocessing.fit(dataset.features.take(split.train), config.data.scaling)
    x = preprocessing.transform(dataset.features)
    predictions = made_up(dataset)
    sizes = {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)}
    run.save_dataset(
        {
            "schema": Schema.of(dataset, table.names).to_dict(),
            "preprocessing": preprocessing.to_dict(),
            "class_names": list(dataset.class_names),
            "centre": 0.0,
            "scale": 1.0,
            "input_mean": x[split.train].mean(axis=0).tolist(),
            "rows": sizes,
        }
    )
    run.save_predictions(
        pd.concat(
            [frame_of(dataset, rows, predictions, part) for part, rows in vars(split).items() if part != "test"],
            ignore_index=True,
        )
    )
    run.save_metrics(judged(config, dataset, x, predictions, ("train", "validation")))
    run.save_model(lambda path: Path(path).write_bytes(b"a model"))


def judged(config: RunConfig, dataset: Dataset, x: np.ndarray, predictions: np.ndarray, parts: tuple[str, ...]) -> dict:
    """Metrics, baselines and verdict, as a worker works them out."""
    rows = {part: getattr(dataset.split, part) for part in parts}
    train = dataset.split.train
    lines = baselines(
        config.data.task,
        x[train],
        dataset.y[train],
        {part: x[places] for part, places in rows.items()},
        len(dataset.class_names),
    )
    given = {part: (dataset.y[places], predictions[places]) for part, places in rows.items()}
    return evaluate(config.data.task, dataset.class_names, given, lines, n_resamples=100)


def made_up(dataset: Dataset) -> np.ndarray:
    """Predictions ``(n, classes)`` or ``(n,)`` of which about one in six is wrong."""
    random = np.random.default_rng(1)
    if not dataset.class_names:
        return dataset.y + random.normal(0, 0.5, len(dataset))
    classes = len(dataset.class_names)
    answered = np.where(random.random(len(dataset)) < 0.17, (dataset.y + 1) % classes, dataset.y)
    sure = random.uniform(0.55, 0.99, len(dataset))
    table = np.repeat((1 - sure)[:, None] / (classes - 1), classes, axis=1)
    table[np.arange(len(dataset)), answered] = sure
    return table


def frame_of(dataset: Dataset, rows: np.ndarray, predictions: np.ndarray, part: str) -> pd.DataFrame:
    """Predictions as a run keeps them."""
    frame = pd.DataFrame({"row": dataset.rows[rows] + 1, "part": part})
    if dataset.ids is not None:
        frame["id"] = [dataset.ids[row] for row in rows]
    frame["y_true"] = dataset.y[rows]
    if predictions.ndim == 1:
        return frame.assign(prediction=predictions[rows])
    frame["prediction"] = predictions[rows].argmax(axis=1)
    for number in range(predictions.shape[1]):
        frame[f"probability_{number}"] = predictions[rows][:, number]
    return frame
