"""The network of a run that came with a project file, built again: no file with a network from outside is opened."""

from __future__ import annotations

from typing import Any

import keras

from core.data.images.read import load_images
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.errors import UserError
from core.network.cnn import build_cnn
from core.network.model import build_model, build_network
from core.project.files import uploads_of
from core.runs import Run
from core.spec import AnyConfig, ImageConfig, RunConfig
from core.workspace import Workspace


def restore_model(root: str, run_id: str) -> bool:
    """Write the model file of a run from its choices, its preprocessing and its weights.

    Raises:
        UserError: There are no weights, they are not those of the network, its pretrained part cannot be had, or the
            predictions are of rows that its data does not have. Without a network no page shows the run.
    """
    run = Run(Workspace(root), run_id)
    weights, config, facts = run.load_weights(), run.config, run.dataset() or {}
    network = _network(config, facts)
    if [array.shape for array in weights] != [tuple(each.shape) for each in network.weights]:
        raise UserError("The weights of this run are not those of its network.", "Train it again.")
    _check_rows(run, config)
    network.set_weights(weights)
    run.save_model(_whole(config, facts, network).save)
    return True


def _network(config: AnyConfig, facts: dict[str, Any]) -> keras.Model:
    """What the weights are of, untrained."""
    classes, loss = len(facts["class_names"]), config.training.loss
    if isinstance(config, ImageConfig):
        height, width, channels = facts["shape"]
        return build_cnn(config.network, loss, (height, width, channels), classes)
    return build_network(config.network, loss, Preprocessing.from_dict(facts["preprocessing"]).inputs, classes)


def _whole(config: AnyConfig, facts: dict[str, Any], network: keras.Model) -> keras.Model:
    """What is saved: of a table with its preprocessing in front."""
    if not isinstance(config, RunConfig) or not isinstance(network, keras.Sequential):
        return network
    return build_model(network, Preprocessing.from_dict(facts["preprocessing"]), facts["centre"], facts["scale"])


def _check_rows(run: Run, config: AnyConfig) -> None:
    """Raise `UserError` where a page would look for a row or picture that is not there; the data need not be here."""
    if not all(run.workspace.upload(fingerprint).is_file() for fingerprint in uploads_of(config)):
        return
    if isinstance(config, ImageConfig):
        count = len(load_images(run.workspace, config.data.source))
    else:
        count = load_joined(run.workspace, config.data).rows
    for sealed in (False, True):
        frame = run.predictions(sealed)
        if frame is not None and len(frame) and frame["row"].max() > count:
            raise UserError(
                "The predictions of this run are not about the data that it learned from.", "Train it again."
            )
