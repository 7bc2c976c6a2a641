"""Rows divided into train, validation and the sealed test set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.data.words import counted
from core.errors import UserError
from core.spec import SplitSpec, Task

FEWEST_ROWS = 3
# Fewer rows than this are a toy, such as the lecture's three students: to follow by hand, not to trust.
ENOUGH_ROWS = 10
SMALLEST_TRAIN = 0.1
TARGET_BINS = 10
TRAIN = 0


@dataclass(frozen=True, eq=False)
class Split:
    """Row positions of each part, int64, ascending, disjoint, together all rows. ``test`` may be empty.

    ``watch``: rows that only early stopping looks at; empty where it looks at the validation rows.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    watch: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def split(y: np.ndarray, task: Task, spec: SplitSpec, groups: np.ndarray | None = None) -> Split:
    """Divide n rows.

    Whole groups are dealt out, the largest first, each to the part that lacks most of what it holds; single rows then
    fill up every part, class by class, with the rounding carried from one class to the next. So shares and class
    shares hold to within a row or so without groups, and as well as the groups allow with them.

    Args:
        y: (n,) class index or value, without missing ones.
        task: Decides what "stratified" means: by class, or by tenths of the target.
        spec: Shares and seed; the same seed gives the same split.
        groups: (n,) equal labels are never divided.

    Of fewer than ten rows none is sealed as test: there are hardly enough to learn from.

    Raises:
        UserError: Fewer than three rows, fewer groups than parts, or no room for training.
    """
    sealed = spec.test if len(y) >= ENOUGH_ROWS else 0.0
    shares = np.array([1 - spec.validation - sealed, spec.validation, sealed])
    labels = unit_labels(len(y), groups)
    _check(len(y), int(labels.max(initial=-1)) + 1, shares)
    classes = np.zeros(len(y), np.int64) if task == "regression" else np.unique(y, return_inverse=True)[1].reshape(-1)
    part = deal(labels, classes, strata_of(y, task, spec.stratify), shares, spec.seed)
    train, validation, test = (np.flatnonzero(part == number) for number in range(3))
    return Split(train, validation, test)


def unit_labels(rows: int, groups: np.ndarray | None) -> np.ndarray:
    """(n,) number, from 0, of the unit that each row is dealt out with: its group, or itself."""
    return np.arange(rows) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)


def strata_of(y: np.ndarray, task: Task, stratify: bool) -> np.ndarray:
    """(n,) stratum of each row: its class, its bin of the target, or the same for all."""
    if not stratify:
        return np.zeros(len(y), np.int64)
    return quantile_bins(y) if task == "regression" else np.unique(y, return_inverse=True)[1].reshape(-1)


def quantile_bins(y: np.ndarray) -> np.ndarray:
    """(n,) bin of each target: at most ten, of about equal size and at least five rows; ties share a bin."""
    bins = max(1, min(TARGET_BINS, len(y) // 5))
    edges = np.unique(np.quantile(y, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, y, side="left").astype(np.int64)


def connected(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n,) labels from 0 such that rows which share a label in either input share one in the result.

    Args:
        first, second: (n,) labels, not negative.
    """
    labels = np.unique(first, return_inverse=True)[1].reshape(-1)
    other = np.unique(second, return_inverse=True)[1].reshape(-1)
    while True:
        before = labels
        for side in (other, labels):
            lowest = np.full(side.max(initial=-1) + 1, len(side))
            np.minimum.at(lowest, side, labels)
            labels = lowest[side]
        if np.array_equal(before, labels):
            return np.unique(labels, return_inverse=True)[1].reshape(-1)


def check_rows(rows: int) -> None:
    """Raises `UserError` for fewer than three rows."""
    if rows < FEWEST_ROWS:
        raise UserError(
            f"Only {counted(rows, 'row')} can be used, and learning and checking need at least {FEWEST_ROWS}.",
            "Add rows (a few hundred are a good start), or try one of the samples.",
        )


def _check(rows: int, units: int, shares: np.ndarray) -> None:
    if shares[TRAIN] < SMALLEST_TRAIN - 1e-9:
        raise UserError(
            f"Validation and test together take {1 - shares[TRAIN]:.0%} of the rows; too little is left to learn from.",
            "Lower one of the two shares.",
        )
    check_rows(rows)
    parts = int((shares > 0).sum())
    if units < parts:
        raise UserError(
            f"The {rows:,} rows form only {counted(units, 'group')} that must stay together (the same group, or equal "
            f"in every feature), and {parts} parts are needed (train, validation{', test' * (parts == 3)}).",
            "Choose another group column or none, add features that tell the rows apart, or set the test share to 0.",
        )


def deal(
    labels: np.ndarray, classes: np.ndarray, strata: np.ndarray, shares: np.ndarray, seed: int | Sequence[int]
) -> np.ndarray:
    """(n,) part of each row; as `split` does it, for any number of parts.

    Args:
        labels: (n,) unit of each row, from 0; units are never divided.
        classes: (n,) classes of which the first part gets at least one unit each.
        strata: (n,) what is spread evenly.
        shares: (parts,) adding up to 1.
        seed: The same seed deals alike.
    """
    labels = np.random.default_rng(seed).permutation(labels.max() + 1)[labels]
    sizes = np.bincount(labels)
    wanted = np.outer(shares, np.bincount(strata))
    unit_part = np.full(len(sizes), -1)
    for unit in _one_unit_of_each_class(labels, classes, sizes):
        unit_part[unit] = TRAIN
    _subtract(wanted, labels, strata, unit_part)
    for unit, content in _large_units(labels, strata, sizes, unit_part):
        unit_part[unit] = _neediest(wanted, content)
        for stratum, count in content:
            wanted[unit_part[unit], stratum] -= count
    _fill_up(unit_part, labels, strata, wanted)
    _leave_none_empty(unit_part, sizes, labels, classes, shares)
    return unit_part[labels]


def _one_unit_of_each_class(labels: np.ndarray, classes: np.ndarray, sizes: np.ndarray) -> list[int]:
    """Units, small ones if possible, that bring every class into training."""
    chosen: list[int] = []
    counts = np.bincount(classes)
    for number in np.argsort(counts, kind="stable"):
        units = np.unique(labels[classes == number])
        if not np.isin(units, chosen).any():
            chosen.append(int(units[np.argmin(sizes[units])]))
    return chosen


def _subtract(wanted: np.ndarray, labels: np.ndarray, strata: np.ndarray, unit_part: np.ndarray) -> None:
    part = unit_part[labels]
    dealt = part >= 0
    np.subtract.at(wanted, (part[dealt], strata[dealt]), 1)


def _large_units(
    labels: np.ndarray, strata: np.ndarray, sizes: np.ndarray, unit_part: np.ndarray
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Units of several rows, largest first, with how many rows of which stratum they hold."""
    rows = np.flatnonzero((sizes[labels] > 1) & (unit_part[labels] < 0))
    rows = rows[np.lexsort((strata[rows], labels[rows], -sizes[labels[rows]]))]
    pairs = np.stack([labels[rows], strata[rows]], axis=1)
    starts = np.flatnonzero(np.r_[True, (pairs[1:] != pairs[:-1]).any(axis=1)]) if len(rows) else np.array([], int)
    counts = np.diff(np.r_[starts, len(rows)])
    content: list[tuple[int, int]] = []
    units = pairs[starts, 0].tolist()
    for place, (unit, stratum, count) in enumerate(zip(units, pairs[starts, 1].tolist(), counts.tolist(), strict=True)):
        content.append((stratum, count))
        if place + 1 == len(units) or units[place + 1] != unit:
            yield unit, content
            content = []


def _neediest(wanted: np.ndarray, content: Sequence[tuple[int, int]]) -> int:
    """The part that lacks most rows of what a unit holds."""
    lacks = [sum(count * wanted[part, stratum] for stratum, count in content) for part in range(len(wanted))]
    return int(np.argmax(lacks))


def _fill_up(unit_part: np.ndarray, labels: np.ndarray, strata: np.ndarray, wanted: np.ndarray) -> None:
    """Deal out the single rows, stratum by stratum, so that the rounding never adds up."""
    rows = np.flatnonzero(unit_part[labels] < 0)
    rows = rows[np.argsort(labels[rows])]
    carry = np.zeros(len(wanted))
    for stratum in np.unique(strata[rows]):
        units = labels[rows[strata[rows] == stratum]]
        lacking = np.maximum(wanted[:, stratum], 0)
        ideal = lacking / max(lacking.sum(), 1e-12) * len(units) + carry
        counts = _rounded(ideal, len(units))
        carry = ideal - counts
        unit_part[units] = np.repeat(np.arange(len(counts)), counts)


def _rounded(ideal: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers near ``ideal`` (parts,) that add up to ``total`` (largest remainders)."""
    counts = np.maximum(np.floor(ideal + 1e-9), 0).astype(np.int64)
    while counts.sum() > total:
        counts[np.argmax(np.where(counts > 0, counts - ideal, -np.inf))] -= 1
    while counts.sum() < total:
        counts[np.argmax(ideal - counts)] += 1
    return counts


def _leave_none_empty(
    unit_part: np.ndarray, sizes: np.ndarray, labels: np.ndarray, classes: np.ndarray, shares: np.ndarray
) -> None:
    """Move one small unit into each empty part, if possible one without which training keeps all its classes."""
    for part in np.flatnonzero(shares > 0).tolist():
        if (unit_part == part).any():
            continue
        giver = int(np.argmax(np.bincount(unit_part, minlength=len(shares))))
        units = np.flatnonzero(unit_part == giver)
        candidates = units[np.argsort(sizes[units], kind="stable")].tolist()
        unit_part[next((u for u in candidates if _spares(u, giver, unit_part, labels, classes)), candidates[0])] = part


def _spares(unit: int, giver: int, unit_part: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> bool:
    rest = classes[(unit_part[labels] == giver) & (labels != unit)]
    return len(np.unique(rest)) == len(np.unique(classes[unit_part[labels] == giver]))
