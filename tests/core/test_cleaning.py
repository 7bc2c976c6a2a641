"""Idle workspaces go, with what they shared; whoever works, visits or sits at the machine stays."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.cleaning import expires, make_room, remove_idle, working
from core.limits import LIMITS, PROJECT_FILE, all_limits
from core.proposal import propose_files
from core.runs import Run
from core.sharing import share, shares
from core.spec import RunConfig
from core.workspace import Workspace
from tests.conftest import grades

DAY = 24 * 3600.0
Age = Callable[[Workspace, float], None]


def age(path: Path, seconds: float) -> None:
    """Make a file, or a folder and all in it, that much older."""
    for each in [path, *path.rglob("*")]:
        then = each.stat().st_mtime - seconds
        os.utime(each, (then, then))


def draft_in(workspace: Workspace, seed: int = 0) -> RunConfig:
    content = io.BytesIO(grades(seed=seed).to_csv(index=False).encode())
    config, _ = propose_files(workspace, [(workspace.keep(content), "t.csv")])
    return config


def ended_run(workspace: Workspace, seed: int = 0) -> Run:
    run = Run.create(workspace, draft_in(workspace, seed))
    run.save_metrics({})
    run.finish("finished")
    return run


def test_workspace_goes_after_its_days_with_its_shares_and_others_stay(workspace: Workspace) -> None:
    idle, used = workspace.visitor("idle"), workspace.visitor("used")
    given = share(ended_run(idle), with_data=False)
    kept = share(ended_run(used), with_data=False)
    age(idle.root / "visited", 31 * DAY)
    age(used.root / "visited", 29 * DAY)
    assert remove_idle(workspace) == 1
    assert not idle.root.exists() and not workspace.share(given.token).root.exists()
    assert [each.token for each in shares(used)] == [kept.token]
    assert [path.name for path in idle.root.parent.iterdir()] == [used.root.name]


def test_age_counts_from_the_last_visit_not_from_the_first(workspace: Workspace) -> None:
    visitor = workspace.visitor("somebody")
    age(visitor.root, 100 * DAY)
    again = workspace.visitor("somebody")
    assert remove_idle(workspace) == 0
    assert abs(time.time() - again.last_used) < 5


def test_visitor_who_comes_in_the_moment_of_the_removal_keeps_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = workspace.visitor("somebody")
    run = ended_run(visitor)
    age(visitor.root / "visited", 31 * DAY)
    given = share(run, with_data=False)
    moved = os.rename

    def come(source: Path, target: Path) -> None:
        if source == visitor.root:
            (source / "visited").touch()
        moved(source, target)

    monkeypatch.setattr(os, "rename", come)
    assert remove_idle(workspace) == 0
    assert Run(visitor, run.id).metrics() == {}
    assert [each.token for each in shares(visitor)] == [given.token]


def test_visitor_who_comes_while_it_is_looked_for_work_keeps_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = workspace.visitor("somebody")
    run = ended_run(visitor)
    given = share(run, with_data=False)
    age(visitor.root / "visited", 31 * DAY)
    monkeypatch.setattr("core.cleaning.working", lambda found: (found.root / "visited").touch())
    assert remove_idle(workspace) == 0
    assert Run(visitor, run.id).metrics() == {}
    assert [each.token for each in shares(visitor)] == [given.token]


def test_page_that_begins_anew_while_a_workspace_is_moved_away_loses_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = workspace.visitor("somebody")
    run = ended_run(visitor)
    age(visitor.root / "visited", 31 * DAY)
    moved = os.rename

    def come(source: Path, target: Path) -> None:
        if source == visitor.root and not list(workspace.root.glob("visitors/.removed-*")):
            workspace.visitor("somebody")
            moved(source, target)
            workspace.visitor("somebody")
        else:
            moved(source, target)

    monkeypatch.setattr(os, "rename", come)
    assert remove_idle(workspace) == 0
    assert Run(visitor, run.id).metrics() == {}


def test_damaged_workspace_keeps_no_other_from_being_cleaned(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    idle = [workspace.visitor(name) for name in ("first", "second", "third")]
    for visitor in idle:
        age(visitor.root / "visited", 31 * DAY)
    damaged = min(idle, key=lambda visitor: visitor.root)
    (damaged.root / "runs").write_text("no folder")
    given = share(ended_run(workspace), with_data=False)
    about = workspace.share(given.token).root / "share.json"
    about.write_text("{}")
    assert remove_idle(workspace) == 2
    assert [visitor.root.exists() for visitor in sorted(idle, key=lambda each: each.root)] == [True, False, False]
    assert not about.exists()
    assert "Error" in capsys.readouterr().err


def test_what_a_server_that_died_had_begun_to_remove_goes(workspace: Workspace) -> None:
    workspace.visitor("somebody")
    left = workspace.root / "visitors" / ".removed-x"
    left.mkdir()
    (left / "file").touch()
    remove_idle(workspace)
    assert not left.exists()


def test_date_of_removal_is_told_and_moves_on_with_each_visit(workspace: Workspace) -> None:
    visitor = workspace.visitor("somebody")
    days = timedelta(days=all_limits().public.idle_days)
    then = expires(visitor)
    assert then is not None and abs(then - (datetime.now().astimezone() + days)) < timedelta(minutes=1)
    age(visitor.root / "visited", 10 * DAY)
    assert expires(Workspace(visitor.root)) == pytest.approx(then - timedelta(days=10), abs=timedelta(minutes=1))


def test_own_machine_and_shares_have_no_date(workspace: Workspace) -> None:
    age(workspace.visitor("x").root.parent.parent, 1000 * DAY)
    assert expires(workspace) is None
    assert expires(workspace.share("token")) is None


def test_no_date_where_there_is_no_limit(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    visitor = workspace.visitor("somebody")
    for days in ("inf", "1e9"):
        path = tmp_path / f"{days}.toml"
        path.write_text(PROJECT_FILE.read_text().replace("idle_days = 30 ", f"idle_days = {days} "))
        monkeypatch.setenv(LIMITS, str(path))
        assert expires(visitor) is None and remove_idle(workspace) == 0


@pytest.mark.parametrize("state", ["queued", "running"])
def test_workspace_with_work_that_waits_or_trains_stays(workspace: Workspace, state: str) -> None:
    visitor = workspace.visitor("somebody")
    run = Run.create(visitor, draft_in(visitor))
    if state == "running":
        run.append("started", from_epoch=None)
    age(visitor.root / "visited", 400 * DAY)
    assert (working(visitor), remove_idle(workspace)) == (1, 0)
    run.finish("finished")
    assert (working(visitor), remove_idle(workspace)) == (0, 1)


def test_clock_that_was_set_back_removes_nothing_and_a_visit_sets_the_date_right(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = workspace.visitor("somebody")
    ended_run(visitor)
    age(visitor.root / "visited", -400 * DAY)
    assert remove_idle(workspace) == 0 and make_room(visitor, 1e12) == 0
    workspace.visitor("somebody")
    assert abs(time.time() - visitor.last_used) < 5


def test_room_is_made_of_what_can_be_made_again_and_of_what_nothing_refers_to(workspace: Workspace) -> None:
    run = ended_run(workspace)
    export = run.folder / "exports" / "model.onnx"
    export.parent.mkdir(exist_ok=True)
    export.write_bytes(bytes(1000))
    forgotten = draft_in(workspace, seed=1)
    gone = workspace.upload(forgotten.data.source.fingerprint)
    kept = workspace.upload(run.table_config.data.source.fingerprint)
    age(workspace.root, 2 * DAY)
    before = workspace.size()
    assert make_room(workspace, 500) == 1000 and not export.exists() and gone.exists()
    freed = make_room(workspace, 1e12)
    assert not gone.exists() and kept.exists()
    assert len(list((workspace.root / "tables").iterdir())) == 1
    assert workspace.size() == before - 1000 - freed
    assert run.metrics() == {}


def test_room_is_made_of_all_exports_and_of_what_killed_processes_left_but_not_of_what_is_being_made(
    workspace: Workspace,
) -> None:
    run = ended_run(workspace)
    study = workspace.root / "studies" / "20260101-093000-1a2b3c" / "exports"
    of_run = run.folder / "exports"
    left = [workspace.root / ".new-import", of_run / ".new-killed", workspace.root / "runs" / ".new-killed"]
    for folder in (study, of_run, *left):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(bytes(1000))
        age(folder, 2 * DAY)
    making = of_run / ".new-now"
    making.mkdir()
    (making / "model.onnx").write_bytes(bytes(1000))
    assert make_room(workspace, 1e12) == 5000
    assert not any(folder.exists() for folder in left) and not list(study.iterdir())
    assert (making / "model.onnx").exists() and list(of_run.iterdir()) == [making]


def test_everything_deleted_is_everything(workspace: Workspace) -> None:
    visitor = workspace.visitor("somebody")
    ended_run(visitor)
    (visitor.root / ".new-import" / "runs").mkdir(parents=True)
    (visitor.root / ".new-import" / "runs" / "file").write_bytes(bytes(1000))
    (visitor.root / ".new-draft").write_bytes(bytes(1000))
    visitor.clear()
    assert visitor.size() == 0


def test_shares_that_a_killed_process_had_begun_go_and_new_ones_stay(workspace: Workspace) -> None:
    given = share(ended_run(workspace), with_data=False)
    place = workspace.share(given.token).root.parent
    old, deleted, begun = (place / name for name in (".new-old", ".deleted-old", ".new-now"))
    for folder in (old, deleted, begun):
        folder.mkdir()
        (folder / "secret").touch()
    age(old, 2 * DAY)
    age(deleted, 2 * DAY)
    remove_idle(workspace)
    assert not old.exists() and not deleted.exists() and begun.exists()
    assert [each.token for each in shares(workspace)] == [given.token]


def test_upload_that_waits_for_its_draft_is_no_room(workspace: Workspace) -> None:
    key = workspace.keep(io.BytesIO(b"a,b\n1,2\n"))
    assert make_room(workspace, 1e12) == 0 and workspace.upload(key).exists()
