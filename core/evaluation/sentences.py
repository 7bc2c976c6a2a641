"""The wording of a verdict, from numbers that were worked out before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.evaluation.compare import Result
from core.evaluation.learning import rows_for_margin
from core.evaluation.words import count, format_interval, format_number, format_percent, shorten

LARGE_CLASS = 0.75
FEW_ROWS = 10
COMPARED: dict[Result, tuple[str, str]] = {
    "better": ("better than", "and"),
    "tied": ("no better than", "or"),
    "worse": ("worse than", "and"),
}


class Comparison(NamedTuple):
    """The network against one baseline on the main metric; ``value`` is that of the baseline."""

    key: str
    label: str
    value: float | None
    result: Result


def largest_share(y: np.ndarray) -> float:
    """Share of the rows that the most frequent class index of ``y (n,)`` holds."""
    return float(np.bincount(y).max() / len(y)) if len(y) else 0.0


def in_words(key: str, value: float | None) -> str:
    """A value of the main metric: shares as percentages, R² as a number."""
    return f"R² {format_number(value if value is None else round(value, 2))}" if key == "r2" else format_percent(value)


def lead(key: str, found: Mapping[str, float | None], rows: str) -> str:
    """The first half of the sentence, e.g. "The network answers 77 % (70 % to 83 %) of 154 validation rows right"."""
    value, low, high = found["value"], found["low"], found["high"]
    if key == "accuracy":
        return f"The network answers {format_interval(value, low, high, percent=True)} of {rows} right"
    if key == "balanced_accuracy":
        text = format_interval(value, low, high, percent=True)
        return f"Averaged over the classes, the network answers {text} of {rows} right (balanced accuracy)"
    text = format_interval(value, low, high)
    if value is not None and value <= 0:
        return f"The network explains nothing of the differences in the target on {rows}, R² {text}"
    return f"The network explains {format_percent(value)} of the differences in the target on {rows}, R² {text}"


def comparisons_in_words(key: str, compared: Sequence[Comparison]) -> str:
    """The second half, e.g. ": better than always answering the most frequent class (65 %), but no better than …"."""
    words = ""
    for i, each in enumerate(compared):
        verb, link = COMPARED[each.result]
        before = compared[i - 1].result if i else None
        turn = "and" if (before, each.result) in (("tied", "worse"), ("worse", "tied")) else "but"
        joint = f": {verb} " if before is None else f" {link} " if before == each.result else f", {turn} {verb} "
        words += joint + _with_value(each.label, in_words(key, each.value))
    return words


def class_points(names: Sequence[str], y: np.ndarray) -> list[str]:
    """What unequal and rare classes mean for the judgement; ``y (n,)`` class indices of the judged rows."""
    if not names or not len(y):
        return []
    counts = np.bincount(y, minlength=len(names))
    points = []
    if largest_share(y) > LARGE_CLASS:
        name = shorten(names[int(counts.argmax())])
        points.append(
            f'{format_percent(largest_share(y))} of these rows are "{name}". Always giving that answer would look '
            "good, so every class counts the same in this judgement."
        )
    rare = [i for i in np.argsort(counts, kind="stable") if counts[i] < FEW_ROWS]
    if rare:
        listed = ", ".join(f'"{shorten(names[i], 30)}" ({counts[i]})' for i in rare[:3])
        more = f" and {len(rare) - 3} more" if len(rare) > 3 else ""
        points.append(f"Few of these rows are {listed}{more}: what is said about so small a class is uncertain.")
    return points


def order_point(area: Mapping[str, float | None]) -> str:
    """For answers that are no use although the probabilities are in a useful order."""
    text = format_interval(area["value"], area["low"], area["high"])
    return (
        f"It does put the rows in a useful order (area under the ROC curve {text}, where 0.5 is guessing): "
        "moving the threshold may give better answers."
    )


def size_point(key: str, found: Mapping[str, float | None], units: int, unit: str) -> str:
    """How uncertain the score is for lack of judged rows, and how many would do; empty if it is narrow enough."""
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return f"With {count(units, unit)} to judge by, it cannot be said how far chance shifts this score."
    margin = 0.1 if key == "r2" else 0.05
    needed = rows_for_margin(low, high, units, margin)
    if needed is None or (high - low) / 2 < 2 * margin:
        return ""
    wanted = "0.1" if key == "r2" else "5 percentage points"
    return (
        f"Only {count(units, unit)} to judge by: the score could be off by {in_words_of_half(key, (high - low) / 2)}. "
        f"About {needed:,} would narrow that to {wanted}."
    )


def width_point(rows: int, inputs: int, regularization: str) -> str:
    """For tables with more inputs than training rows; else empty."""
    if not 0 < rows < inputs:
        return ""
    advice = "fewer features" if regularization else "regularization or fewer features"
    return (
        f"There are more inputs ({inputs:,}) than training rows ({rows:,}), so the network can memorise every row: "
        f"{advice} would make that harder."
    )


def in_words_of_half(key: str, half: float) -> str:
    """Half the width of an interval, as people read it."""
    return format_number(half) if key == "r2" else f"{100 * half:.0f} percentage points"


def _with_value(label: str, value: str) -> str:
    """The baseline's value inside the brackets that its label ends with, or in its own."""
    return f"{label[:-1]}: {value})" if label.endswith(")") else f"{label} ({value})"
