"""Submit, stop and ask: the work runs on Dask workers, local by default, on a cluster by address.

The environment variable ``MUFFIN_SCHEDULER`` (such as ``tcp://10.0.0.1:8786``) names a scheduler that is already
there; its workers must see the same workspace folder and this project. Otherwise ``python -m core.cluster`` is
started on demand: a cluster on this machine's loopback address that only this user can talk to (TLS, with
certificates in a folder of mode 0700).
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from distributed import CancelledError, Client, Future, fire_and_forget

from core.cleaning import keep_clean, others_go_on
from core.cluster import ONE_TRAINING
from core.connection import SCHEDULER, connect
from core.errors import UserError
from core.memory import check_fits, watched
from core.once import only_once
from core.progress import progress
from core.project import without_network
from core.runs import Run, all_runs
from core.studies import Study, all_studies
from core.study_progress import study_progress
from core.turns import QUESTIONS, WORK, owner_of, priority_of, take_turns
from core.workspace import Workspace

__all__ = ["SCHEDULER", "Engine"]

T = TypeVar("T")
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
        """Connect, take up again what a crash or a restart interrupted, and begin to remove idle workspaces."""
        keep_clean(self._workspace)
        with contextlib.suppress(UserError):
            self.client()
            for workspace in self._workspace.everyone():
                with others_go_on():
                    self.recover(workspace)

    def submit(self, run: Run) -> None:
        """Let a worker train the run, in the turn of its owner; one that would not fit into its memory fails."""
        from core.training import start_training

        if watched():
            try:
                check_fits(run.workspace, run.config)
            except UserError as error:
                run.fail(error.problem, error.remedy)
                return
        key, root = _key(run), str(run.workspace.root)
        client, (turn,) = self.client(), self._turns(WORK, root, [key])
        future = client.submit(
            start_training, root, run.id, key=key, pure=False, priority=turn, resources=_one_training()
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
        """Let workers train what is left of a study, chunk by chunk in the turns of its owner, and judge it then."""
        from core.training import end_study, start_chunk

        client, root = self.client(), str(study.workspace.root)
        each: dict[str, Any] = {"pure": False, "resources": _one_training()}
        waiting = [chunk for chunk in study.chunks if not study.is_trained(chunk)]
        keys = [f"study-{_tail(study)}-{chunk.number}" for chunk in waiting]
        turns = self._turns(WORK, root, keys)
        trained = [
            client.submit(start_chunk, root, study.id, chunk.number, key=key, priority=turn, **each)
            for chunk, key, turn in zip(waiting, keys, turns, strict=True)
        ]
        last = min(turns, default=0)
        end = client.submit(end_study, root, study.id, *trained, key=_end_key(study), priority=last, **each)
        fire_and_forget(end)

    def stop_study(self, study: Study) -> None:
        """Stop a study; what its members learned so far is judged."""
        study.request_stop()

    def ask(self, question: Callable[..., T], *values: Any, seconds: float = 120, asker: str = "") -> T:
        """The answer of ``question(*values)``, worked out by a warm worker before waiting runs.

        Those who ask take turns: ``asker`` is the folder of who asks. Where it is not given, it is that of the
        workspace that is asked about, the second value for ``core.training.answer``.
        """
        root = asker or str(values[1] if len(values) > 1 else self._folder)
        key = f"ask-{owner_of(root)}-{uuid.uuid4().hex}"
        client, (turn,) = self.client(), self._turns(QUESTIONS, root, [key])
        future = client.submit(
            only_once, str(self._folder / key), question, *values, key=key, pure=False, priority=turn
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
        """Submit again the runs that should be queued or running but that no cluster knows, e.g. after a restart.

        Networks that came with a project file and were never built are built now; nobody waits for them here.
        """
        runs = [run for run in all_runs(workspace) if not progress(run).ended]
        studies = [study for study in all_studies(workspace) if not study_progress(study).done]
        known = self._known() if runs or studies else {}
        for run in reversed(runs):
            match known.get(_key(run)):
                case "erred":
                    self._give_up(run)
                case None | "released" | "forgotten":
                    self.submit(run)
        for study in reversed(studies):
            match known.get(_end_key(study)):
                case "erred":
                    study.fail("The workers could not train it.", "Check that they have enough memory; then try again.")
                case None | "released" | "forgotten":
                    self.submit_study(study)
        for run in without_network(workspace):
            self._build_network(run)

    def recover_silent_study(self, study: Study) -> None:
        """As `recover`, for a study that has said nothing for a while."""
        if _is_silent(study_progress(study).last):
            self.recover(study.workspace)

    def recover_silent(self, run: Run) -> None:
        """As `recover`, for one run that has said nothing for a while."""
        if _is_silent(progress(run).last):
            self.recover(run.workspace)

    def busy(self) -> bool:
        """Whether any run is queued or training."""
        return any(state not in ("memory", "erred") for state in self._known().values())

    def shut_down(self) -> None:
        """End the local cluster unless a run still trains or another server uses it; other clusters are left alone."""
        with contextlib.suppress(Exception):
            if self._client is None or self._client.status != "running":
                return
            if os.environ.get(SCHEDULER) or self.busy() or self._shared():
                self._client.close()
            else:
                self._client.shutdown()

    def _build_network(self, run: Run) -> None:
        from core.training import answer

        key, root = f"ask-{_tail(run)}", str(run.workspace.root)
        client, (turn,) = self.client(), self._turns(QUESTIONS, root, [key])
        fire_and_forget(client.submit(answer, "restore_model", root, run.id, key=key, pure=False, priority=turn))

    def _known(self) -> dict[str, str]:
        def states(dask_scheduler: Any) -> dict[str, str]:
            return {
                key: task.state
                for key, task in dask_scheduler.tasks.items()
                if str(key).startswith(("train-", "study-", "end-"))
            }

        return self.client().run_on_scheduler(states)

    def _shared(self) -> bool:
        return self.client().run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.client_comms)) > 1

    def _turns(self, kinds: Sequence[str], root: str, keys: Sequence[str]) -> list[int]:
        """Dask's priority of each new piece of work or question of a workspace."""
        try:
            rounds = self.client().run_on_scheduler(take_turns, kinds, owner_of(root), keys)
        except OSError:  # The engine is about to end; what follows tells.
            rounds = [0] * len(keys)
        return [priority_of(kinds, round) for round in rounds]

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
        return connect(self._folder)


def _one_training() -> dict[str, int] | None:
    return None if os.environ.get(SCHEDULER) else ONE_TRAINING


def _is_silent(last: float | None) -> bool:
    """Whether nothing was said for a while, or, after the clock was set back, in the future."""
    return last is None or abs(time.time() - last) > SILENT_SECONDS


def _key(run: Run) -> str:
    return f"train-{_tail(run)}"


def _end_key(study: Study) -> str:
    return f"end-{_tail(study)}"


def _tail(record: Run | Study) -> str:
    return f"{owner_of(record.workspace.root)}-{record.id}"
