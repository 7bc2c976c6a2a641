"""Where the weights of `keras.applications` come from: a folder of one's own, what Keras has kept, or its server.

The setting ``MUFFIN_WEIGHTS`` names a folder in which files with Keras' own names are looked for first. Nothing here
imports Keras, so that a page can say whether the weights are there.
"""

from __future__ import annotations

import contextlib
import os
import queue
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from core.errors import UserError
from core.network.pretrained import OFFLINE, PRETRAINED, Pretrained

FOLDER = "MUFFIN_WEIGHTS"
CONNECT_SECONDS = 8.0
BLOCK = 1 << 18
Progress = Callable[[float], None]


def weights_here(network: Pretrained) -> Path | None:
    """The file with a network's weights if it is on this machine."""
    own = os.environ.get(FOLDER)
    new_name = f"{network.file.removesuffix('.h5')}.weights.h5"
    places = [Path(own) / name for name in (network.file, new_name)] if own else []
    return next((path for path in [*places, _kept(network)] if path.is_file()), None)


def weights_file(network: Pretrained, progress: Progress | None = None) -> Path:
    """The same, downloaded where it is not here yet.

    Args:
        network: Whose weights.
        progress: Is called with the share that has come; what it raises ends the download.

    Raises:
        UserError: The server cannot be reached, within about ten seconds; says what can be done without it.
    """
    found = weights_here(network)
    if found is not None:
        return found
    path = _kept(network)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(network.url, path, progress or (lambda share: None))
    except (OSError, HTTPException, queue.Empty) as error:
        raise missing(network, _reason(error, network)) from None
    return path


def missing(network: Pretrained, reason: str) -> UserError:
    """What is said where the weights cannot be had."""
    looked = f"not in the folder that {FOLDER} names" if os.environ.get(FOLDER) else "not on this machine"
    return UserError(
        f"The weights of {network.title} are {looked}, and they could not be downloaded: {reason}.",
        f"Without internet, choose {PRETRAINED[OFFLINE].title}, which is installed with Muffin. Or fetch "
        f"{network.file} from {network.url.rpartition('/')[0]}/ on another machine, put it into a folder, and start "
        f"Muffin with {FOLDER} set to that folder.",
    )


def _kept(network: Pretrained) -> Path:
    """Where Keras itself keeps it (https://keras.io/api/utils/python_utils/#get_file-function)."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / network.file


def _download(url: str, path: Path, progress: Progress) -> None:
    """Fetch a file; it appears under its name only when it is complete."""
    with _opened(url) as answer, tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            expected = int(answer.headers["Content-Length"] or 0)  # type: ignore[attr-defined]
            while block := answer.read(BLOCK):
                part.write(block)
                if expected:
                    progress(part.tell() / expected)
            if expected and part.tell() != expected:
                raise OSError("the connection broke off")
            part.close()
            os.replace(part.name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part.name)


def _opened(url: str) -> IO[bytes]:
    """The server's answer. In a thread of its own, for a search for the server's address knows no time limit."""
    answers: queue.Queue[IO[bytes] | Exception] = queue.Queue()

    def open_it() -> None:
        try:
            answers.put(urllib.request.urlopen(url, timeout=CONNECT_SECONDS))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=open_it, daemon=True, name="download").start()
    answer = answers.get(timeout=CONNECT_SECONDS + 1)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _reason(error: Exception, network: Pretrained) -> str:
    host = urlsplit(network.url).hostname
    if isinstance(error, queue.Empty | TimeoutError):
        return f"{host} did not answer within {CONNECT_SECONDS:g} seconds"
    if isinstance(error, urllib.error.HTTPError):
        return f"{host} answered {error.code}"
    if isinstance(error, urllib.error.URLError):
        return f"{host} could not be reached"
    return str(error)[:120] or "the connection broke off"
