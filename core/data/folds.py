"""Splits for comparing settings: cross-validation over train and validation rows; the sealed rows stay sealed."""

from __future__ import annotations

import numpy as np

from core.data.splits import Split, deal, split, strata_of, unit_labels
from core.data.words import counted
from core.errors import UserError
from core.spec import SplitSpec, Task

FEWEST_ROWS = 10


def divide(y: np.ndarray, task: Task, spec: SplitSpec, groups: np.ndarray | None = None) -> Split:
    """The plain split, or what `SplitSpec.folds` and `SplitSpec.learn_from_all` make of its train and validation rows.

    With folds, ``validation`` is what is held out, and ``watch`` some of the other rows, for early stopping alone: a
    network that was stopped by the rows that score it would look better than it is.

    Args:
        y: (n,) class index or value.
        task: As in `core.data.splits.split`.
        spec: Shares, folds and seed.
        groups: (n,) equal labels are never divided.

    Raises:
        UserError: Fewer rows or groups than folds ask for.
    """
    plain = split(y, task, spec, groups)
    if not spec.folds and not spec.learn_from_all:
        return plain
    pool = np.sort(np.concatenate([plain.train, plain.validation]))
    if spec.learn_from_all:
        return Split(pool, np.zeros(0, np.int64), plain.test)
    own_groups = None if groups is None else np.asarray(groups)[pool]
    _check(len(pool), int(unit_labels(len(pool), own_groups).max()) + 1, spec)
    held = _held(y[pool], task, spec, own_groups)
    if not held.any():
        raise UserError(
            f"Fold {spec.fold + 1} of {spec.folds} would hold out no row, because its rows are the only ones of a "
            "class and so must be learned from.",
            "Choose fewer folds, or another group column or none on Data.",
        )
    rest = np.flatnonzero(~held)
    inner = SplitSpec(
        validation=spec.validation, test=0.0, stratify=spec.stratify, seed=_seed(spec.seed, spec.repeat, spec.fold, 1)
    )
    learned = split(y[pool[rest]], task, inner, None if own_groups is None else own_groups[rest])
    return Split(pool[rest[learned.train]], pool[held], plain.test, pool[rest[learned.validation]])


def _held(y: np.ndarray, task: Task, spec: SplitSpec, groups: np.ndarray | None) -> np.ndarray:
    """(n,) whether a row is held out."""
    held = np.zeros(len(y), bool)
    if spec.folds == 1:
        again = SplitSpec(
            validation=spec.validation, test=0.0, stratify=spec.stratify, seed=_seed(spec.seed, spec.repeat, 0, 2)
        )
        held[split(y, task, again, groups).validation] = True
        return held
    return fold_of(y, task, spec, groups) == spec.fold


def fold_of(y: np.ndarray, task: Task, spec: SplitSpec, groups: np.ndarray | None = None) -> np.ndarray:
    """(n,) the fold in which each row is held out, or -1 for rows without which a class could not be learned.

    Where all rows of a class would be held out at once, its smallest group stays to be learned from.
    """
    labels = unit_labels(len(y), groups)
    shares = np.full(spec.folds, 1.0 / spec.folds)
    seed = [spec.seed, spec.repeat, 3]
    fold = deal(labels, np.zeros(len(y), np.int64), strata_of(y, task, spec.stratify), shares, seed)
    if task != "regression":
        for number in np.unique(y):
            own = y == number
            if len(np.unique(fold[own & (fold >= 0)])) == 1 and not (fold[own] < 0).any():
                units, sizes = np.unique(labels[own], return_counts=True)
                fold[labels == units[np.argmin(sizes)]] = -1
    return fold


def _seed(*numbers: int) -> int:
    return int(np.random.SeedSequence(numbers).generate_state(1)[0] >> 1)


def _check(rows: int, units: int, spec: SplitSpec) -> None:
    fewest = max(FEWEST_ROWS, 2 * spec.folds)
    if rows < fewest:
        raise UserError(
            f"A comparison with {counted(max(spec.folds, 1), 'fold')} needs at least {fewest} rows beside the sealed "
            f"ones; there are {rows}.",
            "Add rows, choose fewer folds, or lower the sealed share on Data.",
        )
    if units < max(spec.folds, 2) + 1:
        raise UserError(
            f"The rows form only {counted(units, 'group')} that must stay together, and {spec.folds} folds need at "
            f"least {max(spec.folds, 2) + 1}.",
            "Choose fewer folds, or another group column or none on Data.",
        )
    if spec.fold >= max(spec.folds, 1):
        raise UserError(
            f"Folds are counted from 0 to {max(spec.folds, 1) - 1}; got {spec.fold}.", "Choose one of them."
        )
