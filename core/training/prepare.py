"""A dataset as networks receive it: preprocessed, encoded, and every statistic from the rows that are learned from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.data.dataset import Dataset, build_dataset, check_training
from core.data.folds import divide
from core.data.load import load_joined
from core.data.preprocess import Preprocessing
from core.network.outputs import class_weights, encode_for_loss, target_unit
from core.spec import RunConfig
from core.training.divided import Divided, watched_or_learned
from core.training.shape import Rows
from core.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Prepared(Divided):
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


def fitted(dataset: Dataset, config: RunConfig, columns: tuple[str, ...]) -> Prepared:
    """Preprocess; rows that only early stopping would look at are learned from where it is off."""
    dataset = watched_or_learned(dataset, config)
    train = dataset.split.train
    preprocessing = Preprocessing.fit(dataset.features.take(train), config.data.scaling)
    classes = len(dataset.class_names)
    centre, scale = target_unit(config.data.task, dataset.y[train])
    weight = np.ones(len(dataset), np.float32)
    if config.training.class_weights and classes:
        weight[train] = class_weights(dataset.y[train], classes)
    target = encode_for_loss(config.training.loss, dataset.y, classes, centre, scale)
    x = preprocessing.transform(dataset.features)
    return Prepared(dataset, preprocessing, x, target, weight, centre, scale, columns)
