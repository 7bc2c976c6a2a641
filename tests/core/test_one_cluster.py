"""Two servers on one workspace share one cluster, also where it is slow to answer."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import connection
from core.cluster import DOCUMENT, end_silent, lives
from core.connection import SCHEDULER, connect
from core.errors import UserError


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """A cluster process that runs and does not answer."""
    code = "import time; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    write(tmp_path, process.pid, platform.node())
    yield process
    process.kill()
    process.wait()


def write(folder: Path, pid: int, machine: str) -> None:
    (folder / DOCUMENT).write_text(json.dumps({"pid": pid, "machine": machine}))


def test_cluster_lives_until_its_process_ends(tmp_path: Path, silent: subprocess.Popen) -> None:
    assert lives(tmp_path)
    silent.send_signal(signal.SIGKILL)
    while os.waitid(os.P_PID, silent.pid, os.WEXITED | os.WNOWAIT) is None:
        pass
    assert not lives(tmp_path), "it waits for its parent, but it is dead"


def test_document_of_another_machine_or_of_a_number_that_was_given_again_is_of_no_living_cluster(
    tmp_path: Path, silent: subprocess.Popen
) -> None:
    write(tmp_path, silent.pid, "another")
    assert not lives(tmp_path)
    write(tmp_path, os.getpid(), platform.node())
    assert not lives(tmp_path)
    for broken in ("", "{}", '{"pid": "x", "machine": 1}'):
        (tmp_path / DOCUMENT).write_text(broken)
        assert not lives(tmp_path)
    (tmp_path / DOCUMENT).unlink()
    assert not lives(tmp_path)


def test_second_cluster_is_not_started_beside_a_slow_one_which_is_ended_when_it_stays_silent(
    tmp_path: Path, silent: subprocess.Popen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SCHEDULER, raising=False)
    monkeypatch.setattr(connection, "START_SECONDS", 0.3)
    started: list[Path] = []

    def refuse(folder: Path) -> None:
        raise OSError

    monkeypatch.setattr(connection, "_local", refuse)
    monkeypatch.setattr(connection, "start", lambda folder, tried: started.append(folder))
    with pytest.raises(UserError, match="did not answer within a minute"):
        connect(tmp_path)
    assert started == [] and silent.wait(10) == -signal.SIGKILL
    with pytest.raises(UserError):
        connect(tmp_path)
    assert started == [tmp_path]
    end_silent(tmp_path)
