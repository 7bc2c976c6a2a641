"""The one exception that a page shows to a person."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator


class UserError(Exception):
    """Something a person can mend.

    Args:
        problem: What was expected and what was received, one or two plain sentences.
        remedy: What to do next, one plain sentence.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem} {remedy}".strip())
        self.problem = problem
        self.remedy = remedy


def is_full_disk(error: BaseException) -> bool:
    """Whether something could not be written because there is no room left."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def full_disk_said() -> Iterator[None]:
    """Raise `UserError` where the disk is full; a context manager."""
    try:
        yield
    except OSError as error:
        if not is_full_disk(error):
            raise
        raise UserError("The disk is full.", "Make room, then try again.") from None
