"""Starting weights, drawn with numpy so that the same seed gives the same start on every machine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.spec import BatchNormalization, Dense, NetworkSpec


def initial_weights(
    network: NetworkSpec, inputs: int, output_biases: np.ndarray, seeds: Sequence[int], settings: int = 1
) -> list[np.ndarray]:
    """Starting weights of a stack, each (groups, settings, ...), in the order of Keras' ``get_weights``.

    Kernels are Glorot uniform (Glorot and Bengio 2010, eq. 16; the Keras default), biases zero; the output's bias
    starts at the answer that needs no features. All settings of a group start alike, so that nothing but the
    setting makes a difference.

    Args:
        network: The layers.
        inputs: Number of inputs.
        output_biases: (groups, outputs).
        seeds: One a group.
        settings: How many settings.
    """
    groups = [_member(network, inputs, bias, seed) for bias, seed in zip(output_biases, seeds, strict=True)]
    return [np.repeat(np.stack(arrays)[:, None], settings, axis=1) for arrays in zip(*groups, strict=True)]


def _member(network: NetworkSpec, inputs: int, output_bias: np.ndarray, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng([seed, 1])
    weights: list[np.ndarray] = []
    units = inputs
    for layer in network.layers:
        if isinstance(layer, Dense):
            weights += [_glorot(generator, units, layer.units), np.zeros(layer.units, np.float32)]
            units = layer.units
        elif isinstance(layer, BatchNormalization):
            weights += [np.full(units, value, np.float32) for value in (1.0, 0.0, 0.0, 1.0)]
    kernel = _glorot(generator, units, len(output_bias))
    if network.output_initializer == "zeros":
        kernel = np.zeros_like(kernel)
    return [*weights, kernel, output_bias.astype(np.float32)]


def _glorot(generator: np.random.Generator, inputs: int, outputs: int) -> np.ndarray:
    limit = np.sqrt(6.0 / (inputs + outputs))
    return generator.uniform(-limit, limit, (inputs, outputs)).astype(np.float32)
