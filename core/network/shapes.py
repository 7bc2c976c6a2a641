"""Shapes and parameter counts from the spec alone, so that a page needs no Keras."""

from __future__ import annotations

from typing import NamedTuple

from core.spec import OUTPUTS, BatchNormalization, Dense, Dropout, Layer, NetworkSpec, output_units


class LayerShape(NamedTuple):
    """One layer as the picture of the network shows it.

    Attributes:
        kind: What it is, in one word.
        label: The same with its settings.
        units: Values that leave it.
        parameters: Numbers that it holds.
        trainable: Those of them that are learned; the averages of batch normalization are only counted.
    """

    kind: str
    label: str
    units: int
    parameters: int
    trainable: int


def expanded_layers(network: NetworkSpec) -> tuple[Layer, ...]:
    """The hidden layers in order, with the regularization's dropout put after every Dense layer."""
    rate = network.regularization.dropout
    layers: list[Layer] = []
    for layer in network.layers:
        layers.append(layer)
        if isinstance(layer, Dense) and rate > 0:
            layers.append(Dropout(rate=rate))
    return tuple(layers)


def layer_shapes(network: NetworkSpec, loss: str, inputs: int, classes: int) -> list[LayerShape]:
    """Every layer from the input to the output.

    Args:
        network: The hidden layers.
        loss: The loss, which decides the output layer.
        inputs: Number of input values of one row, after preprocessing.
        classes: Number of classes (0 for regression).
    """
    shapes = [LayerShape("Input", "Input", inputs, 0, 0)]
    units = inputs
    for layer in expanded_layers(network):
        shape = _shape(layer, units)
        units = shape.units
        shapes.append(shape)
    count = output_units(loss, classes)
    weights = units * count + count
    shapes.append(LayerShape("Output", f"Output, {OUTPUTS[loss].activation}", count, weights, weights))
    return shapes


def _shape(layer: Layer, units: int) -> LayerShape:
    match layer:
        case Dense():
            weights = units * layer.units + layer.units
            return LayerShape("Dense", f"Dense, {layer.activation}", layer.units, weights, weights)
        case Dropout():
            return LayerShape("Dropout", f"Dropout {layer.rate:g}", units, 0, 0)
        case BatchNormalization():
            return LayerShape("BatchNormalization", "Batch normalization", units, 4 * units, 2 * units)
