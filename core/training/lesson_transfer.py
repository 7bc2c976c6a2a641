"""Learning from a handful of pictures, from scratch and from a pretrained network's descriptions: some epochs a time.

What has been learned so far travels with each question, so that any worker can go on with it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from core.network.backbone import features
from core.network.cnn import build_cnn, build_head
from core.network.image_presets import ImagePreset, image_preset
from core.network.outputs import encode_for_loss
from core.training.fit import FitState, Watch
from core.training.image_fit import ImageLearner, Images, fit_images
from core.training.shape import Group

Way = Literal["scratch", "pretrained"]
Arrays = dict[str, np.ndarray]
FEW = 10
LOSS = "categorical_crossentropy"


@dataclass(frozen=True, eq=False)
class _Kept:
    """A learner whose programs are compiled, and what it was before it learned anything."""

    learner: ImageLearner
    fresh: Arrays


def described(pixels: np.ndarray) -> np.ndarray:
    """What the pretrained network that works offline says about pictures, (n, 1280) float32.

    Args:
        pixels: (n, height, width, 3) uint8.
    """
    return features(pixels)


def learn_on(
    way: Way, x: np.ndarray, y: np.ndarray, learned: int, seed: int, state: Arrays | None, epochs: int
) -> dict[str, Any]:
    """Begin to learn, or go on, with the settings that the app proposes for ten pictures; nothing stops it early.

    Args:
        way: ``"scratch"``: a small CNN with random weights, on varied pictures; ``"pretrained"``: one layer.
        x: (n, height, width, 3) uint8 pixels; for ``"pretrained"`` (n, 1280) float32 as `described` gives them.
        y: (n,) class indices.
        learned: How many of these, from the first, are learned from; the network never learns from the others.
        seed: Of the order of the pictures, and from scratch of the starting weights too; the one layer of
            ``"pretrained"`` always starts from the same weights.
        state: What the last answer gave; None to begin.
        epochs: The epoch at which this answer ends, counted from the beginning; 0 is before any learning.

    Returns:
        ``state`` to go on from, and ``probabilities`` (n - learned, classes) of the pictures that it never learns from.

    Raises:
        ValueError: There is nothing to learn from, or nothing to judge by.
    """
    if not 0 < learned < len(x):
        raise ValueError(f"Expected between 1 and {len(x) - 1} of {len(x)} pictures to learn from, got {learned}.")
    classes = int(y.max()) + 1
    with _learning:
        kept = _kept(way, x.shape[1:], classes)
        learner = kept.learner
        _take_up(kept, way, x.shape[1:], classes, seed, state)
        rows = Group(np.arange(learned), np.arange(0), seed=seed)
        images = Images(x, encode_for_loss(LOSS, y, classes, 0.0, 1.0))
        training = _preset(way).training.change(loss=LOSS, early_stopping=False, seed=seed)
        reached = FitState.of(state) if state else FitState.start((1, 1))
        reached.epoch = max(0, reached.epoch)
        if epochs > reached.epoch:
            reached = fit_images(learner, images, rows, training.change(epochs=epochs), Watch(), reached)
        probabilities = learner.model(tf.constant(x[learned:]), training=False).numpy()
        return {"state": learner.state() | reached.arrays(), "probabilities": probabilities}


_learning = threading.Lock()


def _take_up(kept: _Kept, way: Way, shape: tuple[int, ...], classes: int, seed: int, state: Arrays | None) -> None:
    kept.learner.restore(state or kept.fresh)
    if not state:
        kept.learner.model.set_weights(_network(way, shape, classes, seed).get_weights())
        kept.learner.start_again()


@lru_cache(maxsize=4)
def _kept(way: Way, shape: tuple[int, ...], classes: int) -> _Kept:
    preset = _preset(way)
    training = preset.training.change(loss=LOSS, early_stopping=False)
    taken = tf.uint8 if way == "scratch" else tf.float32
    learner = ImageLearner(_network(way, shape, classes, 0), training, preset.augmentation, taken)
    return _Kept(learner, learner.state())


def _network(way: Way, shape: tuple[int, ...], classes: int, seed: int) -> keras.Model:
    network = _preset(way).network
    if way == "scratch":
        height, width, channels = shape
        return build_cnn(network, LOSS, (height, width, channels), classes, seed)
    head = build_head(network, LOSS, shape[0], classes)
    logits = head.outputs[1]
    return keras.Model(head.input, keras.layers.Softmax(name="probabilities")(logits))


def _preset(way: Way) -> ImagePreset:
    return image_preset("small_cnn" if way == "scratch" else "transfer", "multiclass", FEW, 64)
