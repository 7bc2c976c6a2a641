"""What was written into a project file is the same after it was read, and only what may be there is there."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.images.read import load_images
from core.data.load import load_joined
from core.draft import load_draft
from core.errors import UserError
from core.progress import progress
from core.project import project_size, read_project, without_network, write_project
from core.runs import Run, all_runs
from core.spec import ImageConfig
from core.studies import Study, all_studies
from core.study_draft import load_study_draft
from core.study_progress import study_progress
from core.workspace import Workspace
from tests.core.project.made_projects import (
    files_in,
    made_image_run,
    made_run,
    made_study,
    made_workspace,
    project_of,
    tampered,
)
from tests.pages.made_runs import config_for


@pytest.fixture
def other(tmp_path: Path) -> Workspace:
    """An empty workspace of somebody else."""
    return Workspace(tmp_path / "other")


def same_run(before: Run, after: Run) -> None:
    assert after.config == before.config
    assert (after.events(), after.title) == (before.events(), before.title)
    assert (after.metrics(), after.dataset()) == (before.metrics(), before.dataset())
    assert (after.importance(), after.test(), after.robustness()) == (
        before.importance(), before.test(), before.robustness()
    )  # fmt: skip
    for sealed in (False, True):
        old, new = before.predictions(sealed), after.predictions(sealed)
        assert (old is None) == (new is None)
        if old is not None:
            pd.testing.assert_frame_equal(new, old)
    for old, new in zip(before.load_weights(), after.load_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


def same_study(before: Study, after: Study) -> None:
    assert (after.spec, after.chunks, after.result()) == (before.spec, before.chunks, before.result())
    assert after.events() == before.events()
    for name, array in vars(before.board()).items():
        np.testing.assert_array_equal(getattr(after.board(), name), array)
    np.testing.assert_array_equal(after.curves()[1], before.curves()[1])
    for chunk in before.chunks:
        for old, new in ((before.weights(chunk), after.weights(chunk)), (before.answers(chunk), after.answers(chunk))):
            assert old.keys() == new.keys()
            assert all(np.array_equal(new[name], array) for name, array in old.items())


def test_everything_of_a_workspace_comes_back(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    imported = read_project(other, io.BytesIO(project_of(workspace)))
    before = {run.id: run for run in all_runs(workspace)}
    assert {run.id for run in imported.runs} == before.keys() == {run.id for run in all_runs(other)}
    ended = [run for run in imported.runs if progress(run).state == "finished"]
    assert len(ended) == 2
    for run in ended:
        same_run(before[run.id], run)
    same_study(all_studies(workspace)[0], imported.studies[0])
    assert load_draft(other) == load_draft(workspace)
    assert load_study_draft(other).folds == 7


def test_data_is_there_to_go_on_with(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    read_project(other, io.BytesIO(project_of(workspace)))
    tables, pictures = set(), set()
    for run in all_runs(other):
        if isinstance(run.config, ImageConfig):
            pictures.add(len(load_images(other, run.config.data.source)))
        else:
            tables.add(load_joined(other, run.config.data).rows)
    assert (tables, pictures) == ({120}, {16})


def test_what_can_be_worked_out_again_and_networks_stay_behind(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    names = files_in(project_of(workspace))
    assert {name.split("/")[0] for name in names} == {
        "muffin.json", "draft.json", "study_draft.json", "uploads", "runs", "studies"
    }  # fmt: skip
    assert not [name for name in names if name.endswith((".keras", "reserve", "stop", "checkpoint.npz", "log.txt"))]
    imported = read_project(other, io.BytesIO(project_of(workspace)))
    assert not any(run.model.exists() for run in imported.runs)
    assert {run.id for run in without_network(other)} == {run.id for run in imported.runs if run.metrics()}


def test_manifest_names_the_versions_that_count(workspace: Workspace) -> None:
    told = json.loads(files_in(project_of(workspace))["muffin.json"])
    assert told["format"] == 1
    assert {"keras", "numpy", "pandas"} <= told["versions"].keys()


def test_run_that_trains_arrives_as_failed_with_the_reason(workspace: Workspace, other: Workspace) -> None:
    waiting = Run.create(workspace, config_for(workspace, "binary"))
    training = Run.create(workspace, config_for(workspace, "binary"))
    training.append("started", from_epoch=None)
    training.save_checkpoint({"weights": np.zeros(3)})
    training.request_stop()
    imported = read_project(other, io.BytesIO(project_of(workspace, waiting, training)))
    for run in imported.runs:
        told = progress(run)
        assert (told.state, "still waiting or training" in told.problem, bool(told.remedy)) == ("failed", True, True)
        assert {path.name for path in run.folder.iterdir()} == {"config.json", "events.jsonl"}
    assert any("had not ended" in note for note in imported.notes)
    assert progress(training).state == "running"


def test_study_that_trains_arrives_as_failed_with_the_reason(workspace: Workspace, other: Workspace) -> None:
    study = made_study(workspace)
    (study.folder / "events.jsonl").write_text('{"event": "started", "time": 1.0}\n')
    imported = read_project(other, io.BytesIO(project_of(workspace, study)))
    assert study_progress(imported.studies[0]).state == "failed"
    assert imported.studies[0].board().epoch.tolist() == [-1] * 8


def test_failed_and_withdrawn_runs_arrive_as_they_were(workspace: Workspace, other: Workspace) -> None:
    failed, withdrawn = (Run.create(workspace, config_for(workspace, "binary")) for _ in range(2))
    failed.fail("It broke.", "Mend it.")
    withdrawn.withdraw()
    imported = read_project(other, io.BytesIO(project_of(workspace)))
    assert {run.id: progress(run).state for run in imported.runs} == {failed.id: "failed", withdrawn.id: "stopped"}
    assert progress(Run(other, failed.id)).problem == "It broke."


def test_run_whose_files_are_lost_in_part_does_not_spoil_the_file(workspace: Workspace, other: Workspace) -> None:
    whole, broken = made_run(workspace), made_run(workspace)
    (broken.folder / "weights.npz").unlink()
    read_project(other, io.BytesIO(project_of(workspace)))
    same_run(whole, Run(other, whole.id))
    assert Run(other, broken.id).metrics() is None


def test_ids_that_are_taken_are_replaced_and_a_run_still_finds_its_study(workspace: Workspace) -> None:
    study, run = made_study(workspace), made_run(workspace)
    config = run.config.change(origin={"study": study.id, "setting": 1})
    (run.folder / "config.json").write_text(config.model_dump_json())
    imported = read_project(workspace, io.BytesIO(project_of(workspace)))
    (new,), (own,) = imported.studies, imported.runs
    assert new.id != study.id and new.id[:15] == study.id[:15]
    assert own.id != run.id and own.id[:15] == run.id[:15]
    assert own.config.origin.study == new.id
    assert Run(workspace, run.id).config.origin.study == study.id
    assert any("ids that are taken" in note for note in imported.notes)
    assert own.metrics() == run.metrics()


def test_chosen_run_brings_its_study_and_its_data_and_nothing_else(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    study = all_studies(workspace)[0]
    run = made_run(workspace, "regression")
    config = run.config.change(origin={"study": study.id, "setting": 1})
    (run.folder / "config.json").write_text(config.model_dump_json())
    project = project_of(workspace, run)
    assert "draft.json" not in files_in(project)
    imported = read_project(other, io.BytesIO(project))
    assert ([each.id for each in imported.runs], [each.id for each in imported.studies]) == ([run.id], [study.id])
    assert [path.name for path in (other.root / "uploads").iterdir()] == [run.config.data.source.fingerprint]


def test_without_data_results_come_and_nothing_that_leads_to_a_row(workspace: Workspace, other: Workspace) -> None:
    run, pictures, study = made_run(workspace), made_image_run(workspace), made_study(workspace)
    project = project_of(workspace, run, pictures, study, with_data=False)
    files = files_in(project)
    assert not [name for name in files if name.startswith("uploads/") or name.endswith(("novelty.npz", "answers.npz"))]
    imported = read_project(other, io.BytesIO(project))
    assert any("did not come along" in note for note in imported.notes)
    copy = Run(other, run.id)
    assert copy.metrics() == run.metrics() and "id" not in copy.predictions()
    assert set(Run(other, pictures.id).predictions()["file"]) == {""}
    assert imported.studies[0].result() == study.result()


def test_teacher_puts_two_students_work_side_by_side(tmp_path: Path, other: Workspace) -> None:
    projects = []
    for name in ("ada", "ben"):
        student = Workspace(tmp_path / name)
        run = made_run(student)
        run.rename(f"Homework of {name}")
        projects.append((run, project_of(student)))
    for run, project in projects:
        read_project(other, io.BytesIO(project))
        same_run(run, Run(other, run.id))
    assert {run.name for run in all_runs(other)} == {"Homework of ada", "Homework of ben"}


def test_own_draft_is_kept(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    mine = config_for(other, "regression")
    other.draft.write_text(mine.model_dump_json())
    imported = read_project(other, io.BytesIO(project_of(workspace)))
    assert load_draft(other) == mine
    assert any("choosing right now was kept" in note for note in imported.notes)


def test_large_table_is_not_compressed_so_that_it_never_looks_like_a_bomb(
    workspace: Workspace, other: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("core.project.write.HARMLESS_ENTRY", "core.project.entries.HARMLESS_ENTRY"):
        monkeypatch.setattr(place, 1_000)
    run = made_run(workspace)
    project = project_of(workspace, run)
    with zipfile.ZipFile(io.BytesIO(project)) as file:
        (info,) = [info for info in file.infolist() if info.filename.startswith("uploads/")]
    assert info.compress_type == zipfile.ZIP_STORED
    same_run(run, read_project(other, io.BytesIO(project)).runs[0])


def test_zips_of_pictures_inside_are_not_counted_as_files_of_the_project(
    workspace: Workspace, other: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_image_run(workspace)
    project = project_of(workspace, run)
    monkeypatch.setattr("core.project.entries.MOST_ENTRIES", len(files_in(project)))
    assert len(load_images(workspace, run.image_config.data.source)) > len(files_in(project))
    same_run(run, read_project(other, io.BytesIO(project)).runs[0])


def test_run_named_twice_is_written_once(workspace: Workspace, other: Workspace) -> None:
    run = made_run(workspace)
    imported = read_project(other, io.BytesIO(project_of(workspace, run, run)))
    assert [each.id for each in imported.runs] == [run.id]


def test_run_deleted_while_the_file_is_written_is_a_sentence(workspace: Workspace) -> None:
    run = made_run(workspace)
    with pytest.raises(UserError, match="deleted"):
        write_project(workspace, io.BytesIO(), [run], progress=lambda share: run.delete())


def test_progress_grows_to_the_end(workspace: Workspace, other: Workspace) -> None:
    made_workspace(workspace)
    for act in (lambda tell: write_project(workspace, io.BytesIO(), progress=tell), _reading(workspace, other)):
        told: list[float] = []
        act(told.append)
        assert told == sorted(told) and told[-1] == 1.0 and len(told) > 3 and max(told) <= 1.0


def _reading(workspace: Workspace, other: Workspace) -> Callable[[Callable[[float], None]], object]:
    project = project_of(workspace)
    return lambda tell: read_project(other, io.BytesIO(project), tell)


def test_empty_workspace_is_a_project_too(workspace: Workspace, other: Workspace) -> None:
    imported = read_project(other, io.BytesIO(project_of(workspace)))
    assert (imported.runs, imported.studies, imported.notes) == ([], [], [])


def test_shared_workspace_takes_nothing_in(workspace: Workspace) -> None:
    with pytest.raises(UserError, match="to look at"):
        read_project(workspace.share("x" * 43), io.BytesIO(project_of(workspace)))


def test_other_format_is_said(workspace: Workspace, other: Workspace) -> None:
    project = tampered(project_of(workspace), "muffin.json", lambda values: {**values, "format": 2})
    with pytest.raises(UserError, match="newer Muffin"):
        read_project(other, project)


@pytest.mark.parametrize("with_data", [True, False])
def test_size_that_is_told_before_is_about_that_of_the_file_and_not_less(workspace: Workspace, with_data: bool) -> None:
    made_workspace(workspace)
    records = [*all_studies(workspace), *all_runs(workspace)]
    inside = files_in(project_of(workspace, with_data=with_data))
    unpacked = sum(len(content) for name, content in inside.items() if "/" in name)
    assert unpacked * 0.9 < project_size(workspace, records, with_data) < unpacked * 1.3 + 1000
