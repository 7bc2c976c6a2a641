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
from core.spec import RunConfig, StudySpec
from core.studies import Study
from core.study_plan import create_study
from core.study_progress import StudyProgress, study_progress
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


def wait_study(study: Study, until: Callable[[StudyProgress], bool]) -> StudyProgress:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        told = study_progress(study)
        if until(told) or told.state == "failed":
            return told
        time.sleep(0.05)
    raise AssertionError(f"still {study_progress(study)} after {PATIENCE} s")


def study_of(workspace: Workspace, config: RunConfig, **choices: object) -> Study:
    """Four networks: two settings in two folds."""
    grid = {"l2": [0.0, 0.01]}
    spec = StudySpec.parse({"run": config.model_dump(), "grid": grid, "folds": 2, "seeds": 1, **choices})
    return create_study(workspace, spec, rows=240, inputs=3, classes=2)


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


def test_network_that_was_never_built_after_an_import_is_built_when_the_engine_takes_up_its_work(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = Run.create(workspace, draft_of(grades(), epochs=2))
    job.train_run(str(workspace.root), run.id)
    run.model.unlink()
    engine.recover(workspace)
    deadline = time.monotonic() + PATIENCE
    while not run.model.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run.model.is_file()


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


def test_study_is_trained_in_the_background_by_all_its_chunks(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    study = study_of(workspace, draft_of(grades(), epochs=5), grid={"l2": [0.0, 0.01], "units": [2, 3]})
    assert len(study.chunks) == 2
    engine.submit_study(study)
    told = wait_study(study, lambda told: told.done)
    assert (told.state, told.members, told.ended) == ("finished", 8, 8)
    result = study.result()
    assert result is not None and result["best"] in range(4)
    assert len(list(study.folder.iterdir())) < 16


def test_stopped_study_judges_what_was_learned(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    study = study_of(workspace, many_steps(draft_of))
    engine.submit_study(study)
    wait_study(study, lambda told: told.epoch >= 2)
    engine.stop_study(study)
    told = wait_study(study, lambda told: told.done)
    assert told.state == "stopped"
    result = study.result()
    assert result is not None and all(row["score"]["value"] is not None for row in result["settings"])
    assert 2 <= study.board().epoch.max() < 2500


def test_study_whose_worker_is_killed_resumes_from_its_checkpoint(
    engine: Engine, workspace: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    study = study_of(workspace, many_steps(draft_of))
    engine.submit_study(study)
    wait_study(study, lambda _: study.load_checkpoint(study.chunks[0]) is not None)
    reached = int(study.load_checkpoint(study.chunks[0])["epoch"])  # type: ignore[index]
    os.kill(engine.ask(os.getpid), signal.SIGKILL)
    told = wait_study(study, lambda told: told.done)
    assert told.state == "finished" and reached > 0
    assert [event["event"] for event in study.events()].count("started") == 2
    epochs, curves = study.curves()
    assert epochs[-1] == 2500 and len(epochs) == 501
    assert not any(row.all() for row in (curves != curves).reshape(len(epochs), -1))


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
    run, study = Run.create(workspace, draft_of(grades())), study_of(workspace, draft_of(grades(), epochs=3))
    engine.recover(workspace)
    assert wait(run, lambda told: told.ended).state == "finished"
    assert wait_study(study, lambda told: told.done).state == "finished"


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
    study = study_of(workspace, draft_of(grades(), epochs=3))
    engine.submit_study(study)
    assert [wait(run, lambda told: told.ended).state for run in runs] == ["finished", "finished"]
    assert wait_study(study, lambda told: told.done).state == "finished"
    assert not (workspace.engine / DOCUMENT).exists()
    engine.client().close()


def test_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    monkeypatch.setenv(SCHEDULER, "tcp://127.0.0.1:9")
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127.0.0.1:9"):
        Engine(workspace).client()
