"""Real processes, really killed: web server, engine and worker, each in three moments; two servers; a full disk.

Slow, so not part of the default run: ``python -m pytest -m slow -n 1 tests/faults``.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from core.draft import load_draft
from core.engine import Engine
from core.progress import progress
from core.runs import Run, all_runs
from core.spec import RunConfig
from core.training import answer
from core.workspace import Workspace
from tests.browser.serving import served
from tests.conftest import grades
from tests.core.test_engine import wait
from tests.faults.test_interrupted import contents
from tests.load.journey import table
from tests.load.visitor import Visitor

pytestmark = pytest.mark.slow
Draft = Callable[..., RunConfig]
PATIENCE = 240
MEASURING = "Measuring how good it is"


@contextmanager
def running(workspace: Workspace) -> Iterator[tuple[str, Engine, dict[str, int]]]:
    """The app with its engine warm: address, a way to the workers, and process ids by the name of their part."""
    with served(workspace.root) as (address, web):
        engine = Engine(workspace)
        engine.ask(answer, "is_ready", seconds=PATIENCE)
        scheduler = engine.client().run_on_scheduler(os.getpid)
        yield address, engine, {"web": web, "engine": scheduler, "worker": engine.ask(os.getpid)}


@pytest.fixture
def ended_at_last(workspace: Workspace) -> Iterator[None]:
    """No cluster stays behind."""
    yield
    Engine(workspace).client().shutdown()


def until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def train(engine: Engine, workspace: Workspace, config: RunConfig) -> Run:
    run = Run.create(workspace, config)
    engine.submit(run)
    return run


def journey(address: str, name: str, number: int = 0) -> list[str]:
    """A visitor uploads, trains and opens the results; what went wrong on the way."""

    async def go() -> list[str]:
        async with Visitor(address, number, name) as visitor:
            await visitor.upload(f"{name}.csv", table(name, number))
            await visitor.click("Train now")
            deadline = time.monotonic() + PATIENCE
            while visitor.button("See the results") is None:
                assert time.monotonic() < deadline, visitor.seen.errors
                await asyncio.sleep(0.1)
            await visitor.click("See the results")
            return visitor.seen.errors

    return asyncio.run(go())


@pytest.mark.parametrize("moment", ["mid-epoch", "writing results"])
@pytest.mark.parametrize("victim", ["web", "engine", "worker"])
def test_run_goes_on_after_a_kill_and_a_restart(
    workspace: Workspace, draft_of: Draft, victim: str, moment: str, ended_at_last: None
) -> None:
    with running(workspace) as (_, engine, processes):
        earlier = train(engine, workspace, draft_of(grades()))
        assert wait(earlier, lambda told: told.ended).state == "finished"
        saved = contents(earlier.folder)
        if moment == "mid-epoch":
            run = train(engine, workspace, draft_of(grades(300), epochs=2500, early_stopping=False, batch_size=1))
            until(lambda: any(event["event"] == "checkpoint" for event in run.events()))
        else:
            run = train(engine, workspace, draft_of(grades(3000, seed=1), epochs=5))
            until(lambda: progress(run).stage == MEASURING)
        os.kill(processes[victim], signal.SIGKILL)
    with running(workspace):
        told = wait(run, lambda told: told.ended)
        assert (told.state, told.problem) == ("finished", "")
        assert [row["epoch"] for row in told.history] == list(range(told.epoch + 1))
        assert run.metrics() is not None and run.model.is_file() and run.predictions() is not None
        assert contents(earlier.folder) == saved


@pytest.mark.parametrize("victim", ["web", "engine", "worker"])
def test_upload_is_whole_or_not_there_after_a_kill(workspace: Workspace, victim: str, ended_at_last: None) -> None:
    content = b"x,y,result\n" + b"".join(b"%d,%d,%d\n" % (n, n * 7 % 101, n % 2) for n in range(1_200_000))

    async def upload(address: str, kill: Callable[[], None]) -> None:
        async with Visitor(address, 0, "visitor000x00000000") as visitor:
            going = asyncio.create_task(visitor.upload("big.csv", content))
            while not list(workspace.root.glob("visitors/*/uploads/*")):
                await asyncio.sleep(0.005)
            kill()
            await asyncio.wait_for(asyncio.gather(going, return_exceptions=True), PATIENCE)

    with running(workspace) as (address, _, processes):
        asyncio.run(upload(address, lambda: os.kill(processes[victim], signal.SIGKILL)))
    (own,) = [each for each in workspace.everyone() if each.root != workspace.root]
    whole = [path for path in (own.root / "uploads").iterdir() if len(path.name) == 64]
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in whole)
    draft = load_draft(own)
    assert draft is None or draft.data.source.fingerprint in {path.name for path in whole}
    assert victim == "web" or draft is not None
    with running(workspace) as (address, *_):
        assert journey(address, "visitor001x00000001", 1) == []


def test_two_servers_on_one_workspace_share_one_engine_and_outlive_each_other(
    workspace: Workspace, draft_of: Draft, ended_at_last: None
) -> None:
    def engines() -> list[psutil.Process]:
        found = psutil.process_iter(["cmdline"])
        return [each for each in found if (each.info["cmdline"] or [""])[-1] == str(workspace.engine)]

    with served(workspace.root) as (second, _):
        with served(workspace.root) as (first, web):
            Engine(workspace).ask(answer, "is_ready", seconds=PATIENCE)
            assert len(engines()) == 1
            assert journey(first, "visitor000x00000000", 0) == []
            assert journey(second, "visitor001x00000001", 1) == []
            os.kill(web, signal.SIGKILL)
        assert journey(second, "visitor002x00000002", 2) == []
        with served(workspace.root):
            until(lambda: len(engines()) == 1)
            time.sleep(3)
        assert journey(second, "visitor003x00000003", 3) == []
    runs = [run for own in workspace.everyone() for run in all_runs(own)]
    assert [(progress(run).state, progress(run).attempts) for run in runs] == [("finished", 1)] * 4


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace on a disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], capture_output=True).returncode:
        pytest.skip("mounting a small disk is for root")
    monkeypatch.setenv("MUFFIN_WORKSPACE", str(folder))
    yield Workspace(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_full_disk_is_a_sentence_and_the_app_goes_on_once_there_is_room(small_disk: Workspace) -> None:
    content = b"x,y,result\n" + b"".join(b"%d,%d,%d\n" % (n, n * 7 % 101, n % 2) for n in range(500_000))

    async def upload(address: str) -> list[str]:
        async with Visitor(address, 0, "visitor000x00000000") as visitor:
            await visitor.upload("big.csv", content)
            return visitor.seen.errors

    with served(small_disk.root) as (address, _):
        engine = Engine(small_disk)
        try:
            engine.ask(answer, "is_ready", seconds=PATIENCE)
            (said,) = asyncio.run(upload(address))
            assert "disk is full" in said
            assert journey(address, "visitor001x00000001", 1) == []
        finally:
            engine.client().shutdown()
