"""How a study stands: its state from its events, how far it is from its members."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.record import ENDED, State
from core.studies import Study


@dataclass(frozen=True)
class StudyProgress:
    """A study as its folder tells it.

    Attributes:
        state: Queued, running, finished, stopped or failed.
        epoch: The average epoch of its members.
        epochs: The most that a member may take.
        members: How many networks there are.
        ended: How many have ended.
        diverged: How many have run away.
        seconds_left: To the end if no more members stop early than until now, or None while unknown.
        stage: What is being done, in words.
        problem: Why it failed.
        remedy: What to do about it.
        facts: What its end told.
        last: When it last said something.
    """

    state: State
    epoch: float = 0.0
    epochs: int = 0
    members: int = 0
    ended: int = 0
    diverged: int = 0
    seconds_left: float | None = None
    stage: str = ""
    problem: str = ""
    remedy: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    last: float | None = None

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED


def study_progress(study: Study) -> StudyProgress:
    """Read where a study stands."""
    told: dict[str, Any] = {"state": "queued"}
    started = None
    events = study.events()
    for event in events:
        if told["state"] in ENDED:  # What other workers still say after the end changes nothing.
            break
        match event["event"]:
            case "started":
                told["state"] = "running"
                started = started or event["time"]
            case "stage":
                told["stage"] = event["words"]
            case "finished" | "stopped" as ended:
                told |= {"state": ended, "stage": ""}
                told["facts"] = {key: value for key, value in event.items() if key not in ("event", "time")}
            case "failed":
                told |= {"state": "failed", "problem": event.get("problem", ""), "remedy": event.get("remedy", "")}
    spec, board = study.spec, study.board()
    epochs = spec.run.training.epochs
    shares = np.where(board.ended, 1.0, np.clip(board.epoch, 0, epochs) / epochs)
    return StudyProgress(
        **told,
        epoch=float(np.clip(board.epoch, 0, None).mean()),
        epochs=epochs,
        members=len(shares),
        ended=int(board.ended.sum()),
        diverged=int(board.diverged.sum()),
        seconds_left=_seconds_left(started, float(shares.mean())) if told["state"] == "running" else None,
        last=max([event["time"] for event in events] + [study.board_time], default=None),
    )


def _seconds_left(started: float | None, share: float) -> float | None:
    if started is None or share < 0.02:
        return None
    return max(0.0, (time.time() - started) * (1.0 - share) / share)
