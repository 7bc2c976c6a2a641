"""What stays of a network that learned from pictures: its model file, predictions, metrics and verdict."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from core.data.blocks import row_blocks
from core.evaluation.baselines import Baseline, baselines
from core.evaluation.novelty import sample
from core.evaluation.report import evaluate
from core.network.outputs import to_predictions
from core.progress import progress
from core.runs import Run
from core.spec import ImageConfig
from core.training.conclude import cross_validated
from core.training.image_novelty import fit_novelty
from core.training.image_prepare import Pixels, PreparedImages
from core.training.image_trained import looked_at, looker

COARSE = 16
IDLE_AUGMENTATION = (
    "Augmentation had no part in this run: while the pretrained network is frozen, what it says about each picture is "
    "computed once, from the picture as it is. Fine-tune some of its blocks to learn from varied pictures."
)
CROSS_VALIDATED = (
    "This network learned from all pictures but the sealed ones, so none are left to check it on. The validation "
    "scores are those of the comparison that it comes from, its first repeat: each picture was answered by a network "
    "with the same setting that had not seen the picture."
)


@dataclass(frozen=True, eq=False)
class Learned:
    """What a training led to.

    Attributes:
        model: The whole network, from pixels to probabilities.
        features: (n, features) that a frozen backbone gives for each picture, or None where pictures are looked at.
    """

    model: keras.Model
    features: np.ndarray | None = None


def conclude_images(run: Run, config: ImageConfig, prepared: PreparedImages, learned: Learned) -> None:
    """Write everything that a trained run consists of.

    Args:
        run: Where to.
        config: What was chosen.
        prepared: The pictures as the network received them.
        learned: The trained network.
    """
    run.save_weights(learned.model.get_weights())
    run.save_dataset(image_facts(prepared))
    run.save_model(learned.model.save)
    split = prepared.dataset.split
    rows = {part: own for part, own in (("train", split.train), ("validation", split.validation)) if len(own)}
    x = prepared.pixels if learned.features is None else learned.features
    look = looker(learned.model, 0 if learned.features is None else learned.features.shape[1])
    looked = {part: looked_at(look, x, own, sample(len(own))) for part, own in rows.items()}
    loss = config.training.loss
    parts = {part: (rows[part], to_predictions(loss, logits)) for part, (_, logits) in looked.items()}
    lines = None
    if config.data.split.learn_from_all:
        every, features = np.arange(len(prepared.dataset)), learned.features
        inputs = coarse(prepared.pixels, every) if features is None else features
        held, answers, lines = cross_validated(run, config, prepared.dataset, inputs)
        parts["validation"] = held, answers
    run.save_predictions(prediction_frame(prepared, parts))
    run.save_novelty(fit_novelty(prepared, {part: activations for part, (activations, _) in looked.items()}).arrays())
    found = report(config, prepared, learned.features, parts, progress(run).history, lines)
    run.save_metrics(found | {"note": " ".join(_notes(config, prepared))})


def image_facts(prepared: PreparedImages) -> dict:
    """What prediction on new pictures needs, JSON-able."""
    split = prepared.dataset.split
    return {
        "kind": "images",
        "class_names": list(prepared.class_names),
        "shape": list(prepared.shape),
        "rows": {"train": len(split.train), "validation": len(split.validation), "test": len(split.test)},
    }


def prediction_frame(prepared: PreparedImages, parts: dict[str, tuple[np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """One line a picture: its place in the set (from 1), its id and file, what was true, what was predicted."""
    dataset = prepared.dataset
    rows = np.concatenate([rows for rows, _ in parts.values()])
    answers = np.concatenate([answers for _, answers in parts.values()])
    frame = pd.DataFrame(
        {
            "row": dataset.indices[rows] + 1,
            "part": [part for part, (own, _) in parts.items() for _ in own],
            "id": [dataset.ids[row] for row in rows],
            "file": [dataset.paths[row] for row in rows],
        }
    )
    if dataset.groups is not None:
        frame["group"] = dataset.groups[rows]
    frame = frame.assign(y_true=dataset.y[rows], prediction=answers.argmax(axis=1))
    return frame.assign(**{f"probability_{number}": answers[:, number] for number in range(answers.shape[1])})


def report(
    config: ImageConfig,
    prepared: PreparedImages,
    features: np.ndarray | None,
    parts: dict[str, tuple[np.ndarray, np.ndarray]],
    history: list[dict],
    lines: list[Baseline] | None = None,
) -> dict:
    """Metrics, baselines and verdict of some parts; for each its rows and the network's probabilities for them.

    The straight line to beat sees what a frozen backbone says, or the pixels averaged to 16 x 16; ``lines`` are the
    baselines where they were fitted before.
    """
    dataset = prepared.dataset
    train, classes = dataset.split.train, len(dataset.class_names)

    def inputs(rows: np.ndarray) -> np.ndarray:
        return coarse(prepared.pixels, rows) if features is None else features[rows]

    if lines is None:
        own = inputs(train)
        seen = {part: own if part == "train" else inputs(rows) for part, (rows, _) in parts.items()}
        lines = baselines(config.data.task, own, dataset.y[train], seen, classes)
    return evaluate(
        config.data.task,
        dataset.class_names,
        {part: (dataset.y[rows], answers) for part, (rows, answers) in parts.items()},
        lines,
        groups=None if dataset.groups is None else {part: dataset.groups[rows] for part, (rows, _) in parts.items()},
        history=[epoch for epoch in history if epoch["loss"] is not None and epoch["val_loss"] is not None],
        regularization=config.network.regularization.words,
        rows=len(train),
        inputs=int(np.prod(prepared.shape)),
    )


def coarse(pixels: Pixels, rows: np.ndarray) -> np.ndarray:
    """(n, at most 16 * 16 * channels) float32: pixels 0..255 of some pictures, averaged to 16 x 16."""
    height, width, channels = pixels.shape[1:]
    down, across = (np.linspace(0, size, min(size, COARSE) + 1).round().astype(int) for size in (height, width))
    found = np.empty((len(rows), len(down) - 1, len(across) - 1, channels), np.float32)
    area = np.diff(down)[:, None, None] * np.diff(across)[:, None]
    for block in row_blocks(len(rows), height * width * channels):
        values = pixels[rows[block]].astype(np.float32)
        sums = np.add.reduceat(np.add.reduceat(values, down[:-1], axis=1), across[:-1], axis=2)
        found[block] = sums / area
    return found.reshape(len(rows), -1)


def _notes(config: ImageConfig, prepared: PreparedImages) -> list[str]:
    notes = []
    if config.network.backbone != "none" and not config.network.fine_tune_blocks and config.augmentation.active:
        notes.append(IDLE_AUGMENTATION)
    if not len(prepared.dataset.split.validation):
        notes.append(CROSS_VALIDATED)
    return notes
