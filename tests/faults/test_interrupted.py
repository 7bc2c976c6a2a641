"""Killed, or out of disk, at any change to the workspace: what was saved stays, the rest goes on or says why."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.arrivals import Arrival, propose_arrivals
from core.draft import load_draft, save_draft
from core.errors import UserError
from core.progress import progress
from core.runs import Run, all_runs
from core.spec import RunConfig
from core.studies import Study, all_studies
from core.study_progress import study_progress
from core.training import telling
from core.training.job import train_run
from core.training.study_end import conclude_study
from core.training.study_job import train_chunk
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.core.training.study_cases import study_of
from tests.faults.interrupted import every_place

Draft = Callable[..., RunConfig]
# In the default run at some of the changes, else at all of them.
STEPS = [8, pytest.param(1, marks=pytest.mark.slow)]
SAVED = ("config.json", "dataset.json", "weights.npz", "model.keras", "predictions.parquet", "metrics.json")


@pytest.fixture(autouse=True)
def a_checkpoint_each_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the short trainings here have checkpoints too."""
    monkeypatch.setattr(telling.Checkpoints, "__init__", _eager)


def _eager(self: telling.Checkpoints, run: Run, learner: telling.Resumable, told: telling.Telling) -> None:
    self.run, self.learner, self.told = run, learner, told
    self.last, self.pause = 0.0, 0.0


def contents(folder: Path) -> dict[str, str]:
    """Each file of a folder with the SHA-256 of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def trained(workspace: Workspace, config: RunConfig) -> Run:
    run = Run.create(workspace, config)
    train_run(str(workspace.root), run.id)
    return run


@pytest.mark.parametrize("step", STEPS)
def test_run_killed_at_any_change_is_resumed_and_ends_as_if_nothing_had_happened(
    workspace: Workspace, draft_of: Draft, step: int
) -> None:
    config = draft_of(grades())
    whole = trained(workspace, config)
    saved = contents(whole.folder)
    for interruption in every_place(workspace.root, step=step):
        run = Run.create(workspace, config)
        with interruption:
            train_run(str(workspace.root), run.id)
        reported = progress(run).state
        assert reported in ("queued", "running", "finished"), interruption.where
        train_run(str(workspace.root), run.id)
        told = progress(run)
        assert (told.state, told.problem) == ("finished", ""), interruption.where
        assert [row["epoch"] for row in told.history] == [0, 1, 2, 3], interruption.where
        pd.testing.assert_frame_equal(run.predictions(), whole.predictions())
        assert set(SAVED) <= {path.name for path in run.folder.iterdir()}
        assert run.metrics()["verdict"] == whole.metrics()["verdict"]
        run.delete()
    assert contents(whole.folder) == saved


@pytest.mark.parametrize("step", STEPS)
def test_run_that_meets_a_full_disk_at_any_change_fails_with_that_reason(
    workspace: Workspace, draft_of: Draft, step: int
) -> None:
    config = draft_of(grades())
    whole = trained(workspace, config)
    saved = contents(whole.folder)
    for interruption in every_place(workspace.root, full=True, step=step):
        run = Run.create(workspace, config)
        with interruption:
            train_run(str(workspace.root), run.id)
        told = progress(run)
        assert told.state == ("failed" if interruption.happened else "finished"), interruption.where
        if interruption.happened:
            assert told.problem.startswith("The disk is full"), interruption.where
        run.delete()
    assert contents(whole.folder) == saved


@pytest.mark.parametrize("full", [False, True])
def test_upload_interrupted_at_any_change_leaves_nothing_half(
    tmp_path: Path, workspace: Workspace, draft_of: Draft, full: bool
) -> None:
    before = save_draft(workspace, draft_of(response(), name="before.csv"))
    content = grades().to_csv(index=False).encode()
    for interruption in every_place(tmp_path, full):
        own = Workspace(tmp_path / f"workspace-{interruption.at}")
        save_draft(own, before)
        with interruption:
            try:
                save_draft(own, propose_arrivals(own, [Arrival("marks.csv", io.BytesIO(content))]))
            except UserError as error:
                assert "disk is full" in error.problem
            except OSError:
                assert interruption.where.endswith(".json") or ".new-" in interruption.where
        uploads = [path for path in (own.root / "uploads").glob("*") if len(path.name) == 64]
        assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in uploads)
        draft = load_draft(own)
        assert draft is not None and draft.data.source.name in ("before.csv", "marks.csv"), interruption.where
        again = propose_arrivals(own, [Arrival("marks.csv", io.BytesIO(content))])
        assert again.data.target == "result", interruption.where


@pytest.mark.parametrize("full", [False, True])
def test_run_that_was_only_half_made_is_no_run(workspace: Workspace, draft_of: Draft, full: bool) -> None:
    config = draft_of(grades())
    made = 0
    for interruption in every_place(workspace.root, full):
        with interruption:
            try:
                Run.create(workspace, config)
            except OSError:
                assert full
        runs = all_runs(workspace)
        assert all(progress(run).state == "queued" and run.config == config for run in runs), interruption.where
        made = len(runs)
    assert made >= 1


def test_run_deleted_halfway_is_gone(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())
    for interruption in every_place(workspace.root):
        run = Run.create(workspace, config)
        with interruption:
            run.delete()
        if interruption.at == 0 and interruption.happened:
            run.delete()
        assert all_runs(workspace) == [], interruption.where


@pytest.mark.slow
def test_study_killed_at_any_change_is_resumed_and_gives_the_same_answer(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())

    def work(study: Study) -> None:
        for chunk in study.chunks:
            train_chunk(str(workspace.root), study.id, chunk.number)
        conclude_study(str(workspace.root), study.id)

    def make() -> Study:
        groups = [(fold, 0) for fold in range(2)]
        return study_of(workspace, config, {"l2": [0.0, 0.01]}, [((0,), groups), ((1,), groups)], folds=2, seeds=1)

    whole = make()
    work(whole)
    answer = whole.result()
    assert answer is not None
    for interruption in every_place(workspace.root):
        study = make()
        with interruption:
            work(study)
        work(study)
        told = study_progress(study)
        assert (told.state, told.problem) == ("finished", ""), interruption.where
        result = study.result()
        assert result is not None
        assert {**result, "seconds": 0} == {**answer, "seconds": 0}, interruption.where
        study.delete()
    assert [study.id for study in all_studies(workspace)] == [whole.id]


@pytest.mark.slow
def test_study_that_meets_a_full_disk_at_any_change_says_so(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())
    for interruption in every_place(workspace.root, full=True):
        study = study_of(workspace, config, {"l2": [0.0, 0.01]}, folds=2, seeds=1)
        with interruption:
            for chunk in study.chunks:
                train_chunk(str(workspace.root), study.id, chunk.number)
            conclude_study(str(workspace.root), study.id)
        told = study_progress(study)
        assert told.done, interruption.where
        if interruption.happened:
            problem = told.problem or told.facts.get("problem", "")
            assert problem.startswith("The disk is full"), interruption.where
        study.delete()
