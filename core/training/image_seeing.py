"""What a warm worker answers about how a network for pictures sees."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from core.data.images.pixels import pixels as pixels_of_set
from core.data.images.read import load_images
from core.errors import UserError
from core.network.outputs import to_predictions
from core.training import image_maps
from core.training.image_occlusion import occlusion_of
from core.training.image_robustness import MOST_BEHIND_BACKBONE, MOST_IMAGES, robustness_of, some
from core.training.image_trained import TrainedImages, trained_images


def image_layers(root: str, run_id: str) -> list[dict[str, Any]]:
    """Layers that can be looked at: ``name``, ``kind``, ``shape`` (height, width, maps), ``convolution``."""
    trained = trained_images(root, run_id)
    return [asdict(layer) for layer in image_maps.map_layers(trained.model, trained.shape)]


def kernels(root: str, run_id: str) -> list[dict[str, Any]]:
    """What each convolution looks for; see `core.training.image_maps.kernels_of`."""
    return image_maps.kernels_of(trained_images(root, run_id).model)


def feature_maps(root: str, run_id: str, pixels: np.ndarray, layer: str) -> dict[str, Any]:
    """What a layer makes of a picture (height, width, channels) uint8; see `image_maps.feature_maps_of`."""
    trained = trained_images(root, run_id)
    return image_maps.feature_maps_of(trained.model, _checked(trained, pixels), layer)


def grad_cam(root: str, run_id: str, pixels: np.ndarray, class_index: int, layer: str | None = None) -> dict[str, Any]:
    """Which places speak for a class.

    Args:
        root: The workspace.
        run_id: The run.
        pixels: (height, width, channels) uint8.
        class_index: The class; -1 for the one that the network answers.
        layer: One of `image_layers`; None for the last convolution.

    Returns:
        ``map`` (h, w) float32 in the size of the layer, ``layer``, ``class_index``, and what the network says:
        ``logits`` (outputs,) and ``probabilities`` (classes,).
    """
    trained = trained_images(root, run_id)
    picture = _checked(trained, pixels)
    name = layer or image_maps.last_convolution(image_maps.map_layers(trained.model, trained.shape))
    if class_index < 0:
        class_index = int(trained.probabilities(picture[None])[0].argmax())
    found, logits = image_maps.grad_cam_of(trained.model, trained.loss, picture, class_index, name)
    told = to_predictions(trained.loss, logits[None])[0]
    return {"map": found, "layer": name, "class_index": class_index, "logits": logits, "probabilities": told}


def says(root: str, run_id: str, pixels: np.ndarray) -> dict[str, Any]:
    """What the network says of one picture: ``logits`` (outputs,) and ``probabilities`` (classes,)."""
    trained = trained_images(root, run_id)
    logits = trained.logits(_checked(trained, pixels)[None])
    return {"logits": logits[0], "probabilities": to_predictions(trained.loss, logits)[0]}


def occlusion(root: str, run_id: str, pixels: np.ndarray, class_index: int, patch: int) -> dict[str, Any]:
    """How the probability of a class changes as a grey square moves; see `core.training.image_occlusion`."""
    trained = trained_images(root, run_id)

    def probability(pictures: np.ndarray) -> np.ndarray:
        return np.asarray(trained.probabilities(pictures)[:, class_index])

    return occlusion_of(probability, _checked(trained, pixels), patch)


def robustness(root: str, run_id: str) -> dict[str, Any]:
    """Accuracy on changed validation pictures, worked out once and kept in the run's folder.

    Returns:
        As `core.training.image_robustness.robustness_of`, and ``of``: how many validation pictures there are.

    Raises:
        UserError: There are none, or their pixels are gone.
    """
    trained = trained_images(root, run_id)
    run, data = trained.run, trained.config.data
    frame = run.predictions()
    rows = frame[frame["part"] == "validation"].reset_index(drop=True) if frame is not None else None
    if rows is None or not len(rows) or data.split.learn_from_all:
        raise UserError("This run has no validation pictures of its own to change.", "Train a run with some.")
    most = MOST_IMAGES if trained.config.network.backbone == "none" else MOST_BEHIND_BACKBONE
    chosen = rows.iloc[some(len(rows), most)]
    every = pixels_of_set(run.workspace, load_images(run.workspace, data.source), data.size, data.color)
    groups = chosen["group"].to_numpy() if "group" in chosen else None
    found = robustness_of(
        trained.probabilities,
        np.asarray(every[chosen["row"].to_numpy(np.int64) - 1]),
        chosen["y_true"].to_numpy(np.int64),
        data.task,
        groups,
    )
    found["of"] = len(rows)
    run.save_robustness(found)
    return found


def _checked(trained: TrainedImages, pixels: np.ndarray) -> np.ndarray:
    if pixels.shape != trained.shape:
        received, wanted = (" x ".join(map(str, shape)) for shape in (pixels.shape, trained.shape))
        raise UserError(f"The network takes a picture of {wanted}; received {received}.", "Choose it again.")
    return pixels
