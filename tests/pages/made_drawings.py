"""A set of small drawings, and a run on them as pages find it, made without training."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw

from core.data.images.dataset import build_image_dataset
from core.data.images.read import load_images
from core.evaluation.report import evaluate
from core.image_proposal import propose_image_files
from core.runs import Run
from core.workspace import Workspace

SIDE = 28
CLASSES = ("bar", "ring")


def drawing(kind: str, seed: int = 0) -> Image.Image:
    """A white bar or ring on black, grey, 28 x 28, in the middle and 20 pixels high."""
    random = np.random.default_rng(seed)
    image = Image.new("L", (SIDE, SIDE), 0)
    ink, width = int(random.integers(200, 256)), int(random.integers(2, 5))
    if kind == "bar":
        lean = int(random.integers(-6, 7))
        ImageDraw.Draw(image).line((14 + lean, 4, 14 - lean, 23), fill=ink, width=width)
    else:
        wide = int(random.integers(6, 10))
        ImageDraw.Draw(image).ellipse((14 - wide, 4, 13 + wide, 23), outline=ink, width=width)
    return image


def as_file(image: Image.Image, kind: str = "PNG") -> bytes:
    """The picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def drawings_zip(each: int = 25) -> bytes:
    """A folder of drawings for each class, in a zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for place, kind in enumerate(CLASSES):
            for number in range(each):
                file.writestr(f"{kind}/{kind}{number:03d}.png", as_file(drawing(kind, 1000 * place + number)))
    return content.getvalue()


def drawings_run(workspace: Workspace) -> Run:
    """A finished run on drawings, without a network that could answer; its answers are all right."""
    config, _ = propose_image_files(workspace, [(workspace.keep(io.BytesIO(drawings_zip())), "drawings.zip")])
    run = Run.create(workspace, config)
    image_set = load_images(workspace, config.data.source)
    dataset = build_image_dataset(image_set, config.data)
    shares = np.where(np.eye(len(CLASSES))[dataset.y] > 0, 0.9, 0.1)
    parts = {"train": dataset.split.train, "validation": dataset.split.validation}
    frames = []
    for part, rows in parts.items():
        frame = pd.DataFrame({"row": dataset.indices[rows] + 1, "part": part, "id": [dataset.ids[row] for row in rows]})
        frame["file"] = [dataset.paths[row] for row in rows]
        frame["y_true"] = frame["prediction"] = dataset.y[rows]
        frame["probability_0"], frame["probability_1"] = shares[rows].T
        frames.append(frame)
    run.save_predictions(pd.concat(frames, ignore_index=True))
    given = {part: (dataset.y[rows], shares[rows]) for part, rows in parts.items()}
    run.save_metrics(evaluate(config.data.task, dataset.class_names, given, [], n_resamples=50))
    sizes = {part: len(rows) for part, rows in {**parts, "test": dataset.split.test}.items()}
    size = config.data.size
    facts = {"kind": "images", "class_names": list(dataset.class_names), "shape": [size, size, 1], "rows": sizes}
    run.save_dataset(facts)
    run.model.write_bytes(b"stands for a network")
    run.finish("finished", best_epoch=1, epochs=2, seconds=1.0)
    return run
