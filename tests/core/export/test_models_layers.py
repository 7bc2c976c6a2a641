"""Every layer and activation that a network of ours, or a pretrained one, can have, in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest

from core.errors import UserError
from core.export.onnx_graph import Graph
from core.export.onnx_layers import _LAYERS, add, add_model
from core.network import applications
from core.spec import IMAGE_LAYERS, LAYERS
from tests.core.export.export_cases import by_chance

RANDOM = np.random.default_rng(0)


def in_onnx(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """What ONNX Runtime makes of images (n, height, width, channels) or rows (n, values)."""
    graph = Graph()
    value = graph.add("Transpose", "x", perm=[0, 3, 1, 2]) if x.ndim == 4 else "x"
    value = add_model(graph, model, value)
    if len(model.output.shape) == 4:
        value = graph.add("Transpose", value, perm=[0, 2, 3, 1])
    graph.add("Identity", value, output="y")
    inputs = [{"name": "x", "dtype": "float32", "shape": [None, *x.shape[1:]]}]
    output = {"name": "y", "dtype": "float32", "shape": list(model.output.shape)}
    made = graph.model(inputs, output, {})
    return onnxruntime.InferenceSession(made.SerializeToString()).run(None, {"x": x})[0]


def of_layer(layer: keras.layers.Layer, shape: tuple[int, ...]) -> keras.Model:
    x = keras.Input(shape)
    model = keras.Model(x, layer(x))
    layer.set_weights(by_chance(layer.get_weights()))
    return model


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize(("size", "strides"), [(1, 2), (2, 1), (3, 2), (4, 3), (5, 1)])
def test_windows_slide_as_in_keras(size: int, strides: int, padding: str) -> None:
    x = RANDOM.normal(size=(2, 11, 13, 3)).astype(np.float32)
    window = {"strides": strides, "padding": padding}
    for layer in (
        keras.layers.Conv2D(4, size, **window),
        keras.layers.DepthwiseConv2D(size, depth_multiplier=2, use_bias=False, **window),
        keras.layers.MaxPooling2D(size, **window),
        keras.layers.AveragePooling2D(size, **window),
    ):
        model = of_layer(layer, x.shape[1:])
        np.testing.assert_allclose(in_onnx(model, x), model(x), atol=1e-5, err_msg=layer.name)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "linear", "softmax"])
def test_activations_bend_as_in_keras(activation: str) -> None:
    x = np.linspace(-8, 8, 400, dtype=np.float32).reshape(100, 4)
    model = of_layer(keras.layers.Dense(4, activation), (4,))
    np.testing.assert_allclose(in_onnx(model, x), model(x), atol=2e-6)


def test_every_layer_of_the_specs_is_known() -> None:
    assert {*LAYERS, *IMAGE_LAYERS} <= set(_LAYERS)


def test_edges_are_filled_up_unevenly_as_in_keras() -> None:
    x = RANDOM.normal(size=(2, 5, 6, 3)).astype(np.float32)
    model = of_layer(keras.layers.ZeroPadding2D(((0, 1), (2, 3))), x.shape[1:])
    np.testing.assert_array_equal(in_onnx(model, x), model(x))


@pytest.mark.parametrize(("name", "channels"), [("efficientnet_v2_b0", 3), ("resnet50", 1)])
def test_pretrained_networks_describe_pictures_as_in_keras(
    name: str, channels: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(applications, "_load", lambda *_: None)
    model = applications.build_application(name, channels, weights=tmp_path)
    x = RANDOM.integers(0, 256, (2, 32, 32, channels)).astype(np.float32)
    expected = np.asarray(model(x, training=False))
    np.testing.assert_allclose(in_onnx(model, x), expected, atol=2e-5 * np.abs(expected).max())
    assert expected.std() > 0


def test_a_layer_that_is_not_known_is_named() -> None:
    with pytest.raises(UserError, match="layer UnitNormalization"):
        add(Graph(), keras.layers.UnitNormalization(), "x")
    with pytest.raises(UserError, match="activation hard_tanh"):
        in_onnx(of_layer(keras.layers.Dense(4, "hard_tanh"), (4,)), np.zeros((1, 4), np.float32))
