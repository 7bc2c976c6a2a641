"""What options and settings lead to, and how ``train`` ends in every case."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import _parser, main
from core.cli import train as command
from core.cli.settings import configure
from core.errors import UserError
from core.progress import progress
from core.runs import Run, all_runs
from core.spec import RunConfig
from core.training.job import train_run
from core.workspace import Workspace
from tests.conftest import grades, response


class AtOnce:
    """An engine that trains in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self.stopped = False

    def submit(self, run: Run) -> None:
        train_run(str(run.workspace.root), run.id)

    def recover_silent(self, run: Run) -> None:
        raise AssertionError("the run has ended")


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Grades, with the pupils' school."""
    frame = grades(80)
    frame["school"] = np.arange(80) // 4
    frame.to_csv(tmp_path / "grades.csv", index=False)
    return str(tmp_path / "grades.csv")


def options(*arguments: str) -> Namespace:
    return _parser().parse_args(["train", *arguments])


def configured(workspace: Workspace, *arguments: str) -> RunConfig:
    return configure(options(*arguments), workspace)[0]


def config_file(tmp_path: Path, values: Any) -> str:
    (tmp_path / "given.json").write_text(json.dumps(values))
    return str(tmp_path / "given.json")


def test_options_win_over_the_config_file_and_set_over_both(workspace: Workspace, table: str, tmp_path: Path) -> None:
    file = config_file(
        tmp_path,
        {
            "data": {"target": "track", "group_column": None, "drop": ["history"], "split": {"test": 0.3}},
            "training": {"epochs": 7, "batch_size": 9},
        },
    )
    config = configured(
        workspace, table, "--config", file, "--target", "result", "--group", "school", "--drop", "1",
        "--set", "training.epochs=8",
    )  # fmt: skip
    assert (config.data.target, config.data.group_column) == ("result", "school")
    assert config.data.drop == ("history", "math")
    assert config.data.split.test == 0.3
    assert (config.training.epochs, config.training.batch_size) == (8, 9)


def test_named_preset_is_kept_when_the_data_change_too(workspace: Workspace, table: str) -> None:
    config = configured(
        workspace, table, "--target", "result", "--set", "network.preset=medium", "--set", "data.scaling=log"
    )
    assert (config.network.preset, len(config.network.layers), config.data.scaling) == ("medium", 2, "log")


def test_task_brings_its_loss_and_a_given_loss_stays(workspace: Workspace, tmp_path: Path) -> None:
    frame = response(80)
    frame["grade"] = np.arange(80) % 4
    frame.to_csv(tmp_path / "r.csv", index=False)
    file = str(tmp_path / "r.csv")
    classes = configured(workspace, file, "--target", "grade", "--set", "data.task=multiclass")
    number = configured(workspace, file, "--target", "grade", "--set", "data.task=regression")
    absolute = configured(
        workspace, file, "--target", "grade", "--set", "data.task=regression",
        "--set", "training.loss=mean_absolute_error",
    )  # fmt: skip
    losses = [config.training.loss for config in (classes, number, absolute)]
    assert losses == ["categorical_crossentropy", "mean_squared_error", "mean_absolute_error"]
    assert number.data.task == "regression"


def test_own_layers_are_never_called_by_the_name_of_a_preset(workspace: Workspace, table: str) -> None:
    layers = '[{"kind": "Dense", "units": 7}, {"kind": "BatchNormalization"}]'
    for more in ([], ["--set", "network.preset=medium"]):
        config = configured(workspace, table, "--target", "result", *more, "--set", f"network.layers={layers}")
        assert config.network.preset == "custom"
        assert [layer.kind for layer in config.network.layers] == ["Dense", "BatchNormalization"]


def test_config_of_a_run_gives_the_same_run_again(workspace: Workspace, table: str, tmp_path: Path) -> None:
    first = configured(
        workspace, table, "--target", "result", "--group", "school", "--set", "network.preset=medium",
        "--set", "network.regularization.dropout=0.4", "--set", "data.split.seed=3",
        "--set", "training.class_weights=true",
    )  # fmt: skip
    file = config_file(tmp_path, first.model_dump(mode="json"))
    assert configured(workspace, table, "--config", file) == first


def test_columns_without_names_are_named_by_position(workspace: Workspace, tmp_path: Path) -> None:
    response(60).to_csv(tmp_path / "r.csv", index=False, header=False)
    config = configured(
        workspace, str(tmp_path / "r.csv"), "--target", "5", "--drop", "1", "--drop", "2",
        "--set", "data.source.format.header=false",
    )  # fmt: skip
    assert (config.data.target, config.data.drop) == ("column 5", ("column 1", "column 2"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["--target", "nope"],
            "There is no column 'nope'; the table has 5 columns: math, history, track, result, school.",
        ),
        (["--set", "training.nope=3"], "There is no setting 'training.nope'"),
        (["--set", "network.preset=huge"], "There is no preset 'huge'"),
        (["--set", "data.drop=math"], "drop: input should be a valid tuple"),
        (["--set", "data.group_column=nope"], "There is no column 'nope'"),
        (["--set", "data.split.test=0.9"], "data.split.test: input should be less than or equal to 0.5"),
        (["--target", "result", "--set", "training.loss=mean_squared_error"], "The loss must be"),
        (["--set", "data.split.test=0", "--open-test"], "There are no sealed test rows"),
        (["--config", "/nowhere.json"], "/nowhere.json is not readable"),
    ],
)
def test_wrong_options_are_a_sentence_and_the_closing_line_says_failed(
    workspace: Workspace, table: str, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    assert main(["train", table, *arguments]) == 1
    out, err = capsys.readouterr()
    assert problem in err and "Traceback" not in err
    closing = json.loads(out.splitlines()[-1])
    assert (closing["run"], closing["status"], closing["metrics"]) == (
        None,
        "failed",
        {"validation": None, "test": None},
    )


def test_missing_file_is_a_sentence(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "/nowhere.csv"]) == 1
    assert "/nowhere.csv cannot be read" in capsys.readouterr().err


def test_what_nobody_thought_of_is_a_sentence_too(
    workspace: Workspace, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "configure", lambda *_: 1 / 0)
    assert main(["train", table]) == 1
    out, err = capsys.readouterr()
    assert "ZeroDivisionError" in err and "Traceback" not in err
    assert json.loads(out.splitlines()[-1])["status"] == "failed"


def test_finished_run_is_told_in_the_closing_line(
    workspace: Workspace, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    assert main(["train", table, "--target", "result", "--set", "training.epochs=2"]) == 0
    closing = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert closing["status"] == "finished"
    assert 0 <= closing["metrics"]["validation"]["accuracy"] <= 1 and closing["metrics"]["test"] is None
    assert closing["baseline"]["validation"]["majority"]["accuracy"] > 0


def test_failed_run_is_told_with_its_reason(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    frame = grades(40)
    frame["result"] = "pass"
    frame.to_csv(tmp_path / "one.csv", index=False)
    assert main(["train", str(tmp_path / "one.csv"), "--target", "result"]) == 1
    out, err = capsys.readouterr()
    closing = json.loads(out.splitlines()[-1])
    assert closing["run"] == next(iter(all_runs(workspace))).id
    assert (closing["status"], closing["baseline"]) == ("failed", {"validation": None})
    assert "'pass' in every row" in err


def test_what_the_reader_did_is_told_and_stands_among_the_findings(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "Engine", AtOnce)
    table = grades(60).to_csv(index=False).replace("\n", "\n\n", 1)
    (tmp_path / "gaps.csv").write_text(table)
    assert main(["train", str(tmp_path / "gaps.csv"), "--target", "result", "--set", "training.epochs=1"]) == 0
    out, err = capsys.readouterr()
    assert "reading: Blank lines were skipped (1 of them)." in err
    last = json.loads(out.splitlines()[-1])["findings"][-1]
    assert (last["kind"], last["meaning"]) == ("reading", "Blank lines were skipped (1 of them).")


def test_interrupted_run_is_stopped_and_keeps_what_it_learned(
    workspace: Workspace, table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(AtOnce):
        def submit(self, run: Run) -> None:
            raise KeyboardInterrupt

        def stop(self, run: Run) -> None:
            run.request_stop()
            train_run(str(run.workspace.root), run.id)

    monkeypatch.setattr(command, "Engine", Interrupted)
    assert main(["train", table, "--target", "result"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1])["status"] == "stopped"
    assert "The run was stopped." in err
    assert progress(next(iter(all_runs(workspace)))).state == "stopped"


def test_no_target_to_be_seen_asks_for_one(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "genes.csv").write_text("sample," + ",".join(f"ENSG{i:011d}" for i in range(30)) + "\n")
    with open(tmp_path / "genes.csv", "a") as file:
        for row in range(20):
            file.write(f"s{row}," + ",".join(str((row * 7 + i * 3) % 11 + 0.5) for i in range(30)) + "\n")
    with pytest.raises(UserError, match="--target"):
        configured(workspace, str(tmp_path / "genes.csv"))
