"""The training loop for image networks: batches straight from a uint8 memory map, on Keras' own layers and optimizer.

Convolutions run quickest as ordinary graphs on oneDNN, not compiled by XLA. The loop tells and asks the same as
`core.training.fit`, with a single group and setting. Unlike there, loss and metric of the training part are the
averages over the epoch's batches as they were learned from (augmented, with dropout), as Keras shows them: scoring all
images once more would cost a third of the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from core.network.augmentation import augmentation_model
from core.network.cnn import LARGEST_PIXEL, logits_model
from core.spec import OUTPUTS, TrainingSpec
from core.spec.augmentation import Augmentation
from core.training.fit import Epoch, FitState, Watch, batches_of
from core.training.image_prepare import Pixels
from core.training.losses import LOSS_FUNCTIONS, METRICS
from core.training.shape import Group
from core.training.stack import make_optimizer

SCORED_AT_ONCE = 64
# Before training, so many of the learned images stand for all.
FIRST_LOOK = 500
SECONDS_BETWEEN_STEPS = 0.5
Scores = tuple[float, float]


class ImageLearner:
    """A Keras model with its optimizer, augmentation, and best weights so far.

    Args:
        model: As `core.network.cnn.build_cnn` gives it. It is changed in place.
        training: Loss, optimizer, learning rate, and the seed of augmentation.
        augmentation: How training images are varied, in front of the model.
        taken: What the model takes: pixels, or float32 features of images.
    """

    def __init__(
        self,
        model: keras.Model,
        training: TrainingSpec,
        augmentation: Augmentation | None = None,
        taken: tf.DType = tf.uint8,
    ) -> None:
        self.model = model
        self.vary = augmentation_model(augmentation or Augmentation(), training.seed)
        self.optimizer = make_optimizer(training.optimizer, training.learning_rate)
        self.optimizer.build(model.trainable_variables)
        self.best = model.get_weights()
        self.best_loss = np.inf
        self._logits = logits_model(model)
        self._loss, self._metric = LOSS_FUNCTIONS[training.loss], METRICS[training.loss]
        target = tf.TensorSpec((None, self._logits.output.shape[-1])[: 1 + OUTPUTS[training.loss].per_class])
        batch = [tf.TensorSpec(model.input.shape, taken), target, tf.TensorSpec((None,))]
        self.train_step = tf.function(self._train_step, batch, autograph=False, jit_compile=False)
        self.score_step = tf.function(self._score_step, batch, autograph=False, jit_compile=False)

    def start_again(self) -> None:
        """Take the model's weights of this moment as the best so far, after they were replaced."""
        self.best, self.best_loss = self.model.get_weights(), np.inf

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training goes on from: weights, random state, optimizer, best weights."""
        arrays = {f"{name}-{i}": np.asarray(v) for name, part in self._parts.items() for i, v in enumerate(part)}
        return arrays | {f"best-{i}": v for i, v in enumerate(self.best)} | {"best_loss": np.array(self.best_loss)}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to what `state` returned."""
        for name, part in self._parts.items():
            for i, variable in enumerate(part):
                variable.assign(state[f"{name}-{i}"])
        self.best = [state[f"best-{i}"] for i in range(len(self.best))]
        self.best_loss = float(state["best_loss"])

    def keep_if_best(self, loss: float) -> bool:
        """Remember the weights where ``loss`` is lower than ever before."""
        if loss < self.best_loss:
            self.best, self.best_loss = self.model.get_weights(), loss
            return True
        return False

    def use_best(self) -> None:
        """Go back to the best weights."""
        self.model.set_weights(self.best)

    @property
    def _parts(self) -> dict[str, list[keras.Variable]]:
        random = [variable for layer in (self.vary.layers if self.vary else []) for variable in layer.variables]
        return {"variable": self.model.variables, "random": random, "optimizer": self.optimizer.variables}

    def _train_step(self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        """One step; the sums of weighted loss and of metric over the batch, (2,)."""
        if self.vary:
            x = self.vary(tf.cast(x, tf.float32) / LARGEST_PIXEL, training=True) * LARGEST_PIXEL
        with tf.GradientTape() as tape:
            logits = self._logits(x, training=True)
            losses = self._loss(y, logits) * weight
            cost = tf.add_n([tf.reduce_mean(losses), *self.model.losses])
        variables = self.model.trainable_variables
        self.optimizer.apply(tape.gradient(cost, variables), variables)
        return self._sums(y, logits, losses)

    def _score_step(self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        logits = self._logits(x, training=False)
        return self._sums(y, logits, self._loss(y, logits) * weight)

    def _sums(self, y: tf.Tensor, logits: tf.Tensor, losses: tf.Tensor) -> tf.Tensor:
        return tf.stack([tf.reduce_sum(losses), self._metric(y, logits, tf.ones_like(losses))])


class Images:
    """Images with what is to be learned about them.

    Args:
        pixels: (n, height, width, channels) uint8, possibly memory-mapped; read batch by batch.
        target: (n,) or (n, classes) float32, as `core.network.outputs.encode_for_loss` gives it.
        weight: (n,) float32, how much each image counts in the loss; None for all alike.
    """

    def __init__(self, pixels: Pixels, target: np.ndarray, weight: np.ndarray | None = None) -> None:
        self.pixels, self.target = pixels, target
        self.weight = np.ones(len(pixels), np.float32) if weight is None else weight

    def take(self, rows: np.ndarray) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Some images, as tensors."""
        return tuple(tf.constant(array[rows]) for array in (self.pixels, self.target, self.weight))


def fit_images(
    learner: ImageLearner,
    images: Images,
    group: Group,
    training: TrainingSpec,
    watch: Watch,
    state: FitState | None = None,
) -> FitState:
    """Train until the epochs are over, validation no longer improves, or the person stops.

    Early stopping looks at the loss on ``group.watch`` without penalty; with it, the model ends with its best weights.

    Args:
        learner: What learns.
        images: All images.
        group: Which of them are learned from and which are watched; its seed orders the batches.
        training: Epochs, batch size, early stopping.
        watch: Told after each epoch, asked for a stop after each step.
        state: Where to go on; `ImageLearner.restore` is the caller's.
    """
    if state is None:
        state = FitState.start((1, 1))
        first = _score(learner, images, group.learn[:: max(1, len(group.learn) // FIRST_LOOK)], watch)
        if first is None or not _finish_epoch(learner, images, group, training, state, watch, first):
            return state
    while state.epoch < training.epochs and not state.ended.all():
        learned = None if watch.stop() else _train_epoch(learner, images, group, training, state.epoch + 1, watch)
        if learned is None or not _finish_epoch(learner, images, group, training, state, watch, learned):
            break
    if training.early_stopping:
        learner.use_best()
    return state


def fine_tuning(training: TrainingSpec, learning_rate: float) -> TrainingSpec:
    """How a backbone's last blocks go on learning once the head has learned: in small steps, and not for long."""
    epochs, patience = max(1, training.epochs // 2), max(1, training.patience // 2)
    return training.change(learning_rate=learning_rate, epochs=epochs, patience=patience)


def _train_epoch(
    learner: ImageLearner, images: Images, group: Group, training: TrainingSpec, epoch: int, watch: Watch
) -> Scores | None:
    batches = batches_of([group], training.batch_size, epoch)[0]
    tell = _every(SECONDS_BETWEEN_STEPS, lambda share: watch.step(epoch, share))
    sums: list[tf.Tensor] = []
    for number, batch in enumerate(batches, start=1):
        sums.append(learner.train_step(*images.take(batch[batch >= 0])))
        if number < len(batches):
            tell(number / len(batches))
            if watch.stop():
                return None
    return _average(sums, len(group.learn))


def _score(learner: ImageLearner, images: Images, rows: np.ndarray, watch: Watch) -> Scores | None:
    """Loss without penalty and metric of some images, NaN for none; None where the person stopped meanwhile."""
    sums = []
    for start in range(0, len(rows), SCORED_AT_ONCE):
        sums.append(learner.score_step(*images.take(rows[start : start + SCORED_AT_ONCE])))
        if watch.stop():
            return None
    return _average(sums, len(rows))


def _average(sums: list[tf.Tensor], count: int) -> Scores:
    if not count:
        return np.nan, np.nan
    totals = np.stack([each.numpy() for each in sums]).astype(np.float64).sum(axis=0) / count
    return float(totals[0]), float(totals[1])


def _finish_epoch(
    learner: ImageLearner,
    images: Images,
    group: Group,
    training: TrainingSpec,
    state: FitState,
    watch: Watch,
    learned: Scores,
) -> bool:
    """Score the watched and held-out images and tell the epoch; False where the person stopped meanwhile."""
    found = [_score(learner, images, rows, watch) for rows in group.parts[1:]]
    scores = [learned, *(scores for scores in found if scores is not None)]
    if len(scores) < len(group.parts):
        return False
    watched = scores[-1]
    state.epoch += 1
    if learner.keep_if_best(watched[0]):
        state.best_epoch[:] = state.epoch
    state.diverged[:] = not np.isfinite(learned[0])
    state.ended |= state.diverged
    if training.early_stopping:
        state.ended |= state.epoch - state.best_epoch >= training.patience
    loss, metric = (np.array(values).reshape(-1, 1, 1) for values in zip(*scores, strict=True))
    watch.epoch(Epoch(state.epoch, loss, metric), state)
    watch.checkpoint(state)
    return True


def _every(seconds: float, tell: Callable[[float], None]) -> Callable[[float], None]:
    """``tell``, but not more often than that."""
    told = time.monotonic()

    def sometimes(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > seconds:
            told = time.monotonic()
            tell(share)

    return sometimes
