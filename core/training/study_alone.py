"""A network with convolutions as a member of a study: it trains by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from core.errors import UserError
from core.network.backbone import load_head
from core.network.cnn import LOGITS
from core.studies import Chunk
from core.training.fit import FitState, Watch
from core.training.image_fit import ImageLearner, Images, fine_tuning, fit_images
from core.training.image_head import fit_head
from core.training.image_job import new_model
from core.training.image_trained import looked_at, looker
from core.training.study_pictures import PreparedPictures, StudyPictures
from core.training.study_shared import Shared
from core.training.study_telling import ChunkTelling, Learner

Resumed = Callable[[Learner], tuple[ChunkTelling, FitState | None]]


def train_alone(
    shared: Shared, chunk: Chunk, resumed: Resumed
) -> tuple[list[np.ndarray], np.ndarray, PreparedPictures]:
    """Train the only member of a chunk.

    Args:
        shared: The pictures of the study.
        chunk: One setting in one group.
        resumed: Brings a learner to where the chunk stands, and gives what tells of it.

    Returns:
        Its weights in Keras' order, its logits (1, 1, n, outputs), of which those of sealed pictures are 0, and the
        pictures of its group.
    """
    if not isinstance(shared, StudyPictures):
        raise UserError("Networks with convolutions learn from pictures, not from a table.", "Choose pictures on Data.")
    (setting,), (place,) = chunk.settings, chunk.groups
    config, prepared = shared.config(place, setting), shared.prepared(place)
    images = prepared.images
    group = shared.group(place, prepared)
    model, training = new_model(config, images), config.training
    if config.network.backbone != "none":
        training = fine_tuning(training, config.network.fine_tune_learning_rate)
    learner = ImageLearner(model, training, config.augmentation)
    told, state = resumed(learner)
    if config.network.backbone != "none" and state is None:
        # Only fine-tuning is told: the layers behind the backbone have learned from its features in a moment.
        head, _ = fit_head(config, images, shared.features, group, lambda stack: Watch(stop=told.stop))
        load_head(model, head)
        learner.start_again()
    every = Images(images.pixels, images.target, images.weight)
    told.close(fit_images(learner, every, group, training, told.watch, state))
    return learner.model.get_weights(), _logits(learner.model, images.pixels, prepared)[None, None], prepared


def _logits(model: keras.Model, pixels: Any, prepared: PreparedPictures) -> np.ndarray:
    split = prepared.dataset.split
    rows = np.sort(np.concatenate([split.train, split.watch, split.validation]))
    found = np.zeros((len(prepared.dataset), model.get_layer(LOGITS).units), np.float32)
    found[rows] = looked_at(looker(model), pixels, rows)[1]
    return found
