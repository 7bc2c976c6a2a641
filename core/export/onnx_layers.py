"""Each layer of Keras that a network of ours can have, as nodes of ONNX.

Images are (n, channels, height, width) here, as ONNX wants them, and (n, height, width, channels) in Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import keras
import numpy as np
from keras import layers

from core.errors import UserError
from core.export.onnx_graph import Graph

_SAME = {"same": "SAME_UPPER", "valid": "VALID"}


def add_model(graph: Graph, model: keras.Model, value: str) -> str:
    """Add all layers of a model with one input and one output; returns the name of its output."""
    inner = [layer for layer in model.layers if not isinstance(layer, layers.InputLayer)]
    if isinstance(model, keras.Sequential) or any(isinstance(layer, keras.Model) for layer in inner):
        for layer in inner:
            value = add_model(graph, layer, value) if isinstance(layer, keras.Model) else add(graph, layer, value)
        return value
    values = {id(model.inputs[0]): value}
    for layer in inner:
        given = layer.input if isinstance(layer.input, list) else [layer.input]
        values[id(layer.output)] = add(graph, layer, *(values[id(each)] for each in given))
    return values[id(model.outputs[0])]


def add(graph: Graph, layer: keras.layers.Layer, *values: str) -> str:
    """Add one layer.

    Args:
        graph: Grows.
        layer: Of Keras.
        values: Names of what goes in.

    Returns:
        The name of what comes out.

    Raises:
        UserError: It is of a kind that is not known here.
    """
    kind = type(layer).__name__
    if kind not in _LAYERS:
        raise UserError(f"ONNX export does not know the layer {kind}.", "Choose another format.")
    return _LAYERS[kind](graph, layer, *values)


def activated(graph: Graph, function: Callable[..., Any], value: str) -> str:
    """Add an activation of Keras."""
    name = function.__name__
    if name == "linear":
        return value
    if name in _ALIKE:
        return graph.add(_ALIKE[name], value)
    if name == "silu":
        return graph.add("Mul", value, graph.add("Sigmoid", value))
    if name == "gelu":
        bent = graph.add("Erf", graph.add("Mul", value, graph.constant(sqrt(0.5))))
        return graph.add("Mul", graph.add("Mul", value, graph.constant(0.5)), graph.add("Add", bent, graph.constant(1)))
    raise UserError(f"ONNX export does not know the activation {name}.", "Choose another format.")


_ALIKE = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "elu": "Elu", "selu": "Selu", "softmax": "Softmax"}


def _dense(graph: Graph, layer: layers.Dense, x: str) -> str:
    value = graph.add("Gemm", x, *(graph.constant(each) for each in layer.get_weights()))
    return activated(graph, layer.activation, value)


def _convolution(graph: Graph, layer: layers.Conv2D | layers.DepthwiseConv2D, x: str) -> str:
    kernel, *bias = layer.get_weights()
    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    height, width, channels, filters = kernel.shape
    # Keras: (height, width, channels, filters), ONNX: (filters, channels of a group, height, width).
    turned = kernel.reshape(height, width, 1, channels * filters) if depthwise else kernel
    value = graph.add(
        "Conv",
        x,
        *(graph.constant(each) for each in (turned.transpose(3, 2, 0, 1), *bias)),
        strides=list(layer.strides),
        auto_pad=_SAME[layer.padding],
        group=channels if depthwise else 1,
    )
    return activated(graph, layer.activation, value)


def _pooling(graph: Graph, layer: layers.MaxPooling2D | layers.AveragePooling2D, x: str) -> str:
    kind = "MaxPool" if isinstance(layer, layers.MaxPooling2D) else "AveragePool"
    return graph.add(
        kind, x, kernel_shape=list(layer.pool_size), strides=list(layer.strides), auto_pad=_SAME[layer.padding]
    )


def _global_average(graph: Graph, layer: layers.GlobalAveragePooling2D, x: str) -> str:
    return graph.add("ReduceMean", x, axes=[2, 3], keepdims=0)


def _normalization(graph: Graph, layer: layers.BatchNormalization, x: str) -> str:
    gamma, beta, mean, variance = layer.get_weights()
    constants = [graph.constant(each) for each in (gamma, beta, mean, variance)]
    return graph.add("BatchNormalization", x, *constants, epsilon=layer.epsilon)


def _standardized(graph: Graph, layer: layers.Normalization, x: str) -> str:
    mean, variance = (np.asarray(each, np.float32).ravel() for each in (layer.mean, layer.variance))
    deviation = np.maximum(np.sqrt(variance), keras.backend.epsilon())
    return graph.add("Div", graph.add("Sub", x, _by_channel(graph, mean)), _by_channel(graph, deviation))


def _rescaling(graph: Graph, layer: layers.Rescaling, x: str) -> str:
    value = graph.add("Mul", x, _by_channel(graph, layer.scale))
    return graph.add("Add", value, _by_channel(graph, layer.offset)) if np.any(layer.offset) else value


def _by_channel(graph: Graph, values: Any) -> str:
    return graph.constant(np.reshape(values, (1, -1, 1, 1)))


def _relu(graph: Graph, layer: layers.ReLU, x: str) -> str:
    if layer.max_value is None:
        return graph.add("Relu", x)
    return graph.add("Clip", x, graph.constant(0.0), graph.constant(layer.max_value))


def _flatten(graph: Graph, layer: layers.Flatten, x: str) -> str:
    return graph.add("Flatten", graph.add("Transpose", x, perm=[0, 2, 3, 1]), axis=1)


def _reshape(graph: Graph, layer: layers.Reshape, x: str) -> str:
    """A value for each channel as an image of one pixel, the only use that pretrained networks make of it."""
    return graph.add("Reshape", x, graph.constant([0, layer.target_shape[-1], 1, 1], np.int64))


def _padding(graph: Graph, layer: layers.ZeroPadding2D, x: str) -> str:
    (top, bottom), (left, right) = layer.padding
    return graph.add("Pad", x, graph.constant([0, 0, top, left, 0, 0, bottom, right], np.int64))


def _nothing(graph: Graph, layer: keras.layers.Layer, x: str) -> str:
    """Layers that act in training only."""
    return x


def _all(kind: str, **attributes: Any) -> Callable[..., str]:
    return lambda graph, layer, *values: graph.add(kind, *values, **attributes)


_LAYERS: dict[str, Callable[..., str]] = {
    "Activation": lambda graph, layer, x: activated(graph, layer.activation, x),
    "Add": _all("Add"),
    "AveragePooling2D": _pooling,
    "BatchNormalization": _normalization,
    "Concatenate": _all("Concat", axis=1),
    "Conv2D": _convolution,
    "Dense": _dense,
    "DepthwiseConv2D": _convolution,
    "Dropout": _nothing,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_average,
    "MaxPooling2D": _pooling,
    "Multiply": _all("Mul"),
    "Normalization": _standardized,
    "ReLU": _relu,
    "Rescaling": _rescaling,
    "Reshape": _reshape,
    "ZeroPadding2D": _padding,
}
