"""The Keras model that leaves a run: raw rows go in, probabilities or values come out.

Only layers and operations of Keras itself are used, so that the file opens without this project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np
from keras import layers, ops

from core.network.shapes import expanded_layers
from core.spec import OUTPUTS, BatchNormalization, Dense, Dropout, Layer, NetworkSpec, output_units

if TYPE_CHECKING:
    from core.data.preprocess import Preprocessing

NETWORK = "network"


def build_network(network: NetworkSpec, loss: str, inputs: int, classes: int) -> keras.Sequential:
    """The plain network on preprocessed inputs (n, inputs), untrained."""
    l1, l2 = network.regularization.rates
    regularizer = keras.regularizers.L1L2(l1, l2) if l1 or l2 else None
    stack = [_keras_layer(layer, regularizer) for layer in expanded_layers(network)]
    activation = OUTPUTS[loss].activation
    stack.append(layers.Dense(output_units(loss, classes), activation, kernel_regularizer=regularizer, name="output"))
    return keras.Sequential([keras.Input((inputs,), name="inputs"), *stack], name=NETWORK)


def build_model(network: keras.Sequential, preprocessing: Preprocessing, centre: float, scale: float) -> keras.Model:
    """The whole model.

    Inputs: ``numbers`` (n, numbers) float32 with NaN where missing, and ``categories`` (n, texts) strings, each only
    where the table has such columns. Output: that of ``network``, brought back to the target's unit for regression
    (``centre`` and ``scale``; 0 and 1 for classes).
    """
    inputs, values = [], []
    if preprocessing.number_names:
        numbers = keras.Input((len(preprocessing.number_names),), name="numbers")
        inputs.append(numbers)
        values.append(_scaled(numbers, preprocessing))
    if preprocessing.text_names:
        texts = keras.Input((len(preprocessing.text_names),), dtype="string", name="categories")
        inputs.append(texts)
        values += [_one_hot(texts[:, i], names) for i, names in enumerate(preprocessing.categories) if names]
    joined = layers.Concatenate()(values) if len(values) > 1 else values[0]
    output = network(joined)
    if (centre, scale) != (0.0, 1.0):
        # Double precision: a date in seconds, or any target far from zero, has more digits than single precision holds.
        output = ops.cast(output, "float64") * scale + centre
    return keras.Model(inputs, output, name="muffin")


def _keras_layer(layer: Layer, regularizer: keras.regularizers.Regularizer | None) -> keras.layers.Layer:
    match layer:
        case Dense():
            return layers.Dense(layer.units, layer.activation, kernel_regularizer=regularizer)
        case Dropout():
            return layers.Dropout(layer.rate)
        case BatchNormalization():
            return layers.BatchNormalization(momentum=layer.momentum, epsilon=layer.epsilon)


def _scaled(x: keras.KerasTensor, preprocessing: Preprocessing) -> keras.KerasTensor:
    # Double precision, as in training: a logarithm, or a mean far larger than the spread, leaves few digits of single.
    x = ops.cast(x, "float64")
    log = np.asarray(preprocessing.log)
    if log.any():
        logarithm = ops.log1p(ops.maximum(x, 0.0))
        x = logarithm if log.all() else ops.where(log, logarithm, x)
    fill, center, scale = (np.asarray(getattr(preprocessing, name), np.float64) for name in ("fill", "center", "scale"))
    x = ops.where(ops.isnan(x), fill, x)
    return ops.cast((x - center) / scale, "float32")


def _one_hot(texts: keras.KerasTensor, names: tuple[str, ...]) -> keras.KerasTensor:
    unknown = "other"
    while unknown in names:
        unknown += "_"
    lookup = layers.StringLookup(vocabulary=list(names), num_oov_indices=1, oov_token=unknown, output_mode="one_hot")
    return lookup(texts)[:, 1:]
