"""Features that give the answer away, on their own or by being missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import lgamma, log

import numpy as np

from core.data.blocks import column_blocks, usable
from core.data.finding import Finding, View
from core.data.words import counted, listed, quoted

# Of the smallest class, the share of rows that may be told wrongly. Honest single features do worse:
# the best one of the Wisconsin breast cancer data tells 8 % wrongly, of the three irises 4 %.
WRONG = 0.02
WRONG_WHERE_MISSING = 0.1
CORRELATED = 0.995
FEWEST_ROWS = 10
MOST_ROWS = 5000
CHANCE = 1e-3
FEW = 3
FEW_SHARE = 0.01


def leaks(view: View) -> Iterator[Finding]:
    """Features that predict the target almost perfectly, one at a time.

    Classes: rows sorted by the feature (missing first) change their class hardly more often than there are classes, or
    rows with the same text have the same class. Numbers: the correlation, of values or of ranks, is 0.995 or more.
    What could happen by chance among so many features in so few rows is not reported, and what many features can
    do is a property of the question rather than a leak.
    """
    if not view.has_target or len(view.rows) < FEWEST_ROWS or not view.features:
        return
    rows = np.random.default_rng(0).permutation(view.rows)[:MOST_ROWS]
    y = np.unique(view.target[rows], return_inverse=True)[1].reshape(-1)
    if y.max() == 0:
        return
    if view.spec.task == "regression":
        yield from _alone(view, _correlated(view, rows))
        return
    by_missing = _missing_tells(view, rows, y)
    yield from _when_missing(view, by_missing)
    suspects = set(_numbers_tell(view, rows, y)).union(_texts_tell(view, rows, y)).difference(by_missing)
    yield from _alone(view, [name for name in view.features if name in suspects])


def _alone(view: View, names: list[str]) -> Iterator[Finding]:
    target = quoted(view.spec.target)
    if len(names) > max(FEW, FEW_SHARE * len(view.features)):
        yield Finding(
            kind="easy", severity="note", title=f"{len(names):,} columns alone tell {target} almost perfectly",
            meaning=f"Each of {listed(names)} would do. The question may simply be easy; but if any of them is only "
            f"known after {target} is, leave it out.",
            columns=tuple(names),
        )  # fmt: skip
    elif names:
        them, are = ("it", "is") if len(names) == 1 else ("them", "are")
        yield Finding(
            kind="leak", severity="warning",
            title=f"{listed(names)} may give the answer away",
            meaning=f"{target} can be told almost perfectly from {them} alone. If {listed(names)} {are} only known "
            f"once {target} is, the network will look perfect here and be useless for new cases.",
            columns=tuple(names), remedy="Leave it out" if len(names) == 1 else "Leave them out",
            changes=view.without(names),
        )  # fmt: skip


def _when_missing(view: View, names: list[str]) -> Iterator[Finding]:
    if not names:
        return
    target = quoted(view.spec.target)
    yield Finding(
        kind="missing_leak", severity="warning",
        title=f"Whether {listed(names)} {'is' if len(names) == 1 else 'are'} known may give the answer away",
        meaning=f"Cells are missing in {counted(len(names), 'column')} almost exactly where {target} has one certain "
        "value, as when a salary is known only for those who got the job. For a new case it will not be known yet.",
        columns=tuple(names), remedy="Leave it out" if len(names) == 1 else "Leave them out",
        changes=view.without(names),
    )  # fmt: skip


def _blocks(view: View, rows: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """(features, rows) float32 of the number features, in pieces."""
    for block in column_blocks(len(rows), len(view.number_places)):
        raw = np.asarray(view.table.numbers[:, view.number_places[block]])[rows]
        yield block, np.ascontiguousarray(usable(raw).astype(np.float32).T)


def _order(values: np.ndarray) -> np.ndarray:
    """(k, n) positions that sort each row of float32 ``values``, missing first, ties as they stand.

    The bits of a float, turned so that they sort like it, stand above the position in one integer: sorting those is
    several times faster than an argsort.
    """
    bits = (values + np.float32(0)).view(np.uint32)
    keys = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
    keys[np.isnan(values)] = 0
    packed = keys.astype(np.uint64) << np.uint64(32) | np.arange(values.shape[1], dtype=np.uint64)
    packed.sort(axis=1)
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _numbers_tell(view: View, rows: np.ndarray, y: np.ndarray) -> list[str]:
    """Number features by which sorted rows change class at most as often as classes and a few errors explain."""
    counts = np.bincount(y)
    errors = int(2 * WRONG * counts.min())
    arrangements = lgamma(len(y) + 1) - sum(lgamma(count + 1) for count in counts) - lgamma(len(counts) + 1)
    if not _beyond_chance(view, -arrangements + errors * log(len(y))):
        return []
    found = np.zeros(len(view.number_features), bool)
    for block, values in _blocks(view, rows):
        labels = y[_order(values)]
        changes = (labels[:, 1:] != labels[:, :-1]).sum(axis=1)
        found[block] = changes <= len(counts) - 1 + errors
    return view.numbers_where(found)


def _texts_tell(view: View, rows: np.ndarray, y: np.ndarray) -> list[str]:
    """Text features whose rows with the same text have, but for a few, the same class."""
    counts = np.bincount(y)
    errors = int(2 * WRONG * counts.min())
    same = log(float(((counts / len(y)) ** 2).sum()))
    found = []
    for column in view.text_features:
        codes = np.asarray(view.table.texts[column.name].codes)[rows]
        order = np.argsort(codes, kind="stable")
        pairs = codes[order[1:]] == codes[order[:-1]]
        changes = int((pairs & (y[order[1:]] != y[order[:-1]])).sum())
        likely = pairs.sum() * same + errors * log(len(y))
        if changes <= errors and _beyond_chance(view, likely):
            found.append(column.name)
    return found


def _missing_tells(view: View, rows: np.ndarray, y: np.ndarray) -> list[str]:
    """Features that are missing almost exactly where the target is of one class."""
    classes = (y[:, None] == np.arange(y.max() + 1)).astype(np.float32)
    counts = classes.sum(axis=0)
    allowed = WRONG_WHERE_MISSING * np.minimum(counts, len(y) - counts)
    arrangements = lgamma(len(y) + 1) - lgamma(counts.min() + 1) - lgamma(len(y) - counts.min() + 1)
    if not _beyond_chance(view, -arrangements + allowed.min() * log(len(y))):
        return []
    found: set[str] = set()
    for names, missing in _missing(view, rows):
        total, inside = missing.sum(axis=1), missing.astype(np.float32) @ classes
        wrong = total[:, None] + counts - 2 * inside
        tells = ((wrong <= allowed) & (total > 0)[:, None]).any(axis=1)
        found.update(names[place] for place in np.flatnonzero(tells).tolist())
    return [name for name in view.features if name in found]


def _missing(view: View, rows: np.ndarray) -> Iterator[tuple[Sequence[str], np.ndarray]]:
    """Names of features, and (features, rows) bool where they are missing."""
    for block, values in _blocks(view, rows):
        yield view.number_features[block], np.isnan(values)
    for column in view.text_features:
        yield [column.name], np.asarray(view.table.texts[column.name].codes)[None, rows] < 0


def _correlated(view: View, rows: np.ndarray) -> list[str]:
    """Number features whose values or ranks correlate almost perfectly with a numeric target."""
    if view.spec.target in view.table.texts:
        return []
    y = view.target[rows]
    ranks = np.argsort(np.argsort(y, kind="stable"), kind="stable").astype(np.float64)
    found = np.zeros(len(view.number_features), bool)
    for block, values in _blocks(view, rows):
        known = ~np.isnan(values)
        straight = _correlation(np.where(known, values, 0).astype(np.float64), np.broadcast_to(y, values.shape), known)
        places = np.broadcast_to(np.arange(values.shape[1], dtype=np.float64), values.shape)
        sorted_known = places >= (~known).sum(axis=1)[:, None]
        monotone = _correlation(places, ranks[_order(values)], sorted_known)
        enough = known.sum(axis=1) >= FEWEST_ROWS
        varied = np.fmax.reduce(values, axis=1) > np.fmin.reduce(values, axis=1)
        found[block] = enough & varied & (np.maximum(np.abs(straight), np.abs(monotone)) >= CORRELATED)
    return view.numbers_where(found)


def _correlation(left: np.ndarray, right: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(k,) Pearson correlation of the rows of two (k, n) arrays where ``known``; 0 where one never varies."""
    count = np.maximum(known.sum(axis=1), 1)[:, None]
    centered = []
    for values in (left, right):
        inside = np.where(known, values, 0)
        inside = np.where(known, inside - inside.sum(axis=1, keepdims=True) / count, 0)
        centered.append(inside / np.maximum(np.abs(inside).max(axis=1, keepdims=True), 1e-300))
    norm = np.sqrt((centered[0] ** 2).sum(axis=1) * (centered[1] ** 2).sum(axis=1))
    return np.einsum("ij,ij->i", *centered) / np.where(norm > 0, norm, np.inf)


def _beyond_chance(view: View, log_probability: float) -> bool:
    """Whether something this unlikely would not turn up by chance among so many features."""
    return log_probability + log(len(view.features)) < log(CHANCE)
