"""Whether a new picture is unlike everything that a network learned from.

A network must answer with one of its classes, whatever it is shown. Two views of a picture say whether it may: how it
looks to the network (the activations that reach its last layer), and how it looks at all (`appearance`), because a
network that has learned what tells its classes apart is often blind to all else. In each view the distance to the
nearest training pictures counts (Sun et al. 2022, "Out-of-distribution detection with deep nearest neighbors"), along
the main axes of the training pictures and away from all of them (as in Wang et al. 2022, "ViM"). A picture that is
farther in one view than 99 of 100 ordinary pictures are is called unlike them.

What it cannot do: it knows no other things, only distances. Another kind of thing in a familiar pose, size and
background (a fourth kind of garment among three) passes most of the time, and so does a familiar thing that is wrong
in a detail; an ordinary picture in an unusual light is called unlike. About one in a hundred ordinary pictures is
called unlike by design, more where there were only a few dozen to learn from. It says nothing about whether an answer
is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

MOST_POINTS = 2_000
MOST_AXES = 64
NEIGHBOURS = 5
TYPICAL = 0.99
ROWS_AT_ONCE = 256
# Of what is typical of all values: one that hardly varies among training pictures must not drown all others.
LEAST_SPREAD = 0.1


@dataclass(frozen=True, eq=False)
class View:
    """Training pictures as points of one space.

    Attributes:
        centre: (values,) their mean.
        scale: (values,) what each value is divided by.
        axes: (k, values) directions in which they differ most, at most `MOST_AXES`.
        points: (m, k + 1) where each lies along the axes and, last, how far away from all of them.
    """

    centre: np.ndarray
    scale: np.ndarray
    axes: np.ndarray
    points: np.ndarray

    @classmethod
    def fit(cls, train: np.ndarray) -> Self:
        """A view of training pictures (m, values)."""
        train = train.astype(np.float64)
        centre, spread = train.mean(axis=0), train.std(axis=0)
        scale = np.sqrt(spread**2 + LEAST_SPREAD**2 * np.mean(spread**2)) + 1e-9
        axes = _axes((train - centre) / scale)
        return cls(centre, scale, axes, _placed(train, centre, scale, axes))

    def distances(self, values: np.ndarray) -> np.ndarray:
        """(n,) mean distance of pictures (n, values) to the nearest training pictures."""
        return _nearest(_placed(values.astype(np.float64), self.centre, self.scale, self.axes), self.points)

    def own_distances(self, groups: np.ndarray) -> np.ndarray:
        """(m,) the same of each training picture to others, of another group (m,) each."""
        return _nearest(self.points, self.points, groups)


@dataclass(frozen=True, eq=False)
class Novelty:
    """What is kept of the training pictures.

    Attributes:
        views: Such as activations and appearance.
        typical: (views,) the distance in each that few ordinary pictures reach.
        reference: (r,) scores of ordinary pictures, ascending; the score of a picture is its distance in units of the
            typical one, in the view where that is largest.
        threshold: () the score above which a picture is called unlike.
    """

    views: tuple[View, ...]
    typical: np.ndarray
    reference: np.ndarray
    threshold: np.ndarray

    @classmethod
    def fit(
        cls, train: Sequence[np.ndarray], held: Sequence[np.ndarray] | None = None, groups: np.ndarray | None = None
    ) -> Self:
        """Learn what is ordinary: each training picture against the others, and held-out ones against all of them.

        Args:
            train: For each view (m, values) of training pictures, at most `MOST_POINTS` (see `sample`).
            held: The same of pictures of the same kind that were not learned from, or None.
            groups: (m,) equal for copies, which do not tell how far apart different pictures are; None for no copies.
        """
        views = tuple(View.fit(values) for values in train)
        labels = np.arange(len(train[0])) if groups is None else groups
        distances = np.stack([view.own_distances(labels) for view in views])
        if held is not None and len(held[0]):
            fresh = np.stack([view.distances(values) for view, values in zip(views, held, strict=True)])
            distances = np.concatenate([distances, fresh], axis=1)
        distances = distances[:, np.isfinite(distances).all(axis=0)]
        if not distances.size:
            return cls(views, np.ones(len(views)), np.zeros(0), np.array(np.inf))
        typical = np.maximum(np.quantile(distances, TYPICAL, axis=1), 1e-9)
        reference = np.sort((distances / typical[:, None]).max(axis=0))
        return cls(views, typical, reference, np.array(np.quantile(reference, TYPICAL)))

    def judge(self, values: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Whether each picture is unlike all training pictures, and what share of ordinary ones is farther away.

        Args:
            values: For each view (n, values).

        Returns:
            (n,) bool, and (n,) from 0 to 1.
        """
        distances = np.stack([view.distances(each) for view, each in zip(self.views, values, strict=True)])
        score = (distances / self.typical[:, None]).max(axis=0)
        farther = 1.0 - np.searchsorted(self.reference, score, side="right") / max(1, len(self.reference))
        return score > self.threshold, farther

    def arrays(self) -> dict[str, np.ndarray]:
        """What is kept on disk."""
        kept = {
            f"{number}-{field.name}": getattr(view, field.name)
            for number, view in enumerate(self.views)
            for field in fields(View)
        }
        own = {name: getattr(self, name) for name in ("typical", "reference", "threshold")}
        return {name: np.asarray(array, np.float32) for name, array in (kept | own).items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        views = tuple(
            View(*(arrays[f"{number}-{field.name}"] for field in fields(View)))
            for number in range(len(arrays["typical"]))
        )
        return cls(views, arrays["typical"], arrays["reference"], arrays["threshold"])


def sample(count: int, seed: int = 0) -> np.ndarray:
    """Ascending positions of at most `MOST_POINTS` of ``count`` pictures."""
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, MOST_POINTS, replace=False))


def _axes(z: np.ndarray) -> np.ndarray:
    """(k, values) principal axes of centred rows (n, values), through the smaller of their two product matrices."""
    wide = z.shape[1] > len(z)
    weights, vectors = np.linalg.eigh(z @ z.T if wide else z.T @ z)
    order = np.argsort(-weights)[:MOST_AXES]
    order = order[weights[order] > 1e-9 * max(float(weights.max(initial=0.0)), 1e-12)]
    axes = vectors[:, order].T
    return (axes / np.sqrt(weights[order])[:, None]) @ z if wide else axes


def _placed(values: np.ndarray, centre: np.ndarray, scale: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """(n, k + 1) along the axes, and the length of what they leave over."""
    z = (values - centre) / scale
    along = z @ axes.T
    left = np.maximum(np.sum(z**2, axis=1) - np.sum(along**2, axis=1), 0.0)
    return np.column_stack([along, np.sqrt(left)])


def _nearest(new: np.ndarray, points: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """(n,) mean distance to the nearest points; with groups (n,), those of the same one do not count."""
    count = min(NEIGHBOURS, len(points))
    found = np.full(len(new), np.inf)
    squares = np.sum(points**2, axis=1)
    for start in range(0, len(new) if count else 0, ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        apart = np.sum(new[rows] ** 2, axis=1)[:, None] + squares - 2 * new[rows] @ points.T
        apart = np.sqrt(np.maximum(apart, 0.0))
        if groups is not None:
            apart[groups[rows, None] == groups] = np.inf
        found[rows] = np.partition(apart, count - 1, axis=1)[:, :count].mean(axis=1)
    return found
