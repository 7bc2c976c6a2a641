"""The picture of the network counts what it says it counts."""

from __future__ import annotations

from core.network.shapes import layer_shapes
from core.spec import NetworkSpec
from pages.parts.network_picture import to_learn


def test_averages_of_batch_normalization_are_not_learned() -> None:
    network = NetworkSpec.parse({"layers": [{"kind": "Dense", "units": 4}, {"kind": "BatchNormalization"}]})
    shapes = layer_shapes(network, "binary_crossentropy", 2, 2)
    assert to_learn(shapes) == "25 numbers to learn (parameters)"
    lone = layer_shapes(NetworkSpec(layers=()), "mean_squared_error", 0, 0)
    assert to_learn(lone) == "1 number to learn (parameters)"
