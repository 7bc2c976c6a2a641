"""Labels for lists to choose from: Streamlit finds the choice by its label, so no two may look the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def distinct(labels: Iterable[str]) -> list[str]:
    """The same labels; those that others equal get their position behind them, such as ``long name… (2)``."""
    given = list(labels)
    times = Counter(given)
    taken = set(given)
    found = []
    for place, label in enumerate(given, 1):
        unlike = label
        while times[label] > 1 and unlike in taken:
            unlike = f"{unlike} ({place})"
        taken.add(unlike)
        found.append(unlike)
    return found
