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
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from distributed import CancelledError, Client, Future, WorkerPlugin, fire_and_forget
from distributed.security import Security

from core.cluster import DOCUMENT, ONE_TRAINING, PEMS, START_SECONDS, document_time, run_cluster, start
from core.errors import UserError
from core.progress import progress
from core.runs import Run, all_runs
from core.studies import Study, all_studies
from core.study_progress import study_progress
from core.workspace import Workspace

T = TypeVar("T")
SCHEDULER = "MUFFIN_SCHEDULER"
SILENT_SECONDS = 20


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
            run.withdraw()
            with contextlib.suppress(Exception):
                client = self.client()
                client.cancel(Future(_key(run), client))

    def submit_study(self, study: Study) -> None:
        """Let workers train a study, chunk by chunk, and judge it at the end."""
        from core.training import end_study, start_chunk

        client = self.client()
        resources = None if os.environ.get(SCHEDULER) else ONE_TRAINING
        root = str(study.workspace.root)
        chunks = [
            client.submit(
                start_chunk, root, study.id, chunk.number,
                key=f"{_study_key(study)}-{chunk.number}", pure=False, resources=resources,
            )
            for chunk in study.chunks
        ]  # fmt: skip
        key = f"{_study_key(study)}-end"
        end = client.submit(end_study, root, study.id, *chunks, key=key, pure=False, resources=resources)
        fire_and_forget(end)

    def stop_study(self, study: Study) -> None:
        """Stop a study; what its members learned so far is judged."""
        study.request_stop()

    def ask(self, question: Callable[..., T], *values: Any, seconds: float = 120) -> T:
        """The answer of ``question(*values)``, worked out by a warm worker before waiting runs."""
        key = f"ask-{uuid.uuid4().hex}"
        future = self.client().submit(
            _only_once, str(self._folder / key), question, *values, key=key, pure=False, priority=10
        )
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            future.cancel()
            raise UserError(
                f"No worker answered within {seconds:g} seconds; it may be busy or starting.", "Try again in a moment."
            ) from None
        except CancelledError:
            raise UserError("The training engine ended before it answered.", "Try again in a moment.") from None
        finally:
            (self._folder / key).unlink(missing_ok=True)

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

        studies = [study for study in all_studies(workspace) if not study_progress(study).done]
        if studies:
            known = self._known()
            for study in reversed(studies):
                state = known.get(f"{_study_key(study)}-end")
                if state == "erred":
                    study.fail("The workers could not train it.", "Check that they have enough memory; then try again.")
                elif state in (None, "released", "forgotten"):
                    self.submit_study(study)

    def recover_silent_study(self, study: Study) -> None:
        """As `recover`, for a study that has said nothing for a while."""
        last = study_progress(study).last
        if last is None or time.time() - last > SILENT_SECONDS:
            self.recover(study.workspace)

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
            return {
                key: task.state
                for key, task in dask_scheduler.tasks.items()
                if str(key).startswith(("train-", "study-"))
            }

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
        tried = document_time(self._folder)
        with contextlib.suppress(OSError, ValueError, UserError):
            return self._local()
        start(self._folder, tried)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, UserError):
                return self._local()
            time.sleep(0.1)
        raise UserError("The training engine did not start within a minute.", "Restart Muffin.")

    def _local(self) -> Client:
        found = json.loads((self._folder / DOCUMENT).read_text())
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


def _only_once(mark: str, question: Callable[..., T], *values: Any) -> T:
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


def _study_key(study: Study) -> str:
    return f"study-{study.id}"


def _key(run: Run) -> str:
    return f"train-{run.id}"


if __name__ == "__main__":
    run_cluster(Path(sys.argv[1]))
