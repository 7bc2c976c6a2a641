"""One core is enough: for sums of this size several threads cost more than they gain, above all on a busy machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_one_at_a_time = threading.RLock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra inside to one thread.

    The limit holds for the whole process and is put back at the end, so two threads never overlap here.
    """
    with _one_at_a_time, threadpool_limits(limits=1, user_api="blas"):
        yield
