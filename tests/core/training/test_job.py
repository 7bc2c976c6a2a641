"""A run from its folder to its metrics, and every way in which it can end."""

import errno
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from core.progress import progress
from core.runs import Run
from core.spec import RunConfig
from core.training.job import train_run
from core.workspace import Workspace
from tests.conftest import grades, response

Draft = Callable[..., RunConfig]


def trained(workspace: Workspace, config: RunConfig) -> Run:
    run = Run.create(workspace, config)
    train_run(str(workspace.root), run.id)
    return run


def three_kinds(rows: int = 90) -> pd.DataFrame:
    generator = np.random.default_rng(1)
    frame = pd.DataFrame(generator.normal(size=(rows, 3)), columns=["u", "v", "w"])
    frame["kind"] = np.array(["a", "b", "c"])[np.argmax(frame[["u", "v", "w"]].to_numpy(), axis=1)]
    return frame


@pytest.mark.parametrize(
    ("frame", "task", "columns"),
    [(grades(), "binary", 2), (three_kinds(), "multiclass", 3), (response(), "regression", 0)],
)
def test_run_ends_with_model_predictions_and_metrics(
    workspace: Workspace, draft_of: Draft, frame: pd.DataFrame, task: str, columns: int
) -> None:
    run = trained(workspace, draft_of(frame))
    told, predictions, metrics = progress(run), run.predictions(), run.metrics()
    assert told.state == "finished", told.problem
    assert [row["epoch"] for row in told.history] == [0, 1, 2, 3]
    assert run.config.data.task == task
    assert predictions is not None and metrics is not None
    assert set(predictions["part"]) == {"train", "validation"}
    assert sum(name.startswith("probability_") for name in predictions) == columns
    facts = run.dataset()
    assert facts is not None
    assert len(predictions) == facts["rows"]["train"] + facts["rows"]["validation"] < len(frame)
    assert metrics["parts"]["validation"]["rows"] == facts["rows"]["validation"]
    assert metrics["verdict"]["sentence"]
    assert {line["key"] for line in metrics["baselines"]} >= {"mean" if task == "regression" else "majority"}
    assert run.model.stat().st_size > 1000


def test_same_config_gives_the_same_result(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())
    first, second = trained(workspace, config), trained(workspace, config)
    pd.testing.assert_frame_equal(first.predictions(), second.predictions())
    other = trained(workspace, config.change(training=config.training.change(seed=5).model_dump()))
    assert not np.allclose(first.predictions()["probability_1"], other.predictions()["probability_1"])


def test_network_learns_what_can_be_learned(workspace: Workspace, draft_of: Draft) -> None:
    run = trained(workspace, draft_of(response(120), epochs=150, learning_rate=0.01))
    assert run.metrics()["parts"]["validation"]["metrics"]["r2"]["value"] > 0.9


def test_deleted_upload_is_a_failure_with_its_reason(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(grades())
    workspace.upload(config.data.source.fingerprint).unlink()
    for table in (workspace.root / "tables").iterdir():
        for file in table.iterdir():
            file.unlink()
        table.rmdir()
    told = progress(trained(workspace, config))
    assert told.state == "failed"
    assert "table.csv" in told.problem and told.remedy


def test_full_disk_is_a_failure_with_its_reason(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Run, "save_predictions", full)
    told = progress(trained(workspace, draft_of(grades())))
    assert (told.state, told.problem.startswith("The disk is full")) == ("failed", True)


def test_unexpected_error_goes_to_the_log_and_not_to_the_page(
    workspace: Workspace, draft_of: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "save_dataset", lambda *_: 1 / 0)
    run = trained(workspace, draft_of(grades()))
    told = progress(run)
    assert told.state == "failed"
    assert "ZeroDivisionError" in told.problem and "Traceback" not in told.problem
    assert "Traceback" in (run.folder / "log.txt").read_text()


def test_run_that_killed_its_worker_three_times_ends_as_failed(workspace: Workspace, draft_of: Draft) -> None:
    run = Run.create(workspace, draft_of(grades()))
    for _ in range(3):
        run.append("started", from_epoch=None)
    train_run(str(workspace.root), run.id)
    told = progress(run)
    assert told.state == "failed"
    assert "3 times" in told.problem and "memory" in told.problem


def test_training_that_runs_away_is_named(workspace: Workspace, draft_of: Draft) -> None:
    config = draft_of(response(), optimizer="sgd", learning_rate=10.0, epochs=50)
    layers = [{"kind": "Dense", "units": 8, "activation": "linear"}] * 3
    config = config.change(
        network={"preset": "custom", "layers": layers},
        training={**config.training.model_dump(), "early_stopping": False},
    )
    told = progress(trained(workspace, config))
    assert told.state == "failed"
    assert "ran away" in told.problem and "learning rate" in told.remedy


def test_run_that_ended_is_not_trained_again(workspace: Workspace, draft_of: Draft) -> None:
    run = trained(workspace, draft_of(grades()))
    before = run.events()
    train_run(str(workspace.root), run.id)
    assert run.events() == before


def test_run_deleted_while_it_waited_is_nobodys_error(workspace: Workspace, draft_of: Draft) -> None:
    run = Run.create(workspace, draft_of(grades()))
    run.delete()
    assert train_run(str(workspace.root), run.id) == run.id


def test_model_file_gives_the_kept_predictions_also_far_from_zero(workspace: Workspace, draft_of: Draft) -> None:
    frame = response()
    frame["response"] = 1.7e9 + 10 * frame["response"]
    run = trained(workspace, draft_of(frame))
    kept, facts = run.predictions(), run.dataset()
    assert kept is not None and facts is not None
    numbers = frame[facts["preprocessing"]["number_names"]].to_numpy(np.float32)
    answers = keras.models.load_model(run.model, compile=False).predict(numbers, verbose=0)[:, 0]
    np.testing.assert_allclose(answers[kept["row"] - 1], kept["prediction"], rtol=0, atol=1e-3)
