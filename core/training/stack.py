"""Dense networks trained side by side as one compiled program.

Every weight has a leading member axis, so that one program trains many networks with their own L1, L2 and dropout
rates; a single run is a stack of one. The arithmetic is that of Keras: its activations, its losses' definitions
and its optimizers, whose updates act element by element and therefore on each member alone.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from core.spec import BatchNormalization, Dense, Dropout
from core.training.losses import LOSS_FUNCTIONS, METRICS
from core.training.shape import Part, Rates, StackShape

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
        self.members = shape.members
        self._loss = LOSS_FUNCTIONS[shape.loss]
        self._metric = METRICS[shape.loss]
        self.weights: list[keras.Variable] = []
        self._build()
        self.trainable = [v for v in self.weights if v.trainable]
        self._small = [v for v in self.trainable if v.value.shape.num_elements() <= PACKED * self.members]
        self._large = [v for v in self.trainable if all(v is not small for small in self._small)]
        # Small weights lie side by side in one variable while training: one update for all compiles in half the time.
        self._sizes = [v.value.shape.num_elements() // self.members for v in self._small]
        self._packed = keras.Variable(np.zeros((self.members, sum(self._sizes)), np.float32))
        self.optimizer = make_optimizer(shape.optimizer)
        self.optimizer.build([self._packed, *self._large])
        self.best = [keras.Variable(v.numpy(), trainable=False) for v in self.weights]
        self.best_loss = keras.Variable(np.full(self.members, np.inf, np.float32), trainable=False)
        self.l1, self.l2, self.dropout = (
            keras.Variable(np.zeros(self.members, np.float32), trainable=False) for _ in range(3)
        )
        self._epoch_program = tf.function(self._epoch, jit_compile=True, autograph=False)
        # Called once an epoch: compiling it would take longer than it ever saves.
        self._score_program = tf.function(self._score, autograph=False)

    def prepare(self, rates: Rates, learning_rate: float, weights: Arrays) -> None:
        """Start over with new rates, learning rate and weights (members, ...); the optimizer remembers nothing."""
        for variable, value in zip((self.l1, self.l2, self.dropout), (rates.l1, rates.l2, rates.dropout), strict=True):
            variable.assign(value)
        for variable in self.optimizer.variables:
            variable.assign(tf.zeros_like(variable.value))
        self.optimizer.learning_rate = learning_rate
        self.best_loss.assign(np.full(self.members, np.inf, np.float32))
        self.set_weights(weights)
        for best, now in zip(self.best, self.weights, strict=True):
            best.assign(now.value)

    def set_weights(self, weights: Arrays) -> None:
        """Replace all weights; each array (members, ...), in the order of `weights`."""
        for variable, value in zip(self.weights, weights, strict=True):
            variable.assign(value)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs before the output activation (logits), (members, n, outputs); in pieces, for large tables."""
        pieces = [x[start : start + ROWS_AT_ONCE] for start in range(0, max(1, len(x)), ROWS_AT_ONCE)]
        outputs = [self._outputs(tf.constant(piece)).numpy() for piece in pieces]
        return np.concatenate(outputs, axis=1)

    def train_steps(self, part: Part, batches: np.ndarray, start: int, stop: int, seed: tuple[int, int]) -> None:
        """Train on ``batches[start:stop]``; batches (steps, batch_size) int32 rows of ``part``, -1 where padded."""
        self._epoch_program(
            tf.constant(part.x) if isinstance(part.x, np.ndarray) else part.x,
            part.y,
            part.weight,
            tf.constant(batches),
            tf.constant(start),
            tf.constant(stop),
            tf.constant(seed, tf.int32),
        )

    def score(self, watched: Part, learned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Loss without the weight penalty, and metric, on training and on validation rows, each (2, members).

        Members whose validation loss is lower than ever before keep their weights as `best`.

        Args:
            watched: Training and validation rows together.
            learned: (n,) 1.0 where a row is a training row, else 0.0.
        """
        loss, metric = self._score_program(watched.x, watched.y, watched.weight, learned)
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
        self.set_weights([v.numpy() for v in self.best])

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
        array = np.full((self.members, *shape), value, np.float32)
        self.weights.append(keras.Variable(array, trainable=trainable))

    def _outputs(self, x: tf.Tensor) -> tf.Tensor:
        """Logits (members, n, outputs) of the trained networks."""
        return self._forward(_members(x, self.members), [v.value for v in self.weights], None, None)

    def _pack(self) -> None:
        flat = [tf.reshape(v.value, [self.members, -1]) for v in self._small]
        self._packed.assign(tf.concat(flat, 1))

    def _packed_values(self) -> list[tf.Tensor]:
        pieces = tf.split(self._packed.value, self._sizes, axis=1)
        return [tf.reshape(piece, v.value.shape) for piece, v in zip(pieces, self._small, strict=True)]

    def _training_values(self) -> list[tf.Tensor]:
        """What `weights` hold, small ones taken from where they are trained."""
        packed = {id(v): value for v, value in zip(self._small, self._packed_values(), strict=True)}
        return [packed.get(id(v), v.value) for v in self.weights]

    def _forward(
        self, x: tf.Tensor, weights: list[tf.Tensor], weight: tf.Tensor | None, seed: tf.Tensor | None
    ) -> tf.Tensor:
        """Logits (members, n, outputs); training mode where ``seed`` is given."""
        value, position = x, 0
        for number, layer in enumerate(self.shape.all_layers):
            if isinstance(layer, Dense):
                value = _dense(value, *weights[position : position + 2])
                value = keras.activations.get(layer.activation)(value)
                position += 2
            elif isinstance(layer, BatchNormalization):
                own = weights[position : position + 4]
                value = self._normalize(value, layer, own, position, weight if seed is not None else None)
                position += 4
            elif seed is not None:
                value = self._drop(value, layer, seed, number)
        return value

    def _normalize(
        self,
        x: tf.Tensor,
        layer: BatchNormalization,
        own: list[tf.Tensor],
        position: int,
        weight: tf.Tensor | None,
    ) -> tf.Tensor:
        gamma, beta, mean, variance = (value[:, None] for value in own)
        if weight is None:
            centre, spread = mean, variance
        else:
            present = tf.cast(weight >= 0, tf.float32)[None, :, None]
            count = tf.reduce_sum(present)
            centre = tf.reduce_sum(x * present, 1, keepdims=True) / count
            spread = tf.reduce_sum(tf.square(x - centre) * present, 1, keepdims=True) / count
            for moving, batch in zip(self.weights[position + 2 : position + 4], (centre, spread), strict=True):
                moving.assign(moving.value * layer.momentum + batch[:, 0] * (1 - layer.momentum))
        return (x - centre) * tf.math.rsqrt(spread + layer.epsilon) * gamma + beta

    def _drop(self, x: tf.Tensor, layer: Dropout, seed: tf.Tensor, number: int) -> tf.Tensor:
        rate = tf.fill([self.members], np.float32(layer.rate)) if layer.rate else self.dropout.value
        return x * dropout_mask(tf.shape(x), rate, seed, number)

    def _epoch(
        self,
        x: tf.Tensor,
        y: tf.Tensor,
        weight: tf.Tensor,
        batches: tf.Tensor,
        start: tf.Tensor,
        stop: tf.Tensor,
        seed: tf.Tensor,
    ) -> None:
        def body(step: tf.Tensor) -> list[tf.Tensor]:
            rows = batches[step]
            index = tf.maximum(rows, 0)
            # A padded place has weight -1: it counts neither in the loss nor in batch averages.
            batch_weight = tf.where(rows >= 0, tf.gather(weight, index), -1.0)
            with tf.GradientTape() as tape:
                cost = self._cost(tf.gather(x, index), tf.gather(y, index), batch_weight, seed + [0, step])
            gradients = tape.gradient(cost, [v.value for v in (self._packed, *self._large)])
            self.optimizer.apply(gradients, [self._packed, *self._large])
            return [step + 1]

        self._pack()
        tf.while_loop(lambda step: step < stop, body, [start])
        for variable, value in zip(self._small, self._packed_values(), strict=True):
            variable.assign(value)

    def _cost(self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
        """Sum over members of mean loss plus penalty; members do not touch, so each has its own gradient."""
        weights = self._training_values()
        losses = self._loss(y, self._forward(_members(x, self.members), weights, weight, seed))
        count = tf.reduce_sum(tf.cast(weight >= 0, tf.float32))
        cost = tf.reduce_sum(losses * tf.maximum(weight, 0.0)) / count
        for kernel in (value for value in weights if len(value.shape) == 3):
            if self.shape.l1:
                cost += tf.reduce_sum(self.l1.value * tf.reduce_sum(tf.abs(kernel), (1, 2)))
            if self.shape.l2:
                cost += tf.reduce_sum(self.l2.value * tf.reduce_sum(tf.square(kernel), (1, 2)))
        return cost

    def _score(self, x: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, learned: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self._outputs(x)
        losses = self._loss(y, logits) * weight
        shares = tf.stack([learned, 1.0 - learned])
        shares /= tf.reduce_sum(shares, 1, keepdims=True)
        loss = tf.linalg.matmul(shares, losses, transpose_b=True)
        improved = loss[1] < self.best_loss.value
        self.best_loss.assign(tf.where(improved, loss[1], self.best_loss.value))
        for best, now in zip(self.best, self.weights, strict=True):
            mask = tf.reshape(improved, [-1] + [1] * (len(now.shape) - 1))
            best.assign(tf.where(mask, now.value, best.value))
        return loss, tf.stack([self._metric(y, logits, share) for share in tf.unstack(shares)])


def make_optimizer(name: str, learning_rate: float = 1e-3) -> keras.optimizers.Optimizer:
    """The Keras optimizer that was chosen; all of them act element by element."""
    classes = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop}
    return classes[name](learning_rate=learning_rate)


def dropout_mask(shape: tf.Tensor, rate: tf.Tensor, seed: tf.Tensor, number: int) -> tf.Tensor:
    """Inverted dropout: 0 with probability ``rate`` (members,), else ``1 / (1 - rate)``; shape (members, n, units)."""
    draws = tf.random.stateless_uniform(shape, seed + [number * 1_000_003, 0], alg="philox")
    rate = rate[:, None, None]
    return tf.cast(draws >= rate, tf.float32) / (1.0 - rate)


def _dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    return tf.matmul(x, kernel) + bias[:, None]


def _members(x: tf.Tensor, members: int) -> tf.Tensor:
    return tf.broadcast_to(x[None], [members, *x.shape])
