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
        key, _state, _task, exception, frames = record.args if _as_expected(record.args) else ("", "", "", "", "")
        kind = str(exception).partition("(")[0]
        record.msg, record.args = "A task failed: %s, %s\n%s", (key, kind, frames)
        return kind != UserError.__name__


def dask_setup(worker: Any) -> None:
    """Called by Dask when a worker starts."""
    logging.getLogger("distributed.worker").addFilter(WithoutCells())


def _as_expected(arguments: Any) -> bool:
    return isinstance(arguments, tuple) and len(arguments) == 5
