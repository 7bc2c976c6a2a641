"""What is seen inside a network for pictures, held against calculation by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from core.errors import UserError
from core.network.backbone import build_backbone
from core.network.cnn import build_cnn
from core.spec.network import ImageNetworkSpec
from core.training.image_maps import (
    feature_maps_of,
    grad_cam_of,
    kernels_of,
    last_convolution,
    map_layers,
)
from core.training.image_occlusion import GREY, occlusion_of

CONV = {"kind": "Conv2D", "filters": 2, "kernel_size": 3, "padding": "same", "activation": "linear"}
SHAPE = (6, 8, 3)


def network(layers: list[dict], loss: str = "categorical_crossentropy", classes: int = 3) -> keras.Model:
    return build_cnn(ImageNetworkSpec.parse({"layers": layers}), loss, SHAPE, classes, seed=1)


def picture(seed: int = 0, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def by_hand(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    """The maps (height, width, filters) of a linear 3 x 3 convolution with padding, without Keras."""
    kernel, bias = model.get_layer("Conv2D_1").get_weights()
    wide = np.pad(pixels / 255, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(0, 1))
    return np.einsum("hwcij,ijcf->hwf", windows, kernel) + bias


def test_grad_cam_of_a_linear_network_is_its_maps_weighed_by_the_average_slope() -> None:
    """The score of a class behind Flatten is linear in the maps: its slopes are the weights of the output layer."""
    model = network([CONV, {"kind": "Flatten"}])
    pixels = picture()
    maps = by_hand(model, pixels)
    weights = model.get_layer("output").get_weights()[0]
    for number in range(3):
        slopes = (weights[:, number] - weights.mean(axis=1)).reshape(*SHAPE[:2], 2).mean(axis=(0, 1))
        expected = np.maximum(maps @ slopes, 0)
        found, logits = grad_cam_of(model, "categorical_crossentropy", pixels, number, "Conv2D_1")
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(logits, maps.reshape(-1) @ weights + model.get_layer("output").get_weights()[1],
                                   atol=1e-4)  # fmt: skip


def test_a_score_that_all_classes_share_speaks_for_none() -> None:
    """Softmax gives the same probabilities, whatever is added to all logits."""
    model = network([CONV, {"kind": "Flatten"}])
    before = grad_cam_of(model, "categorical_crossentropy", picture(), 2, "Conv2D_1")[0]
    kernel, bias = model.get_layer("output").get_weights()
    model.get_layer("output").set_weights([kernel - 3.0, bias - 5.0])
    after = grad_cam_of(model, "categorical_crossentropy", picture(), 2, "Conv2D_1")[0]
    np.testing.assert_allclose(after, before, atol=1e-5)
    assert before.max() > 0


def test_what_speaks_for_one_of_two_classes_speaks_against_the_other() -> None:
    model = network([CONV, {"kind": "GlobalAveragePooling2D"}], "binary_crossentropy", 2)
    pixels = picture(1)
    weighed = by_hand(model, pixels) @ model.get_layer("output").get_weights()[0][:, 0] / (SHAPE[0] * SHAPE[1])
    for number, sign in ((1, 1), (0, -1)):
        found, _ = grad_cam_of(model, "binary_crossentropy", pixels, number, "Conv2D_1")
        np.testing.assert_allclose(found, np.maximum(sign * weighed, 0), atol=1e-6)


def test_layers_that_can_be_looked_at_have_the_shapes_of_their_maps() -> None:
    model = network([CONV, {"kind": "MaxPooling2D"}, {"kind": "BatchNormalization"}, {"kind": "Dropout", "rate": 0.2},
                     {**CONV, "filters": 5}, {"kind": "Flatten"}, {"kind": "Dense", "units": 4}])  # fmt: skip
    found = map_layers(model, SHAPE)
    assert [(layer.name, layer.shape) for layer in found if layer.kind != "Dropout"] == [
        ("Conv2D_1", (6, 8, 2)),
        ("MaxPooling2D_2", (3, 4, 2)),
        ("BatchNormalization_3", (3, 4, 2)),
        ("Conv2D_5", (3, 4, 5)),
    ]
    assert last_convolution(found) == "Conv2D_5"


def test_a_network_without_convolutions_says_so() -> None:
    model = network([{"kind": "Flatten"}, {"kind": "Dense", "units": 4}])
    with pytest.raises(UserError, match="no convolution"):
        last_convolution(map_layers(model, SHAPE))
    with pytest.raises(UserError, match="no layer"):
        feature_maps_of(model, picture(), "Dense_2")
    assert kernels_of(model) == []


def test_feature_maps_are_those_of_the_layer_the_most_active_first() -> None:
    model = network([{**CONV, "filters": 30}, {"kind": "Flatten"}])
    maps = by_hand(model, picture())
    found = feature_maps_of(model, picture(), "Conv2D_1")
    assert found["shape"] == [6, 8, 30]
    assert found["maps"].shape == (24, 6, 8)
    activity = np.abs(maps).mean(axis=(0, 1))
    assert found["places"] == np.argsort(-activity)[:24].tolist()
    np.testing.assert_allclose(found["maps"][3], maps[..., found["places"][3]], atol=1e-5)


def test_large_maps_are_averaged() -> None:
    shape = (130, 128, 1)
    model = build_cnn(
        ImageNetworkSpec.parse({"layers": [{**CONV, "filters": 1}, {"kind": "GlobalAveragePooling2D"}]}),
        "binary_crossentropy", shape, 2,
    )  # fmt: skip
    model.get_layer("Conv2D_1").set_weights([np.pad(np.ones((1, 1, 1, 1)), ((1, 1), (1, 1), (0, 0), (0, 0))),
                                             np.zeros(1)])  # fmt: skip
    pixels = picture(2, shape)
    found = feature_maps_of(model, pixels, "Conv2D_1")["maps"][0]
    assert found.shape == (43, 42)
    assert found[0, 0] == pytest.approx(pixels[:3, :3].mean() / 255, abs=1e-5)


def test_kernels_of_the_first_convolution_have_colours_and_deeper_ones_show_the_map_that_weighs_most() -> None:
    model = network([CONV, {**CONV, "filters": 4}, {"kind": "Flatten"}])
    first, second = kernels_of(model)
    assert (first["layer"], first["shape"], first["inputs"]) == ("Conv2D_1", [3, 3, 3, 2], [])
    np.testing.assert_array_equal(first["kernels"][1], model.get_layer("Conv2D_1").get_weights()[0][..., 1])
    weights = model.get_layer("Conv2D_2").get_weights()[0]
    strongest = np.abs(weights[..., 3]).sum(axis=(0, 1)).argmax()
    assert second["inputs"][3] == strongest
    np.testing.assert_array_equal(second["kernels"][3][..., 0], weights[..., strongest, 3])


def test_occlusion_is_largest_where_the_network_looks() -> None:
    """Its answer is the brightness of the upper left corner, 3 x 3 pixels."""
    pixels = np.full((12, 12, 1), 200, np.uint8)

    def probability(pictures: np.ndarray) -> np.ndarray:
        return pictures[:, :3, :3, 0].mean(axis=(1, 2)) / 255

    found = occlusion_of(probability, pixels, 4)
    assert found["rows"] == found["columns"] == [0, 2, 4, 6, 8]
    assert found["probability"] == pytest.approx(200 / 255)
    assert found["drop"][0, 0] == pytest.approx((200 - GREY) / 255)
    assert found["drop"][0, 1] == pytest.approx((200 - GREY) / 255 / 3)
    assert found["drop"][2:].tolist() == np.zeros((3, 5)).tolist()
    assert found["map"].shape == (12, 12)
    assert found["map"][0, 0] == found["map"].max() == pytest.approx((200 - GREY) / 255)
    assert found["map"][2, 0] == pytest.approx((200 - GREY) / 255 * (1 + 1 / 3) / 2)


def test_squares_reach_every_pixel_and_are_not_too_many() -> None:
    asked: list[int] = []

    def probability(pictures: np.ndarray) -> np.ndarray:
        asked.append(len(pictures))
        return (pictures == GREY).all(axis=-1).mean(axis=(1, 2))

    found = occlusion_of(probability, np.full((50, 31, 3), 7, np.uint8), 1)
    assert (found["patch"], found["drop"].shape) == (3, (20, 20))
    assert max(asked) <= 64
    assert np.isfinite(found["map"]).all()
    whole = occlusion_of(probability, np.full((9, 5, 3), 7, np.uint8), 99)
    assert whole["patch"] == 5
    np.testing.assert_allclose(whole["drop"], -25 / 45)


def test_a_backbone_is_looked_into_and_gives_the_same_answer() -> None:
    inputs = keras.Input((64, 64, 3))
    backbone = build_backbone(3)
    output = keras.layers.Dense(2, name="output", kernel_initializer=keras.initializers.GlorotUniform(0))
    model = keras.Model(inputs, output(backbone(inputs, training=False)))
    found = map_layers(model, (64, 64, 3))
    assert [layer.shape[:2] for layer in found] == [(32, 32), (16, 16), (8, 8), (4, 4), (2, 2)]
    assert last_convolution(found) == "top_relu"
    pixels = picture(3, (64, 64, 3))
    cam, logits = grad_cam_of(model, "categorical_crossentropy", pixels, 1, "top_relu")
    np.testing.assert_allclose(logits, model(pixels[None].astype(np.float32)).numpy()[0], atol=1e-4)
    both = keras.Model(backbone.input, backbone.get_layer("top_relu").output)
    maps = both(pixels[None].astype(np.float32)).numpy()[0]
    # Behind global average pooling each map's slope is its weight divided by the number of places.
    expected = np.maximum(maps @ (output.get_weights()[0] @ [-0.5, 0.5]) / 4, 0)
    np.testing.assert_allclose(cam, expected, atol=1e-4)
    assert feature_maps_of(model, pixels, found[0].name)["maps"].shape == (24, 32, 32)
    assert [each["layer"] for each in kernels_of(model)] == ["stem"]
