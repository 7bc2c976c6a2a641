"""The split that the folders train, val and test of a zip already make."""

from __future__ import annotations

import numpy as np

from core.data.folds import divide
from core.data.splits import Split, split
from core.errors import UserError
from core.spec import ImageData

# What is nearer to the last, sealed check comes later.
ORDER = ("", "train", "validation", "test")
BY_CHANCE = "Turn off 'Folders train, val and test are the parts' to divide by chance."


def without_copies_across(part: np.ndarray, near: np.ndarray) -> np.ndarray:
    """(m,) int64 positions that stay, ascending: of copies in several parts those in the part nearest to the test.

    A copy of a test picture among the training pictures would make the test score too good, so it is left out there
    and the test folder stays whole. Pictures in no part do not stay.

    Args:
        part: (n,) name of the part of each picture.
        near: (n,) equal for copies.
    """
    rank = np.array([ORDER.index(name) for name in part.tolist()], np.int64)
    labels = np.unique(near, return_inverse=True)[1].reshape(-1)
    last = np.zeros(labels.max(initial=-1) + 1, np.int64)
    np.maximum.at(last, labels, rank)
    return np.flatnonzero((rank > 0) & (rank == last[labels]))


def given_split(part: np.ndarray, y: np.ndarray, data: ImageData, groups: np.ndarray | None) -> Split:
    """The split that the folders make; without a validation folder, some training pictures become validation.

    Folds and repetitions divide train and validation pictures anew; the test folder stays sealed.

    Args:
        part: (n,) name of the part of each picture.
        y: (n,) class index.
        data: Shares, seed and folds.
        groups: (n,) equal labels are never divided.

    Raises:
        UserError: There are no such folders, or too few pictures in them.
    """
    train, validation, test = (np.flatnonzero(part == name) for name in ORDER[1:])
    if not len(train):
        raise UserError("The zip has no folder 'train' with usable pictures beside 'val' or 'test'.", BY_CHANCE)
    pool = np.sort(np.concatenate([train, validation]))
    unsealed = data.split.change(test=0.0)
    own = None if groups is None else groups[pool]
    if data.split.folds or data.split.learn_from_all:
        inner = divide(y[pool], data.task, unsealed, own)
        return Split(pool[inner.train], pool[inner.validation], test, pool[inner.watch])
    if len(validation):
        return Split(train, validation, test)
    inner = split(y[pool], data.task, unsealed, own)
    return Split(pool[inner.train], pool[inner.validation], test)
