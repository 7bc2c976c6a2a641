"""Networks that were left out of a project file answer exactly as before, once they were built again."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.cli import project as command
from core.errors import UserError
from core.project import read_project, without_network
from core.run_compare import scores
from core.runs import Run, all_runs
from core.spec import RunConfig
from core.study_runs import refit
from core.training import answer
from core.training.job import train_run
from core.workspace import Workspace
from tests.conftest import grades, response
from tests.core.project.made_projects import files_in, packed, project_of
from tests.core.training.image_cases import image_config, pictures
from tests.core.training.image_cases import trained as trained_images
from tests.core.training.study_cases import study_of, trained, with_network


def ask(question: str, run: Run, *values: object) -> object:
    return answer(question, str(run.workspace.root), run.id, *values)


def trained_run(workspace: Workspace, config: RunConfig) -> Run:
    run = Run.create(workspace, config)
    train_run(str(workspace.root), run.id)
    return run


@pytest.fixture
def other(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "other")


def taken_in(other: Workspace, *runs: Run) -> list[Run]:
    """The same runs in another workspace, in the same order, with networks."""
    read_project(other, io.BytesIO(project_of(runs[0].workspace, *runs)))
    for run in without_network(other):
        assert ask("restore_model", run) is True
    return [Run(other, run.id) for run in runs]


@pytest.mark.parametrize("frame", [grades(), response()], ids=["classes", "numbers"])
def test_network_on_a_table_answers_the_same(
    workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig], frame: pd.DataFrame
) -> None:
    layers = [{"kind": "Dense", "units": 5}, {"kind": "BatchNormalization"}, {"kind": "Dropout"}]
    run = trained_run(workspace, with_network(draft_of(frame), *layers))
    ask("open_test", run)
    (copy,) = taken_in(other, run)
    source = run.table_config.data.source.model_dump()
    before, after = ask("predict_table", run, source), ask("predict_table", copy, source)
    pd.testing.assert_frame_equal(after[0], before[0])
    assert copy.test() == run.test()
    assert ask("open_test", copy)["parts"] == run.test()["parts"]
    assert ask("feature_importance", copy) == ask("feature_importance", run)
    assert len(keras.models.load_model(copy.model).inputs) == len(keras.models.load_model(run.model).inputs)


def test_network_on_pictures_answers_the_same(tmp_path: Path, other: Workspace) -> None:
    workspace = Workspace(tmp_path / "own")
    run = trained_images(workspace, image_config(workspace, pictures(12)))
    (copy,) = taken_in(other, run)
    pixels = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
    before, after = ask("predict_pixels", run, pixels), ask("predict_pixels", copy, pixels)
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


def test_runs_compare_as_before(workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    config = draft_of(grades())
    first, second = (trained_run(workspace, with_network(config, {"kind": "Dense", "units": n})) for n in (3, 4))
    assert scores(taken_in(other, first, second), "accuracy") == scores([first, second], "accuracy")


def test_study_goes_on_elsewhere(workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig]) -> None:
    """Its networks open with the same scores, and a setting of it trains with the same held-out answers."""
    study = trained(study_of(workspace, with_network(draft_of(grades())), {}, folds=2, seeds=1))
    used = refit(study, 0)
    train_run(str(workspace.root), used.id)
    imported = read_project(other, io.BytesIO(project_of(workspace, used)))
    (same,) = imported.studies
    before, after = (Run(each.workspace, str(ask("open_member", each, 1))) for each in (study, same))
    assert after.metrics() == before.metrics()
    again = refit(same, 0)
    train_run(str(other.root), again.id)
    assert again.metrics() == used.metrics()


def test_network_in_the_file_is_refused_and_never_opened(
    workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig], tmp_path: Path
) -> None:
    """Not even one whose layers are code, as Lambda layers are."""
    run = trained_run(workspace, draft_of(grades()))
    evil = keras.Sequential([keras.Input((1,)), keras.layers.Lambda(lambda x: x)])
    evil.save(tmp_path / "evil.keras")
    files = files_in(project_of(workspace, run))
    with pytest.raises(UserError, match=r"model\.keras.*no project file has"):
        read_project(other, packed({**files, f"runs/{run.id}/model.keras": (tmp_path / "evil.keras").read_bytes()}))


def test_weights_of_another_shape_are_a_sentence(
    workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = trained_run(workspace, draft_of(grades()))
    numbers = np.concatenate([array.ravel() for array in run.load_weights()])
    run.save_weights([numbers])
    read_project(other, io.BytesIO(project_of(workspace, run)))
    with pytest.raises(UserError, match="not those of its network"):
        ask("restore_model", Run(other, run.id))
    assert not Run(other, run.id).model.exists()


def test_predictions_of_rows_that_the_data_does_not_have_get_no_network(
    workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig]
) -> None:
    run = trained_run(workspace, draft_of(grades()))
    run.save_predictions(run.predictions().assign(row=lambda frame: frame["row"] + 10**9))
    read_project(other, io.BytesIO(project_of(workspace, run)))
    with pytest.raises(UserError, match="not about the data"):
        ask("restore_model", Run(other, run.id))
    assert without_network(other) and not Run(other, run.id).model.exists()


class Here:
    """An engine that answers in this process."""

    def __init__(self, workspace: Workspace) -> None:
        pass

    def ask(self, question: Callable[..., object], *values: object, **more: object) -> object:
        return question(*values)


def closing(text: str) -> dict:
    return json.loads(text.strip().splitlines()[-1])


def test_command_line_carries_a_run_to_another_workspace(
    workspace: Workspace, other: Workspace, draft_of: Callable[..., RunConfig], tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(command, "Engine", Here)
    run = trained_run(workspace, draft_of(grades()))
    out = tmp_path / "homework.zip"
    assert main(["export", run.id, "--out", str(out)]) == 0
    assert closing(capsys.readouterr().out) == {"out": str(out), "bytes": out.stat().st_size}
    assert main(["import", str(out), "--workspace", str(other.root)]) == 0
    assert closing(capsys.readouterr().out) == {"runs": [run.id], "studies": [], "notes": []}
    copy = Run(other, run.id)
    source = run.table_config.data.source.model_dump()
    assert ask("predict_table", copy, source)[0].equals(ask("predict_table", run, source)[0])
    assert main(["export", run.id, "--format", "keras", "--out", str(tmp_path / "network.keras")]) == 0
    assert len(keras.models.load_model(tmp_path / "network.keras").inputs) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "--out", "x.zip"], "--all, were expected"),
        (["export", "20260101-000000-abcdef", "--all"], "--all, were expected"),
        (["export", "20260101-000000-abcdef"], "This run is not here"),
        (["export", "../../etc"], "There is no"),
        (["export", "--all", "--format", "keras"], "takes exactly one run"),
        (["export", "--all", "--out", "nowhere/x.zip"], "cannot be written"),
        (["import", "nowhere.zip"], "nowhere.zip"),
        (["import", "bad.zip"], "A project file was expected"),
    ],
)
def test_wrong_calls_are_a_sentence_and_leave_no_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], words: str,
) -> None:  # fmt: skip
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("bad.zip").write_bytes(b"bad")
    assert main(arguments) == 1
    assert words in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["bad.zip"]
    assert all_runs(workspace) == []
