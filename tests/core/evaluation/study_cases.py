"""Small studies with known answers, for the tests of how a study is judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.evaluation.study import Resampled, SimpleModel, judge
from core.spec.study import Setting

RATES = (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


def settings_of(number: int) -> list[Setting]:
    """As many L2 rates, the first without regularization."""
    return [Setting(0.0, 0.001 * i, 0.0, None, None) for i in range(number)]


def groups_of(n: int, folds: int, seeds: int, generator: np.random.Generator | None = None) -> list[np.ndarray]:
    """Held-out rows of every group, seed by seed; in order without a generator."""
    rows = [np.arange(n) if generator is None else generator.permutation(n) for _ in range(seeds)]
    return [part for each in rows for part in np.array_split(each, folds)]


def probabilities(y: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``(n, 2)`` probabilities of two classes, 0.9 for the true one where ``right``."""
    answered = np.where(right, y, 1 - y)
    return np.where(answered[:, None] == np.arange(2), 0.9, 0.1)


def study(
    y: np.ndarray, held: Sequence[np.ndarray], answers: Sequence[Sequence[np.ndarray | None]], **changes: Any
) -> Resampled:
    """A study whose groups are one repetition, unless changed."""
    groups, shape = len(held), (len(answers), len(held))
    values: dict[str, Any] = {
        "task": "binary" if y.dtype.kind == "i" else "regression",
        "y": y,
        "held": tuple(held),
        "learned": np.array([len(y) - len(rows) for rows in held]),
        "seeds": np.zeros(groups, int),
        "answers": tuple(tuple(each) for each in answers),
        "diverged": np.zeros(shape, bool),
        "train_scores": np.full(shape, np.nan),
    }
    return Resampled(**(values | changes))


def right_in(y: np.ndarray, held: Sequence[np.ndarray], wrong: Sequence[Sequence[int]]) -> list[list[np.ndarray]]:
    """Answers of settings that get these rows wrong, in every group that holds them."""
    tables = [probabilities(y, ~np.isin(np.arange(len(y)), rows)) for rows in wrong]
    return [[table[rows] for rows in held] for table in tables]


def judged(found: Resampled, metric: str, baselines: Sequence[SimpleModel] = (), **changes: Any) -> dict[str, Any]:
    """`judge` with plain settings of equal size."""
    number = len(found.answers)
    settings = changes.pop("settings", settings_of(number))
    parameters = changes.pop("parameters", [10] * number)
    return judge(found, settings, parameters, baselines, metric, [each.words for each in settings])
