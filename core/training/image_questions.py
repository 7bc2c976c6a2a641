"""What a warm worker answers about a run on pictures: their classes, and whether they look unlike all others."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.errors import UserError
from core.network.outputs import to_predictions
from core.runs import Run
from core.training.image_conclude import prediction_frame, report
from core.training.image_features import kept_features
from core.training.image_novelty import looks
from core.training.image_prepare import prepare_images
from core.training.image_trained import trained_images
from core.training.rows import all_finite


def predict_pixels(root: str, run_id: str, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """What the network says about new pictures.

    Args:
        root: The workspace.
        run_id: The run.
        pixels: (n, height, width, channels) uint8, prepared by `core.data.images.pixels.pixels_of`.

    Returns:
        ``probabilities`` (n, classes); ``logits`` (n, outputs); ``unlike`` (n,) bool, whether each is unlike all
        training pictures (see `core.evaluation.novelty`); ``distance`` (n,) the share of ordinary pictures that are
        farther away from them.

    Raises:
        UserError: They have another shape than the network takes.
    """
    trained = trained_images(root, run_id)
    activations, logits = trained.look(pixels)
    probabilities = all_finite(to_predictions(trained.loss, logits))
    unlike, distance = np.zeros(len(pixels), bool), np.ones(len(pixels))
    if trained.novelty is not None:
        unlike, distance = trained.novelty.judge((activations, looks(pixels, np.arange(len(pixels)))))
    return {"probabilities": probabilities, "logits": logits, "unlike": unlike, "distance": distance}


def open_image_test(run: Run) -> dict[str, Any]:
    """Score the sealed pictures; the run remembers each opening."""
    config = run.image_config
    prepared = prepare_images(config, run.workspace)
    rows = prepared.dataset.split.test
    if not len(rows):
        raise UserError("This run has no sealed test pictures: their share was set to 0.", "Give them a share on Data.")
    trained = trained_images(str(run.workspace.root), run.id)
    logits = trained.look_at_rows(prepared.pixels, rows)[1]
    parts = {"test": (rows, to_predictions(trained.loss, logits))}
    features = None
    if config.network.frozen:
        every = kept_features(config, run.workspace, prepared.image_set, lambda share: None)
        features = every[prepared.dataset.indices]
    run.append("test_opened")
    run.save_predictions(prediction_frame(prepared, parts), sealed=True)
    found = report(config, prepared, features, parts, [])
    run.save_test(found)
    return found
