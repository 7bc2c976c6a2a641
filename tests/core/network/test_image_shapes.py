"""Shapes and counts of image networks are those of Keras; what Keras cannot build is explained at its layer."""

import math

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.network.cnn import build_cnn
from core.network.image_shapes import ImageLayerShape, expanded_image_layers, head_of, image_layer_shapes
from core.spec import BatchNormalization, Dense, Dropout, Spec
from core.spec.network import (
    AveragePooling2D,
    Conv2D,
    Flatten,
    GlobalAveragePooling2D,
    ImageNetworkSpec,
    MaxPooling2D,
)

SMALL = {"max_value": 4, "min_value": 1}
PADDING = st.sampled_from(["same", "valid"])
POOL = {"pool_size": st.integers(**SMALL), "strides": st.integers(**SMALL), "padding": PADDING}
ON_IMAGES = st.one_of(
    st.builds(
        Conv2D,
        filters=st.integers(**SMALL),
        kernel_size=st.integers(1, 6),
        strides=st.integers(1, 3),
        padding=PADDING,
    ),
    st.builds(MaxPooling2D, **POOL),
    st.builds(AveragePooling2D, **POOL),
    st.just(BatchNormalization()),
    st.just(Dropout()),
)
ON_VALUES = st.one_of(st.builds(Dense, units=st.integers(**SMALL)), st.just(BatchNormalization()), st.just(Flatten()))
SHAPES = st.tuples(st.integers(3, 12), st.integers(3, 12), st.sampled_from([1, 3]))


@st.composite
def networks(draw: st.DrawFn) -> ImageNetworkSpec:
    """Stacks that keep the order image, flatten, values; sizes may not fit."""
    layers: list[Spec] = draw(st.lists(ON_IMAGES, max_size=4))
    layers.append(draw(st.sampled_from([Flatten(), GlobalAveragePooling2D()])))
    layers += draw(st.lists(ON_VALUES, max_size=2))
    rates = {"dropout": draw(st.sampled_from([0.0, 0.3])), "kernel_regularizer": "l2"}
    return ImageNetworkSpec.parse({"layers": [layer.model_dump() for layer in layers], "regularization": rates})


def of(*layers: Spec, **values: object) -> ImageNetworkSpec:
    return ImageNetworkSpec.parse({"layers": [layer.model_dump() for layer in layers], **values})


def keras_layers(network: ImageNetworkSpec, shape: tuple[int, int, int]) -> list[keras.layers.Layer]:
    """The same stack, written down once more with Keras alone."""
    stack: list[keras.layers.Layer] = []
    for layer in network.layers:
        values = layer.model_dump(exclude={"kind"})
        stack.append(getattr(keras.layers, layer.kind)(**values))
    model = keras.Sequential([keras.Input(shape), *stack])
    return model.layers


def reached(network: ImageNetworkSpec, shape: tuple[int, int, int]) -> list[ImageLayerShape]:
    shapes = image_layer_shapes(network, "categorical_crossentropy", shape, 3)
    numbers: dict[int, ImageLayerShape] = {}
    for each in shapes:
        numbers.setdefault(each.number, each)
    return [numbers[number] for number in sorted(numbers) if number]


@given(network=networks(), shape=SHAPES)
@settings(max_examples=120, deadline=None)
def test_every_stack_has_the_shapes_and_counts_of_keras_or_is_refused_as_keras_refuses_it(
    network: ImageNetworkSpec, shape: tuple[int, int, int]
) -> None:
    try:
        shapes = reached(network, shape)
    except UserError as error:
        assert error.problem.startswith("Layer ")
        with pytest.raises(ValueError):
            keras_layers(network, shape)
        return
    layers = keras_layers(network, shape)
    assert [s.shape for s in shapes] == [tuple(layer.output.shape[1:]) for layer in layers]
    assert [s.parameters for s in shapes] == [layer.count_params() for layer in layers]


@given(network=networks(), shape=SHAPES)
@settings(max_examples=15, deadline=None)
def test_built_model_is_the_one_that_was_counted(network: ImageNetworkSpec, shape: tuple[int, int, int]) -> None:
    try:
        shapes = image_layer_shapes(network, "categorical_crossentropy", shape, 3)
    except UserError:
        with pytest.raises(UserError):
            build_cnn(network, "categorical_crossentropy", shape, 3)
        return
    model = build_cnn(network, "categorical_crossentropy", shape, 3)
    built = [layer for layer in model.layers if layer.name not in ("pixels", "rescaling", "probabilities")]
    assert [s.shape for s in shapes[1:]] == [tuple(layer.output.shape[1:]) for layer in built]
    assert sum(s.parameters for s in shapes) == model.count_params()
    assert sum(s.trainable for s in shapes) == sum(math.prod(w.shape) for w in model.trainable_weights)


def test_shapes_of_a_classic_network_by_hand() -> None:
    network = of(Conv2D(filters=8, kernel_size=5, padding="valid"), MaxPooling2D(), Flatten(), Dense(units=10))
    shapes = image_layer_shapes(network, "binary_crossentropy", (28, 28, 1), 2)
    assert [(s.kind, s.shape, s.parameters, s.number) for s in shapes] == [
        ("Input", (28, 28, 1), 0, 0),
        ("Conv2D", (24, 24, 8), 208, 1),
        ("MaxPooling2D", (12, 12, 8), 0, 2),
        ("Flatten", (1152,), 0, 3),
        ("Dense", (10,), 11530, 4),
        ("Output", (1,), 11, 0),
    ]
    assert shapes[1].units == 4608


def test_dropout_of_the_regularization_follows_pooling_and_dense_layers() -> None:
    network = of(
        Conv2D(), MaxPooling2D(), GlobalAveragePooling2D(), Dense(), regularization={"dropout": 0.2}
    )  # fmt: skip
    kinds = [(number, layer.kind) for number, layer in expanded_image_layers(network)]
    assert kinds == [
        (1, "Conv2D"), (2, "MaxPooling2D"), (2, "Dropout"), (3, "GlobalAveragePooling2D"), (3, "Dropout"),
        (4, "Dense"), (4, "Dropout"),
    ]  # fmt: skip


BROKEN: dict[str, tuple[list[Spec], list[str]]] = {
    "large kernel": ([MaxPooling2D(), Conv2D(kernel_size=5, padding="valid")], ["Layer 2, Conv2D", "5 x 5", "4 x 4"]),
    "large pool": ([MaxPooling2D(pool_size=9), Flatten()], ["Layer 1, MaxPooling2D", "9 x 9", "8 x 8"]),
    "dense first": ([Conv2D(filters=2), Dense()], ["Layer 2, Dense", "8 x 8 x 2", "Flatten"]),
    "convolution last": ([Flatten(), Conv2D()], ["Layer 2, Conv2D", "192", "before Flatten"]),
    "pooling last": ([GlobalAveragePooling2D(), MaxPooling2D()], ["Layer 2, MaxPooling2D", "3 single"]),
    "averaged twice": ([GlobalAveragePooling2D()] * 2, ["Layer 2, GlobalAveragePooling2D"]),
    "never flat": ([Conv2D(filters=2)], ["The output layer", "8 x 8 x 2", "Flatten"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_impossible_stacks_name_the_layer_what_reaches_it_and_what_to_do(name: str) -> None:
    layers, words = BROKEN[name]
    with pytest.raises(UserError) as error:
        image_layer_shapes(of(*layers), "categorical_crossentropy", (8, 8, 3), 3)
    for word in words:
        assert word in str(error.value)
    assert error.value.remedy


def test_too_many_parameters_are_refused_before_they_take_memory() -> None:
    layers = [Flatten(), Dense(units=3800), Dense(units=1)]
    with pytest.raises(UserError, match=r"Layer 2, Dense, .* 186,781,400 parameters"):
        image_layer_shapes(of(*layers), "categorical_crossentropy", (128, 128, 3), 3)


def test_too_many_values_are_refused_before_they_take_memory() -> None:
    layers = [Conv2D(), Conv2D(filters=300), GlobalAveragePooling2D()]
    with pytest.raises(UserError, match=r"Layer 2, Conv2D, .* 20,905,984 values"):
        image_layer_shapes(of(*layers), "categorical_crossentropy", (256, 256, 3), 3)


def test_head_of_a_backbone_is_a_network_of_a_table() -> None:
    network = of(Flatten(), Dense(units=5), Dropout(), backbone="efficientnet_lite0", regularization={"dropout": 0.1})
    head = head_of(network)
    assert [layer.kind for layer in head.layers] == ["Dense", "Dropout"]
    assert head.regularization.dropout == 0.1
    with pytest.raises(UserError, match="Layer 1, Conv2D"):
        head_of(of(Conv2D(), backbone="efficientnet_lite0"))
    with pytest.raises(UserError, match="Layer 1, Conv2D"):
        image_layer_shapes(of(Conv2D(), backbone="efficientnet_lite0"), "hinge", (32, 32, 3), 2)
