"""A folder that tells what happened to it; runs and studies are such folders.

title.json    the name that the person gave it, which may change
events.jsonl  one flushed line an event; a torn last line is ignored
stop          there when the person asked to stop, or when its minutes are over; then it says so
reserve       some bytes, given up to say so when the disk is full
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal
from zipfile import BadZipFile

import numpy as np

from core.errors import UserError
from core.export.formats import Format, format_of
from core.limits import time_over
from core.run_files import ends_whole, is_event, json_lines, line_of
from core.workspace import Workspace, write_file

State = Literal["queued", "running", "finished", "stopped", "failed"]
ENDED: tuple[State, ...] = ("finished", "stopped", "failed")
RESERVE = 1 << 16


class Record:
    """A folder with a name and events. Whoever can read the folder can show it.

    Args:
        workspace: Where it lives.
        id: Its id.
        folder: Its folder.
    """

    formats: ClassVar[Mapping[str, Format]] = {}

    def __init__(self, workspace: Workspace, id: str, folder: Path) -> None:
        self.workspace = workspace
        self.id = id
        self.folder = folder
        self._deadline = math.inf

    @property
    def title(self) -> str:
        """The name that the person gave it, or an empty text."""
        title = self._read_json("title.json")
        return str(title["name"]) if title else ""

    def rename(self, name: str) -> None:
        """Give it another name (at most 200 characters)."""
        name = " ".join(name.split())[:200]
        if not name:
            raise UserError("A name has at least one letter; got none.", "Type a name.")
        self._write_json("title.json", {"name": name})

    def export(self, key: str) -> Path:
        """The file of one of ``formats`` (it may not be there); raises `UserError` for others."""
        return self.folder / "exports" / format_of(self, key).file_name

    def append(self, event: str, **fields: Any) -> None:
        """Add one line to the events and flush it."""
        self.append_all([line_of(event, **fields)])

    def append_all(self, lines: Sequence[bytes]) -> None:
        """Add lines that `line_of` made, and flush them."""
        self.workspace.check_writable()
        path = self.folder / "events.jsonl"
        with open(path, "ab") as file:
            # A process that died in mid-line leaves a torn line; a new line keeps it away from this one.
            file.write((b"" if ends_whole(path) else b"\n") + b"".join(lines))

    def events(self) -> list[dict[str, Any]]:
        """All whole lines, oldest first."""
        try:
            lines = (self.folder / "events.jsonl").read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        return [event for event in json_lines(lines) if is_event(event)]

    @property
    def events_stamp(self) -> tuple[int, int]:
        """Size and time of the events; another one when something was told."""
        try:
            found = (self.folder / "events.jsonl").stat()
        except FileNotFoundError:
            return 0, 0
        return found.st_size, found.st_mtime_ns

    def fail(self, problem: str, remedy: str) -> None:
        """End as failed, even on a full disk."""
        for name in ("reserve", "checkpoint.npz"):
            (self.folder / name).unlink(missing_ok=True)
        self.append("failed", problem=problem, remedy=remedy)

    def request_stop(self, problem: str = "", remedy: str = "") -> None:
        """Ask the worker to stop and to keep what was learned so far; it may be said why."""
        self.workspace.check_writable()
        write_file(self.folder / "stop", json.dumps({"problem": problem, "remedy": remedy}) if problem else b"")

    @property
    def stop_reason(self) -> dict[str, str]:
        """``problem`` and ``remedy`` where something else than a wish stops it, else nothing."""
        try:
            return json.loads((self.folder / "stop").read_bytes() or b"{}")
        except FileNotFoundError:
            return {}

    def allow(self, seconds: float) -> None:
        """Let it train for so many seconds from now on; `stop_in_time` looks whether they are over."""
        self._deadline = time.monotonic() + seconds

    def stop_in_time(self) -> bool:
        """Whether the person asked to stop, or its time is over, which is a stop that says why."""
        if time.monotonic() > self._deadline and not self.stop_requested:
            self.request_stop(*time_over(self.workspace))
        return self.stop_requested

    @property
    def stop_requested(self) -> bool:
        """Whether the person asked to stop."""
        return (self.folder / "stop").exists()

    def log(self, text: str) -> None:
        """Keep the details of something unexpected, for people."""
        with open(self.folder / "log.txt", "a", encoding="utf-8") as file:
            file.write(text)

    def delete(self) -> None:
        """Remove the folder for good, and end the links to it."""
        from core.sharing import end_shares  # It knows runs and studies, which are records.

        self.workspace.check_writable()
        end_shares(self.workspace, self.id)
        trash = self.folder.with_name(f".deleted-{self.id}")
        os.replace(self.folder, trash)
        shutil.rmtree(trash, ignore_errors=True)

    def _begin(self, name: str, content: str) -> None:
        """Make the folder with its first file and the event that it waits."""
        self.workspace.check_writable()
        self.folder.mkdir(parents=True, mode=0o700)
        write_file(self.folder / "reserve", b"\0" * RESERVE)
        write_file(self.folder / name, content)
        self.append("queued")

    def _write_json(self, name: str, value: dict[str, Any]) -> None:
        self.workspace.check_writable()
        write_file(self.folder / name, json.dumps(value, allow_nan=False))

    def _read_json(self, name: str) -> dict[str, Any] | None:
        """A JSON object, or None where there is none; a damaged file counts as none."""
        try:
            found = json.loads((self.folder / name).read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def _read_npz(self, name: str) -> dict[str, np.ndarray] | None:
        """Arrays by their names, or None where there are none; a damaged file counts as none."""
        try:
            with np.load(self.folder / name, allow_pickle=False) as arrays:
                return {key: arrays[key] for key in arrays.files}
        except (FileNotFoundError, ValueError, EOFError, BadZipFile, TypeError, AttributeError):
            return None
