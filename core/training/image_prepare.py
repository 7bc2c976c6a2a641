"""Pictures as networks receive them: a memory map of pixels, encoded classes, and who is learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.data.images.dataset import ImageDataset, build_image_dataset
from core.data.images.image_set import ImageSet
from core.data.images.pixels import pixels
from core.data.images.read import load_images
from core.network.outputs import class_weights, encode_for_loss
from core.spec import ImageConfig
from core.training.divided import Divided, watched_or_learned
from core.workspace import Workspace

Progress = Callable[[float], None]
# Of preparing: the rest is the pixels at another size than the first.
READING = 0.5


class PickedRows:
    """Some rows of a memory map, in order, read only when asked for.

    Args:
        rows: (m, …) all rows.
        places: (n,) which of them.
    """

    def __init__(self, rows: np.ndarray, places: np.ndarray) -> None:
        self._rows, self._places = rows, places

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, …)."""
        return (len(self._places), *self._rows.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        """Of the numbers."""
        return self._rows.dtype

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, rows: np.ndarray | slice | int) -> np.ndarray:
        return self._rows[self._places[rows]]

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self._rows[self._places], dtype)


Pixels = np.ndarray | PickedRows


@dataclass(frozen=True, eq=False)
class PreparedImages(Divided):
    """n pictures as the network receives them.

    Attributes:
        image_set: All pictures of the zip.
        every: (all, height, width, channels) uint8, their pixels, most often a memory map.
        dataset: Those that take part, their classes and split.
        target: (n,) or (n, classes) float32, as the loss takes it.
        weight: (n,) float32, how much each picture counts in the loss.
    """

    image_set: ImageSet
    every: np.ndarray
    dataset: ImageDataset
    target: np.ndarray
    weight: np.ndarray

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return self.dataset.class_names

    @cached_property
    def pixels(self) -> Pixels:
        """(n, height, width, channels) uint8 in the order of ``dataset``; index it with rows."""
        whole = len(self.dataset) == len(self.image_set)
        return self.every if whole else PickedRows(self.every, self.dataset.indices)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        height, width, channels = self.every.shape[1:]
        return height, width, channels

    def divided(self, config: ImageConfig) -> PreparedImages:
        """The same pixels, divided as ``config`` says; raises `UserError` where a part could not be learned from."""
        return _prepared(self.image_set, self.every, build_image_dataset(self.image_set, config.data), config)


def prepare_images(config: ImageConfig, workspace: Workspace, progress: Progress | None = None) -> PreparedImages:
    """Read, scale and split; pictures that only early stopping would look at are learned from where it is off.

    Args:
        config: What was chosen.
        workspace: Where the upload is.
        progress: Is called with the share that is done, 0 to 1; what it raises ends the work.

    Raises:
        UserError: The upload is gone, or there is nothing that could be learned.
    """
    tell = progress or (lambda share: None)
    image_set = load_images(workspace, config.data.source, lambda share: tell(READING * share))
    dataset = build_image_dataset(image_set, config.data)
    size, color = config.data.size, config.data.color
    every = pixels(workspace, image_set, size, color, lambda share: tell(READING + (1 - READING) * share))
    return _prepared(image_set, every, dataset, config)


def _prepared(image_set: ImageSet, every: np.ndarray, dataset: ImageDataset, config: ImageConfig) -> PreparedImages:
    dataset = watched_or_learned(dataset, config)
    classes, train = len(dataset.class_names), dataset.split.train
    weight = np.ones(len(dataset), np.float32)
    if config.training.class_weights:
        weight[train] = class_weights(dataset.y[train], classes)
    target = encode_for_loss(config.training.loss, dataset.y, classes, 0.0, 1.0)
    return PreparedImages(image_set, every, dataset, target, weight)
