"""A clock that is set back while something trains, or between a crash and the restart."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import cluster
from core.engine import Engine
from core.progress import progress
from core.runs import Run, all_runs
from core.spec import RunConfig
from core.study_progress import study_progress
from core.training.job import train_run
from core.workspace import Workspace
from tests.conftest import grades
from tests.core.training.study_cases import study_of, trained

Draft = Callable[..., RunConfig]
DAY = 24 * 3600.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """``clock(seconds)`` sets the clock back by so many seconds; what counts seconds without a date goes on."""
    behind = [0.0]
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() - behind[0])
    yield lambda seconds: behind.__setitem__(0, behind[0] + seconds)


def test_run_whose_clock_is_set_back_on_the_way_finishes_with_sensible_times(
    workspace: Workspace, draft_of: Draft, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    told_of = Run.append

    def set_back(self: Run, event: str, **fields: object) -> None:
        told_of(self, event, **fields)
        if event == "started":
            clock(DAY)

    monkeypatch.setattr(Run, "append", set_back)
    train_run(str(workspace.root), run.id)
    told = progress(run)
    assert told.state == "finished"
    assert [row["epoch"] for row in told.history] == [0, 1, 2, 3]
    assert 0 <= told.facts["seconds"] < 600


def test_study_whose_clock_is_set_back_on_the_way_finishes_with_sensible_times(
    workspace: Workspace, draft_of: Draft, clock: Callable[[float], None]
) -> None:
    study = study_of(workspace, draft_of(grades()), {"l2": [0.0, 0.01]}, folds=2, seeds=1)
    trained(study, end=False)
    clock(DAY)
    trained(study)
    told = study_progress(study)
    result = study.result()
    assert told.state == "finished" and result is not None
    assert 0 <= result["seconds"] < 600


def test_run_that_nobody_works_on_is_found_though_its_last_word_lies_in_the_future(
    workspace: Workspace, draft_of: Draft, clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run.create(workspace, draft_of(grades()))
    run.append("started", from_epoch=None)
    study = study_of(workspace, draft_of(grades()), {"l2": [0.0, 0.01]}, folds=2, seeds=1)
    clock(DAY)
    recovered: list[Workspace] = []
    monkeypatch.setattr(Engine, "recover", lambda _, own: recovered.append(own))
    Engine(workspace).recover_silent(run)
    Engine(workspace).recover_silent_study(study)
    assert recovered == [workspace, workspace]


def test_engine_that_was_killed_while_it_started_is_started_again_on_a_clock_that_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **_: started.append(arguments))
    cluster.start(tmp_path, cluster.document_time(tmp_path))
    ahead = time.time() + DAY
    os.utime(tmp_path / cluster.LOCK, (ahead, ahead))
    cluster.start(tmp_path, cluster.document_time(tmp_path))
    assert len(started) == 2


def test_runs_that_were_made_before_the_clock_was_set_back_stay(
    workspace: Workspace, draft_of: Draft, clock: Callable[[float], None]
) -> None:
    config = draft_of(grades())
    first = Run.create(workspace, config)
    clock(DAY)
    second = Run.create(workspace, config)
    assert {run.id for run in all_runs(workspace)} == {first.id, second.id}
