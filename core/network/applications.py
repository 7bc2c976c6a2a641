"""Networks of `keras.applications`, pretrained on ImageNet, for pixels 0..255 in RGB or grey.

What each was trained on is put in front of it: MobileNetV2 wants -1..1, EfficientNetV2 has its scaling inside, ResNet50
wants channel means taken off and blue before red (https://keras.io/api/applications). The last is done by turning its
first kernel round, so that images stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
from keras import layers

from core.errors import UserError
from core.network.pretrained import PRETRAINED, Pretrained
from core.network.weights_file import weights_file

# ImageNet's mean of red, green and blue.
_MEANS = (-123.68, -116.779, -103.939)
_FIRST_KERNEL = "conv1_conv"
_BUILD: dict[str, Callable[..., keras.Model]] = {
    "mobilenet_v2": keras.applications.MobileNetV2,
    "efficientnet_v2_b0": keras.applications.EfficientNetV2B0,
    "resnet50": keras.applications.ResNet50,
}


def build_application(name: str, channels: int = 3, weights: Path | None = None) -> keras.Model:
    """A network without its classifier: (n, height, width, channels) pixels 0..255 -> (n, features).

    Args:
        name: One of `core.network.pretrained.PRETRAINED` that Keras has.
        channels: 3 for RGB, 1 for grey.
        weights: File with its weights; looked for, and downloaded, if not given.

    Raises:
        UserError: There are no weights, or the file holds something else.
    """
    network = PRETRAINED[name]
    weights = weights or weights_file(network)
    inputs = keras.Input((None, None, channels), name="pixels")
    x = layers.Concatenate(name="grey_as_rgb")([inputs] * 3) if channels == 1 else inputs
    built = _BUILD[name](include_top=False, weights=None, input_tensor=_scaled(x, name), pooling="avg")
    model = keras.Model(inputs, built.output, name="backbone")
    _load(model, weights, network)
    if name == "resnet50":
        kernel, bias = model.get_layer(_FIRST_KERNEL).get_weights()
        model.get_layer(_FIRST_KERNEL).set_weights([kernel[:, :, ::-1], bias])
    return model


def _scaled(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    if name == "mobilenet_v2":
        return layers.Rescaling(1 / 127.5, -1.0, name="input_scale")(x)
    if name == "resnet50":
        return layers.Rescaling(1.0, list(_MEANS), name="input_scale")(x)
    return x


def _load(model: keras.Model, path: Path, network: Pretrained) -> None:
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError, TypeError) as error:
        raise UserError(
            f"The file {path.name} does not hold the weights of {network.title}: {str(error)[:120]}",
            f"Fetch {network.file} again from {network.url.rpartition('/')[0]}/.",
        ) from None
