"""What pictures of results say in their titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.evaluation.words import format_number, format_percent, printable

Epoch = Mapping[str, float | int | None]


def confusion_title(table: np.ndarray, class_names: Sequence[str]) -> str:
    """How many of ``(classes, classes)`` counts are right, and the most frequent mistake."""
    right, total = int(np.trace(table)), int(table.sum())
    wrong = table - np.diag(np.diag(table))
    if not wrong.any():
        return f"All {total:,} are predicted right"
    true, predicted = divmod(int(wrong.argmax()), wrong.shape[1])
    most = f"{printable(class_names[true], 20)} taken for {printable(class_names[predicted], 20)} ({wrong.max():,})"
    return f"{right:,} of {total:,} are right; most often wrong: {most}"


def training_title(history: Sequence[Epoch], best_epoch: int | None, validated: bool, label: str) -> str:
    """Where validation stops improving.

    Args:
        history: One mapping an epoch with ``epoch``.
        best_epoch: The epoch whose weights were kept.
        validated: Whether there is a validation curve.
        label: Words for what the curve shows.
    """
    if not history:
        return "No epoch is finished yet"
    last = int(history[-1]["epoch"] or 0)
    if not validated or best_epoch is None:
        return f"{label} over {last} epoch{'s' if last != 1 else ''}"
    if best_epoch < last:
        return f"Validation stops improving at epoch {best_epoch}"
    return f"Validation still improves at the last epoch ({last})"


def scores_title(scores: Sequence[tuple[str, float]], percent: bool = False) -> str:
    """The scores one after the other, ``(name, value)`` each."""
    largest = max((abs(value) for _, value in scores), default=0.0)
    told = [format_percent(value) if percent else _beside(value, largest) for _, value in scores]
    short = ", ".join(f"{printable(name, 30)} {value}" for (name, _), value in zip(scores, told, strict=True))
    return short[:1].upper() + short[1:] or "No score is known"


def roc_title(area: float | None) -> str:
    """How well the classes are told apart."""
    return f"{_separation(area)} (area under the curve {format_number(area)})"


def calibration_title(predicted: np.ndarray, observed: np.ndarray, counts: np.ndarray) -> str:
    """How far probabilities can be trusted; arrays ``(bins,)``."""
    total = counts.sum()
    gap = float((np.abs(predicted - observed) * counts).sum() / total) if total else 0.0
    points = f"on average {100 * gap:.0f} percentage points off"
    return f"Probabilities can be taken at their word: {points}" if gap < 0.05 else f"Probabilities are {points}"


def error_title(error: np.ndarray) -> str:
    """How far predicted numbers are off on average; errors ``(n,)``."""
    size = float(np.abs(error).mean()) if len(error) else None
    return f"Predictions are off by {format_number(size)} on average"


def residual_title(error: np.ndarray) -> str:
    """Whether errors ``(n,)``, true minus predicted, lean to one side."""
    if not len(error):
        return "There are no rows to show"
    bias, spread = float(error.mean()), float(error.std())
    if abs(bias) > 0.25 * spread and abs(bias) > 0:
        return f"Predictions are too {'low' if bias > 0 else 'high'} by {format_number(abs(bias))} on average"
    return f"Errors scatter around zero; half are smaller than {format_number(float(np.median(np.abs(error))))}"


def importance_title(ranked: Sequence[Mapping[str, Any]]) -> str:
    """Which features clearly matter, from mappings with ``feature`` and ``low``, the most important first."""
    clear = [str(item["feature"]) for item in ranked if float(item["low"]) > 0]
    if not clear:
        return "No single feature stands out"
    if len(clear) == 1:
        return f"Only {printable(clear[0], 30)} clearly matters"
    return f"{printable(clear[0], 30)} matters most, then {mention(clear[1:3])}"


def mention(names: Sequence[str]) -> str:
    """``a``, ``a and b`` or ``a, b and c``."""
    told = [printable(name, 40) for name in names]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def threshold_title(wrong: int, rows: int, threshold: float) -> str:
    """How many rows lie on the wrong side."""
    return f"{wrong:,} of {rows:,} lie on the wrong side of the threshold ({format_percent(threshold)})"


def _separation(area: float | None) -> str:
    for bound, words in ((0.9, "very well"), (0.8, "well"), (0.7, "fairly well"), (0.6, "weakly")):
        if area is not None and area >= bound:
            return f"Separates the classes {words}"
    return "Hardly separates the classes"


def _beside(value: float, largest: float) -> str:
    """A score among others: next to 0.94, -0.00002 is a plain zero."""
    return "0.00" if abs(value) < 0.005 and largest >= 0.1 else format_number(value)
