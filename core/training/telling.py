"""What a training writes into its run folder on the way: stages, epochs, and checkpoints to resume from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from core.run_files import line_of
from core.runs import Run
from core.training.fit import Epoch, FitState

CHECKPOINT_SECONDS = 2.0
TELL_SECONDS = 0.1
STAGE_SECONDS = 0.5


class Stopped(Exception):
    """The person asked to stop before there was anything to keep."""


class Resumable(Protocol):
    """What learns, and can say everything that it goes on from."""

    def state(self) -> dict[str, np.ndarray]:
        """Arrays by their names."""
        ...


class Telling:
    """Writes epochs and looks for a wish to stop ten times a second, however quick the epochs are.

    Args:
        run: Where to.
        before: Epochs of an earlier phase, which the epochs of this one are counted on from.
    """

    def __init__(self, run: Run, before: int = 0) -> None:
        self.run, self.before = run, before
        self.lines: list[bytes] = []
        self.flushed = self.looked = 0.0
        self.wish = False

    def stage(self, words: str) -> Callable[[float], None]:
        """Tell what is done now; returns a function that tells its share, and raises `Stopped` where asked to."""
        self.run.append("stage", words=words)
        last = time.monotonic()

        def tell(share: float) -> None:
            nonlocal last
            if self.stop():
                raise Stopped
            if time.monotonic() - last > STAGE_SECONDS:
                last = time.monotonic()
                self.run.append("stage", words=f"{words}: {share:.0%}")

        return tell

    def epoch(self, epoch: Epoch, state: FitState) -> None:
        """Tell an epoch, soon."""
        if self.before and not epoch.epoch:
            return
        learned, watched, *_ = zip(epoch.loss[:, 0, 0].tolist(), epoch.metric[:, 0, 0].tolist(), strict=True)
        values = dict(zip(("loss", "metric", "val_loss", "val_metric"), (*learned, *watched), strict=True))
        finite = {name: value if np.isfinite(value) else None for name, value in values.items()}
        self.lines.append(line_of("epoch", epoch=self.before + epoch.epoch, **finite))
        if time.monotonic() - self.flushed > TELL_SECONDS:
            self.flush()

    def step(self, epoch: int, share: float) -> None:
        """Tell how far a long epoch is."""
        self.flush()
        self.run.append("step", epoch=self.before + epoch, share=round(share, 3))

    def flush(self) -> None:
        """Tell what was not told yet."""
        if self.lines:
            self.run.append_all(self.lines)
            self.lines = []
        self.flushed = time.monotonic()

    def stop(self) -> bool:
        """Whether the person asked to stop, or the minutes were over, at most a tenth of a second ago."""
        if time.monotonic() - self.looked > TELL_SECONDS:
            self.looked, self.wish = time.monotonic(), self.run.stop_in_time()
        return self.wish


class Checkpoints:
    """Saves every two seconds, or more rarely where saving is slow (at most a tenth of the time)."""

    def __init__(self, run: Run, learner: Resumable, told: Telling) -> None:
        self.run, self.learner, self.told = run, learner, told
        self.last, self.pause = time.monotonic(), CHECKPOINT_SECONDS

    def __call__(self, state: FitState) -> None:
        began = time.monotonic()
        if began - self.last < self.pause:
            return
        self.told.flush()
        self.run.save_checkpoint(self.learner.state() | state.arrays())
        self.run.append("checkpoint", epoch=self.told.before + state.epoch)
        self.last = time.monotonic()
        self.pause = max(CHECKPOINT_SECONDS, 10 * (self.last - began))
