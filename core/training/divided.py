"""What prepared tables and pictures have in common: cases with targets, and who is learned from."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from core.data.dataset import Dataset
from core.data.images.dataset import ImageDataset
from core.network.outputs import starting_bias
from core.spec import AnyConfig, output_units
from core.training.shape import Group

AnyDataset = TypeVar("AnyDataset", Dataset, ImageDataset)


class Divided:
    """n cases with their split.

    Attributes:
        dataset: Which cases there are, and who learns from which.
        target: (n,) or (n, outputs) float32, as the loss takes it.
        weight: (n,) float32, how much each case counts in the loss.
    """

    dataset: Dataset | ImageDataset
    target: np.ndarray
    weight: np.ndarray

    def group(self, seed: int, fold: int = 0) -> Group:
        """Which cases are learned from, and which watched."""
        split = self.dataset.split
        if not len(split.watch):
            return Group(split.train, split.validation, seed=seed, fold=fold)
        return Group(split.train, split.watch, split.validation, seed, fold)

    def starting_bias(self, loss: str) -> np.ndarray:
        """(outputs,) the answer that needs no features."""
        train = self.dataset.split.train
        return starting_bias(loss, self.target[train], self.weight[train])

    def outputs(self, loss: str) -> int:
        """Neurons of the output layer."""
        return output_units(loss, len(self.dataset.class_names))


def learned_rows(dataset: Dataset | ImageDataset, config: AnyConfig) -> np.ndarray:
    """Positions of the cases that weights and preprocessing are fitted to."""
    split = dataset.split
    return split.train if config.training.early_stopping else np.sort(np.concatenate([split.train, split.watch]))


def watched_or_learned(dataset: AnyDataset, config: AnyConfig) -> AnyDataset:
    """The same; cases that only early stopping would look at are learned from where it is off."""
    if config.training.early_stopping:
        return dataset
    split = replace(dataset.split, train=learned_rows(dataset, config), watch=np.zeros(0, np.int64))
    return replace(dataset, split=split)
