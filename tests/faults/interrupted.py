"""Interrupts a piece of work at any of its changes to a folder: killed there and then, or because the disk is full.

Python announces every file that it opens, renames or removes (https://peps.python.org/pep-0578/), and what listens may
raise instead. So each change that some work makes can be the first one that does not happen any more.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
MOST = 300
_now: list[Interruption] = []
_listening: list[bool] = []


class Killed(BaseException):
    """What ``kill -9`` looks like from inside: this change is begun at most, and none after it reaches the disk."""


class Interruption:
    """``with`` it, work is interrupted; a kill ends the block.

    Args:
        folder: Only changes inside it count.
        at: Which change is the first one that does not happen, counted from 0.
        full: Whether the disk is full from then on; else the process is dead.
    """

    def __init__(self, folder: Path, at: int, full: bool = False) -> None:
        self.folder, self.at, self.full = str(folder), at, full
        self.changes: list[str] = []
        self._reserve_given_up = False

    def __enter__(self) -> Interruption:
        if not _listening:
            sys.addaudithook(_listen)  # For the life of this process: there is no way to take it off.
            _listening.append(True)
        _now.append(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        _now.remove(self)
        return isinstance(error, Killed)

    @property
    def happened(self) -> bool:
        """Whether there were so many changes."""
        return len(self.changes) > self.at

    @property
    def where(self) -> str:
        """The change that did not happen."""
        return self.changes[self.at] if self.happened else "nowhere"

    def meet(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at what Python announces, and raise where it must not happen any more."""
        kind, path = _change(event, arguments)
        if not path.startswith(self.folder):
            return
        if self.full and kind == "frees":
            self._reserve_given_up |= self.happened and Path(path).name == "reserve"
            return
        if self.full and kind == "appends" and self._reserve_given_up:
            return
        self.changes.append(f"{kind} {Path(path).name}")
        if self.happened and self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        if self.happened:
            if event == "open" and len(self.changes) == self.at + 1:
                self._tear(kind, path)
            raise Killed(self.where)

    def _tear(self, kind: str, path: str) -> None:
        """A process that died while it wrote leaves an empty file, or half a line."""
        _now.remove(self)
        with contextlib.suppress(OSError), open(path, "ab" if kind == "appends" else "wb") as file:
            file.write(b'{"event": "torn' if kind == "appends" else b"")
        _now.append(self)


def every_place(folder: Path, full: bool = False, step: int = 1) -> Iterator[Interruption]:
    """An interruption at the first change that the body of the loop makes, then at its second, … to its last.

    With a ``step``, at every so many of them.
    """
    for at in range(0, MOST, step):
        interruption = Interruption(folder, at, full)
        yield interruption
        if not interruption.happened:
            assert at > step, "hardly anything was interrupted"
            return
    raise AssertionError(f"more than {MOST} changes")


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _now:
        _now[-1].meet(event, arguments)


def _change(event: str, arguments: tuple[Any, ...]) -> tuple[str, str]:
    """(makes, appends, moves or frees, path) of a change to the disk; an empty path for all else."""
    path = arguments[0] if arguments else ""
    if event == "os.rename":
        return "moves", os.fsdecode(arguments[1])
    if not isinstance(path, str | bytes | os.PathLike):
        return "", ""
    if event == "open":
        _, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool((flags or 0) & WRITING)
        kind = "appends" if isinstance(mode, str) and "a" in mode else "makes"
        return (kind, os.fsdecode(path)) if writes else ("", "")
    if event == "os.mkdir":
        return ("", "") if os.path.isdir(path) else ("makes", os.fsdecode(path))
    return ("frees", os.fsdecode(path)) if event in ("os.remove", "os.rmdir", "shutil.rmtree") else ("", "")
