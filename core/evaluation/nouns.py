"""What things are called: rows or pictures, and baselines for short."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.spec import AnyConfig, ImageConfig

BASELINE_WORDS = {
    "majority": "Most frequent class",
    "mean": "Training average",
    "logistic": "Logistic regression",
    "ridge": "Ridge regression",
}
_ROW = re.compile(r"\b([Rr])ow(s?)\b")
_FEATURES = {
    "features that say more about the target might": "larger pictures or another network might",
    "unless the features say nothing about the target": "unless the pictures do not show what class they are of",
}


def noun_of(config: AnyConfig) -> str:
    """What one case is called: ``row`` or ``picture``."""
    return "picture" if isinstance(config, ImageConfig) else "row"


def in_words(noun: str, text: str, names: Sequence[str] = ()) -> str:
    """The same sentence about pictures; as it is for rows, and where a class is itself called so.

    Args:
        noun: ``row`` or ``picture``.
        text: A sentence of ours, which may quote names of classes.
        names: Those names.
    """
    if noun == "row" or any(_ROW.search(name) for name in names):
        return text
    for given, told in _FEATURES.items():
        text = text.replace(given, told)
    return _ROW.sub(lambda found: ("P" if found[1] == "R" else "p") + "icture" + found[2], text)


def metrics_in_words(metrics: Mapping[str, Any], noun: str, names: Sequence[str]) -> dict[str, Any]:
    """Metrics whose verdict speaks of pictures."""
    found = dict(metrics)
    if verdict := found.get("verdict"):
        points = [in_words(noun, point, names) for point in verdict["points"]]
        found["verdict"] = {**verdict, "sentence": in_words(noun, verdict["sentence"], names), "points": points}
    return found
