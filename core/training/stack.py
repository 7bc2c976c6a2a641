"""Dense networks trained side by side as one compiled program.

Every weight has two leading axes: groups (which rows are learned from, in which order) and settings (L1, L2 and dropout
rates), so that one program trains every combination of them; a single run is a stack of one. The arithmetic is that of
Keras: its activations, its losses' definitions and its optimizers, whose updates act element by element and therefore
on each member alone.

Where many inputs meet the first layer, its kernel lies as (groups, inputs, settings, units): the settings of a group
see the same rows, so that their products are one large matrix product, and nothing is copied for it.
"""

from __future__ import annotations

from math import prod

import keras
import numpy as np
import tensorflow as tf

from core.spec import BatchNormalization, Dense
from core.training.dropout import dropout_mask, dropout_numbers
from core.training.losses import LOSS_FUNCTIONS, METRICS
from core.training.shape import Rates, Rows, StackShape

Arrays = list[np.ndarray]
# A layer with more weights than this is trained where it lies: copying it each step would cost more than it saves.
PACKED = 32_768
ROWS_AT_ONCE = 8192


class Stack:
    """Networks of one shape, trained together. Compiling takes a second; `prepare` makes a stack ready for another run.

    Args:
        shape: What is compiled in: layers, loss, optimizer, which penalties there are, sizes.
    """

    def __init__(self, shape: StackShape) -> None:
        self.shape = shape
        self.members = shape.groups, shape.settings
        self._loss = LOSS_FUNCTIONS[shape.loss]
        self._metric = METRICS[shape.loss]
        first = shape.all_layers[0]
        self._wide = isinstance(first, Dense) and shape.inputs * first.units > PACKED
        self.weights: list[keras.Variable] = []
        self._build()
        self.trainable = [v for v in self.weights if v.trainable]
        self._small = [v for v in self.trainable if prod(v.shape) <= PACKED * prod(self.members)]
        self._large = [v for v in self.trainable if all(v is not small for small in self._small)]
        # Small weights lie side by side in one variable while training: one update for all compiles in half the time.
        self._sizes = [prod(v.shape[2:]) for v in self._small]
        self._packed = keras.Variable(np.zeros((*self.members, sum(self._sizes)), np.float32))
        self.optimizer = make_optimizer(shape.optimizer)
        self.optimizer.build([self._packed, *self._large])
        self.best = [keras.Variable(v.numpy(), trainable=False) for v in self.weights]
        self.best_loss = keras.Variable(np.full(self.members, np.inf, np.float32), trainable=False)
        self.l1, self.l2, self.dropout = (
            keras.Variable(np.zeros(shape.settings, np.float32), trainable=False) for _ in range(3)
        )
        self._epoch_program = tf.function(self._epoch, jit_compile=True, autograph=False)
        # Called once an epoch: compiling it would take longer than it ever saves.
        self._score_program = tf.function(self._score, autograph=False)

    def prepare(self, rates: Rates, learning_rate: float, weights: Arrays) -> None:
        """Start over with new rates, learning rate and weights (groups, settings, ...); the optimizer forgets all."""
        for variable, value in zip((self.l1, self.l2, self.dropout), (rates.l1, rates.l2, rates.dropout), strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable.value))
        self.optimizer.learning_rate = learning_rate
        self.best_loss.assign(np.full(self.members, np.inf, np.float32))
        self.set_weights(weights)
        for best, now in zip(self.best, self.weights, strict=True):
            best.assign(now.value)

    @property
    def weights_each(self) -> int:
        """How many numbers one member holds."""
        return sum(prod(v.shape) for v in self.weights) // prod(self.members)

    def get_weights(self) -> Arrays:
        """All weights, each (groups, settings, ...), in the order in which Keras layers hold them."""
        arrays = [v.numpy() for v in self.weights]
        return [np.moveaxis(arrays[0], 2, 1), *arrays[1:]] if self._wide else arrays

    def set_weights(self, weights: Arrays) -> None:
        """Replace all weights by what `get_weights` gave or something of those shapes."""
        first = np.moveaxis(weights[0], 1, 2) if self._wide else weights[0]
        for variable, value in zip(self.weights, (first, *weights[1:]), strict=True):
            variable.assign(value)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs before the output activation (logits), in pieces for large tables.

        Args:
            x: (groups, n, inputs).

        Returns:
            (groups, settings, n, outputs).
        """
        starts = range(0, max(1, x.shape[1]), ROWS_AT_ONCE)
        pieces = [self._outputs(tf.constant(x[:, start : start + ROWS_AT_ONCE])).numpy() for start in starts]
        return np.concatenate(pieces, axis=2)

    def train_steps(self, rows: Rows, batches: np.ndarray, start: int, stop: int, seeds: np.ndarray) -> None:
        """Train on ``batches[:, start:stop]``.

        Args:
            rows: What is learned from, as tensors.
            batches: (groups, steps, batch_size) int32 positions of rows, -1 where padded.
            start: First step.
            stop: The step after the last one.
            seeds: (groups, 2) int32, of dropout.
        """
        self._epoch_program(
            rows.x, rows.y, rows.weight, tf.constant(batches), tf.constant(start), tf.constant(stop), tf.constant(seeds)
        )

    def score(self, rows: Rows, shares: np.ndarray, going: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Loss without the weight penalty, and metric, of each part of the rows, each (parts, groups, settings).

        Members that are ``going`` on and whose loss on the last part is lower than ever before keep their weights as
        `best`.

        Args:
            rows: All rows of all parts, as tensors.
            shares: (groups, parts, n) how much each row counts in each part, adding up to 1 or all 0.
            going: (groups, settings) bool.
        """
        loss, metric = self._score_program(rows.x, rows.y, rows.weight, shares, tf.constant(going))
        return loss.numpy(), metric.numpy()

    def state(self) -> dict[str, np.ndarray]:
        """Everything that training goes on from: weights, best weights, optimizer."""
        groups = {"weights": self.weights, "best": self.best, "optimizer": self.optimizer.variables}
        arrays = {f"{name}-{i}": v.numpy() for name, group in groups.items() for i, v in enumerate(group)}
        return arrays | {"best_loss": self.best_loss.numpy()}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go back to what `state` returned."""
        groups = {"weights": self.weights, "best": self.best, "optimizer": self.optimizer.variables}
        for name, group in groups.items():
            for i, variable in enumerate(group):
                variable.assign(state[f"{name}-{i}"])
        self.best_loss.assign(state["best_loss"])

    def use_best(self) -> None:
        """Set every member back to its best weights."""
        for best, now in zip(self.best, self.weights, strict=True):
            now.assign(best.value)

    def _build(self) -> None:
        units = self.shape.inputs
        for layer in self.shape.all_layers:
            if isinstance(layer, Dense):
                self._add((units, layer.units), trainable=True)
                self._add((layer.units,), trainable=True)
                units = layer.units
            elif isinstance(layer, BatchNormalization):
                for value, trainable in ((1.0, True), (0.0, True), (0.0, False), (1.0, False)):
                    self._add((units,), trainable=trainable, value=value)

    def _add(self, shape: tuple[int, ...], *, trainable: bool, value: float = 0.0) -> None:
        array = np.full((*self.members, *shape), value, np.float32)
        if self._wide and not self.weights:
            array = np.moveaxis(array, 1, 2).copy()
        self.weights.append(keras.Variable(array, trainable=trainable))

    def _outputs(self, x: tf.Tensor) -> tf.Tensor:
        """Logits (groups, settings, n, outputs) of the trained networks."""
        return self._forward(x, [v.value for v in self.weights], None, None)

    def _pack(self) -> None:
        flat = [tf.reshape(v.value, [*self.members, -1]) for v in self._small]
        self._packed.assign(tf.concat(flat, 2))

    def _packed_values(self) -> list[tf.Tensor]:
        pieces = tf.split(self._packed.value, self._sizes, axis=2)
        return [tf.reshape(piece, v.value.shape) for piece, v in zip(pieces, self._small, strict=True)]

    def _training_values(self) -> list[tf.Tensor]:
        """What `weights` hold, small ones taken from where they are trained."""
        packed = {id(v): value for v, value in zip(self._small, self._packed_values(), strict=True)}
        return [packed.get(id(v), v.value) for v in self.weights]

    def _forward(
        self, x: tf.Tensor, weights: list[tf.Tensor], weight: tf.Tensor | None, seeds: tf.Tensor | None
    ) -> tf.Tensor:
        """Logits (groups, settings, n, outputs) of ``x`` (groups, n, inputs); training mode where there are seeds."""
        value, position, masks = x[:, None], 0, dropout_numbers(self.shape.all_layers)
        for number, layer in zip(masks, self.shape.all_layers, strict=True):
            if isinstance(layer, Dense):
                kernel, bias = weights[position : position + 2]
                product = _wide_product(x, kernel) if self._wide and not position else tf.matmul(value, kernel)
                value = product + bias[:, :, None]
                value = keras.activations.get(layer.activation)(value)
                position += 2
            elif isinstance(layer, BatchNormalization):
                own = weights[position : position + 4]
                value = self._normalize(value, layer, own, position, weight if seeds is not None else None)
                position += 4
            elif seeds is not None:
                rate = tf.fill([self.shape.settings], np.float32(layer.rate)) if layer.rate else self.dropout.value
                value = value * dropout_mask(tf.shape(value)[2:], rate, seeds, number)
        return value

    def _normalize(
        self, x: tf.Tensor, layer: BatchNormalization, own: list[tf.Tensor], position: int, weight: tf.Tensor | None
    ) -> tf.Tensor:
        gamma, beta, mean, variance = (value[:, :, None] for value in own)
        if weight is None:
            centre, spread = mean, variance
        else:
            present = tf.cast(weight >= 0, tf.float32)[:, None, :, None]
            count = tf.reduce_sum(present, 2, keepdims=True)
            centre = tf.reduce_sum(x * present, 2, keepdims=True) / count
            spread = tf.reduce_sum(tf.square(x - centre) * present, 2, keepdims=True) / count
            for moving, batch in zip(self.weights[position + 2 : position + 4], (centre, spread), strict=True):
                moving.assign(moving.value * layer.momentum + batch[:, :, 0] * (1 - layer.momentum))
        return (x - centre) * tf.math.rsqrt(spread + layer.epsilon) * gamma + beta

    def _epoch(
        self,
        x: tf.Tensor,
        y: tf.Tensor,
        weight: tf.Tensor,
        batches: tf.Tensor,
        start: tf.Tensor,
        stop: tf.Tensor,
        seeds: tf.Tensor,
    ) -> None:
        def body(step: tf.Tensor) -> list[tf.Tensor]:
            rows = batches[:, step]
            index = tf.maximum(rows, 0)
            # A padded place has weight -1: it counts neither in the loss nor in batch averages.
            batch_weight = tf.where(rows >= 0, tf.gather(weight, index, batch_dims=1), -1.0)
            inputs, targets = (tf.gather(values, index, batch_dims=1) for values in (x, y))
            with tf.GradientTape() as tape:
                cost = self._cost(inputs, targets, batch_weight, seeds + [0, step])
            gradients = tape.gradient(cost, [v.value for v in (self._packed, *self._large)])
            self.optimizer.apply(gradients, [self._packed, *self._large])
            return [step + 1]

        self._pack()
        tf.while_loop(lambda step: step < stop, body, [start])
        for variable, value in zip(self._small, self._packed_values(), strict=True):
            variable.assign(value)

    def _cost(self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, seeds: tf.Tensor) -> tf.Tensor:
        """Sum over members of mean loss plus penalty; members do not touch, so each has its own gradient."""
        weights = self._training_values()
        losses = self._loss(y[:, None], self._forward(x, weights, weight, seeds))
        count = tf.reduce_sum(tf.cast(weight >= 0, tf.float32), 1, keepdims=True)
        cost = tf.reduce_sum(losses * (tf.maximum(weight, 0.0) / count)[:, None])
        kernels = [(value, (0, 2, 3)) for value in weights if len(value.shape) == 4]
        if self._wide:
            kernels[0] = kernels[0][0], (0, 1, 3)
        for kernel, all_but_settings in kernels:
            if self.shape.l1:
                cost += tf.reduce_sum(self.l1.value * tf.reduce_sum(tf.abs(kernel), all_but_settings))
            if self.shape.l2:
                cost += tf.reduce_sum(self.l2.value * tf.reduce_sum(tf.square(kernel), all_but_settings))
        return cost

    def _score(
        self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, shares: tf.Tensor, going: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self._outputs(x)
        losses = self._loss(y[:, None], logits) * weight[:, None]
        loss = tf.transpose(tf.linalg.matmul(losses, shares, transpose_b=True), [2, 0, 1])
        improved = tf.logical_and(loss[-1] < self.best_loss.value, going)
        self.best_loss.assign(tf.where(improved, loss[-1], self.best_loss.value))
        groups, settings = self.members
        for number, (best, now) in enumerate(zip(self.best, self.weights, strict=True)):
            wide = self._wide and not number
            mask = tf.reshape(
                improved, [groups, 1, settings, 1] if wide else [groups, settings] + [1] * (len(now.shape) - 2)
            )
            best.assign(tf.where(mask, now.value, best.value))
        metrics = [self._metric(y[:, None], logits, share[:, None]) for share in tf.unstack(shares, axis=1)]
        return loss, tf.stack(metrics)


def _wide_product(x: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """(groups, n, inputs) times (groups, inputs, settings, units), as (groups, settings, n, units)."""
    groups, inputs, settings, units = kernel.shape
    product = tf.matmul(x, tf.reshape(kernel, [groups, inputs, settings * units]))
    return tf.transpose(tf.reshape(product, [groups, -1, settings, units]), [0, 2, 1, 3])


def make_optimizer(name: str, learning_rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """The Keras optimizer that was chosen; all of them act element by element."""
    classes = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop}
    return classes[name](learning_rate=learning_rate)
