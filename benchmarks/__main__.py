"""``python -m benchmarks [NAME…]``: what we promise, side by side with what a user would use instead.

Prints a table and, last, one JSON list of ``{name, ours, peer, ratio, goal, met}``. Machines are noisy: believe ratios.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

MODULES = ("training", "studies", "reading", "images", "image_training", "pages", "learn", "presets")


def main(names: list[str]) -> int:
    """Measure; 0 only where every goal is met."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    rows: list[dict[str, Any]] = []
    for name in names or MODULES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"benchmarks.{name}").run()
    print(f"{'what':<58} {'ours':>10} {'peer':>10} {'ratio':>8}  goal")
    for row in rows:
        met = "met" if row["met"] else "MISSED"
        print(
            f"{row['name']:<58} {_short(row['ours']):>10} {_short(row['peer']):>10} {_short(row['ratio']):>8}  "
            f"{row['goal']} ({met})"
        )
    print(json.dumps(rows))
    return 0 if all(row["met"] for row in rows) else 1


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
