"""What this machine, or the container that Muffin runs in, has to give: workers and their memory."""

from __future__ import annotations

import os

from dask.system import CPU_COUNT
from distributed.system import MEMORY_LIMIT

WORKERS = "MUFFIN_WORKERS"
WORKER_MB = "MUFFIN_WORKER_MB"
WORKER_BYTES = 1_500_000_000
# What a worker holds before it has anything to do: Python, TensorFlow, a first small program.
WARM_BYTES = 370_000_000
# Less than this beside a warm one, and not even a small run fits.
FEWEST_BYTES = 150_000_000
# What pages and the engine's own process need beside the workers (measured: 130 and 50 MB, before anybody visits).
PAGES_BYTES = 300_000_000
__all__ = ["CPU_COUNT", "MEMORY_LIMIT", "WARM_BYTES", "worker_count", "worker_memory"]


def worker_count() -> int:
    """Workers of the local cluster: ``MUFFIN_WORKERS``, else as many as cores and memory allow, at most four.

    Cores and memory are those that a container may use (cgroups), not those of the machine that it runs on.
    """
    if wish := os.environ.get(WORKERS, ""):
        return max(1, int(wish)) if wish.isdigit() else 1
    return max(1, min(4, CPU_COUNT, int(MEMORY_LIMIT * 0.8 / WORKER_BYTES)))


def worker_memory() -> int:
    """Bytes that one worker may hold: ``MUFFIN_WORKER_MB``, else its share of what pages leave; never less than warm.

    Only memory of its own counts; files that are mapped into it (programs, tables, pictures) can be read again.
    """
    wish = os.environ.get(WORKER_MB, "")
    if wish.isdigit() and int(wish):
        return int(wish) * 1_000_000
    return max(WARM_BYTES + FEWEST_BYTES, int((0.9 * MEMORY_LIMIT - PAGES_BYTES) / worker_count()))
