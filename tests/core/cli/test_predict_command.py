"""What ``predict`` says when its answers cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.cli import predict as command
from core.runs import Run
from core.spec import RunConfig
from core.workspace import Workspace
from tests.conftest import grades


class Answers:
    """An engine that answers every question with one row."""

    def __init__(self, workspace: Workspace) -> None:
        pass

    def ask(self, *question: object, **more: object) -> tuple[pd.DataFrame, list[str]]:
        return pd.DataFrame({"row": [1], "prediction": ["pass"]}), []


def test_folder_that_is_not_there_is_named(
    workspace: Workspace,
    tmp_path: Path,
    draft_of: Callable[..., RunConfig],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "Engine", Answers)
    run = Run.create(workspace, draft_of(grades()))
    grades().to_csv(tmp_path / "new.csv", index=False)
    out = tmp_path / "nowhere" / "predictions.csv"
    assert main(["predict", run.id, str(tmp_path / "new.csv"), "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert "cannot be written: No such file or directory" in told and "None" not in told


def test_prediction_that_looks_like_a_formula_is_disarmed(
    workspace: Workspace, tmp_path: Path, draft_of: Callable[..., RunConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = pd.DataFrame({"row": [1, 2], "prediction": ["=HYPERLINK(1)", "-5"]}), list[str]()
    monkeypatch.setattr(Answers, "ask", lambda *_, **__: answers)
    monkeypatch.setattr(command, "Engine", Answers)
    run = Run.create(workspace, draft_of(grades()))
    grades().to_csv(tmp_path / "new.csv", index=False)
    assert main(["predict", run.id, str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.csv")]) == 0
    assert list(pd.read_csv(tmp_path / "out.csv")["prediction"]) == ["'=HYPERLINK(1)", "-5"]
