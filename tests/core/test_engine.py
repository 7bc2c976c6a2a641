"""Runs train on a local cluster, on somebody else's, and survive a killed worker."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import cluster
from core.cluster import DOCUMENT
from core.engine import SCHEDULER, Engine
from core.errors import UserError
from core.progress import Progress, progress
from core.runs import Run
from core.spec import RunConfig
from core.training import job
from core.workspace import Workspace
from tests.conftest import grades

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 180


def wait(run: Run, until: Callable[[Progress], bool]) -> Progress:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        told = progress(run)
        if until(told) or told.state == "failed":
            return told
        time.sleep(0.05)
    raise AssertionError(f"still {progress(run).state} after {PATIENCE} s")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A local cluster with one worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUFFIN_WORKERS", "1")
        patch.delenv(SCHEDULER, raising=False)
        engine = Engine(Workspace(tmp_path_factory.mktemp("engine")))
        yield engine
        engine.client().shutdown()


def many_steps(draft_of: Callable[..., RunConfig]) -> RunConfig:
    """Several seconds of training, however quick the machine."""
    return draft_of(grades(300), epochs=2500, early_stopping=False, batch_size=1)


def test_run_is_trained_in_the_background(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    engine.submit(run)
    assert wait(run, lambda told: told.ended).state == "finished"
    assert run.metrics() is not None


def test_cluster_listens_on_loopback_only_and_its_keys_are_closed(engine: Engine) -> None:
    address = engine.client().scheduler_info()["address"]
    assert address.startswith("tls://127.0.0.1:")
    document = engine._folder / DOCUMENT
    assert document.stat().st_mode & 0o077 == 0
    plain = address.replace("tls://", "tcp://")
    code = f"from distributed import Client; Client({plain!r}, timeout=3)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode != 0


def test_second_process_finds_the_same_cluster(engine: Engine) -> None:
    other = Engine(engine._workspace)
    assert other.ask(os.getpid) == engine.ask(os.getpid)
    other.client().close()


def test_stop_keeps_what_was_learned_and_predictions_go_on_meanwhile(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run, waiting = (Run.create(workspace, many_steps(draft_of)) for _ in range(2))
    engine.submit(run)
    engine.submit(waiting)
    wait(run, lambda told: told.epoch >= 2)
    assert engine.ask(os.getpid) > 0
    assert progress(waiting).state == "queued"
    engine.stop(waiting)
    assert progress(waiting).state == "stopped"
    engine.stop(run)
    told = wait(run, lambda told: told.ended)
    assert told.state == "stopped"
    assert 2 <= told.epoch < 2500
    assert run.metrics() is not None and run.model.is_file()


def test_killed_worker_resumes_from_its_checkpoint_and_finishes(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = Run.create(workspace, many_steps(draft_of))
    engine.submit(run)
    wait(run, lambda _: any(event["event"] == "checkpoint" for event in run.events()))
    os.kill(engine.ask(os.getpid), signal.SIGKILL)
    told = wait(run, lambda told: told.ended)
    assert told.state == "finished"
    assert told.attempts == 2
    assert told.resumed_at is not None and told.resumed_at > 0
    assert [row["epoch"] for row in told.history] == list(range(2501))


def test_question_that_ends_its_worker_is_asked_only_once(engine: Engine, tmp_path: Path) -> None:
    asked = str(tmp_path / "asked")

    def die() -> None:
        with open(asked, "a") as file:
            file.write("x")
        os._exit(1)

    with pytest.raises(UserError, match="The worker ended while it answered"):
        engine.ask(die)
    assert (tmp_path / "asked").read_text() == "x"
    assert not list(engine._folder.glob("ask-*"))


def test_engine_that_dies_while_it_is_asked_is_a_sentence_and_the_next_question_is_answered(engine: Engine) -> None:
    engine_process = engine.client().run_on_scheduler(os.getpid)
    threading.Timer(0.5, os.kill, (engine_process, signal.SIGKILL)).start()
    with pytest.raises(UserError, match="The training engine ended before it answered"):
        engine.ask(time.sleep, 60)
    assert engine.ask(os.getpid) != engine_process


def test_address_that_was_written_meanwhile_starts_no_second_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **_: started.append(arguments))
    tried = cluster.document_time(tmp_path)
    (tmp_path / DOCUMENT).write_text("{}")
    cluster.start(tmp_path, tried)
    assert (started, list(tmp_path.glob("starting"))) == ([], [])
    cluster.start(tmp_path, cluster.document_time(tmp_path))
    cluster.start(tmp_path, cluster.document_time(tmp_path))
    assert len(started) == 1


def test_worker_that_began_in_the_moment_of_the_stop_stops(
    workspace: Workspace, draft_of: Callable[..., RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "client", lambda _: 1 / 0)
    run = Run.create(workspace, draft_of(grades(), epochs=5))
    Engine(workspace).stop(run)
    assert progress(run).state == "stopped"
    job._train_or_explain(run)
    assert (progress(run).state, progress(run).epoch) == ("stopped", 0)


def test_engine_that_died_is_started_again_and_takes_up_the_run(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    engine.recover(workspace)
    assert wait(run, lambda told: told.ended).state == "finished"


@pytest.fixture
def dask_commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """A scheduler and two workers started by the ordinary commands."""
    dask = str(Path(sys.executable).parent / "dask")
    document = tmp_path / "scheduler.json"
    commands = [
        [dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(document)],
        *[[dask, "worker", "--scheduler-file", str(document), "--no-dashboard", "--nthreads", "1"]] * 2,
    ]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for command in commands
    ]
    import json

    deadline = time.monotonic() + 60
    while not document.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    address = json.loads(document.read_text())["address"]
    monkeypatch.setenv(SCHEDULER, address)
    yield address
    for process in processes:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_run_is_trained_on_a_cluster_that_is_already_there(
    dask_commands: str, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    engine = Engine(workspace)
    engine.client().wait_for_workers(2, timeout=60)
    runs = [Run.create(workspace, draft_of(grades(seed=seed))) for seed in range(2)]
    for run in runs:
        engine.submit(run)
    assert [wait(run, lambda told: told.ended).state for run in runs] == ["finished", "finished"]
    assert not (workspace.engine / DOCUMENT).exists()
    engine.client().close()


def test_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setenv(SCHEDULER, "tcp://127.0.0.1:9")
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9"):
        Engine(workspace).client()
