"""How large the data are for a network."""

from __future__ import annotations

from typing import NamedTuple

from core.data.dataset import build_dataset
from core.data.preprocess import Preprocessing
from core.data.table import Table
from core.spec import DataSpec


class DataShape(NamedTuple):
    """Rows to learn from, validation rows, inputs of a network after preprocessing, and classes (0 for a number)."""

    train: int
    validation: int
    inputs: int
    classes: int


def data_shape(table: Table, data: DataSpec) -> DataShape:
    """The shape of what ``data`` makes of a table; raises `UserError` where nothing can be learned."""
    dataset = build_dataset(table, data)
    split = dataset.split
    inputs = Preprocessing.fit(dataset.features.take(split.train), data.scaling).inputs
    return DataShape(len(split.train), len(split.validation), inputs, len(dataset.class_names))
