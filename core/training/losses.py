"""Losses and metrics of stacked networks, member by member.

``y`` is (groups, 1, n) or (groups, 1, n, classes); ``logits`` (groups, settings, n, outputs) come before the output
activation. A metric also takes ``share`` (groups, 1, n), how much each row counts, adding up to 1. Definitions as in
keras.losses (https://keras.io/api/losses/), cross-entropies computed from logits for numerical safety.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
Metric = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def binary_crossentropy(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Loss of each row, (groups, settings, n); y is 0 or 1."""
    z = logits[..., 0]
    return tf.maximum(z, 0.0) - z * y + tf.math.log1p(tf.exp(-tf.abs(z)))


def hinge(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Loss of each row, (groups, settings, n); y is 0 or 1 and counts as -1 or 1."""
    return tf.maximum(1.0 - (2.0 * y - 1.0) * logits[..., 0], 0.0)


def categorical_crossentropy(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Loss of each row, (groups, settings, n); y is one-hot."""
    return -tf.reduce_sum(y * tf.nn.log_softmax(logits), -1)


def mean_squared_error(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Loss of each row, (groups, settings, n)."""
    return tf.square(logits[..., 0] - y)


def mean_absolute_error(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Loss of each row, (groups, settings, n)."""
    return tf.abs(logits[..., 0] - y)


def _sign_accuracy(y: tf.Tensor, logits: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast((logits[..., 0] > 0) == (y > 0.5), tf.float32) * share, -1)


def _class_accuracy(y: tf.Tensor, logits: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(tf.argmax(logits, -1) == tf.argmax(y, -1), tf.float32) * share, -1)


def _r2(y: tf.Tensor, logits: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    residual = tf.reduce_sum(tf.square(logits[..., 0] - y) * share, -1)
    spread = tf.reduce_sum(tf.square(y - tf.reduce_sum(y * share, -1, keepdims=True)) * share, -1)
    return 1.0 - residual / tf.maximum(spread, 1e-12)


LOSS_FUNCTIONS: dict[str, Loss] = {
    "binary_crossentropy": binary_crossentropy,
    "hinge": hinge,
    "categorical_crossentropy": categorical_crossentropy,
    "mean_squared_error": mean_squared_error,
    "mean_absolute_error": mean_absolute_error,
}
METRICS: dict[str, Metric] = {
    "binary_crossentropy": _sign_accuracy,
    "hinge": _sign_accuracy,
    "categorical_crossentropy": _class_accuracy,
    "mean_squared_error": _r2,
    "mean_absolute_error": _r2,
}
METRIC_NAMES = {loss: "r2" if metric is _r2 else "accuracy" for loss, metric in METRICS.items()}
