"""Who is at work in a worker's process right now, so that it can be told who took too much memory.

Dask calls `dask_setup` in each worker that is started with ``--preload core.at_work``.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

AT_WORK = "MUFFIN_AT_WORK"
Kind = Literal["run", "study", "question"]


class Work(NamedTuple):
    """A piece of work.

    Attributes:
        kind: What it is.
        root: The workspace's folder.
        id: The run's or study's id; empty for a question.
        chunk: Which chunk of a study, -1 for its end.
    """

    kind: Kind
    root: str = ""
    id: str = ""
    chunk: int = -1


@contextlib.contextmanager
def at_work(work: Work) -> Iterator[None]:
    """Tell who is at work while it is; where nobody watches, nothing is told."""
    folder = os.environ.get(AT_WORK)
    if not folder or not Path(folder).is_dir():
        yield
        return
    path = Path(folder) / f"{os.getpid()}-{threading.get_ident()}"
    path.write_text(json.dumps(work))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def found_at_work(folder: Path) -> dict[int, list[Work]]:
    """Who is at work in which process, by its id; also in those that died meanwhile."""
    found: dict[int, list[Work]] = {}
    for path in folder.iterdir():
        with contextlib.suppress(OSError, ValueError, TypeError):
            process, work = int(path.name.partition("-")[0]), Work(*json.loads(path.read_text()))
            found.setdefault(process, []).append(work)
    return found


def forget(folder: Path, process: int) -> None:
    """Remove what a process has left behind."""
    for path in folder.glob(f"{process}-*"):
        path.unlink(missing_ok=True)


def dask_setup(worker: Any) -> None:
    """Called by Dask when a worker starts: where memory runs out, the kernel shall end a worker, not the pages."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("900")
