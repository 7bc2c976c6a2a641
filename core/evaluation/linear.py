"""Straight-line models (logistic and ridge regression) that stay quick and exact for very wide tables.

A penalised linear model only ever uses the directions that the training rows span. So a table with more inputs than
rows is first turned into coordinates along these directions, through the rows' inner products (n, n): the same model,
from hundreds of columns instead of tens of thousands (Hastie, Tibshirani and Friedman 2009, section 18.3.5).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV

COLUMNS_AT_ONCE = 2048
FOLDS = 3
TOO_MUCH_WORSE = 1.5
# Penalty per row, for rows of unit length on average: from nearly the average answer to nearly none.
PENALTIES = np.logspace(1, -5, 7)
RIDGE_PENALTIES = np.logspace(2, -6, 25)


def coordinates(train: np.ndarray, others: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Inputs standardised by training rows, ``(n, inputs)`` or, if that is narrower, ``(n, rank)``; of mean length 1.

    Inner products, and with them every penalised linear model, are those of the standardised inputs up to one factor.
    """
    if train.shape[1] <= len(train):
        centre, scale = _centre_and_scale(train)
        reduced = {key: (_finite(x) - centre) / scale for key, x in others.items()}
        own = (_finite(train) - centre) / scale
    else:
        own, reduced = _through_inner_products(train, others)
    length = np.sqrt(max(float(np.mean(np.sum(own**2, axis=1))), 1e-12))
    return own / length, {key: x / length for key, x in reduced.items()}


def fit_logistic(z: np.ndarray, y: np.ndarray, classes: int, seed: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Logistic regression with an L2 penalty, its strength chosen by 3-fold cross-validated log loss.

    Args:
        z: ``(n, k)`` coordinates of the training rows.
        y: ``(n,)`` class indices.
        classes: Number of classes; those that are absent get probability 0.
        seed: Seed of the folds.

    Returns:
        Coordinates ``(m, k)`` to probabilities ``(m, classes)``.
    """
    folds = _folds(y, seed)
    losses = np.zeros(len(PENALTIES))
    for fold in range(FOLDS):
        inside, outside = folds != fold, folds == fold
        losses += _path_losses(z[inside], y[inside], z[outside], y[outside], classes)
    best = PENALTIES[int(np.argmin(losses))]
    model = _fitted(_logistic(best, len(y)), z, y)
    return lambda new: _all_classes(model, new, classes)


def fit_ridge(z: np.ndarray, y: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Ridge regression, its strength chosen by leave-one-out error in closed form; coordinates to values ``(m,)``."""
    centre, spread = float(y.mean()), float(y.std()) or 1.0
    model = RidgeCV(alphas=RIDGE_PENALTIES * len(y), gcv_mode="svd").fit(z, (y - centre) / spread)
    return lambda new: model.predict(new) * spread + centre


def _logistic(penalty: float, n: int) -> LogisticRegression:
    return LogisticRegression(C=1 / (penalty * n), max_iter=300, warm_start=True)


def _path_losses(z: np.ndarray, y: np.ndarray, z_new: np.ndarray, y_new: np.ndarray, classes: int) -> np.ndarray:
    """``(penalties,)`` summed log loss on new rows, from strong to weak, until it is hopeless."""
    losses = np.full(len(PENALTIES), np.inf)
    model = _logistic(PENALTIES[0], len(y))
    for i, penalty in enumerate(PENALTIES):
        _fitted(model.set_params(C=1 / (penalty * len(y))), z, y)
        of_truth = _all_classes(model, z_new, classes)[np.arange(len(y_new)), y_new]
        losses[i] = -np.log(np.clip(of_truth, 1e-6, 1.0)).sum()
        if losses[i] > TOO_MUCH_WORSE * losses[: i + 1].min():
            break
    return losses


def _fitted(model: LogisticRegression, z: np.ndarray, y: np.ndarray) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(z, y)


def _all_classes(model: LogisticRegression, z: np.ndarray, classes: int) -> np.ndarray:
    probabilities = np.zeros((len(z), classes))
    probabilities[:, model.classes_] = model.predict_proba(z)
    return probabilities


def _folds(y: np.ndarray, seed: int) -> np.ndarray:
    """``(n,)`` fold of each row; every class is spread evenly."""
    shuffled = np.random.default_rng(seed).permutation(len(y))
    order = shuffled[np.argsort(y[shuffled], kind="stable")]
    folds = np.empty(len(y), dtype=np.int64)
    folds[order] = np.arange(len(y)) % FOLDS
    return folds


def _through_inner_products(
    train: np.ndarray, others: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    n = len(train)
    gram = np.zeros((n, n))
    cross = {key: np.zeros((len(x), n)) for key, x in others.items()}
    for start in range(0, train.shape[1], COLUMNS_AT_ONCE):
        block = slice(start, start + COLUMNS_AT_ONCE)
        centre, scale = _centre_and_scale(train[:, block])
        own = (_finite(train[:, block]) - centre) / scale
        gram += own @ own.T
        for key, x in others.items():
            if x is not train:
                cross[key] += ((_finite(x[:, block]) - centre) / scale) @ own.T
    values, vectors = np.linalg.eigh(gram)
    kept = values > max(values[-1], 1e-12) * 1e-10
    to_coordinates = vectors[:, kept] / np.sqrt(values[kept])
    own = vectors[:, kept] * np.sqrt(values[kept])
    return own, {key: own if others[key] is train else table @ to_coordinates for key, table in cross.items()}


def _centre_and_scale(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column; 1 for a constant column."""
    x = _finite(x)
    centre, scale = x.mean(axis=0), x.std(axis=0)
    return centre, np.where(scale > 1e-7 * np.maximum(np.abs(centre), 1e-30), scale, 1.0)


def _finite(x: np.ndarray) -> np.ndarray:
    return np.clip(np.nan_to_num(x.astype(float), nan=0.0, posinf=1e30, neginf=-1e30), -1e30, 1e30)
