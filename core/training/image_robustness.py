"""How accuracy falls as pictures are turned, mirrored, darkened, covered or made noisy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.evaluation.answers import Answers
from core.evaluation.bootstrap import wilson
from core.evaluation.compare import matched_pairs
from core.training.image_changes import CHANGES, Change, Level, changed

MOST_IMAGES = 500
# A pretrained network takes a hundred times as long for a picture as a small one.
MOST_BEHIND_BACKBONE = 120
SMALLEST_LOSS = 0.05
Predict = Callable[[np.ndarray], np.ndarray]


def robustness_of(
    predict: Predict,
    pixels: np.ndarray,
    y: np.ndarray,
    task: str,
    groups: np.ndarray | None = None,
    seed: int = 0,
    changes: tuple[Change, ...] = CHANGES,
) -> dict[str, Any]:
    """The share of right answers on n pictures, untouched and at every strength of every change.

    Args:
        predict: From pictures (n, height, width, channels) uint8 to probabilities (n, classes).
        pixels: (n, height, width, channels) uint8.
        y: (n,) class indices.
        task: ``"binary"`` or ``"multiclass"``.
        groups: (n,) equal for copies, which count as one picture in the intervals; None if there are none.
        seed: Of all chance.
        changes: What is tried.

    Returns:
        ``images``: n; ``untouched``: ``{"value", "low", "high"}`` (Wilson's interval); ``changes``: for each ``key``
        and its ``levels``: ``words``, ``value``, ``low``, ``high``, and ``loss``: ``{"value", "low", "high"}``, what
        is lost against the untouched ones on the same pictures (95 %, Bonett and Price's interval of paired shares).
    """
    independent = len(y) if groups is None else len(np.unique(groups))
    before = Answers(task, y, predict(pixels))  # type: ignore[arg-type]

    def level(change: Change, each: Level) -> dict[str, Any]:
        now = Answers(task, y, predict(changed(change, each, pixels, seed)))  # type: ignore[arg-type]
        low, high = matched_pairs(before, now, by_class=False)
        lost = float(before.hits.mean() - now.hits.mean())
        loss = {"value": lost, "low": min(low, lost), "high": max(high, lost)}
        return {"words": each.words, **_share(now.hits, independent), "loss": loss}

    told = [{"key": change.key, "levels": [level(change, each) for each in change.levels]} for change in changes]
    return {"images": len(y), "untouched": _share(before.hits, independent), "changes": told, "seed": seed}


def breaks_at(levels: list[dict[str, Any]]) -> int | None:
    """The first level at which something is surely lost, and not little (5 points); None where nothing is."""
    for place, level in enumerate(levels):
        if level["loss"]["low"] > 0 and level["loss"]["value"] >= SMALLEST_LOSS:
            return place
    return None


def some(rows: int, most: int, seed: int = 0) -> np.ndarray:
    """Positions of at most so many of the rows, by chance, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


def _share(hits: np.ndarray, independent: int) -> dict[str, float]:
    value = float(hits.mean())
    low, high = wilson(value, independent)
    return {"value": value, "low": low, "high": high}
