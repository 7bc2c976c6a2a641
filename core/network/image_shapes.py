"""Shapes and parameter counts of image networks from the spec alone; impossible stacks are explained where they break.

Dropout of the regularization acts after every pooling layer (global ones too) and after every Dense layer. Behind a
backbone, which is described once for all, only Dense layers are left, so it acts there as in tables.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from core.errors import UserError
from core.network.pretrained import PRETRAINED
from core.spec import OUTPUTS, BatchNormalization, Dense, Dropout, NetworkSpec, output_units
from core.spec.network import (
    AveragePooling2D,
    Conv2D,
    Flatten,
    GlobalAveragePooling2D,
    ImageLayer,
    ImageNetworkSpec,
    MaxPooling2D,
)

MOST_PARAMETERS = 50_000_000
# Single precision, for each image of a batch, and twice for the way back: a batch of 32 takes 2.5 GB.
MOST_VALUES = 10_000_000
POOLING = MaxPooling2D | AveragePooling2D | GlobalAveragePooling2D
_ON_IMAGES = Conv2D | POOLING


class ImageLayerShape(NamedTuple):
    """One layer as the picture of the network shows it.

    Attributes:
        kind: What it is, in one word.
        label: The same with its settings.
        shape: What leaves it: (height, width, channels), or (units,).
        parameters: Numbers that it holds.
        trainable: Those of them that are learned.
        number: Which layer of the spec it is, from 1; 0 for input, backbone and output. Dropout of the regularization
            has the number of the layer that it follows.
    """

    kind: str
    label: str
    shape: tuple[int, ...]
    parameters: int
    trainable: int
    number: int = 0

    @property
    def units(self) -> int:
        """Values that leave it."""
        return prod(self.shape)


def expanded_image_layers(network: ImageNetworkSpec) -> list[tuple[int, ImageLayer]]:
    """The layers in order, each with its number from 1, with the regularization's dropout put in."""
    rate = network.regularization.dropout
    layers: list[tuple[int, ImageLayer]] = []
    for number, layer in enumerate(network.layers, start=1):
        layers.append((number, layer))
        if rate > 0 and isinstance(layer, POOLING | Dense):
            layers.append((number, Dropout(rate=rate)))
    return layers


class Growth(NamedTuple):
    """A stack as far as it is possible.

    Attributes:
        shapes: From the input to the output, or to the layer before the one that breaks.
        number: Which layer of the spec breaks it, from 1; 0 for the output or none.
        error: What is wrong there; None for a stack that can be built.
    """

    shapes: list[ImageLayerShape]
    number: int = 0
    error: UserError | None = None


def image_layer_shapes(
    network: ImageNetworkSpec, loss: str, shape: tuple[int, int, int], classes: int
) -> list[ImageLayerShape]:
    """Every layer from the input to the output.

    Args:
        network: The layers.
        loss: The loss, which decides the output layer.
        shape: Height, width and channels of an image.
        classes: Number of classes.

    Raises:
        UserError: The stack is impossible; names the layer that breaks it.
    """
    growth = grown(network, loss, shape, classes)
    if growth.error is not None:
        raise growth.error
    return growth.shapes


def grown(network: ImageNetworkSpec, loss: str, shape: tuple[int, int, int], classes: int) -> Growth:
    """The same without raising: how far the layers fit together, and what is wrong with the first that does not."""
    shapes = [_input(shape)]
    if network.backbone != "none":
        shapes.append(_backbone(network))
    for number, layer in expanded_image_layers(network):
        try:
            _check_place(network, number, layer)
            shapes.append(_within_size(shapes, _layer_shape(number, layer, shapes[-1].shape)))
        except UserError as error:
            return Growth(shapes, number, error)
    try:
        shapes.append(_within_size(shapes, _output(shapes[-1].shape, loss, classes)))
    except UserError as error:
        return Growth(shapes, 0, error)
    return Growth(shapes)


def _input(shape: tuple[int, int, int]) -> ImageLayerShape:
    return ImageLayerShape("Input", "Input", shape, 0, 0)


def _backbone(network: ImageNetworkSpec) -> ImageLayerShape:
    pretrained = PRETRAINED[network.backbone]
    tuned = pretrained.tuned_parameters(network.fine_tune_blocks)
    return ImageLayerShape("Backbone", pretrained.title, (pretrained.features,), pretrained.parameters, tuned)


def _output(shape: tuple[int, ...], loss: str, classes: int) -> ImageLayerShape:
    units = _flat(shape, "The output layer", "Put Flatten or GlobalAveragePooling2D at the end.")
    count = output_units(loss, classes)
    weights = units * count + count
    return ImageLayerShape("Output", f"Output, {OUTPUTS[loss].activation}", (count,), weights, weights)


def head_of(network: ImageNetworkSpec) -> NetworkSpec:
    """What learns from a frozen backbone's features, as a network of a table; raises `UserError`."""
    for number, layer in enumerate(network.layers, start=1):
        _check_place(network, number, layer)
    kept = [layer.model_dump() for layer in network.layers if not isinstance(layer, Flatten)]
    return NetworkSpec.parse(
        {"preset": "custom", "layers": kept, "regularization": network.regularization.model_dump()}
    )


def _check_place(network: ImageNetworkSpec, number: int, layer: ImageLayer) -> None:
    """Behind a backbone only layers that work on single values make sense."""
    if network.backbone != "none" and isinstance(layer, _ON_IMAGES):
        pretrained = PRETRAINED[network.backbone]
        raise UserError(
            f"Layer {number}, {layer.kind}, works on an image, but {pretrained.title} hands on {pretrained.features:,} "
            "single values.",
            f"Remove {layer.kind}; behind a pretrained network only Dense, Dropout and BatchNormalization make sense.",
        )


def _layer_shape(number: int, layer: ImageLayer, shape: tuple[int, ...]) -> ImageLayerShape:
    kind: str = layer.kind
    label, after, parameters = kind, shape, 0
    match layer:
        case Conv2D():
            height, width, channels = _image(number, layer, shape)
            label = f"Conv2D {layer.kernel_size} x {layer.kernel_size}, {layer.activation}"
            after = (*_windows(number, layer, layer.kernel_size, (height, width)), layer.filters)
            parameters = (layer.kernel_size**2 * channels + 1) * layer.filters
        case MaxPooling2D() | AveragePooling2D():
            height, width, channels = _image(number, layer, shape)
            label = f"{kind} {layer.pool_size} x {layer.pool_size}"
            after = (*_windows(number, layer, layer.pool_size, (height, width)), channels)
        case GlobalAveragePooling2D():
            after = _image(number, layer, shape)[2:]
        case Flatten():
            after = (prod(shape),)
        case Dense():
            units = _flat(
                shape, f"Layer {number}, Dense,", "Put Flatten or GlobalAveragePooling2D before it, in this place."
            )
            label, after, parameters = f"Dense, {layer.activation}", (layer.units,), (units + 1) * layer.units
        case Dropout():
            label = f"Dropout {layer.rate:g}"
        case BatchNormalization():
            return ImageLayerShape(kind, "Batch normalization", shape, 4 * shape[-1], 2 * shape[-1], number)
    return ImageLayerShape(kind, label, after, parameters, parameters, number)


def _windows(
    number: int, layer: Conv2D | MaxPooling2D | AveragePooling2D, window: int, size: tuple[int, int]
) -> tuple[int, int]:
    """Height and width after a sliding window (https://keras.io/api/layers/convolution_layers/convolution2d)."""
    if layer.padding == "same":
        return -(-size[0] // layer.strides), -(-size[1] // layer.strides)
    if window > min(size):
        word = "kernel" if isinstance(layer, Conv2D) else "pool"
        raise UserError(
            f"Layer {number}, {layer.kind}, has a {word} of {window} x {window} pixels, but what reaches it is only "
            f"{size[0]} x {size[1]}.",
            f'Make the {word} smaller, set its padding to "same", take out a pooling layer before it, '
            "or use larger images.",
        )
    return (size[0] - window) // layer.strides + 1, (size[1] - window) // layer.strides + 1


def _image(number: int, layer: ImageLayer, shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) != 3:
        raise _needs_image(number, layer, shape)
    return shape


def _needs_image(number: int, layer: ImageLayer, shape: tuple[int, ...]) -> UserError:
    return UserError(
        f"Layer {number}, {layer.kind}, works on an image, but what reaches it are {shape[0]:,} single values.",
        f"Move {layer.kind} before Flatten, GlobalAveragePooling2D and Dense, or remove it.",
    )


def _flat(shape: tuple[int, ...], who: str, remedy: str) -> int:
    if len(shape) != 1:
        size = " x ".join(str(length) for length in shape)
        raise UserError(
            f"{who} takes single values, but what reaches it is an image of {size} (channels last).", remedy
        )
    return shape[0]


def _within_size(before: list[ImageLayerShape], new: ImageLayerShape) -> ImageLayerShape:
    """The new layer, if the network with it is one that memory holds."""
    shapes = [*before, new]
    name = f"Layer {new.number}, {new.kind}," if new.number else "The output layer"
    parameters = sum(shape.parameters for shape in shapes)
    if parameters > MOST_PARAMETERS:
        raise UserError(
            f"{name} brings the network to {parameters:,} parameters; at most {MOST_PARAMETERS:,} are possible. "
            f"What reaches it are {before[-1].units:,} values.",
            "Shrink the image before it with pooling or GlobalAveragePooling2D, or give it fewer neurons or filters.",
        )
    values = sum(shape.units for shape in shapes)
    if values > MOST_VALUES:
        raise UserError(
            f"{name} brings the network to {values:,} values for each image, more than memory holds for a batch; at "
            f"most {MOST_VALUES:,} are possible.",
            "Pool earlier, use larger strides, fewer filters or smaller images.",
        )
    return new
