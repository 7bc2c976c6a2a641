"""What happened to a run or study from outside, line by line."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import ValidationError, model_validator

from core.progress import from_events
from core.project.files import Kind
from core.project.schemas import Count, Kept, Text, Time
from core.record import ENDED
from core.run_files import line_of

MOST_EVENTS = 1_000_000
INTERRUPTED = (
    "It was still waiting or training when its project file was written, so it has no results.",
    "Train it again with the same settings.",
)


class Event(Kept):
    """A line of ``events.jsonl``; which fields an event has is in `NEEDED`."""

    event: Literal[
        "queued", "started", "stage", "step", "epoch", "checkpoint", "finished", "stopped", "failed", "trouble",
        "test_opened",
    ]  # fmt: skip
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


# Fields that must be there, and those of them that must not be null.
NEEDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "stage": ((), ("words",)),
    "step": ((), ("epoch", "share")),
    "epoch": (("loss", "metric", "val_loss", "val_metric"), ("epoch",)),
}


def checked_events(kind: Kind, content: bytes) -> tuple[bytes, str]:
    """Lines of events, and the state that they end in; what was alive ends as failed."""
    lines = [line for line in content.split(b"\n") if line.strip()]
    if len(lines) > MOST_EVENTS:
        raise ValueError("too many events")
    # The last line may be torn, as after a loss of power.
    read = [Event.model_validate_json(line) for line in lines[:-1]]
    if lines:
        try:
            read.append(Event.model_validate_json(lines[-1]))
        except ValidationError:
            if content.endswith(b"\n"):
                raise
    told = [event.model_dump(exclude_unset=True) for event in read]
    ended = [event["event"] for event in told if event["event"] in ENDED]
    # A run that was taken up again is alive; what workers of a study say after its end changes nothing.
    state = from_events(told, 0).state if kind == "run" else next(iter(ended), "running")
    kept = b"".join(event.model_dump_json(exclude_unset=True).encode() + b"\n" for event in read)
    if state not in ENDED:
        kept, state = kept + line_of("failed", problem=INTERRUPTED[0], remedy=INTERRUPTED[1]), "failed"
    return kept, state
