"""Pictures as networks receive them: a memory map of pixels, encoded classes, and who is learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.data.images.dataset import ImageDataset, build_image_dataset
from core.data.images.image_set import ImageSet
from core.data.images.pixels import pixels
from core.data.images.read import load_images
from core.network.outputs import class_weights, encode_for_loss, starting_bias
from core.spec import ImageConfig
from core.training.shape import Group
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
class PreparedImages:
    """n pictures as the network receives them.

    Attributes:
        image_set: All pictures of the zip.
        dataset: Those that take part, their classes and split.
        pixels: (n, height, width, channels) uint8 in the order of ``dataset``; index it with rows, it may be a memory
            map or a choice of its rows.
        target: (n,) or (n, classes) float32, as the loss takes it.
        weight: (n,) float32, how much each picture counts in the loss.
        class_names: Names of the classes.
    """

    image_set: ImageSet
    dataset: ImageDataset
    pixels: Pixels
    target: np.ndarray
    weight: np.ndarray
    class_names: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        height, width, channels = self.pixels.shape[1:]
        return height, width, channels

    def group(self, seed: int, fold: int = 0) -> Group:
        """Which pictures are learned from, and which watched."""
        split = self.dataset.split
        if not len(split.watch):
            return Group(split.train, split.validation, seed=seed, fold=fold)
        return Group(split.train, split.watch, split.validation, seed, fold)

    def starting_bias(self, loss: str) -> np.ndarray:
        """(outputs,) the answer that needs no picture."""
        train = self.dataset.split.train
        return starting_bias(loss, self.target[train], self.weight[train])


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
    if not config.training.early_stopping:
        split = dataset.split
        train = np.sort(np.concatenate([split.train, split.watch]))
        dataset = replace(dataset, split=replace(split, train=train, watch=np.zeros(0, np.int64)))
    size, color = config.data.size, config.data.color
    every = pixels(workspace, image_set, size, color, lambda share: tell(READING + (1 - READING) * share))
    classes, train = len(dataset.class_names), dataset.split.train
    weight = np.ones(len(dataset), np.float32)
    if config.training.class_weights:
        weight[train] = class_weights(dataset.y[train], classes)
    target = encode_for_loss(config.training.loss, dataset.y, classes, 0.0, 1.0)
    whole = len(dataset) == len(image_set)
    chosen = every if whole else PickedRows(every, dataset.indices)
    return PreparedImages(image_set, dataset, chosen, target, weight, dataset.class_names)
