"""Watches the memory of the local workers: one that takes too much is stopped, and its run fails with that reason.

It runs in the cluster's own process, since a worker that is busy taking memory cannot be relied on to watch itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from core.at_work import Work, forget, found_at_work
from core.errors import UserError
from core.machine import WARM_BYTES
from core.record import Record
from core.studies import Study
from core.workspace import Workspace

CGROUP = Path("/sys/fs/cgroup")
# Of the container's memory: beyond this the kernel would soon end some process of its own choice.
FULL = 0.97
# A worker at rest that kept so much of what is left beside a warm one is started anew.
KEPT = 0.5
REST_SECONDS = 2.0
REMEDY = "Try a smaller network, a smaller batch size, fewer features or smaller pictures."
OWN_REMEDY = " One worker alone (MUFFIN_WORKERS=1) may take more."


class MemoryWatch:
    """Looks again and again at what workers hold.

    Args:
        folder: Where workers tell who is at work.
        most: Bytes that a worker may hold.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder, self._most = folder, most
        self._killed = _killed_by_kernel()
        self._worked: dict[int, float] = {}

    def look(self, processes: Iterable[int]) -> None:
        """Stop workers that hold too much, and say why of what they did.

        Args:
            processes: Ids of the workers' processes.
        """
        held = {process: own_memory(process) for process in processes}
        work = found_at_work(self._folder)
        self._note_work(work)
        self._tell_of_the_dead([process for process in work if process not in held], work)
        largest = max(held, key=lambda process: held[process], default=0)
        for process, size in held.items():
            if size > self._most or (process == largest and process in work and _container_is_full()):
                self._stop(process, work.get(process, []), size)
            elif size > WARM_BYTES + KEPT * (self._most - WARM_BYTES) and self._rests(process, work):
                self._end(process)

    def _note_work(self, work: dict[int, list[Work]]) -> None:
        now = time.monotonic()
        self._worked |= dict.fromkeys(work, now)

    def _rests(self, process: int, work: dict[int, list[Work]]) -> bool:
        worked = self._worked.get(process)
        return process not in work and worked is not None and time.monotonic() - worked > REST_SECONDS

    def _stop(self, process: int, work: list[Work], size: int) -> None:
        self._end(process)
        problem = (
            f"It took {size / 1e6:,.0f} MB of memory; a worker may take {self._most / 1e6:,.0f} MB here, so it was "
            "stopped."
        )
        _tell(work, problem)

    def _end(self, process: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        forget(self._folder, process)
        self._worked.pop(process, None)

    def _tell_of_the_dead(self, processes: Iterable[int], work: dict[int, list[Work]]) -> None:
        """Processes that ended in the middle of their work; if the kernel ended one for lack of memory, that is why."""
        killed = _killed_by_kernel()
        for process in processes:
            forget(self._folder, process)
            self._worked.pop(process, None)
            if killed > self._killed:
                _tell(work[process], "It took all the memory that was left on this machine, so it was stopped.")
        self._killed = killed


def own_memory(process: int) -> int:
    """Bytes that only this process holds; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    except OSError:
        with contextlib.suppress(psutil.Error):
            return 0 if Path("/proc/self").exists() else psutil.Process(process).memory_info().rss
    return 0


def _tell(work: list[Work], problem: str) -> None:
    """Say why to whom it concerns.

    Where a question was being answered beside a training, the question is given up (it is told so when it is asked
    again) and the training goes on from its checkpoint; that it was interrupted is not held against it.
    """
    asked = any(each.kind == "question" for each in work)
    for each in work:
        with contextlib.suppress(UserError, OSError):
            workspace = Workspace(each.root)
            remedy = REMEDY + ("" if workspace.public else OWN_REMEDY)
            if each.kind == "run":
                run = Record(workspace, each.id, workspace.run(each.id))
                run.append("interrupted") if asked else run.fail(problem, remedy)
            elif each.kind == "study":
                study = Study(workspace, each.id)
                study.append("interrupted", chunk=each.chunk) if asked else study.trouble(problem, remedy)


def _container_is_full() -> bool:
    """Whether what cannot be given back fills the container's memory (cgroup v2)."""
    try:
        most = int((CGROUP / "memory.max").read_text())
        stat = dict(line.split() for line in (CGROUP / "memory.stat").read_text().splitlines())
        files = int(stat["file"]) - int(stat["shmem"])
        return int((CGROUP / "memory.current").read_text()) - files > FULL * most
    except (OSError, ValueError, KeyError):
        return False


def _killed_by_kernel() -> int:
    """How many processes of this container the kernel has ended for lack of memory (cgroup v2)."""
    with contextlib.suppress(OSError, ValueError):
        for line in (CGROUP / "memory.events").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
