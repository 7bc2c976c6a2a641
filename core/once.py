"""A question to a worker is answered once: one that ended its worker would end the next one, too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from core.errors import UserError

T = TypeVar("T")


def only_once(mark: str, question: Callable[..., T], *values: Any) -> T:
    """The answer; a question that ended its worker is not asked again, since a run may train beside it."""
    try:
        os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        Path(mark).unlink(missing_ok=True)
        raise UserError(
            "The worker ended while it answered, most often for lack of memory.", "Try again, with fewer rows at once."
        ) from None
    try:
        return question(*values)
    finally:
        Path(mark).unlink(missing_ok=True)
