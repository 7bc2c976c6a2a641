"""What the course of training, and the gap between known and new rows, say: memorising, learning too little."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

Fit = Literal["overfits", "underfits", "fits", "unknown"]
History = Sequence[Mapping[str, float | None]]
# Gaps smaller than this are of no practical weight, however certain they are.
SMALLEST_GAP = {"accuracy": 0.05, "balanced_accuracy": 0.05, "r2": 0.1}


def fit_of(metric: str, train: float | None, found: Mapping[str, float | None], learned_little: bool) -> Fit:
    """Whether the network memorises, learns too little, or neither.

    Args:
        metric: Key of the main metric (higher is better).
        train: Its value on the training rows.
        found: Its value and interval on new rows.
        learned_little: Whether it is, even on the training rows, hardly better than the simplest answer.
    """
    value, high = found["value"], found["high"]
    if train is None or value is None:
        return "unknown"
    if learned_little:
        return "underfits"
    return "overfits" if train - value > SMALLEST_GAP[metric] and (high is None or train > high) else "fits"


def rows_for_margin(low: float, high: float, rows: int, margin: float = 0.05) -> int | None:
    """Rows that would narrow an interval to plus or minus ``margin``; None if it is that narrow already.

    The width of an interval falls with the square root of the number of rows.
    """
    half = (high - low) / 2
    if half <= margin * 1.05:
        return None
    needed = rows * (half / margin) ** 2
    digits = max(int(math.log10(needed)) - 1, 0)
    return int(math.ceil(needed / 10**digits - 1e-9) * 10**digits)


def epochs_point(history: History) -> str:
    """One sentence on the loss over the epochs, or empty if there is nothing to say.

    Args:
        history: One mapping an epoch: ``epoch``, ``loss``, and ``val_loss`` where there is a validation part.
    """
    losses = [_number(each.get("loss")) for each in history]
    if any(loss is None for loss in losses):
        return "The loss stopped being a number while training: a smaller learning rate would keep it from exploding."
    curve = [_number(each.get("val_loss")) for each in history]
    if len(curve) < 5 or any(loss is None for loss in curve):
        return ""
    known = [loss for loss in curve if loss is not None]
    best = min(range(len(known)), key=known.__getitem__)
    drop = known[0] - known[best]
    if best == 0:
        return (
            "The loss on validation rows never fell below that of the first epoch: a smaller learning rate, "
            "or more regularization, may help."
        )
    if known[-1] - known[best] > 0.1 * drop and (losses[-1] or 0.0) < (losses[best] or 0.0):
        return (
            f"The loss on validation rows was smallest at epoch {_epoch(history, best)} of {_epoch(history, -1)} and "
            "rose afterwards, while that on training rows went on falling: training longer than that only memorises "
            "(early stopping keeps the best epoch)."
        )
    tenth = max(1, len(known) // 10)
    if best >= len(known) - max(1, tenth // 5) and known[-1 - tenth] - known[-1] > 0.01 * drop:
        return (
            f"The loss on validation rows was still falling when training ended after {_epoch(history, -1)} epochs: "
            "more epochs would probably help."
        )
    return ""


def fit_point(fit: Fit, train_text: str, new_text: str, regularization: str) -> str:
    """What over- or underfitting means here and what to do about it.

    Args:
        fit: As `fit_of` says.
        train_text: The score on training rows in words.
        new_text: The score on new rows in words.
        regularization: What is in use, e.g. "L2 0.001", or empty.
    """
    if fit == "overfits":
        advice = (
            f"stronger regularization than now ({regularization}), or fewer neurons, may help"
            if regularization
            else "regularization (L1, L2 or dropout) holds it back and is not in use yet"
        )
        return (
            f"It does much better on rows that it learned from ({train_text}) than on new ones ({new_text}): "
            f"it memorises (overfitting); {advice}."
        )
    if fit == "underfits":
        advice = (
            f"weaker regularization than now ({regularization}) or more epochs may help"
            if regularization
            else "more neurons, more epochs or a larger learning rate may help"
        )
        return (
            f"Even on rows that it learned from it is hardly better ({train_text}) than the simplest answer: "
            f"it learns too little (underfitting); {advice}, unless the features say nothing about the target."
        )
    if fit == "fits":
        return (
            f"It does about equally well on rows that it learned from ({train_text}) and on new ones ({new_text}): "
            "no sign of memorising (overfitting)."
        )
    return ""


def more_data_point(fit: Fit) -> str:
    """Whether more rows would help, as far as the gap between known and new rows tells; else empty.

    A large gap closes with more rows; without a gap, more rows of the same kind add little (Hastie, Tibshirani and
    Friedman 2009, chapter 7).
    """
    return {
        "overfits": "More rows to learn from would probably help: with more of them, memorising works less well.",
        "fits": "More rows of the same kind would probably help little; features that say more about the target might.",
        "underfits": "More rows would probably not help as long as it does not even learn these.",
        "unknown": "",
    }[fit]


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _epoch(history: History, index: int) -> int:
    """The epoch as it is counted in the history."""
    value = history[index].get("epoch")
    return int(value) if value is not None else (index if index >= 0 else len(history) + index) + 1
