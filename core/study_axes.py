"""What a study varies, in words, and the points along one varied axis: the regularization path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.evaluation.study_words import capital
from core.evaluation.words import count
from core.study_draft import AXIS_NAMES

# Axes on which values are multiplied from step to step.
MULTIPLIED = ("l1", "l2", "units", "width")
AXIS_TITLES = {
    "l1": "L1 rate",
    "l2": "L2 rate",
    "dropout": "Dropout rate",
    "units": "Width (neurons in a layer)",
    "depth": "Depth (hidden layers)",
    "augmentation": "Augmentation (times its strength)",
    "width": "Width (times the filters)",
}
# Axes whose values are times what is chosen on Network.
TIMES = ("augmentation", "width")


class Point(NamedTuple):
    """A setting on the path; scores are means over parts and repeats, None where unknown."""

    value: float
    score: float | None
    low: float | None
    high: float | None
    train: float | None
    result: str


class Line(NamedTuple):
    """A score to hold the path against."""

    name: str
    value: float


def value_words(axis: str, value: float) -> str:
    """A value of an axis as people read it: none, 0.00001, 16 neurons."""
    if axis in ("units", "depth"):
        return f"{value:g}"
    if axis in TIMES:
        return f"x {value:g}" if value else "none"
    return f"{value:.10f}".rstrip("0").rstrip(".") if value else "none"


def places(axis: str, values: Sequence[float]) -> list[float]:
    """Where values stand on an axis: rates by their powers of ten, "none" left of the smallest one."""
    if axis not in MULTIPLIED:
        return [float(value) for value in values]
    smallest = min((value for value in values if value > 0), default=1.0)
    return [math.log10(value) if value > 0 else math.log10(smallest) - 1 for value in values]


def path_title(axis: str, known: Sequence[Point]) -> str:
    """What the regularization path shows, from its points with a score."""
    if not known:
        return "No setting has a score"
    best = next((point for point in known if point.result == "best"), None)
    ties = sum(point.result == "tied" for point in known)
    if best is None:
        return f"The best setting is not on this path; {count(ties, 'setting')} here {_is(ties)} tied with it"
    words = f"{capital(with_value(axis, best.value))} scores best"
    if ties:
        return f"{words}; {count(ties, 'other')} {_is(ties)} tied with it"
    others = [point for point in known if point is not best]
    return f"{words}, clearly" if others and all(point.result == "worse" for point in others) else words


def with_value(axis: str, value: float) -> str:
    """A value with the name of its axis, such as ``L2 0.01``, ``no dropout``, ``1 hidden layer``."""
    words, name = value_words(axis, value), AXIS_NAMES[axis]
    if axis in ("units", "depth"):
        return f"{words} {name.removesuffix('s') if value == 1 else name}"
    return f"no {name}" if words == "none" else f"{name} {words}"


def path_range(known: Sequence[Point], baselines: Sequence[Line], percent: bool) -> list[float] | None:
    """Lowest and highest score to show: wide intervals of few repeats must not squeeze the curves themselves flat."""
    inner = [value for point in known for value in (point.score, point.train) if value is not None]
    inner += [line.value for line in baselines]
    if not inner:
        return None
    ends = [value for point in known for value in (point.low, point.high) if value is not None]
    span = max(inner) - min(inner) or max(abs(max(inner)), 1.0) * 0.1
    low = max(min([*inner, *ends]), min(inner) - span)
    high = min(max([*inner, *ends]), max(inner) + span)
    room = 0.05 * (high - low)
    return [max(low - room, -0.02), min(high + room, 1.02)] if percent else [low - room, high + room]


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
