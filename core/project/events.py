"""What happened to a run or study from outside, line by line."""

from __future__ import annotations

import io
from typing import Any, Self

from pydantic import ConfigDict, model_validator
from pydantic_core import from_json

from core.progress import from_events
from core.project.files import Kind
from core.project.schemas import Count, Kept, Text, Time
from core.record import ENDED
from core.run_files import line_of

# Four times the most epochs that a run has.
MOST_EVENTS = 60_000
INTERRUPTED = (
    "It was still waiting or training when its project file was written, so it has no results.",
    "Train it again with the same settings.",
)


class Event(Kept):
    """A line of ``events.jsonl`` that says something for good; which fields it must have is in `NEEDED`.

    What else a line holds is left out, and so are lines that say something else: newer Muffins may tell more.
    """

    model_config = ConfigDict(extra="ignore")

    event: str
    time: Time
    from_epoch: Count | None = None
    chunk: Count | None = None
    words: Text | None = None
    epoch: Count | None = None
    share: float | None = None
    loss: float | None = None
    metric: float | None = None
    val_loss: float | None = None
    val_metric: float | None = None
    best_epoch: Count | None = None
    epochs: Count | None = None
    members: Count | None = None
    seconds: Time | None = None
    problem: Text | None = None
    remedy: Text | None = None

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        needed, text = NEEDED.get(self.event, ((), ()))
        missing = [name for name in needed if name not in self.model_fields_set]
        missing += [
            name for name in (*text, *self.model_fields_set & {"problem", "remedy"}) if getattr(self, name) is None
        ]
        if missing:
            raise ValueError(f"the event {self.event} needs {missing[0]}")
        return self


KNOWN = (
    "queued", "started", "stage", "step", "epoch", "checkpoint", "trained", "finished", "stopped", "failed", "trouble",
    "test_opened",
)  # fmt: skip
# Fields that must be there, and those of them that must not be null.
NEEDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stage": ((), ("words",)),
    "step": ((), ("epoch", "share")),
    "epoch": (("loss", "metric", "val_loss", "val_metric"), ("epoch",)),
}


def checked_events(kind: Kind, content: bytes) -> tuple[bytes, str]:
    """Lines of events, and the state that they end in; what was alive ends as failed."""
    kept, turns, count = io.BytesIO(), list[dict[str, Any]](), 0
    for line in io.BytesIO(content):
        if not line.strip():
            continue
        try:
            event = _event(line)
        except ValueError:
            if line.endswith(b"\n"):
                raise
            break  # Torn, as after a loss of power.
        # How far an epoch was, which may be told for days, means nothing once it ended.
        if event and event.event != "step":
            count += 1
            if count > MOST_EVENTS:
                raise ValueError("too many events")
            kept.write(event.model_dump_json(exclude_unset=True).encode() + b"\n")
            if event.event in ("started", *ENDED):
                turns.append(event.model_dump(exclude_unset=True))
    ended = [turn["event"] for turn in turns if turn["event"] in ENDED]
    # A run that was taken up again is alive; what workers of a study say after its end changes nothing.
    state = from_events(turns, 0).state if kind == "run" else next(iter(ended), "running")
    if state not in ENDED:
        kept.write(line_of("failed", problem=INTERRUPTED[0], remedy=INTERRUPTED[1]))
        state = "failed"
    return kept.getvalue(), state


def _event(line: bytes) -> Event | None:
    values = from_json(line, allow_inf_nan=False)
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        raise ValueError("a line that is no event")
    return Event.model_validate(values) if values["event"] in KNOWN else None
