"""What tests of pages share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.engine import Engine
from core.errors import UserError
from core.runs import Run
from core.spec import Task
from core.workspace import Workspace
from tests.pages.made_runs import config_for, write_results


@pytest.fixture(autouse=True)
def at_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest has no connection whose address could be looked at."""
    monkeypatch.setattr("pages.parts.session._at_this_machine", lambda: True)


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page tests start no cluster; what would need one is answered by the test or told as missing."""

    def absent(engine: Engine) -> None:
        raise UserError("There is no engine in this test.", "")

    monkeypatch.setattr(Engine, "_connect", absent)


@pytest.fixture
def finished_run(workspace: Workspace) -> Callable[..., Run]:
    """``finished_run(task, name="marks.csv")`` makes a run whose predictions are mostly right."""

    def make(task: Task, name: str = "marks.csv", event: str = "finished", **facts: str) -> Run:
        config = config_for(workspace, task, name)
        run = Run.create(workspace, config)
        run.append("started", from_epoch=None)
        for epoch in range(4):
            run.append("epoch", epoch=epoch, loss=1 / (epoch + 1), val_loss=0.5, metric=epoch / 4, val_metric=epoch / 5)
        write_results(run, config)
        run.append(event, best_epoch=2, epochs=3, seconds=1.5, **facts)
        return run

    return make
