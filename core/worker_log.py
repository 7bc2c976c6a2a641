"""What a worker writes to its log: never what stands in the cells of a table.

Dask calls `dask_setup` in each worker that is started with ``--preload core.worker_log``.
"""

from __future__ import annotations

import logging
from typing import Any

from core.errors import UserError

FAILED = "Compute Failed"


class WithoutCells(logging.Filter):
    """Leaves out what Dask tells of a failed task's arguments and message, since both may quote a person's data."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log it: a `UserError` is an answer that the person sees, all else is a mistake of ours."""
        if not str(record.msg).startswith(FAILED):
            return True
        told = record.args if isinstance(record.args, tuple) and len(record.args) == 5 else ("",) * 5
        key, _state, _task, exception, frames = told
        kind = str(exception).partition("(")[0]
        record.msg, record.args = "A task failed: %s, %s\n%s", (key, kind, frames)
        return kind != UserError.__name__


def dask_setup(worker: Any) -> None:
    """Called by Dask when a worker starts."""
    logging.getLogger("distributed.worker").addFilter(WithoutCells())
