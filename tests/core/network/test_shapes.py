"""The arithmetic of shapes and parameter counts is that of Keras."""

import math

import pytest

from core.network.model import build_network
from core.network.presets import PresetName, preset
from core.network.shapes import LayerShape, layer_shapes
from core.spec import NetworkSpec

NETWORKS = {
    "no hidden layer": {"layers": []},
    "two layers": {"layers": [{"kind": "Dense", "units": 12}, {"kind": "Dense", "units": 8, "activation": "tanh"}]},
    "normalized": {"layers": [{"kind": "Dense", "units": 7}, {"kind": "BatchNormalization"}, {"kind": "Dropout"}]},
    "input first": {"layers": [{"kind": "Dropout"}, {"kind": "BatchNormalization"}, {"kind": "Dense", "units": 3}]},
    "dropout everywhere": {
        "layers": [{"kind": "Dense", "units": 5}, {"kind": "Dense", "units": 4}],
        "regularization": {"dropout": 0.4, "kernel_regularizer": "l1_l2"},
    },
}
OUTPUTS = [
    ("binary_crossentropy", 2, 1),
    ("hinge", 2, 1),
    ("categorical_crossentropy", 2, 2),
    ("categorical_crossentropy", 4, 4),
    ("mean_squared_error", 0, 1),
    ("mean_absolute_error", 0, 1),
]
INPUTS = 9


def check_against_keras(network: NetworkSpec, loss: str, classes: int) -> list[LayerShape]:
    model = build_network(network, loss, INPUTS, classes)
    shapes = layer_shapes(network, loss, INPUTS, classes)
    assert [s.units for s in shapes[1:]] == [layer.output.shape[-1] for layer in model.layers]
    assert [s.parameters for s in shapes[1:]] == [layer.count_params() for layer in model.layers]
    assert sum(s.trainable for s in shapes) == sum(math.prod(w.shape) for w in model.trainable_weights)
    assert sum(s.parameters for s in shapes) == model.count_params()
    return shapes


@pytest.mark.parametrize("layers", NETWORKS)
def test_every_layer_has_the_shape_and_count_that_keras_gives(layers: str) -> None:
    network = NetworkSpec.parse(NETWORKS[layers])
    shapes = check_against_keras(network, "categorical_crossentropy", 3)
    assert shapes[0] == LayerShape("Input", "Input", INPUTS, 0, 0)


@pytest.mark.parametrize(("loss", "classes", "outputs"), OUTPUTS)
def test_output_layer_follows_from_the_loss(loss: str, classes: int, outputs: int) -> None:
    shapes = check_against_keras(NetworkSpec(), loss, classes)
    assert shapes[-1].units == outputs


@pytest.mark.parametrize("name", ["small", "medium", "wide"])
def test_presets_are_counted_as_keras_counts_them(name: PresetName) -> None:
    check_against_keras(preset(name, "multiclass", 100, INPUTS).network, "categorical_crossentropy", 3)


def test_shapes_of_the_classic_network_by_hand() -> None:
    network = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 12}, {"kind": "Dense", "units": 8}]})
    shapes = layer_shapes(network, "binary_crossentropy", 8, 2)
    assert [(s.kind, s.units, s.parameters) for s in shapes] == [
        ("Input", 8, 0),
        ("Dense", 12, 108),
        ("Dense", 8, 104),
        ("Output", 1, 9),
    ]
