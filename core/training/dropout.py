"""Dropout whose rate is each setting's own, drawn alike for all settings of a group."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from core.spec import Dropout, Layer


def dropout_numbers(layers: Sequence[Layer]) -> list[int]:
    """For each Dropout a number of its own, 0 for other layers.

    Odd ones belong to the settings' own rates, even ones to fixed rates: so no mask depends on whether any setting
    beside it has a rate of its own.
    """
    numbers, next_one = [], {True: 1, False: 2}
    for layer in layers:
        if isinstance(layer, Dropout):
            numbers.append(next_one[not layer.rate])
            next_one[not layer.rate] += 2
        else:
            numbers.append(0)
    return numbers


def dropout_mask(shape: tf.Tensor, rate: tf.Tensor, seeds: tf.Tensor, number: int) -> tf.Tensor:
    """Inverted dropout: 0 with probability ``rate``, else ``1 / (1 - rate)``.

    Networks of one group share the random numbers, whatever their rate: so settings are compared under equal luck.

    Args:
        shape: (2,) rows and units.
        rate: (settings,).
        seeds: (groups, 2) int32.
        number: Tells the layers of a network apart.

    Returns:
        (groups, settings, rows, units).
    """
    own = seeds + [number * 1_000_003, 0]
    draws = tf.stack([tf.random.stateless_uniform(shape, seed, alg="philox") for seed in tf.unstack(own)])
    rate = rate[:, None, None]
    return tf.cast(draws[:, None] >= rate, tf.float32) / (1.0 - rate)
