"""Into a network for pictures: what each layer makes of one, and which places speak for a class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from core.errors import UserError
from core.network.cnn import LOGITS
from core.spec import OUTPUTS

MOST_MAPS = 24
LARGEST_MAP = 64
MOST_KERNELS = 64


@dataclass(frozen=True)
class Layer:
    """A layer whose output is a picture of its own: height, width, and so many maps."""

    name: str
    kind: str
    shape: tuple[int, int, int]
    convolution: bool
    inside: str = ""


def map_layers(model: keras.Model, shape: tuple[int, int, int]) -> list[Layer]:
    """The layers that can be looked at, in the order in which a picture passes them.

    Of a pretrained network inside, only the last layer at each size, and the very last: it has more than a hundred.

    Args:
        model: As `core.network.cnn.build_cnn` builds it.
        shape: Height, width and channels of its pictures.
    """
    found: list[Layer] = []
    spec = keras.KerasTensor((1, *shape))
    for layer in _chain(model):
        if isinstance(layer, keras.Model):
            found += _inside(layer, spec)
        after = layer.compute_output_spec(spec)
        if len(after.shape) == 4 and not isinstance(layer, layers.Rescaling | keras.Model):
            found.append(_told(layer, after.shape))
        spec = after
    return found


def last_convolution(found: list[Layer]) -> str:
    """The layer that Grad-CAM looks at unless told otherwise; raises `UserError` where there is none."""
    named = [layer.name for layer in found if layer.convolution]
    if not named:
        raise UserError(
            "This network has no convolution, so no map of places reaches its answer.",
            "Train one with a Conv2D layer; occlusion works for every network.",
        )
    return named[-1]


def feature_maps_of(model: keras.Model, pixels: np.ndarray, name: str) -> dict:
    """What one layer makes of a picture.

    Args:
        model: The network.
        pixels: (height, width, channels) 0..255.
        name: The layer.

    Returns:
        ``maps`` (k, h, w) float32, at most 24, the most active first, at most 64 pixels wide (averaged); ``places``
        (k,) their numbers in the layer, from 0; ``shape`` of the layer's output before.
    """
    maps, _ = _run(model, _batch(pixels), name)
    values = np.moveaxis(np.asarray(maps)[0], -1, 0)
    order = np.argsort(-np.abs(values).mean(axis=(1, 2)), kind="stable")[:MOST_MAPS]
    shrunk = np.stack([_shrunk(values[place]) for place in order])
    return {"layer": name, "shape": list(maps.shape[1:]), "places": order.tolist(), "maps": shrunk}


def kernels_of(model: keras.Model) -> list[dict]:
    """The weights of each convolution; of a pretrained network inside, of the first.

    Returns:
        For each ``layer``, ``shape`` (height, width, what reaches it, filters) and ``kernels`` (k, height, width, c)
        float32, at most 64: c is 3 or 1 where pictures reach the layer; else 1, and shown is what each filter does
        with the map that weighs most in it, whose number is in ``inputs`` (k,).
    """
    found = []
    for layer in _chain(model):
        inner = layer.layers if isinstance(layer, keras.Model) else [layer]
        own = [each for each in inner if isinstance(each, layers.Conv2D)]
        for convolution in own[: 1 if isinstance(layer, keras.Model) else None]:
            found.append(_kernels(convolution))
    return found


def grad_cam_of(
    model: keras.Model, loss: str, pixels: np.ndarray, class_index: int, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Where a layer sees what speaks for a class (Selvaraju et al. 2017, Grad-CAM, arXiv:1610.02391, eq. 1 and 2).

    With the layer's maps A^k (k of them, each of Z places) and the score y of the class::

        weight_k = 1/Z * sum over places i, j of  d y / d A^k_ij
        map      = ReLU(sum over k of weight_k * A^k)

    The score is the class' logit less the average of all logits. The paper takes the logit alone; but softmax minds
    only how logits differ, and where all are negative nothing would seem to speak even for a sure answer.

    Args:
        model: The network.
        loss: The loss that it was trained with; a single output z scores class 1 by z and class 0 by -z.
        pixels: (height, width, channels) 0..255.
        class_index: The class.
        name: The layer.

    Returns:
        The map (h, w) float32 in the size of the layer, not negative, and the logits (outputs,).
    """
    x = _batch(pixels)
    with tf.GradientTape() as tape:
        tape.watch(x)
        maps, logits = _run(model, x, name)
        score = class_score(loss, logits, class_index)
    slopes = tape.gradient(score, maps)
    if slopes is None:
        raise UserError(f"Layer {name[:60]!r} does not reach the answer.", "Choose another layer.")
    weights = tf.reduce_mean(slopes, axis=(1, 2))
    found = tf.nn.relu(tf.einsum("nhwk,nk->nhw", maps, weights))
    return found.numpy()[0], logits.numpy()[0]


def class_score(loss: str, logits: tf.Tensor, class_index: int) -> tf.Tensor:
    """(n,) how much more speaks for a class than for all on average, before the output activation."""
    if OUTPUTS[loss].per_class:
        return logits[:, class_index] - tf.reduce_mean(logits, axis=1)
    return logits[:, 0] if class_index == 1 else -logits[:, 0]


def _chain(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers up to the logits, one after the other; networks of pictures have no branches at this level."""
    for layer in model.layers:
        if not isinstance(layer, layers.InputLayer):
            yield layer
        if layer.name == LOGITS:
            return


def _run(model: keras.Model, x: tf.Tensor, name: str) -> tuple[tf.Tensor, tf.Tensor]:
    """The output of a layer and the logits."""
    maps = None
    for layer in _chain(model):
        if isinstance(layer, keras.Model) and any(inner.name == name for inner in layer.layers):
            both = keras.Model(layer.input, [layer.get_layer(name).output, layer.output])
            maps, x = both(x, training=False)
        else:
            x = layer(x, training=False) if _minds_training(layer) else layer(x)
        if layer.name == name:
            maps = x
    if maps is None or len(maps.shape) != 4:
        raise UserError(f"There is no layer {name[:60]!r} with maps in this network.", "Choose one of its layers.")
    return maps, x


def _minds_training(layer: keras.layers.Layer) -> bool:
    return isinstance(layer, keras.Model | layers.Dropout | layers.BatchNormalization)


def _inside(backbone: keras.Model, spec: keras.KerasTensor) -> list[Layer]:
    known = keras.Model(backbone.input, [layer.output for layer in backbone.layers if _is_map(layer)])
    outputs = known.compute_output_spec(spec)
    told = zip((layer for layer in backbone.layers if _is_map(layer)), _as_list(outputs), strict=True)
    kept: dict[tuple[int, int], Layer] = {}
    for layer, output in told:
        kept[tuple(output.shape[1:3])] = _told(layer, output.shape, backbone.name)
    return list(kept.values())


def _is_map(layer: keras.layers.Layer) -> bool:
    kinds = layers.Activation | layers.ReLU | layers.Conv2D | layers.BatchNormalization | layers.Add
    return isinstance(layer, kinds) and len(layer.output.shape) == 4


def _as_list(outputs: object) -> list[keras.KerasTensor]:
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def _told(layer: keras.layers.Layer, shape: tuple[int, ...], inside: str = "") -> Layer:
    height, width, maps = (int(length) for length in shape[1:])
    convolution = bool(inside) or isinstance(layer, layers.Conv2D)
    return Layer(layer.name, type(layer).__name__, (height, width, maps), convolution, inside)


def _kernels(layer: keras.layers.Conv2D) -> dict:
    weights = np.moveaxis(np.asarray(layer.kernel), -1, 0)[:MOST_KERNELS]
    found = {"layer": layer.name, "shape": list(layer.kernel.shape), "inputs": []}
    if weights.shape[-1] in (1, 3):
        return {**found, "kernels": weights}
    strongest = np.abs(weights).sum(axis=(1, 2)).argmax(axis=-1)
    chosen = weights[np.arange(len(weights)), :, :, strongest][..., None]
    return {**found, "kernels": chosen, "inputs": strongest.tolist()}


def _batch(pixels: np.ndarray) -> tf.Tensor:
    return tf.constant(np.asarray(pixels, np.float32)[None])


def _shrunk(values: np.ndarray) -> np.ndarray:
    """Averaged over squares until it is at most 64 pixels high and wide."""
    step = -(-max(values.shape) // LARGEST_MAP)
    height, width = (max(1, length // step) for length in values.shape)
    whole = values[: height * step, : width * step]
    return whole.reshape(height, step, width, step).mean(axis=(1, 3)).astype(np.float32)
