"""What a network has to beat: the simplest answer, and a straight line on the same inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.evaluation.answers import Task
from core.evaluation.linear import coordinates, fit_logistic, fit_ridge
from core.evaluation.threads import one_thread

FEWEST_ROWS = 10
MOST_ROWS = 20_000
MOST_CELLS = 8_000_000
MOST_WIDE_ROWS = 1_500


@dataclass(frozen=True)
class Baseline:
    """A simple model and its predictions for each part.

    Attributes:
        key: ``majority`` or ``mean``; ``logistic`` or ``ridge``.
        label: Plain words, with the field's term in brackets.
        predictions: ``(n, classes)`` probabilities or ``(n,)`` values for each part.
        note: A sentence where something was left out, else empty.
    """

    key: str
    label: str
    predictions: dict[str, np.ndarray] = field(repr=False)
    note: str = ""


def baselines(
    task: Task, x_train: np.ndarray, y_train: np.ndarray, x_parts: dict[str, np.ndarray], classes: int, seed: int = 0
) -> list[Baseline]:
    """The simplest baseline, and a straight line where the rows suffice.

    Fitted on training rows only; the strength of the penalty too is chosen on them. Inputs are standardised first
    (on training rows), so that their units do not matter.

    Args:
        task: Kind of answer.
        x_train: ``(n, inputs)`` preprocessed inputs of the training rows.
        y_train: ``(n,)`` class indices or values.
        x_parts: Inputs ``(m, inputs)`` of each part to predict; may hold ``x_train`` itself.
        classes: Number of classes (ignored for regression).
        seed: Seed of the cross-validation's folds.
    """
    simple = _simplest(task, y_train, {key: len(x) for key, x in x_parts.items()}, classes)
    reason = _too_little(task, x_train, y_train)
    if reason:
        return [_with_note(simple, reason)]
    rows = _some_rows(x_train, 1 if task == "regression" else classes, seed)
    try:
        return [simple, _straight_line(task, x_train, y_train, x_parts, classes, rows, seed)]
    except (ValueError, np.linalg.LinAlgError, FloatingPointError, OverflowError):
        return [_with_note(simple, "A straight line could not be fitted to these numbers, so it is left out.")]


def _simplest(task: Task, y: np.ndarray, sizes: dict[str, int], classes: int) -> Baseline:
    if task == "regression":
        average = float(np.mean(y)) if len(y) else 0.0
        values = {key: np.full(n, average) for key, n in sizes.items()}
        return Baseline("mean", "always answering the training average", values)
    shares = np.bincount(y, minlength=classes) / len(y) if len(y) else np.full(classes, 1 / classes)
    tables = {key: np.tile(shares, (n, 1)) for key, n in sizes.items()}
    return Baseline("majority", "always answering the most frequent class", tables)


def _too_little(task: Task, x: np.ndarray, y: np.ndarray) -> str:
    if len(y) < FEWEST_ROWS:
        return f"With fewer than {FEWEST_ROWS} training rows no straight line is fitted."
    if x.shape[1] == 0:
        return "Without inputs no straight line is fitted."
    if task == "regression":
        return "" if np.ptp(y) > 0 else "All training rows have the same target, so no straight line is fitted."
    if np.sum(np.bincount(y) >= 3) < 2:
        return "Fewer than two classes have three training rows, so no straight line is fitted."
    return ""


def _straight_line(
    task: Task,
    x: np.ndarray,
    y: np.ndarray,
    parts: dict[str, np.ndarray],
    classes: int,
    rows: np.ndarray | None,
    seed: int,
) -> Baseline:
    own = x if rows is None else x[rows]
    targets = y if rows is None else y[rows]
    with np.errstate(over="ignore", invalid="ignore"), one_thread():
        z, z_parts = coordinates(own, parts)
        fit = fit_ridge(z, targets) if task == "regression" else fit_logistic(z, targets, classes, seed)
        predictions = {key: fit(table) for key, table in z_parts.items()}
    if not all(np.isfinite(table).all() for table in predictions.values()):
        raise ValueError("predictions are not finite")
    note = "" if rows is None else f"Fitted on {len(rows):,} of the {len(x):,} training rows, drawn at random."
    if task == "regression":
        return Baseline("ridge", "a straight line (ridge regression)", predictions, note)
    return Baseline("logistic", "a straight line (logistic regression)", predictions, note)


def _some_rows(x: np.ndarray, outputs: int, seed: int) -> np.ndarray | None:
    """Rows to fit on, None for all; fewer for very large tables, so that it stays a matter of seconds."""
    rows, inputs = x.shape
    most = max(MOST_WIDE_ROWS, min(MOST_ROWS, MOST_CELLS // (inputs * outputs)))
    if rows <= most:
        return None
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _with_note(baseline: Baseline, note: str) -> Baseline:
    return Baseline(baseline.key, baseline.label, baseline.predictions, note)
