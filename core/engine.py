"""Submit, stop and ask: the work runs on Dask workers, local by default, on a cluster by address.

The environment variable ``MUFFIN_SCHEDULER`` (such as ``tcp://10.0.0.1:8786``) names a scheduler that is already
there; its workers must see the same workspace folder and this project. Otherwise ``python -m core.engine`` is
started on demand: a cluster on this machine's loopback address that only this user can talk to (TLS, with
certificates in a folder of mode 0700).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import dask
from distributed import Client, Future, LocalCluster, WorkerPlugin, fire_and_forget
from distributed.security import Security
from distributed.system import MEMORY_LIMIT

from core.errors import UserError
from core.progress import progress
from core.runs import Run, all_runs
from core.workspace import Workspace, write_file

T = TypeVar("T")
SCHEDULER = "MUFFIN_SCHEDULER"
WORKERS = "MUFFIN_WORKERS"
IDLE = "1 hour"
START_SECONDS = 60
SILENT_SECONDS = 20
ONE_TRAINING = {"training": 1}
WORKER_BYTES = 1_500_000_000
DOCUMENT = "cluster.json"
LOCK = "starting"
_PEMS = ("tls_ca_file", "tls_client_cert", "tls_client_key")


class Engine:
    """The way to the workers from one process; cheap to make, connects at first use.

    Args:
        workspace: Its ``engine`` folder holds the address of the local cluster.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._folder = workspace.engine
        self._lock = threading.Lock()
        self._client: Client | None = None

    def client(self) -> Client:
        """A connected client; starts the local cluster where none is alive."""
        with self._lock:
            if self._client is None or self._client.status != "running":
                self._client = self._connect()
            return self._client

    def start(self) -> None:
        """Connect, and take up again what a crash or a restart interrupted."""
        with contextlib.suppress(UserError):
            self.client()
            for workspace in self._workspace.everyone():
                self.recover(workspace)

    def submit(self, run: Run) -> None:
        """Let a worker train the run, after those that were submitted before."""
        from core.training import start_training

        client = self.client()
        future = client.submit(
            start_training,
            str(run.workspace.root),
            run.id,
            key=_key(run),
            pure=False,
            resources=None if os.environ.get(SCHEDULER) else ONE_TRAINING,
        )
        fire_and_forget(future)

    def stop(self, run: Run) -> None:
        """Stop a run; one that trains keeps what was learned so far, one that waits ends at once."""
        run.request_stop()
        if progress(run).state == "queued":
            run.finish("stopped", best_epoch=0, epochs=0, seconds=0.0)
            with contextlib.suppress(Exception):
                client = self.client()
                client.cancel(Future(_key(run), client))

    def ask(self, question: Callable[..., T], *values: Any, seconds: float = 120) -> T:
        """The answer of ``question(*values)``, worked out by a warm worker before waiting runs."""
        future = self.client().submit(question, *values, key=f"ask-{uuid.uuid4().hex}", pure=False, priority=10)
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            future.cancel()
            raise UserError(
                f"No worker answered within {seconds:g} seconds; it may be busy or starting.", "Try again in a moment."
            ) from None

    def recover(self, workspace: Workspace) -> None:
        """Submit again the runs that should be queued or running but that no cluster knows, e.g. after a restart."""
        waiting = [run for run in all_runs(workspace) if not progress(run).ended]
        if waiting:
            known = self._known()
            for run in reversed(waiting):
                state = known.get(_key(run))
                if state == "erred":
                    self._give_up(run)
                elif state in (None, "released", "forgotten"):
                    self.submit(run)

    def recover_silent(self, run: Run) -> None:
        """As `recover`, for one run that has said nothing for a while."""
        last = progress(run).last
        if last is None or time.time() - last > SILENT_SECONDS:
            self.recover(run.workspace)

    def busy(self) -> bool:
        """Whether any run is queued or training."""
        return any(state not in ("memory", "erred") for state in self._known().values())

    def shut_down(self) -> None:
        """End the local cluster unless a run still trains; a cluster of somebody else's is left alone."""
        with contextlib.suppress(Exception):
            if self._client is None or self._client.status != "running":
                return
            if os.environ.get(SCHEDULER) or self.busy():
                self._client.close()
            else:
                self._client.shutdown()

    def _known(self) -> dict[str, str]:
        def states(dask_scheduler: Any) -> dict[str, str]:
            return {key: task.state for key, task in dask_scheduler.tasks.items() if str(key).startswith("train-")}

        return self.client().run_on_scheduler(states)

    def _give_up(self, run: Run) -> None:
        """End a run that never got as far as saying itself what is wrong."""
        client = self.client()
        future: Future[Any] = Future(_key(run), client)
        reason = type(future.exception(timeout=10)).__name__
        client.cancel(future)
        run.fail(
            f"The workers could not run it ({reason}).",
            "Check that they see this project and the same workspace, and have enough memory; then train again.",
        )

    def _connect(self) -> Client:
        address = os.environ.get(SCHEDULER)
        if address:
            client = _reach(address, None, 10)
            _show_project(client)
            return client
        with contextlib.suppress(OSError, ValueError, UserError):
            return self._local()
        _start(self._folder)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, UserError):
                return self._local()
            time.sleep(0.1)
        raise UserError("The training engine did not start within a minute.", "Restart Muffin.")

    def _local(self) -> Client:
        found = json.loads((self._folder / DOCUMENT).read_text())
        security = Security(require_encryption=True, **{name: found[name] for name in _PEMS})
        return _reach(found["address"], security, 3)


def worker_count() -> int:
    """Workers of the local cluster: ``MUFFIN_WORKERS``, else as many as cores and memory allow, at most four."""
    if wish := os.environ.get(WORKERS, ""):
        return max(1, int(wish)) if wish.isdigit() else 1
    return max(1, min(4, os.cpu_count() or 1, int(MEMORY_LIMIT * 0.8 / WORKER_BYTES)))


def run_cluster(folder: Path) -> None:
    """Be the local cluster until it has been idle for an hour or is shut down."""
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 10,
            "distributed.worker.daemon": False,
            "distributed.admin.low-level-log-length": 0,
            "distributed.scheduler.events-log-length": 100,
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
        preload=["core.training.warm"],
        scheduler_kwargs={"idle_timeout": IDLE},
    )
    document = {"address": cluster.scheduler_address} | {name: getattr(security, name) for name in _PEMS}
    write_file(folder / DOCUMENT, json.dumps(document))
    (folder / LOCK).unlink(missing_ok=True)
    while cluster.status.name == "running" and cluster.scheduler.status.name == "running":
        time.sleep(0.5)
    cluster.close()


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


def _start(folder: Path) -> None:
    """Start the cluster process, once even if several processes try at the same time."""
    lock = folder / LOCK
    with contextlib.suppress(FileNotFoundError):
        if time.time() - lock.stat().st_mtime > START_SECONDS:
            lock.unlink()
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    log = open(folder / "engine.log", "ab")  # noqa: SIM115  the child keeps it
    subprocess.Popen(
        [sys.executable, "-m", "core.engine", str(folder)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def _key(run: Run) -> str:
    return f"train-{run.id}"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    try:
        run_cluster(place)
    finally:
        (place / LOCK).unlink(missing_ok=True)
