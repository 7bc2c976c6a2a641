"""The local cluster: a process of its own that outlives the web server while a run trains."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import dask
import psutil
from distributed import LocalCluster
from distributed.security import Security

from core.at_work import AT_WORK
from core.machine import CPU_COUNT, worker_count, worker_memory
from core.memory_watch import MemoryWatch
from core.workspace import write_file

IDLE = "1 hour"
START_SECONDS = 60
ONE_TRAINING = {"training": 1}
WATCH_SECONDS = 0.1
DOCUMENT = "cluster.json"
LOCK = "starting"
PEMS = ("tls_ca_file", "tls_client_cert", "tls_client_key")
# Runs and questions count for themselves how often they ended a worker; Dask would also blame those that only waited.
DEATHS = 100


def run_cluster(folder: Path) -> None:
    """Be the local cluster until it has been idle for an hour or is shut down."""
    _step_back()
    at_work = _empty(folder / "at_work")
    os.environ[AT_WORK] = str(at_work)
    try:
        cluster = _cluster(folder)
    finally:
        (folder / LOCK).unlink(missing_ok=True)
    watch = MemoryWatch(at_work, worker_memory())
    while cluster.status.name == "running" and cluster.scheduler.status.name == "running":
        watch.look([nanny.pid for nanny in list(cluster.workers.values()) if nanny.pid])
        time.sleep(WATCH_SECONDS)
    cluster.close()


def _empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _step_back() -> None:
    """Pages come first: a training leaves them a core, and gives way where they share one."""
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, CPU_COUNT - 1)))
    # Operations of a convolutional network that do not wait for each other may take all cores; a stack is a single one.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", str(CPU_COUNT))
    if hasattr(os, "nice"):
        os.nice(10)


def _cluster(folder: Path) -> LocalCluster:
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": DEATHS,
            "distributed.worker.daemon": False,
            "distributed.admin.low-level-log-length": 0,
            "distributed.scheduler.events-log-length": 100,
            # Nobody looks at Dask's own profile, which would interrupt a training a hundred times a second.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "500ms",
            # `core.memory_watch` stops who takes too much. Dask would count mapped files as well, and a worker that it
            # makes pause at four fifths of its share would wait there for ever.
            "distributed.worker.memory.target": False,
            "distributed.worker.memory.spill": False,
            "distributed.worker.memory.pause": False,
            "distributed.worker.memory.terminate": False,
            # Nobody reads these pages, and what needs no door has none.
            "distributed.scheduler.http.routes": [],
            "distributed.worker.http.routes": [],
        }
    )
    security = Security.temporary()
    cluster = LocalCluster(
        n_workers=worker_count(),
        threads_per_worker=2,
        protocol="tls://",
        host="127.0.0.1",
        security=security,
        dashboard_address=None,
        local_directory=str(folder),
        resources=ONE_TRAINING,
        preload=["core.worker_log", "core.at_work", "core.training.warm"],
        memory_limit=0,
        scheduler_kwargs={"idle_timeout": IDLE},
    )
    document = (
        _this_process() | {"address": cluster.scheduler_address} | {name: getattr(security, name) for name in PEMS}
    )
    write_file(folder / DOCUMENT, json.dumps(document))
    return cluster


def document_time(folder: Path) -> int:
    """When the address of the cluster was written, in nanoseconds; 0 for never."""
    try:
        return (folder / DOCUMENT).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def lives(folder: Path) -> bool:
    """Whether the cluster whose address was written last still runs on this machine, however slow it is."""
    return _process_of(folder) is not None


def end_silent(folder: Path) -> None:
    """End a cluster that runs and does not answer, so that another one can be started."""
    found = _process_of(folder)
    if found is not None:
        with contextlib.suppress(psutil.Error):
            for process in (*found.children(recursive=True), found):
                process.kill()


def _this_process() -> dict[str, Any]:
    return {"pid": os.getpid(), "machine": platform.node()}


def _process_of(folder: Path) -> psutil.Process | None:
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, psutil.Error):
        found = json.loads((folder / DOCUMENT).read_text())
        process = psutil.Process(found["pid"])
        same = found["machine"] == platform.node() and str(folder) in process.cmdline()
        if same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def start(folder: Path, tried: int) -> None:
    """Start the cluster process, once even if several processes try at the same time.

    Args:
        folder: Where its address will be.
        tried: `document_time` of the address at which nobody answered; one that is newer is of a living cluster.
    """
    lock = folder / LOCK
    with contextlib.suppress(FileNotFoundError):
        # After the clock was set back, the lock of a process that died may lie in the future.
        if abs(time.time() - lock.stat().st_mtime) > START_SECONDS:
            lock.unlink()
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    if document_time(folder) != tried:
        lock.unlink(missing_ok=True)
        return
    log = open(folder / "engine.log", "ab")  # noqa: SIM115  the child keeps it
    subprocess.Popen(
        [sys.executable, "-m", "core.cluster", str(folder)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


if __name__ == "__main__":
    run_cluster(Path(sys.argv[1]))
