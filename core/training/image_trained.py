"""A trained network for pictures, in memory."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import keras
import numpy as np
import tensorflow as tf

from core.errors import UserError
from core.evaluation.novelty import Novelty
from core.network.backbone import BACKBONE, features, frozen_backbone
from core.network.cnn import LOGITS, build_head
from core.network.outputs import to_predictions
from core.network.pretrained import PRETRAINED
from core.runs import Run
from core.spec import ImageConfig
from core.training.image_prepare import Pixels
from core.workspace import Workspace

IMAGES_AT_ONCE = 64
# Of what reaches the output layer; more is averaged, see `folded`.
MOST_ACTIVATIONS = 1024
Look = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class TrainedImages:
    """A run's network. ``shape`` is (height, width, channels) of what it takes; ``novelty`` may not be there."""

    run: Run
    config: ImageConfig
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    loss: str
    novelty: Novelty | None
    _look: Look = field(repr=False)

    @cached_property
    def model(self) -> keras.Model:
        """The whole network, from pixels to probabilities."""
        return _opened(self.run)

    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Activations (n, values), as `folded` leaves them, and logits (n, outputs) of pictures.

        Args:
            pixels: (n, height, width, channels) uint8.

        Raises:
            UserError: They have another shape.
        """
        if pixels.shape[1:] != self.shape:
            received, wanted = (" x ".join(map(str, shape)) for shape in (pixels.shape[1:], self.shape))
            raise UserError(
                f"The network takes pictures of {wanted} (height, width, channels); received {received}.",
                "Prepare them in the size and colour that the run learned from.",
            )
        return self.look_at_rows(pixels, np.arange(len(pixels)))

    def look_at_rows(self, pixels: Pixels, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The same of some rows of a memory map, read in pieces."""
        return looked_at(self._look, pixels, rows)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """(n, outputs) answers before the output activation."""
        return self.look(pixels)[1]

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """(n, classes)."""
        return to_predictions(self.loss, self.logits(pixels))


def looker(model: keras.Model, features: int = 0) -> Look:
    """A function from pixels to what reaches layer "output", and its logits.

    Args:
        model: As `core.network.cnn.build_cnn` gives it.
        features: Where it is not 0, the function takes so many features of a frozen backbone instead of pixels.
    """
    last = model.get_layer(LOGITS)
    if not features:
        return _program(keras.Model(model.input, [last.input, last.output]))
    names = [layer.name for layer in model.layers]
    inputs = x = keras.Input((features,), name="features")
    for layer in model.layers[names.index(BACKBONE) + 1 : names.index(LOGITS)]:
        x = layer(x)
    return _program(keras.Model(inputs, [x, last(x)]))


def _program(both: keras.Model) -> Look:
    taken = tf.TensorSpec(both.input.shape, tf.float32)
    program = tf.function(lambda x: both(x, training=False), [taken], autograph=False)

    def look(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        activations, logits = program(tf.constant(x, tf.float32))
        return folded(activations.numpy()), logits.numpy()

    return look


def looked_at(look: Look, x: Pixels, rows: np.ndarray, kept: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """``look`` at some rows of ``x``, in pieces.

    Args:
        look: As `looker` gives it.
        x: (n, …) what it takes.
        rows: (m,) positions in ``x``.
        kept: Ascending positions in ``rows`` whose activations are returned; None for all.
    """
    wanted = np.ones(len(rows), bool) if kept is None else np.isin(np.arange(len(rows)), kept)
    activations, logits = [], []
    for start in range(0, max(1, len(rows)), IMAGES_AT_ONCE):
        piece = slice(start, start + IMAGES_AT_ONCE)
        seen, answers = look(np.ascontiguousarray(x[rows[piece]]))
        activations.append(seen[wanted[piece]])
        logits.append(answers)
    return np.concatenate(activations), np.concatenate(logits)


def folded(activations: np.ndarray) -> np.ndarray:
    """(n, values) -> (n, at most `MOST_ACTIVATIONS`): where there are more, every so-manieth is averaged.

    After Flatten channels stand last, so that this averages over places and keeps (groups of) channels apart.
    """
    values = activations.shape[1]
    if values <= MOST_ACTIVATIONS:
        return activations
    rounds = -(-values // MOST_ACTIVATIONS)
    padded = np.pad(activations, ((0, 0), (0, rounds * MOST_ACTIVATIONS - values)))
    return padded.reshape(len(padded), rounds, MOST_ACTIVATIONS).mean(axis=1)


def trained_images(root: str, run_id: str) -> TrainedImages:
    """The network of a run, kept in memory as long as its file does not change.

    Raises:
        UserError: There is none (yet), or the run learned from a table.
    """
    run = Run(Workspace(root), run_id)
    if not run.model.is_file():
        raise UserError("This run has no trained network yet.", "Wait until it has finished, or train it again.")
    with _loading:  # Whoever asks meanwhile waits for it, instead of loading it once more.
        return _load(root, run_id, run.model.stat().st_mtime_ns)


_loading = threading.Lock()


@lru_cache(maxsize=4)
def _load(root: str, run_id: str, changed: int) -> TrainedImages:
    run = Run(Workspace(root), run_id)
    config, facts = run.image_config, run.dataset() or {}
    height, width, channels = facts["shape"]
    names = tuple(facts["class_names"])
    kept = run.novelty()
    novelty = Novelty.of(kept) if kept else None
    shape = (height, width, channels)
    return TrainedImages(run, config, names, shape, config.training.loss, novelty, _look_of(run, config, len(names)))


def _opened(run: Run) -> keras.Model:
    return keras.models.load_model(run.model, compile=False, safe_mode=True)


def _look_of(run: Run, config: ImageConfig, classes: int) -> Look:
    """What `looker` gives; all networks behind the same frozen backbone share it, which saves loading it each time."""
    if config.network.frozen:
        with contextlib.suppress(UserError):  # Its own copy is in the model file.
            return _behind_backbone(run, config, classes)
    return looker(_opened(run))


def _behind_backbone(run: Run, config: ImageConfig, classes: int) -> Look:
    backbone = config.network.backbone
    head = build_head(config.network, config.training.loss, PRETRAINED[backbone].features, classes)
    # The backbone comes first, and no layer of the head changes its order.
    head.set_weights(run.load_weights()[-len(head.weights) :])
    answer = _program(head)
    frozen_backbone(config.data.shape[-1], backbone)  # Raises `UserError` where its weights are not here.
    return lambda pixels: answer(features(pixels, backbone=backbone))
