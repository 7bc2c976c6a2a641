"""Fair turns: a visitor's n-th waiting piece of work belongs to the n-th round, and rounds are done in order.

So whoever comes second waits for one piece of each other visitor, not for all of them. Somebody who comes while others
have pieces left from the fifth round on begins in the fifth, too (start-time fair queueing, Goyal, Vin and Cheng 1996):
neither a long queue nor a steady stream of new pieces starves anybody.

Rounds are Dask's priorities. They are found on the scheduler, which all web processes share and which alone knows what
waits; so nothing has to be kept by anybody who may be restarted.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORK = ("train", "study")
QUESTIONS = ("ask",)
# Questions are answered before any training begins.
QUESTIONS_FIRST = 1_000_000
# A piece that was given a round reaches the scheduler well within this time.
PROMISE_SECONDS = 10.0
UNDONE = frozenset(("waiting", "no-worker", "queued", "processing"))
_promised: dict[str, tuple[int, float]] = {}


def owner_of(root: str | Path) -> str:
    """Whose work it is, as it stands in the keys of tasks: a digest of the workspace's folder."""
    return hashlib.sha256(str(root).encode()).hexdigest()[:16]


def priority_of(kinds: Sequence[str], round: int) -> int:
    """Dask's priority of a round; higher ones are done first."""
    return (QUESTIONS_FIRST if kinds == QUESTIONS else 0) - round


def take_turns(
    kinds: Sequence[str], owner: str, keys: Sequence[str], dask_scheduler: Any = None, now: float | None = None
) -> list[int]:
    """A round for each new piece; runs on the scheduler (``client.run_on_scheduler``).

    Args:
        kinds: `WORK` or `QUESTIONS`, which have rounds of their own.
        owner: As `owner_of` gives.
        keys: Keys of the pieces' tasks, in order: a kind, ``-``, the owner, ``-``, and more.
        dask_scheduler: Given by Dask.
        now: Seconds of a clock that only goes forward.
    """
    now = time.monotonic() if now is None else now
    undone = _undone(kinds, dask_scheduler.tasks, now)
    own = [round for key, round in undone.items() if key.split("-")[1:2] == [owner]]
    following = max(min(undone.values(), default=0), max(own, default=-1) + 1)
    rounds = []
    for key in keys:
        round = undone.get(key, following)
        following += key not in undone
        _promised[key] = round, now
        rounds.append(round)
    return rounds


def _undone(kinds: Sequence[str], tasks: Any, now: float) -> dict[str, int]:
    """The round of each piece that waits or is being done, or is on its way to the scheduler."""
    for key in [key for key, (_, given) in _promised.items() if key in tasks or now - given > PROMISE_SECONDS]:
        del _promised[key]
    found = {key: round for key, (round, _) in _promised.items() if key.split("-")[0] in kinds}
    none = priority_of(kinds, 0)
    for key, task in tasks.items():
        if isinstance(key, str) and key.split("-")[0] in kinds and task.state in UNDONE and task.priority:
            found[key] = int(task.priority[0]) + none
    return found
