"""What a model answered for some rows, beside what was true: the common ground of all metrics."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

Task = Literal["binary", "multiclass", "regression"]


class Answers:
    """True values and predictions of the same rows.

    Args:
        task: Kind of answer.
        y_true: ``(n,)`` class indices, or values for regression.
        y_pred: ``(n, classes)`` probabilities (for two classes also ``(n,)``: that of class 1), or ``(n,)`` values.
        threshold: With two classes, class 1 is predicted at this probability or above.

    Raises:
        ValueError: The shapes do not fit together.
    """

    def __init__(self, task: Task, y_true: np.ndarray, y_pred: np.ndarray, threshold: float = 0.5) -> None:
        self.task = task
        self.y = np.asarray(y_true, dtype=float if task == "regression" else np.int64).reshape(-1)
        prediction = np.asarray(y_pred)
        self.epsilon = float(np.finfo(prediction.dtype).eps) if prediction.dtype.kind == "f" else np.finfo(float).eps
        self.prediction = _in_shape(task, prediction.astype(float), len(self.y))
        self.threshold = threshold

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: np.ndarray) -> Answers:
        """The answers of some rows, given by index or mask."""
        part = Answers(self.task, self.y[rows], self.prediction[rows], self.threshold)
        part.epsilon = self.epsilon
        return part

    @cached_property
    def usable(self) -> bool:
        """Whether there is at least one row and every number is finite."""
        return len(self) > 0 and bool(np.isfinite(self.prediction).all() and np.isfinite(self.y).all())

    @cached_property
    def classes(self) -> int:
        """Number of classes that have a probability."""
        return self.prediction.shape[1]

    @cached_property
    def predicted(self) -> np.ndarray:
        """``(n,)`` class index answered."""
        return predicted_classes(self.prediction, self.threshold)

    @cached_property
    def hits(self) -> np.ndarray:
        """``(n,)`` 1.0 where the answer is right."""
        return (self.predicted == self.y).astype(float)

    @cached_property
    def true_table(self) -> np.ndarray:
        """``(n, classes)`` 1.0 in the column of the true class."""
        return (self.y[:, None] == np.arange(self.classes)).astype(float)

    @cached_property
    def predicted_table(self) -> np.ndarray:
        """``(n, classes)`` 1.0 in the column of the answered class."""
        return (self.predicted[:, None] == np.arange(self.classes)).astype(float)

    @cached_property
    def row_log_loss(self) -> np.ndarray:
        """``(n,)`` minus the logarithm of the probability given to the true class, kept finite as scikit-learn does."""
        of_truth = np.take_along_axis(self.prediction, self.y[:, None], axis=1)[:, 0]
        return -np.log(np.clip(of_truth, self.epsilon, 1 - self.epsilon))

    @cached_property
    def errors(self) -> np.ndarray:
        """``(n,)`` prediction minus truth (regression)."""
        return self.prediction - self.y


def predicted_classes(probabilities: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Class index ``(n,)`` answered for probabilities ``(n, classes)``; the threshold acts where there are two."""
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(np.int64)
    return np.argmax(probabilities, axis=1)


def _in_shape(task: Task, prediction: np.ndarray, n: int) -> np.ndarray:
    if task == "regression":
        prediction = prediction[:, 0] if prediction.ndim == 2 and prediction.shape[1] == 1 else prediction
        if prediction.shape != (n,):
            raise ValueError(f"Predictions must have the shape ({n},). Got {prediction.shape}.")
        return prediction
    if prediction.ndim == 1 and task == "binary":
        prediction = np.column_stack([1 - prediction, prediction])
    if prediction.ndim != 2 or len(prediction) != n:
        raise ValueError(f"Probabilities must have the shape ({n}, classes). Got {prediction.shape}.")
    return prediction
