"""``python -m benchmarks.sample_images``: how hard chihuahuas and muffins are to tell apart, on 300 drawn anew.

The sample's 400 drawings are learned from (320) and validated on (80), with three seeds; the same script draws 300 more
to test on. `sample_data/README.md` tells what came out.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.data.images.pixels import square
from core.network.cnn import build_cnn
from core.network.image_presets import image_preset
from core.network.outputs import encode_for_loss
from core.spec import ImageNetworkSpec, Regularization
from core.spec.augmentation import Augmentation
from core.training.fit import Watch
from core.training.image_fit import ImageLearner, Images, fit_images
from core.training.shape import Group
from sample_data.make_images import CLASSES, PICTURES_A_CLASS, QUALITY, draw, saved

SIZE, SEEDS, LEARNED, NEW_A_CLASS, FIRST_NEW = 64, 3, 320, 150, 1_000


def run() -> list[dict[str, Any]]:
    """Accuracy on new pictures: straight lines, and a small CNN with and without augmentation and L2."""
    x, y = _pictures(range(PICTURES_A_CLASS))
    new_x, new_y = _pictures(range(FIRST_NEW, FIRST_NEW + NEW_A_CLASS))
    preset = image_preset("small_cnn", "binary", LEARNED, SIZE)
    plain = preset.network.change(regularization=Regularization().model_dump())
    colours, coarse = _means(x, 1), _means(x, 16)
    found = {
        "logistic regression on the mean colour": [_line(colours, y, _means(new_x, 1), new_y)],
        "logistic regression on 16 x 16 pixels": [_line(coarse, y, _means(new_x, 16), new_y)],
        "small CNN, nothing against memorising": [
            _cnn(plain, Augmentation(), (x, y), (new_x, new_y), seed) for seed in range(SEEDS)
        ],
        "small CNN, augmentation and L2 of the preset": [
            _cnn(preset.network, preset.augmentation, (x, y), (new_x, new_y), seed) for seed in range(SEEDS)
        ],
    }
    return [_row(name, scores) for name, scores in found.items()]


def _pictures(numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 64, 64, 3) uint8, as files of the sample are read, and (n,) class."""
    files = [io.BytesIO(saved(draw(name, n), "JPEG", quality=QUALITY)) for name in CLASSES for n in numbers]
    return np.stack([square(Image.open(file), SIZE) for file in files]), np.repeat(np.arange(2), len(numbers))


def _means(x: np.ndarray, side: int) -> np.ndarray:
    cell = SIZE // side
    return x.reshape(len(x), side, cell, side, cell, 3).mean(axis=(2, 4)).reshape(len(x), -1)


def _line(x: np.ndarray, y: np.ndarray, new_x: np.ndarray, new_y: np.ndarray) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=2_000)).fit(x, y)
    return float(model.score(new_x, new_y))


def _cnn(
    network: ImageNetworkSpec,
    augmentation: Augmentation,
    known: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> float:
    (x, y), (new_x, new_y) = known, new
    training = image_preset("small_cnn", "binary", LEARNED, SIZE).training.change(seed=seed)
    order = np.random.default_rng(seed).permutation(len(x))
    learned = Group(np.sort(order[:LEARNED]), np.sort(order[LEARNED:]), seed=seed)
    model = build_cnn(network, training.loss, (SIZE, SIZE, 3), len(CLASSES), seed)
    images = Images(x, encode_for_loss(training.loss, y, len(CLASSES), 0.0, 1.0))
    fit_images(ImageLearner(model, training, augmentation), images, learned, training, Watch())
    answers = model.predict(new_x.astype(np.float32), verbose=0)[:, 0] > 0.5
    return float((answers == new_y).mean())


def _row(name: str, scores: Sequence[float]) -> dict[str, Any]:
    return {"name": name, "mean": round(float(np.mean(scores)), 3), "each": [round(score, 3) for score in scores]}


if __name__ == "__main__":
    for row in run():
        print(f"{row['name']:<46} {row['mean']:.3f}  {row['each']}")
