"""A dataset as networks receive it: preprocessed, encoded, and every statistic from the rows that are learned from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.data.dataset import Dataset, build_dataset, check_training
from core.data.folds import divide
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.network.outputs import class_weights, encode_for_loss, starting_bias, target_unit
from core.spec import AnyConfig, RunConfig, output_units
from core.training.shape import Group, Rows
from core.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Prepared:
    """A dataset as the network receives it: ``x`` (n, inputs), ``target`` as the loss takes it."""

    dataset: Dataset
    preprocessing: Preprocessing
    x: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    centre: float
    scale: float
    columns: tuple[str, ...]

    @property
    def rows(self) -> Rows:
        """All rows as a stack takes them."""
        return Rows.one(self.x, self.target, self.weight)

    def group(self, seed: int, fold: int = 0) -> Group:
        """Which rows are learned from, and which watched."""
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


def prepare(config: RunConfig, workspace: Workspace) -> Prepared:
    """Load, split and preprocess; every statistic is fitted on the training rows."""
    dataset, columns = load_dataset(config, workspace)
    return fitted(dataset, config, columns)


def load_dataset(config: RunConfig, workspace: Workspace) -> tuple[Dataset, tuple[str, ...]]:
    """The dataset with its split, and the names of all columns of the table."""
    table = load_joined(workspace, config.data)
    return build_dataset(table, config.data), table.names


def with_split(dataset: Dataset, config: RunConfig) -> Dataset:
    """The same rows, divided as ``config`` says; raises `UserError` where a part could not be learned from."""
    parts = divide(dataset.y, config.data.task, config.data.split, dataset.groups)
    check_training(dataset.y, dataset.class_names, parts, config.data)
    return replace(dataset, split=parts)


def learned_rows(dataset: Dataset, config: AnyConfig) -> np.ndarray:
    """Positions of the rows that weights and preprocessing are fitted to."""
    split = dataset.split
    return split.train if config.training.early_stopping else np.sort(np.concatenate([split.train, split.watch]))


def fitted(dataset: Dataset, config: RunConfig, columns: tuple[str, ...]) -> Prepared:
    """Preprocess; rows that only early stopping would look at are learned from where it is off."""
    train = learned_rows(dataset, config)
    if not config.training.early_stopping:
        dataset = replace(dataset, split=replace(dataset.split, train=train, watch=np.zeros(0, np.int64)))
    preprocessing = Preprocessing.fit(dataset.features.take(train), config.data.scaling)
    classes = len(dataset.class_names)
    centre, scale = target_unit(config.data.task, dataset.y[train])
    weight = np.ones(len(dataset), np.float32)
    if config.training.class_weights and classes:
        weight[train] = class_weights(dataset.y[train], classes)
    target = encode_for_loss(config.training.loss, dataset.y, classes, centre, scale)
    x = preprocessing.transform(dataset.features)
    return Prepared(dataset, preprocessing, x, target, weight, centre, scale, columns)
