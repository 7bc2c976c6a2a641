"""Compiled stacks wait here for the next run of the same shape, which then starts at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from core.training.shape import StackShape
from core.training.stack import Stack

KEPT = 4
# A stack larger than this many weights is not worth keeping in memory.
MOST_WEIGHTS = 5_000_000

_waiting: dict[StackShape, Stack] = {}
_lock = threading.Lock()


@contextlib.contextmanager
def borrowed(shape: StackShape) -> Iterator[Stack]:
    """A stack for one training; nobody else has it meanwhile. One that failed is not used again."""
    with _lock:
        stack = _waiting.pop(shape, None)
    stack = stack or Stack(shape)
    yield stack
    if sum(int(weights.value.shape.num_elements()) for weights in stack.weights) <= MOST_WEIGHTS:
        with _lock:
            _waiting[shape] = stack
            while len(_waiting) > KEPT:
                _waiting.pop(next(iter(_waiting)))
