"""The pretrained networks in numbers, so that a page needs no Keras to count them.

Blocks and their kernels are counted from the architectures: `core.network.lite0`, and
https://keras.io/api/applications for the others (Sandler et al. 2018, Tan and Le 2021, He et al. 2015).
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from core.network import lite0

OFFLINE = "efficientnet_lite0"
_KERAS = "https://storage.googleapis.com/tensorflow/keras-applications"


class Block(NamedTuple):
    """What is fine-tuned as a whole: how the names of its layers begin, and the numbers in its convolutions."""

    prefix: str
    kernels: int


class Pretrained(NamedTuple):
    """A network that has learned from ImageNet, without its classifier.

    Attributes:
        title: Its name in papers.
        features: Numbers that describe an image.
        parameters: Numbers that it holds.
        blocks: From the image to the features; fine-tuning starts at the end.
        head: The convolution after the last block, which is fine-tuned with it.
        url: Where Keras has its weights; empty where they come with a package.
        megabytes: Size of that file.
    """

    title: str
    features: int
    parameters: int
    blocks: tuple[Block, ...]
    head: Block | None
    url: str = ""
    megabytes: int = 0

    @property
    def file(self) -> str:
        """Name of the file with the weights, as Keras calls it."""
        return self.url.rpartition("/")[2]

    def tuned(self, blocks: int) -> tuple[Block, ...]:
        """What goes on learning when the last ``blocks`` blocks do; none for 0."""
        if not blocks:
            return ()
        return (*self.blocks[-blocks:], *([self.head] if self.head else []))

    def tuned_parameters(self, blocks: int) -> int:
        """Numbers in it that fine-tuning the last ``blocks`` changes: those of convolutions only."""
        return sum(block.kernels for block in self.tuned(blocks))


def _blocks(names: list[str], kernels: list[int]) -> tuple[Block, ...]:
    return tuple(Block(f"{name}_", count) for name, count in zip(names, kernels, strict=True))


def _lite0() -> Pretrained:
    names = [f"block{number}" for number in range(len(lite0.BLOCKS))]
    head = Block("top", lite0.BLOCKS[-1].filters_out * lite0.FEATURES)
    blocks = _blocks(names, [block.kernels for block in lite0.BLOCKS])
    return Pretrained("EfficientNet-Lite0", lite0.FEATURES, lite0.parameters(), blocks, head)


_MOBILE = [800, 4_704, 8_208, 9_360, 14_016, 14_016, 20_160, 52_608, 52_608, 52_608, 64_896, 115_776, 115_776]
_EFFICIENT = {
    "1": [4_608],
    "2": [11_264, 40_960],
    "3": [43_008, 92_160],
    "4": [34_188, *[96_024] * 2],
    "5": [153_240, *[194_908] * 4],
    "6": [248_668, *[564_528] * 7],
}
_RESNET = {
    "2": [74_368, *[70_016] * 2],
    "3": [378_112, *[279_296] * 3],
    "4": [1_509_888, *[1_115_648] * 5],
    "5": [6_034_432, *[4_459_520] * 2],
}

PRETRAINED: dict[str, Pretrained] = {
    OFFLINE: _lite0(),
    "mobilenet_v2": Pretrained(
        "MobileNetV2",
        1280,
        2_257_984,
        _blocks(
            ["expanded_conv", *(f"block_{number}" for number in range(1, 17))],
            [*_MOBILE, 152_640, 315_840, 315_840, 469_440],
        ),
        Block("Conv_1", 409_600),
        f"{_KERAS}/mobilenet_v2/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        9,
    ),
    "efficientnet_v2_b0": Pretrained(
        "EfficientNetV2B0",
        1280,
        5_919_312,
        _blocks(
            [f"block{stage}{letter}" for stage, all in _EFFICIENT.items() for letter in "abcdefgh"[: len(all)]],
            [*chain.from_iterable(_EFFICIENT.values())],
        ),
        Block("top_conv", 245_760),
        f"{_KERAS}/efficientnet_v2/efficientnetv2-b0_notop.h5",
        24,
    ),
    "resnet50": Pretrained(
        "ResNet50",
        2048,
        23_587_712,
        _blocks(
            [f"conv{stage}_block{number}" for stage, all in _RESNET.items() for number in range(1, len(all) + 1)],
            [*chain.from_iterable(_RESNET.values())],
        ),
        None,
        f"{_KERAS}/resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        95,
    ),
}
