"""The Keras model of an image network: pixels 0..255 go in, probabilities come out.

Rescaling is inside, and only layers of Keras itself are used, so that the file opens without this project. Layer
"output" gives logits, "probabilities" after it the answer; the layers of the spec keep their kind and number, such as
"Conv2D_1", so that what a layer sees can be asked for by name. Augmentation is not inside: Keras' layers for it act
unless they are told not to, so that ``model(images)`` would answer at random (see `core.training.image_fit`).
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from core.network.backbone import build_backbone, unfreeze
from core.network.image_shapes import expanded_image_layers, image_layer_shapes
from core.spec import OUTPUTS, BatchNormalization, Dense, Dropout, output_units
from core.spec.network import (
    AveragePooling2D,
    Conv2D,
    Flatten,
    GlobalAveragePooling2D,
    ImageLayer,
    ImageNetworkSpec,
    MaxPooling2D,
)

LOGITS = "output"
ANSWER = "probabilities"
LARGEST_PIXEL = 255.0


def build_cnn(
    network: ImageNetworkSpec,
    loss: str,
    shape: tuple[int, int, int],
    classes: int,
    seed: int = 0,
) -> keras.Model:
    """The whole network, untrained but for a backbone.

    Args:
        network: Its layers.
        loss: The loss, which decides the output layer.
        shape: Height, width and channels of an image.
        classes: Number of classes.
        seed: Of the starting weights and dropout.

    Returns:
        A model from (n, height, width, channels) uint8 or float pixels 0..255 to (n, outputs) probabilities, or a
        score (n, 1) for hinge.

    Raises:
        UserError: The layers do not fit together, or the backbone is not installed.
    """
    image_layer_shapes(network, loss, shape, classes)
    seeds = _seeds(seed)
    inputs = keras.Input(shape, name="pixels")
    if network.backbone == "none":
        x = layers.Rescaling(1 / LARGEST_PIXEL, name="rescaling")(inputs)
    else:
        x = build_backbone(shape[-1], network.backbone)(inputs, training=False)
    x = _own_layers(x, network, output_units(loss, classes), seeds)
    model = keras.Model(inputs, layers.Activation(OUTPUTS[loss].activation, name=ANSWER)(x), name="muffin")
    if network.backbone != "none":
        unfreeze(model, network.fine_tune_blocks)
    return model


def _own_layers(
    x: keras.KerasTensor, network: ImageNetworkSpec, outputs: int, seeds: Callable[[int], int]
) -> keras.KerasTensor:
    """The layers of the spec on ``x``, up to the logits (n, outputs)."""
    l1, l2 = network.regularization.rates
    regularizer = keras.regularizers.L1L2(l1, l2) if l1 or l2 else None
    for place, (number, layer) in enumerate(expanded_image_layers(network), start=1):
        chosen = network.layers[number - 1]
        name = f"{chosen.kind}_{number}" + ("" if layer is chosen else "_dropout")
        x = _keras_layer(layer, regularizer, seeds(place), name)(x)
    start = _glorot(seeds(0))
    return layers.Dense(outputs, kernel_regularizer=regularizer, kernel_initializer=start, name=LOGITS)(x)


def build_head(network: ImageNetworkSpec, loss: str, features: int, classes: int) -> keras.Model:
    """The layers behind a backbone alone: (n, features) -> what reaches layer "output", and its logits (n, outputs)."""
    inputs = keras.Input((features,), name="features")
    logits = _own_layers(inputs, network, output_units(loss, classes), _seeds(0))
    head = keras.Model(inputs, logits)
    return keras.Model(inputs, [head.get_layer(LOGITS).input, logits])


def logits_model(model: keras.Model) -> keras.Model:
    """The same network, sharing all weights, up to its answers before the output activation."""
    return keras.Model(model.input, model.get_layer(LOGITS).output)


def _keras_layer(
    layer: ImageLayer, regularizer: keras.regularizers.Regularizer | None, seed: int, name: str
) -> keras.layers.Layer:
    weights = {"kernel_regularizer": regularizer, "kernel_initializer": _glorot(seed), "name": name}
    match layer:
        case Conv2D():
            return layers.Conv2D(
                layer.filters, layer.kernel_size, layer.strides, layer.padding, activation=layer.activation, **weights
            )
        case MaxPooling2D():
            return layers.MaxPooling2D(layer.pool_size, layer.strides, layer.padding, name=name)
        case AveragePooling2D():
            return layers.AveragePooling2D(layer.pool_size, layer.strides, layer.padding, name=name)
        case GlobalAveragePooling2D():
            return layers.GlobalAveragePooling2D(name=name)
        case Flatten():
            return layers.Flatten(name=name)
        case Dense():
            return layers.Dense(layer.units, layer.activation, **weights)
        case Dropout():
            return layers.Dropout(layer.rate, seed=seed, name=name)
        case BatchNormalization():
            return layers.BatchNormalization(momentum=layer.momentum, epsilon=layer.epsilon, name=name)


def _seeds(seed: int) -> Callable[[int], int]:
    return lambda place: int(np.random.SeedSequence([seed, 5, place]).generate_state(1)[0] >> 1)


def _glorot(seed: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(seed)
