"""The architecture of EfficientNet-Lite0 in numbers, so that a page needs no Keras to count it.

Source: https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite; the blocks are those of
EfficientNet-B0 (Tan and Le 2019, table 1) without squeeze-and-excitation, with ReLU6, and with a fixed stem and head.
"""

from __future__ import annotations

from typing import NamedTuple

STEM_FILTERS = 32
FEATURES = 1280


class Block(NamedTuple):
    """One inverted residual block: expand, look around (depthwise), project."""

    filters_in: int
    filters_out: int
    kernel_size: int
    strides: int
    expand: int

    @property
    def width(self) -> int:
        """Channels between expansion and projection."""
        return self.filters_in * self.expand

    @property
    def kernels(self) -> int:
        """Numbers in its kernels (they have no biases)."""
        expansion = self.filters_in * self.width if self.expand > 1 else 0
        return expansion + self.kernel_size**2 * self.width + self.width * self.filters_out

    @property
    def normalized(self) -> int:
        """Channels that pass a batch normalization."""
        return (self.width if self.expand > 1 else 0) + self.width + self.filters_out


def _blocks() -> tuple[Block, ...]:
    stages = [  # repeats, kernel size, strides of the first, expansion, filters
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ]
    blocks, filters_in = [], STEM_FILTERS
    for repeats, kernel_size, strides, expand, filters in stages:
        for number in range(repeats):
            blocks.append(Block(filters_in, filters, kernel_size, strides if number == 0 else 1, expand))
            filters_in = filters
    return tuple(blocks)


BLOCKS = _blocks()
_HEAD_KERNEL = BLOCKS[-1].filters_out * FEATURES


def parameters() -> int:
    """Numbers that the backbone holds, without a classifier; 4 a channel are those of batch normalization."""
    kernels = 27 * STEM_FILTERS + sum(block.kernels for block in BLOCKS) + _HEAD_KERNEL
    return kernels + 4 * (STEM_FILTERS + sum(block.normalized for block in BLOCKS) + FEATURES)


def tuned_parameters(blocks: int) -> int:
    """Those of them that fine-tuning the last ``blocks`` changes: kernels only, and the head's with them."""
    return sum(block.kernels for block in BLOCKS[-blocks:]) + _HEAD_KERNEL if blocks else 0
