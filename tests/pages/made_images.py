"""Runs on pictures as pages find them, made without training, so that page tests are quick."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from core.data.images.dataset import ImageDataset, build_image_dataset
from core.data.images.read import load_images
from core.evaluation.baselines import baselines
from core.evaluation.report import evaluate
from core.runs import Run
from core.spec import LOSSES, ImageConfig, ImageData, ImageSource, TrainingSpec
from core.spec.network import ImageNetworkSpec
from core.workspace import Workspace
from tests.core.data.images.pictures import saved, zipped

CLASSES = ("circle", "cross", "square")
SIZE = 32
LAYERS = [{"kind": "Conv2D", "filters": 4}, {"kind": "MaxPooling2D"}, {"kind": "GlobalAveragePooling2D"}]


def drawn(kind: str, seed: int) -> bytes:
    """A shape somewhere on noise, which no other seed has."""
    random = np.random.default_rng([seed, CLASSES.index(kind)])
    image = Image.fromarray(random.integers(0, 140, (SIZE, SIZE, 3), dtype=np.uint8))
    left, top = (int(place) for place in random.integers(2, 12, 2))
    box = (left, top, left + 16, top + 16)
    pen = ImageDraw.Draw(image)
    if kind == "circle":
        pen.ellipse(box, fill=(230, 120, 30))
    elif kind == "square":
        pen.rectangle(box, fill=(60, 200, 120))
    else:
        pen.line(box, fill=(250, 250, 90), width=4)
        pen.line((box[0], box[3], box[2], box[1]), fill=(250, 250, 90), width=4)
    return saved(image)


def image_config(workspace: Workspace, classes: int = 2, each: int = 20, **data: object) -> ImageConfig:
    """A choice of pictures whose zip is in the workspace."""
    files = {f"{kind}/{kind} {number}.png": drawn(kind, number) for kind in CLASSES[:classes] for number in range(each)}
    source = ImageSource(fingerprint=workspace.keep(io.BytesIO(zipped(files))), name="shapes.zip")
    task = "binary" if classes == 2 else "multiclass"
    chosen = ImageData(source=source, task=task, size=SIZE).change(**data)
    network = ImageNetworkSpec.parse({"layers": LAYERS})
    return ImageConfig(data=chosen, network=network, training=TrainingSpec(loss=LOSSES[task][0], epochs=10))


def image_run(workspace: Workspace, config: ImageConfig, wrong: float = 0.25, seed: int = 1) -> Run:
    """A finished run whose answers are made up; of each part about that share is wrong."""
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    for epoch in range(4):
        run.append("epoch", epoch=epoch, loss=1 / (epoch + 1), val_loss=0.5, metric=epoch / 4, val_metric=epoch / 5)
    dataset = build_image_dataset(load_images(workspace, config.data.source), config.data)
    answers = made_up(dataset, wrong, seed)
    parts = {"train": dataset.split.train, "validation": dataset.split.validation}
    sizes = {part: len(rows) for part, rows in {**parts, "test": dataset.split.test}.items()}
    names, channels = list(dataset.class_names), 1 if config.data.color == "grey" else 3
    run.save_dataset({"kind": "images", "class_names": names, "shape": [SIZE, SIZE, channels], "rows": sizes})
    run.save_predictions(pd.concat([frame_of(dataset, *part, answers) for part in parts.items()], ignore_index=True))
    inputs = np.eye(len(names))[dataset.y]
    lines = baselines(config.data.task, inputs[parts["train"]], dataset.y[parts["train"]],
                      {part: inputs[rows] * 0 for part, rows in parts.items()}, len(names))  # fmt: skip
    given = {part: (dataset.y[rows], answers[rows]) for part, rows in parts.items()}
    run.save_metrics(evaluate(config.data.task, dataset.class_names, given, lines, n_resamples=100))
    run.save_model(lambda path: Path(path).write_bytes(b"a model"))
    run.append("finished", best_epoch=2, epochs=3, seconds=1.5)
    return run


def made_up(dataset: ImageDataset, wrong: float, seed: int) -> np.ndarray:
    """Probabilities (n, classes); the same seed makes the same mistakes, by the picture's place in the set."""
    classes = len(dataset.class_names)
    told = []
    for place, truth in zip(dataset.indices.tolist(), dataset.y.tolist(), strict=True):
        random = np.random.default_rng([seed, place])
        answer = (truth + 1) % classes if random.random() < wrong else truth
        sure = random.uniform(0.55, 0.99)
        told.append([sure if number == answer else (1 - sure) / (classes - 1) for number in range(classes)])
    return np.array(told)


def frame_of(dataset: ImageDataset, part: str, rows: np.ndarray, answers: np.ndarray) -> pd.DataFrame:
    """Predictions as a run keeps them."""
    frame = pd.DataFrame({"row": dataset.indices[rows] + 1, "part": part})
    frame["id"] = [dataset.ids[row] for row in rows]
    frame["file"] = [dataset.paths[row] for row in rows]
    frame = frame.assign(y_true=dataset.y[rows], prediction=answers[rows].argmax(axis=1))
    return frame.assign(**{f"probability_{number}": answers[rows][:, number] for number in range(answers.shape[1])})
