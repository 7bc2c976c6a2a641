"""Whoever can read the folder can show the run."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.errors import UserError
from core.progress import from_events, progress
from core.run_files import config_of
from core.runs import Run, all_runs, newest_run
from core.spec import RunConfig
from core.workspace import Workspace
from tests.conftest import grades


@pytest.fixture
def run(workspace: Workspace, draft_of: Callable[..., RunConfig]) -> Run:
    return Run.create(workspace, draft_of(grades()))


def test_config_comes_back_as_it_was(run: Run, workspace: Workspace) -> None:
    assert Run(workspace, run.id).config == run.config
    assert progress(run).state == "queued"


def test_torn_last_line_is_ignored_and_the_next_event_survives(run: Run) -> None:
    with open(run.folder / "events.jsonl", "ab") as file:
        file.write(b'{"event": "epoch", "epo')
    assert [event["event"] for event in run.events()] == ["queued"]
    run.append("started")
    assert [event["event"] for event in run.events()] == ["queued", "started"]


def test_infinite_number_never_reaches_the_events(run: Run) -> None:
    with pytest.raises(ValueError):
        run.append("epoch", loss=float("nan"))
    assert progress(run).state == "queued"


def test_state_is_a_function_of_the_events() -> None:
    def event(name: str, **fields: object) -> dict:
        return {"event": name, "time": 0.0, **fields}

    epochs = [event("epoch", epoch=e, loss=1.0, val_loss=1.0, metric=0.5, val_metric=0.5) for e in (0, 1, 2, 1, 2)]
    begun = [event("queued"), event("started", from_epoch=None), *epochs[:3]]
    resumed = [*begun, event("started", from_epoch=0), *epochs[3:]]
    assert from_events([], 9).state == "queued"
    assert from_events(begun, 9).state == "running"
    told = from_events(resumed, 9)
    assert [row["epoch"] for row in told.history] == [0, 1, 2]
    assert (told.attempts, told.resumed_at) == (2, 0)
    assert from_events([*resumed, event("finished", best_epoch=1)], 9).facts == {"best_epoch": 1}
    failed = from_events([*begun, event("failed", problem="It broke.", remedy="Mend it.")], 9)
    assert (failed.state, failed.problem, failed.remedy) == ("failed", "It broke.", "Mend it.")


def test_arrays_come_back_exactly(run: Run) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "epoch": np.array(7)}
    run.save_checkpoint(arrays)
    loaded = run.load_checkpoint()
    assert loaded is not None
    np.testing.assert_array_equal(loaded["a"], arrays["a"])
    weights = [np.full((2,), float(i)) for i in range(12)]
    run.save_weights(weights)
    assert [int(array[0]) for array in run.load_weights()] == list(range(12))


def test_finishing_removes_what_only_a_running_run_needs(run: Run) -> None:
    run.save_checkpoint({"a": np.zeros(2)})
    run.request_stop()
    run.finish("stopped", best_epoch=0)
    left = {path.name for path in run.folder.iterdir()}
    assert left == {"config.json", "events.jsonl"}
    assert progress(run).state == "stopped"


def test_failure_is_told_on_a_full_disk_by_giving_up_the_reserve(run: Run) -> None:
    assert (run.folder / "reserve").stat().st_size > 10_000
    run.fail("The disk is full.", "Free some space.")
    assert not (run.folder / "reserve").exists()
    assert progress(run).problem == "The disk is full."


def test_renaming_keeps_the_config_and_refuses_an_empty_name(run: Run) -> None:
    before = (run.folder / "config.json").read_bytes()
    run.rename("  My <b>best</b>\nrun ")
    assert run.name == "My <b>best</b> run"
    assert (run.folder / "config.json").read_bytes() == before
    with pytest.raises(UserError, match="at least one letter"):
        run.rename("   ")


def test_deleted_run_is_gone_and_named_so(run: Run, workspace: Workspace) -> None:
    run.delete()
    assert all_runs(workspace) == []
    with pytest.raises(UserError, match="deleted"):
        Run(workspace, run.id)


@pytest.mark.parametrize("name", ["../../etc", "", "20260101-000000-zzzzzz", "x" * 300, "20260101-000000-abcdef/.."])
def test_names_from_outside_never_become_a_path(workspace: Workspace, name: str) -> None:
    with pytest.raises(UserError):
        Run(workspace, name)
    with pytest.raises(UserError):
        workspace.upload(name)


def test_predictions_and_sealed_predictions_are_kept_apart(run: Run) -> None:
    frame = pd.DataFrame({"row": [1, 2], "prediction": [0.5, 0.25]})
    run.save_predictions(frame)
    assert run.predictions(sealed=True) is None
    pd.testing.assert_frame_equal(run.predictions(), frame)


def test_folder_of_another_make_is_skipped(run: Run, workspace: Workspace) -> None:
    (workspace.root / "runs" / "20250101-000000-aaaaaa").mkdir()
    (workspace.root / "runs" / "notes").mkdir()
    assert [each.id for each in all_runs(workspace)] == [run.id]


def test_config_is_plain_json(run: Run) -> None:
    values = json.loads((run.folder / "config.json").read_text())
    assert set(values) == {"version", "name", "data", "network", "training", "origin"}


def test_failed_run_keeps_no_checkpoint(run: Run) -> None:
    run.save_checkpoint({"weights": np.zeros(3)})
    run.fail("The disk is full.", "Free some space.")
    assert run.load_checkpoint() is None


def test_run_of_another_version_hides_no_other_run(run: Run, workspace: Workspace) -> None:
    strange = Run.create(workspace, run.config)
    (strange.folder / "config.json").write_text('{"version": 99}')
    assert [found.id for found in all_runs(workspace)] == [run.id]


def test_run_deleted_in_another_tab_is_a_sentence(run: Run, workspace: Workspace) -> None:
    Run(workspace, run.id).delete()
    with pytest.raises(UserError, match="This run is not here"):
        progress(run)


def test_events_are_read_again_only_when_something_was_told(
    run: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert progress(run).state == "queued"
    run.append("started", from_epoch=None)
    assert progress(run).state == "running"
    monkeypatch.setattr(Run, "events", lambda _: 1 / 0)
    assert progress(Run(workspace, run.id)).state == "running"


def test_newest_run_is_found_without_reading_the_others(
    workspace: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"2026010{day}-093000-1a2b3c" for day in range(1, 4)]
    for number, name in enumerate(ids):
        folder = workspace.run(name)
        folder.mkdir()
        (folder / "config.json").write_bytes(b"damaged" if number == 2 else (run.folder / "config.json").read_bytes())
    run.delete()
    read = []
    monkeypatch.setattr("core.runs.config_of", lambda path: read.append(path.parent.name) or config_of(path))
    found = newest_run(workspace)
    assert found is not None and found.id == ids[1]
    assert read == [ids[2], ids[1]]
    assert [each.id for each in all_runs(workspace)] == [ids[1], ids[0]]


def test_no_run_is_the_newest_where_there_is_none(workspace: Workspace) -> None:
    assert newest_run(workspace) is None
