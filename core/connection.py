"""A connected client of the local cluster, started where none is alive, or of one that is already there."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from distributed import Client, WorkerPlugin
from distributed.security import Security

from core.cluster import DOCUMENT, PEMS, START_SECONDS, document_time, end_silent, lives, start
from core.errors import UserError

SCHEDULER = "MUFFIN_SCHEDULER"


def connect(folder: Path) -> Client:
    """A client of the scheduler that ``MUFFIN_SCHEDULER`` names, else of the local cluster.

    Args:
        folder: Where the address and the certificates of the local cluster are.

    Raises:
        UserError: Nobody answers.
    """
    address = os.environ.get(SCHEDULER)
    if address:
        client = _reach(address, None, 10)
        _show_project(client)
        return client
    tried = document_time(folder)
    with contextlib.suppress(OSError, ValueError, UserError):
        return _local(folder)
    # A second cluster beside one that is only slow would train the same runs once more.
    if not lives(folder):
        start(folder, tried)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, UserError):
            return _local(folder)
        time.sleep(0.1)
    end_silent(folder)
    raise UserError("The training engine did not answer within a minute.", "Try again; it is started anew.")


def _local(folder: Path) -> Client:
    found = json.loads((folder / DOCUMENT).read_text())
    security = Security(require_encryption=True, **{name: found[name] for name in PEMS})
    return _reach(found["address"], security, 3)


def _reach(address: str, security: Security | None, seconds: float) -> Client:
    try:
        return Client(address, security=security, timeout=seconds, set_as_default=False, name="muffin")
    except (OSError, TimeoutError) as error:
        raise UserError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}).",
            f"Start it, or correct or unset {SCHEDULER}.",
        ) from None


def _show_project(client: Client) -> None:
    """Let a foreign scheduler and its workers, present and future, import this project from the shared file system."""
    root = str(Path(__file__).parent.parent)

    def find() -> None:
        import sys

        if root not in sys.path:
            sys.path.insert(0, root)

    class FindProject(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            find()

    client.run_on_scheduler(find)
    client.register_plugin(FindProject(), name="muffin")
