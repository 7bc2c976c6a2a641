"""Ended runs and studies of every kind, made without training, for tests of reports and figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.runs import Run
from core.spec import Task
from core.studies import Study
from core.workspace import Workspace
from tests.pages.made_images import image_config, image_run
from tests.pages.made_runs import config_for, write_results
from tests.pages.made_studies import finish, new_study, study_spec

KINDS: tuple[tuple[str, Task], ...] = (
    ("table", "binary"),
    ("table", "multiclass"),
    ("table", "regression"),
    ("pictures", "binary"),
    ("pictures", "multiclass"),
)


def ended_run(workspace: Workspace, kind: str, task: Task, **changes: Any) -> Run:
    """A finished run with made-up answers; ``changes`` are fields of its configuration."""
    if kind == "pictures":
        return image_run(workspace, image_config(workspace, 2 if task == "binary" else 3).change(**changes))
    config = config_for(workspace, task).change(**changes)
    run = Run.create(workspace, config)
    run.append("started", from_epoch=None)
    for epoch in range(40):
        loss, held = 1 / (epoch + 1), 0.4 + 0.6 / (epoch + 1) + 0.004 * epoch
        told = {"loss": loss, "val_loss": held, "metric": 1 - loss / 2, "val_metric": 0.85 - held / 5}
        run.append("epoch", epoch=epoch, **told)
    write_results(run, config)
    run.append("finished", best_epoch=12, epochs=39, seconds=1.5)
    return run


def open_sealed(run: Run, times: int = 1) -> None:
    """As if the sealed rows had been opened: what was found is a copy of what validation gave."""
    metrics, rows = run.metrics(), run.predictions()
    assert metrics is not None and rows is not None
    sealed = rows[rows["part"] == "validation"].assign(part="test")
    run.save_predictions(sealed, sealed=True)
    for _ in range(times):
        run.append("test_opened")
    part = metrics["parts"]["validation"]
    lines = [
        {
            **each,
            "parts": {"test": each["parts"]["validation"]},
            "difference": {"test": each["difference"]["validation"]},
        }
        for each in metrics["baselines"]
    ]
    run.save_test({**metrics, "parts": {"test": part}, "baselines": lines})


def importance(names: list[str]) -> dict[str, Any]:
    """Which features matter, the first one most."""
    items = [
        {"feature": name, "importance": 1 / (place + 1), "low": 0.5 / (place + 1) - 0.2, "high": 2 / (place + 1)}
        for place, name in enumerate(names)
    ]
    return {"features": items}


def ended_study(workspace: Workspace, **grid: Any) -> Study:
    """A finished study of a table with made-up results."""
    return finish(new_study(workspace, study_spec(config_for(workspace, "binary"), **grid)))


def stopped_study(workspace: Workspace, **facts: str) -> Study:
    """A study that was stopped when 15 of its 30 networks had ended, and the others had not trained for long."""
    study = new_study(workspace, study_spec(config_for(workspace, "binary"), l2=[0.0, 0.001]), chunks=2)
    finish(study, "stopped", epochs=3, **facts)
    through = {"epoch": 10, "best_epoch": 9, "ended": True, "diverged": False}
    board = {name: np.full((15, 1), value) for name, value in through.items()}
    study.save_board(study.chunks[0], board | {"scores": np.zeros((6, 15, 1))})
    return study


def read_csv(content: bytes) -> pd.DataFrame:
    """A CSV file of ours."""
    import io

    return pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
