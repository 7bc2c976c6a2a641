"""Runs that would not fit are refused with an estimate; a worker that takes too much is stopped, and says so."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import machine, memory_watch
from core.at_work import AT_WORK, Work, at_work, found_at_work
from core.engine import SCHEDULER, Engine
from core.errors import UserError
from core.machine import WARM_BYTES, WORKER_MB, WORKERS, worker_count, worker_memory
from core.memory import check_room, image_bytes, table_bytes
from core.memory_watch import MemoryWatch, own_memory
from core.network.image_presets import ImagePresetName, image_preset
from core.progress import progress
from core.runs import Run
from core.spec import DataSpec, ImageData, ImageSource, NetworkSpec, RunConfig, StudySpec, TableSource, TrainingSpec
from core.studies import Chunk, Study
from core.study_plan import memory_budget
from core.training import job, study_job
from core.workspace import Workspace
from tests.conftest import grades

GB = 1_000_000_000
MB = 1_000_000
DATA = DataSpec(source=TableSource(fingerprint="0" * 64, name="t.csv"), target="y", task="binary")
# Peaks of anonymous memory beside a warm worker's own, in MB.
MEASURED_TABLES = [
    (20_000, 20, 16, 178), (2_000, 2_000, 16, 210), (50_000, 60, 16, 227), (100_000, 10, 64, 201),
    (200_000, 8, 16, 247), (300_000, 50, 16, 549), (4_000, 5_000, 16, 651),
]  # fmt: skip
MEASURED_PICTURES = [
    ("small_cnn", 64, 240, 254), ("small_cnn", 128, 160, 738), ("medium_cnn", 128, 32, 463), ("transfer", 224, 32, 332)
]  # fmt: skip


def dense(units: int) -> NetworkSpec:
    layers = [{"kind": "Dense", "units": units}, {"kind": "Dense", "units": units // 2}]
    return NetworkSpec.parse({"preset": "custom", "layers": layers})


@pytest.mark.parametrize(("rows", "inputs", "units", "measured"), MEASURED_TABLES)
def test_estimate_of_a_table_is_near_what_was_measured(rows: int, inputs: int, units: int, measured: int) -> None:
    config = RunConfig(data=DATA, network=dense(units), training=TrainingSpec())
    assert 0.7 < table_bytes(config, rows, inputs) / MB / measured < 1.5


@pytest.mark.parametrize(("preset", "size", "batch", "measured"), MEASURED_PICTURES)
def test_estimate_of_pictures_is_near_what_was_measured(
    preset: ImagePresetName, size: int, batch: int, measured: int
) -> None:
    network = image_preset(preset, "binary", 300, size).network
    data = ImageData(source=ImageSource(fingerprint="0" * 64, name="p.zip"), size=size)
    assert 0.7 < image_bytes(network, data, "binary_crossentropy", batch, 2) / MB / measured < 1.5


def test_small_machine_has_one_worker_that_may_take_what_pages_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (WORKERS, WORKER_MB):
        monkeypatch.delenv(name, raising=False)
    for limit, cores, workers in ((GB, 2, 1), (2.7 * GB, 2, 1), (4 * GB, 2, 2), (64 * GB, 1, 1), (64 * GB, 16, 4)):
        monkeypatch.setattr(machine, "MEMORY_LIMIT", int(limit))
        monkeypatch.setattr(machine, "CPU_COUNT", cores)
        assert worker_count() == workers
        assert worker_memory() > WARM_BYTES + 100 * MB and worker_memory() * workers < 0.9 * limit
    monkeypatch.setenv(WORKER_MB, "700")
    assert worker_memory() == 700 * MB


def test_run_that_would_not_fit_fails_before_it_starts_with_the_estimate(
    workspace: Workspace, draft_of: Callable[..., RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SCHEDULER, raising=False)
    monkeypatch.setattr(Engine, "client", lambda _: pytest.fail("submitted"))
    run = Run.create(workspace, draft_of(grades()))
    monkeypatch.setenv(WORKER_MB, "420")
    Engine(workspace).submit(run)
    told = progress(run)
    assert told.state == "failed" and not told.attempts
    assert told.problem.startswith(
        "This run would take about 130 MB of memory beside what a worker holds anyway; 50 MB"
    )


def test_run_that_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKER_MB, "1000")
    check_room(1000 * MB - WARM_BYTES)
    with pytest.raises(UserError):
        check_room(1001 * MB - WARM_BYTES)


def test_piece_of_a_comparison_fits_into_the_worker_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUFFIN_STUDY_MB", raising=False)
    monkeypatch.delenv(SCHEDULER, raising=False)
    monkeypatch.setenv(WORKER_MB, "470")
    assert memory_budget() == pytest.approx(60 * MB, rel=0.01)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which workers tell who is at work."""
    folder = tmp_path / "at_work"
    folder.mkdir()
    monkeypatch.setenv(AT_WORK, str(folder))
    return folder


@pytest.fixture
def greedy(told: Path) -> Iterator[Callable[[Work, int], subprocess.Popen]]:
    """A process that is at work and holds so many MB."""
    started = []

    def start(work: Work, megabytes: int) -> subprocess.Popen:
        path = told / "pid"
        code = f"import time; kept = b'x' * {megabytes * MB}; print(1, flush=True); time.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout and process.stdout.readline()
        path.with_name(f"{process.pid}-{len(started)}").write_text(json.dumps(work))
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_run_of_a_worker_over_its_limit_fails_with_that_reason_and_is_not_tried_again(
    workspace: Workspace, draft_of: Callable[..., RunConfig], told: Path, greedy: Callable
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    run.append("started", from_epoch=None)
    run.save_checkpoint({})
    process = greedy(Work("run", str(workspace.root), run.id), 60)
    MemoryWatch(told, 200 * MB).look([process.pid])
    assert process.poll() is None and not progress(run).ended
    MemoryWatch(told, 50 * MB).look([process.pid])
    assert process.wait(10) == -signal.SIGKILL
    found = progress(run)
    assert found.state == "failed" and "a worker may take 50 MB here" in found.problem
    assert not list(told.iterdir()) and run.load_checkpoint() is None
    before = len(run.events())
    job.train_run(str(workspace.root), run.id)
    assert len(run.events()) == before


def test_training_beside_a_greedy_question_goes_on_and_it_is_not_held_against_it(
    workspace: Workspace, draft_of: Callable[..., RunConfig], told: Path, greedy: Callable
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    for _ in range(4):
        run.append("started", from_epoch=None)
        process = greedy(Work("question"), 60)
        (told / f"{process.pid}-9").write_text(json.dumps(Work("run", str(workspace.root), run.id)))
        MemoryWatch(told, 50 * MB).look([process.pid])
        assert process.wait(10) == -signal.SIGKILL
    assert not progress(run).ended
    job.train_run(str(workspace.root), run.id)
    assert progress(run).state == "finished"


def test_comparison_of_a_worker_over_its_limit_stops_with_that_reason(
    workspace: Workspace, draft_of: Callable[..., RunConfig], told: Path, greedy: Callable
) -> None:
    spec = StudySpec.parse({"run": draft_of(grades()).model_dump(), "grid": {"l2": [0.0, 0.1]}, "folds": 2, "seeds": 1})
    study = Study.create(workspace, spec, [Chunk(0, (0, 1), ((0, 0), (1, 0)))])
    process = greedy(Work("study", str(workspace.root), study.id, 0), 60)
    MemoryWatch(told, 50 * MB).look([process.pid])
    troubles = [event for event in study.events() if event["event"] == "trouble"]
    assert len(troubles) == 1 and "50 MB" in troubles[0]["problem"] and study.stop_requested
    study_job.train_chunk(str(workspace.root), study.id, 0)
    assert "started" not in [event["event"] for event in study.events()]


def test_worker_that_the_kernel_ended_for_memory_is_said_to_have_been_and_one_that_crashed_is_not(
    workspace: Workspace,
    draft_of: Callable[..., RunConfig],
    told: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory_watch, "CGROUP", tmp_path)
    events = tmp_path / "memory.events"
    events.write_text("oom 0\noom_kill 3\n")
    watch = MemoryWatch(told, GB)
    runs = [Run.create(workspace, draft_of(grades(seed=seed))) for seed in range(2)]
    for run, kills in zip(runs, (3, 4), strict=True):
        (told / "99999999-1").write_text(json.dumps(Work("run", str(workspace.root), run.id)))
        events.write_text(f"oom 0\noom_kill {kills}\n")
        watch.look([])
        assert not list(told.iterdir())
    assert [progress(run).state for run in runs] == ["queued", "failed"]
    assert progress(runs[1]).problem.startswith("It took all the memory that was left")


def test_container_that_is_nearly_full_ends_the_largest_worker_at_work(
    told: Path, greedy: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_watch, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("990\n")
    large, small = greedy(Work("question"), 60), greedy(Work("question"), 20)
    for files, ended in ((100, None), (10, -signal.SIGKILL)):
        (tmp_path / "memory.stat").write_text(f"anon 1\nfile {files}\nshmem 0\n")
        MemoryWatch(told, GB).look([small.pid, large.pid])
        time.sleep(0.2)
        assert (large.poll(), small.poll()) == (ended, None)


def test_worker_at_rest_that_kept_too_much_is_started_anew_and_one_that_never_worked_is_left_alone(
    told: Path, greedy: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_watch, "WARM_BYTES", 10 * MB)
    monkeypatch.setattr(memory_watch, "REST_SECONDS", 0.0)
    process = greedy(Work("question"), 60)
    watch = MemoryWatch(told, 90 * MB)
    watch.look([process.pid])
    assert process.poll() is None
    for path in told.iterdir():
        path.unlink()
    MemoryWatch(told, 90 * MB).look([process.pid])
    assert process.poll() is None
    watch.look([process.pid])
    assert process.wait(10) == -signal.SIGKILL


def test_who_is_at_work_is_told_while_it_is(told: Path) -> None:
    work = Work("study", "/somewhere", "20260101-000000-abcdef", 3)
    with pytest.raises(ValueError), at_work(work):
        assert found_at_work(told) == {os.getpid(): [work]}
        raise ValueError
    assert found_at_work(told) == {}
    (told / "1-1").write_text("not json")
    (told / "x").write_text("[]")
    assert found_at_work(told) == {}


def test_memory_of_a_process_is_its_own() -> None:
    before = own_memory(os.getpid())
    kept = io.BytesIO(b"x" * 50 * MB)
    assert 40 * MB < own_memory(os.getpid()) - before < 120 * MB and kept
    assert own_memory(99_999_999) == 0
