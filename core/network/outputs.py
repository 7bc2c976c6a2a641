"""From the network's raw outputs (logits) to probabilities or values, and back from a target to what it learns."""

from __future__ import annotations

import numpy as np

from core.spec import OUTPUTS, Task


def to_predictions(loss: str, logits: np.ndarray, centre: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """Probabilities (n, classes) for classes, values (n,) in the target's unit for regression.

    A network trained with hinge gives a score, not a probability; ``sigmoid(2 * score)`` stands in for one (the
    logistic link of Platt 1999 with fixed slope), and the calibration picture shows how far it can be trusted.

    Args:
        loss: The loss that the network was trained with.
        logits: (n, outputs) values before the output activation.
        centre: What was subtracted from a regression target.
        scale: What it was divided by.
    """
    logits = np.asarray(logits, np.float64)
    if OUTPUTS[loss].per_class:
        exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponents / exponents.sum(axis=1, keepdims=True)
    if loss in ("binary_crossentropy", "hinge"):
        score = logits[:, 0] * (2.0 if loss == "hinge" else 1.0)
        positive = 0.5 * (1.0 + np.tanh(0.5 * score))
        return np.stack([1.0 - positive, positive], axis=1)
    return logits[:, 0] * scale + centre


def from_model(loss: str, outputs: np.ndarray) -> np.ndarray:
    """Predictions from what the saved Keras model gives (its output activation and unit included)."""
    outputs = np.asarray(outputs, np.float64)
    if loss == "hinge":
        return to_predictions(loss, outputs)
    if loss == "binary_crossentropy":
        return np.stack([1.0 - outputs[:, 0], outputs[:, 0]], axis=1)
    return outputs if OUTPUTS[loss].per_class else outputs[:, 0]


def encode_for_loss(loss: str, y: np.ndarray, classes: int, centre: float, scale: float) -> np.ndarray:
    """The target as the loss takes it: 0/1 (n,), one-hot (n, classes), or standardised values (n,); float32."""
    if OUTPUTS[loss].per_class:
        return np.eye(classes, dtype=np.float32)[y]
    return ((y - centre) / scale).astype(np.float32)


def target_unit(task: Task, y_train: np.ndarray) -> tuple[float, float]:
    """Centre and scale of a regression target, from training rows only; (0, 1) for classes."""
    if task != "regression":
        return 0.0, 1.0
    return float(np.mean(y_train)), float(np.std(y_train)) or 1.0


def starting_bias(loss: str, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Bias of the output layer at which the untrained network gives the average answer, (outputs,).

    Args:
        loss: The loss.
        y: Training target as `encode_for_loss` gives it.
        weight: (n,) weight of each training row.
    """
    if loss == "hinge":
        return np.zeros(1)
    mean = np.average(y, axis=0, weights=weight)
    if loss == "binary_crossentropy":
        return np.atleast_1d(np.log(mean / (1.0 - mean)))
    return np.log(mean) if OUTPUTS[loss].per_class else np.atleast_1d(mean)


def class_weights(y: np.ndarray, classes: int) -> np.ndarray:
    """(n,) weights that give each class the same say and average 1 (scikit-learn's "balanced")."""
    counts = np.bincount(y, minlength=classes)
    return (len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1)))[y].astype(np.float32)
