"""What a run's events say: its state, its curves, the time it still needs."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

from core.record import ENDED, State
from core.runs import Run
from core.spec import AnyConfig, ImageNetworkSpec

# About 30 MB.
MOST_EVENTS = 50_000
# As `core.limits.time_over` says it.
_LIMIT = re.compile(r"after (\S+ minutes?), which is the limit")
_lock = threading.Lock()
_kept: dict[str, tuple[tuple[int, int], Progress]] = {}


@dataclass(frozen=True)
class Progress:
    """A run as its events tell it.

    ``history`` has one dict an epoch with epoch, loss, metric, val_loss and val_metric; epoch 0 is before training.
    ``stage`` says what is done now, and began after epoch ``stage_after`` (-1: before any). ``problem`` says why it
    failed, or what else than the person's wish stopped it. ``opened`` says how often its sealed rows were scored.
    """

    state: State
    history: list[dict[str, Any]] = field(default_factory=list)
    epochs: int = 0
    share: float = 0.0
    stage: str = ""
    stage_after: int = -1
    attempts: int = 0
    problem: str = ""
    remedy: str = ""
    resumed_at: int | None = None
    started: float | None = None
    last: float | None = None
    opened: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    @property
    def stopped_by(self) -> str:
        """As `stopped_by` says it."""
        return stopped_by(self.problem)

    @property
    def epoch(self) -> int:
        """The last epoch that is done."""
        return self.history[-1]["epoch"] if self.history else 0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the last epoch if no early stop comes, or None while unknown."""
        recent = [row for row in self.history[-20:] if row["epoch"] > self.stage_after]
        if self.ended or len(recent) < 3:
            return None
        pace = (recent[-1]["time"] - recent[0]["time"]) / max(1, recent[-1]["epoch"] - recent[0]["epoch"])
        return max(0.0, pace * (self.epochs - self.epoch))


def stopped_by(problem: str) -> str:
    """What stopped a training, by the problem that its end tells: ``by hand`` or ``by the limit of 5 minutes``."""
    if not problem:
        return "by hand"
    limit = _LIMIT.search(problem)
    return f"by the limit of {limit[1]}" if limit else "by a problem"


def progress(run: Run) -> Progress:
    """Read a run's events; what was read is kept until more is told, for pages ask often and of many runs."""
    epochs = most_epochs(run.config)
    stamp = run.events_stamp
    with _lock:
        found = _kept.pop(str(run.folder), None)
    told = found[1] if found and found[0] == stamp else from_events(run.events(), epochs)
    with _lock:
        _kept[str(run.folder)] = stamp, told
        while len(_kept) > 1 and sum(len(kept.history) + 1 for _, kept in _kept.values()) > MOST_EVENTS:
            _kept.pop(next(iter(_kept)))
    return told


def most_epochs(config: AnyConfig) -> int:
    """How many epochs a run has at most; fine-tuning comes on top, half as long as the training before it."""
    epochs, network = config.training.epochs, config.network
    tuned = isinstance(network, ImageNetworkSpec) and network.backbone != "none" and network.fine_tune_blocks
    return epochs + max(1, epochs // 2) if tuned else epochs


def from_events(events: list[dict[str, Any]], epochs: int) -> Progress:
    """Status as a pure function of the events; an epoch told twice counts as it was told last."""
    state: State = "queued"
    history: dict[int, dict[str, Any]] = {}
    told: dict[str, Any] = {"share": 0.0, "stage": "", "attempts": 0, "resumed_at": None, "opened": 0}
    for event in events:
        match event["event"]:
            case "started":
                state = "running"
                told |= {"attempts": told["attempts"] + 1, "started": told.get("started") or event["time"]}
                told["resumed_at"] = event.get("from_epoch")
            case "epoch":
                history[event["epoch"]] = event
                told["share"] = 0.0
            case "step":
                told["share"] = event["share"]
            case "stage":
                told |= {"stage": event["words"], "stage_after": max(history, default=-1)}
            case "finished" | "stopped" as ended:
                state = ended
                told["facts"] = {key: value for key, value in event.items() if key not in ("event", "time")}
                told |= {name: event.get(name, "") for name in ("problem", "remedy")}
            case "test_opened":
                told["opened"] += 1
            case "failed":
                state = "failed"
                told |= {"problem": event.get("problem", ""), "remedy": event.get("remedy", "")}
    last = events[-1]["time"] if events else None
    return Progress(state=state, history=[history[e] for e in sorted(history)], epochs=epochs, last=last, **told)
