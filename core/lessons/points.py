"""Points on a plane, of two classes, for networks of two inputs; and the places of the plane where to look."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

Kind = Literal["blobs", "circles", "xor", "spirals"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# The plane is the square from -EDGE to EDGE: about what standardised inputs take.
EDGE = 3.0
MOST = 400


def points(kind: Kind, count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points of two classes, as many of each (one more of class 0 where ``count`` is odd).

    Args:
        kind: "blobs": two clouds. "circles": a disc (class 1) inside a ring. "xor": opposite corners belong
            together. "spirals": two arms that wind around each other.
        count: How many.
        noise: 0 to 1. How far points stray from where they belong: a normal distribution with this standard deviation,
            in units of the plane.
        seed: The same seed draws the same points.

    Returns:
        x (n, 2) inside the square from -EDGE to EDGE, and y (n,) int, 0 or 1, in random order.
    """
    generator = np.random.default_rng(seed)
    y = generator.permutation(np.arange(count) % 2)
    x = _PLACES[kind](y, generator) + noise * generator.normal(size=(count, 2))
    return np.clip(x, -EDGE, EDGE), y


def plane(side: int) -> np.ndarray:
    """(side * side, 2): the middles of the pixels of a picture of the plane, row by row from the top left."""
    ticks = (np.arange(side) + 0.5) / side * 2 * EDGE - EDGE
    x, y = np.meshgrid(ticks, ticks[::-1])
    return np.stack([x.ravel(), y.ravel()], axis=1)


def of_columns(values: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of a table as points on the plane: standardised, without rows where one is missing.

    Args:
        values: (n, 2), NaN where missing.
        y: (n,) classes, 0 or 1.

    Returns:
        x (m, 2) and y (m,), m at most MOST; where there are more rows, some by chance, the same each time.
    """
    known = np.flatnonzero(np.isfinite(values).all(axis=1))
    if len(known) > MOST:
        known = np.sort(np.random.default_rng(0).choice(known, MOST, replace=False))
    chosen = values[known].astype(float)
    # Divided first, so that the spread of very large numbers does not overflow.
    chosen = chosen / (np.abs(chosen).max(axis=0, initial=1e-300))
    spread = chosen.std(axis=0) if len(chosen) else np.ones(2)
    x = (chosen - (chosen.mean(axis=0) if len(chosen) else 0)) / np.where(spread > 0, spread, 1)
    return np.clip(x, -EDGE, EDGE), y[known]


def telling(values: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(k,) positions of the columns of values (n, k), those first that tell class 1 from 0 best on their own.

    By the distance between the averages of the classes in standard deviations; missing cells (NaN) are passed over.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        apart = np.abs(np.nanmean(values[y == 1], axis=0) - np.nanmean(values[y == 0], axis=0))
        apart = apart / np.nanstd(values, axis=0)
    return np.argsort(-np.nan_to_num(apart, nan=-1.0, posinf=-1.0), kind="stable")


def _blobs(y: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return np.where(y[:, None] == 1, 1.2, -1.2) + 0.45 * generator.normal(size=(len(y), 2))


def _circles(y: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    # The root spreads points evenly over the area of the disc.
    disc = 1.1 * np.sqrt(generator.uniform(size=len(y)))
    ring = generator.uniform(1.9, 2.6, len(y))
    return _polar(np.where(y == 1, disc, ring), generator.uniform(0, 2 * np.pi, len(y)))


def _xor(y: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Class 1 where exactly one of the two is above 0."""
    size = generator.uniform(0.25, 2.6, (len(y), 2))
    sign = generator.choice([-1.0, 1.0], len(y))
    return size * np.stack([sign, np.where(y == 1, -sign, sign)], axis=1)


def _spirals(y: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    along = np.sqrt(generator.uniform(0.02, 1.0, len(y)))
    return _polar(2.7 * along, 1.75 * 2 * np.pi * along + np.pi * y)


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


_PLACES: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "blobs": _blobs,
    "circles": _circles,
    "xor": _xor,
    "spirals": _spirals,
}
