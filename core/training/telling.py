"""What a training writes into its run folder on the way: epochs, and checkpoints to resume from."""

from __future__ import annotations

import time

import numpy as np

from core.run_files import line_of
from core.runs import Run
from core.training.fit import Epoch, FitState
from core.training.stack import Stack

CHECKPOINT_SECONDS = 2.0
TELL_SECONDS = 0.1


class Telling:
    """Writes epochs and looks for a wish to stop ten times a second, however quick the epochs are."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lines: list[bytes] = []
        self.flushed = self.looked = 0.0
        self.wish = False

    def epoch(self, epoch: Epoch, state: FitState) -> None:
        """Tell an epoch, soon."""
        learned, watched, *_ = zip(epoch.loss[:, 0, 0].tolist(), epoch.metric[:, 0, 0].tolist(), strict=True)
        values = dict(zip(("loss", "metric", "val_loss", "val_metric"), (*learned, *watched), strict=True))
        finite = {name: value if np.isfinite(value) else None for name, value in values.items()}
        self.lines.append(line_of("epoch", epoch=epoch.epoch, **finite))
        if time.monotonic() - self.flushed > TELL_SECONDS:
            self.flush()

    def step(self, epoch: int, share: float) -> None:
        """Tell how far a long epoch is."""
        self.flush()
        self.run.append("step", epoch=epoch, share=round(share, 3))

    def flush(self) -> None:
        """Tell what was not told yet."""
        if self.lines:
            self.run.append_all(self.lines)
            self.lines = []
        self.flushed = time.monotonic()

    def stop(self) -> bool:
        """Whether the person asked to stop, at most a tenth of a second ago."""
        if time.monotonic() - self.looked > TELL_SECONDS:
            self.looked, self.wish = time.monotonic(), self.run.stop_requested
        return self.wish


class Checkpoints:
    """Saves every two seconds, or more rarely where saving is slow (at most a tenth of the time)."""

    def __init__(self, run: Run, stack: Stack, told: Telling) -> None:
        self.run, self.stack, self.told = run, stack, told
        self.last, self.pause = time.monotonic(), CHECKPOINT_SECONDS

    def __call__(self, state: FitState) -> None:
        began = time.monotonic()
        if began - self.last < self.pause:
            return
        self.told.flush()
        self.run.save_checkpoint(self.stack.state() | state.arrays())
        self.run.append("checkpoint", epoch=state.epoch)
        self.last = time.monotonic()
        self.pause = max(CHECKPOINT_SECONDS, 10 * (self.last - began))
