"""One training run on pictures, from its folder to its metrics.

Behind a frozen backbone the layers learn from kept features, as a network for a table does. Blocks that are to be
fine-tuned go on from there, in a second phase that is told on the same curve; with early stopping the best weights of
both phases are kept, so that fine-tuning never ends worse than it began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np

from core.errors import UserError
from core.evaluation.words import count
from core.network.backbone import load_head
from core.network.cnn import LOGITS, build_cnn
from core.network.pretrained import PRETRAINED, Pretrained
from core.network.weights_file import weights_file, weights_here
from core.progress import progress
from core.run_files import seconds_since
from core.runs import Run
from core.spec import ImageConfig
from core.training.fit import FitState, Watch
from core.training.image_conclude import Learned
from core.training.image_conclude import conclude_images as conclude_images
from core.training.image_features import kept_features
from core.training.image_fit import ImageLearner, Images, fine_tuning, fit_images
from core.training.image_head import fit_head
from core.training.image_prepare import PreparedImages, prepare_images
from core.training.shape import Group
from core.training.stack import Stack
from core.training.telling import Checkpoints, Resumable, Stopped, Telling

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class _Phase:
    """What is being trained, and where it stands.

    Attributes:
        learned: The network.
        epoch: The last epoch that is done, counted over all phases.
        best: The best one.
    """

    learned: Learned
    epoch: int
    best: int


@dataclass(frozen=True, eq=False)
class _Resumable:
    """A learner whose checkpoints also say what was before: epochs of an earlier phase, and the best of them."""

    learner: Resumable
    before: int = 0
    best: int = 0

    def state(self) -> dict[str, np.ndarray]:
        return self.learner.state() | {"before": np.array(self.before), "best_before": np.array(self.best)}


def train_images(run: Run, checkpoint: dict[str, np.ndarray] | None) -> None:
    """Train, or go on from the checkpoint, and write everything that the run consists of.

    Raises:
        UserError: The pictures cannot be learned from, the backbone is not there, or the training ran away.
    """
    config = run.image_config
    try:
        told = Telling(run)
        prepared = prepare_images(config, run.workspace, told.stage("Reading the pictures"))
        run.append("stage", words="Building the network")
        transfer = config.network.backbone != "none"
        phase = (_transfer if transfer else _from_scratch)(run, config, prepared, checkpoint)
    except Stopped:
        _finish(run, "stopped", 0, 0)
        return
    if not all(np.isfinite(weights).all() for weights in phase.learned.model.get_weights()):
        raise UserError("The training ran away: the cost became infinite or not a number.", "Lower the learning rate.")
    run.append("stage", words="Measuring how good it is")
    conclude_images(run, config, prepared, phase.learned)
    _finish(run, "stopped" if run.stop_requested else "finished", phase.best, phase.epoch)


def _finish(run: Run, event: str, best: int, epochs: int) -> None:
    seconds = seconds_since(progress(run).started)
    run.finish("stopped" if event == "stopped" else "finished", best_epoch=best, epochs=epochs, seconds=seconds)


def new_model(config: ImageConfig, prepared: PreparedImages) -> keras.Model:
    """The network before training; its output layer starts at the answer that needs no picture."""
    training, classes = config.training, len(prepared.class_names)
    model = build_cnn(config.network, training.loss, prepared.shape, classes, training.seed)
    model.get_layer(LOGITS).bias.assign(prepared.starting_bias(training.loss))
    return model


def _from_scratch(run: Run, config: ImageConfig, prepared: PreparedImages, checkpoint: Arrays | None) -> _Phase:
    learner = ImageLearner(new_model(config, prepared), config.training, config.augmentation)
    return _learn(run, config, prepared, learner, checkpoint, None)


def _transfer(run: Run, config: ImageConfig, prepared: PreparedImages, checkpoint: Arrays | None) -> _Phase:
    """Train the layers behind the backbone; then its last blocks too, where that was chosen."""
    _fetch_weights(run, PRETRAINED[config.network.backbone])
    model = new_model(config, prepared)
    head = None
    if checkpoint is None or not int(checkpoint["before"]):
        head = _train_head(run, config, prepared, model, checkpoint)
        checkpoint = None
    if not config.network.fine_tune_blocks or (head and run.stop_requested):
        assert head is not None
        return head
    tuned = fine_tuning(config.training, config.network.fine_tune_learning_rate)
    blocks = config.network.fine_tune_blocks
    run.append("stage", words=f"Fine-tuning the last {'block' if blocks == 1 else count(blocks, 'block')}")
    learner = ImageLearner(model, tuned, config.augmentation)
    return _learn(run, config.change(training=tuned.model_dump()), prepared, learner, checkpoint, head)


def _fetch_weights(run: Run, network: Pretrained) -> None:
    """Download them where they are not on this machine, and tell how far that is."""
    if network.url and weights_here(network) is None:
        weights_file(network, Telling(run).stage(f"Downloading {network.title} ({network.megabytes} MB)"))


def _train_head(
    run: Run, config: ImageConfig, prepared: PreparedImages, model: keras.Model, checkpoint: Arrays | None
) -> _Phase:
    told = Telling(run)
    words = f"Looking at the pictures with {PRETRAINED[config.network.backbone].title}"
    features = kept_features(config, run.workspace, prepared.image_set, told.stage(words))[prepared.dataset.indices]

    def watch(stack: Stack) -> Watch:
        return _watch(run, told, _Resumable(stack))

    try:
        weights, state = fit_head(config, prepared, features, _group(config, prepared), watch, checkpoint)
    finally:
        told.flush()
    load_head(model, weights)
    return _Phase(Learned(model, features), state.epoch, _best(config, state))


def _learn(
    run: Run,
    config: ImageConfig,
    prepared: PreparedImages,
    learner: ImageLearner,
    checkpoint: Arrays | None,
    earlier: _Phase | None,
) -> _Phase:
    """Train on the pictures themselves, after an earlier phase or from the start."""
    before, best = (earlier.epoch, earlier.best) if earlier else (0, 0)
    state = None
    if checkpoint:
        learner.restore(dict(checkpoint))
        state = FitState.of(dict(checkpoint))
        before, best = int(checkpoint["before"]), int(checkpoint["best_before"])
    told = Telling(run, before)
    watch = _watch(run, told, _Resumable(learner, before, best))
    images = Images(prepared.pixels, prepared.target, prepared.weight)
    try:
        state = fit_images(learner, images, _group(config, prepared), config.training, watch, state)
    finally:
        told.flush()
    if state.epoch < 0 and not before:
        raise Stopped
    own = _best(config, state)
    return _Phase(Learned(learner.model), before + max(0, state.epoch), before + own if own else best)


def _watch(run: Run, told: Telling, learner: Resumable) -> Watch:
    return Watch(epoch=told.epoch, step=told.step, stop=told.stop, checkpoint=Checkpoints(run, learner, told))


def _group(config: ImageConfig, prepared: PreparedImages) -> Group:
    return prepared.group(config.training.seed, config.data.split.fold)


def _best(config: ImageConfig, state: FitState) -> int:
    return int(state.best_epoch[0, 0]) if config.training.early_stopping else max(0, state.epoch)
