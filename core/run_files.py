"""Single files of a run folder: how they are read and written."""

from __future__ import annotations

import contextlib
import io
import json
import os
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import UserError
from core.spec import AnyConfig, parse_config

NEEDED: dict[str, dict[str, Any]] = {
    "epoch": {"epoch": int}, "step": {"share": (int, float)}, "stage": {"words": str},
}  # fmt: skip
NOT_HERE = "This run is not here: it was deleted or belongs to somebody else.", "Open Home."


def config_of(path: Path) -> AnyConfig:
    """What was chosen; raises `UserError` where the file is gone or of another version."""
    try:
        return _parsed(path.read_bytes())
    except FileNotFoundError:
        raise UserError(*NOT_HERE) from None


@lru_cache(maxsize=256)
def _parsed(content: bytes) -> AnyConfig:
    return parse_config(content)


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as the bytes of an .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def line_of(event: str, **fields: Any) -> bytes:
    """One line of the events, with the time at which it is told; raises ValueError for a number that is not finite."""
    line = json.dumps({"event": event, "time": round(time.time(), 3), **fields}, allow_nan=False)
    return line.encode() + b"\n"


def seconds_since(moment: float | None) -> float:
    """Seconds since an event's time, to the millisecond; 0 where the clock was set back meanwhile."""
    return round(max(0.0, time.time() - moment), 3) if moment is not None else 0.0


def json_lines(lines: Sequence[bytes]) -> list[Any]:
    """The values of lines that are JSON; all at once, which is four times as quick, unless one is torn."""
    lines = [line for line in lines if line]
    with contextlib.suppress(ValueError, RecursionError):
        values = json.loads(b"[" + b",".join(lines) + b"]")
        if len(values) == len(lines):
            return values
    values = []
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            values.append(json.loads(line))
    return values


def is_event(value: Any) -> bool:
    """Whether a line of the events holds one, with what every reader takes for granted."""
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return False
    needed = {"time": (int, float), **NEEDED.get(value["event"], {})}
    return all(isinstance(value.get(name), kinds) for name, kinds in needed.items())


def ends_whole(path: Path) -> bool:
    """Whether the last line of a text file is finished."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
