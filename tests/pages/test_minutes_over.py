"""A training that a limit has ended says which one, on Train, whether it has results or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.runs import Run
from core.workspace import Workspace


@pytest.mark.parametrize("with_results", [True, False])
def test_limit_that_ended_a_training_is_said(
    workspace: Workspace, finished_run: Callable[..., Run], with_results: bool
) -> None:
    run = finished_run("binary", event="stopped")
    run.append("stopped", best_epoch=2, epochs=3, seconds=1.5, problem="Training was stopped after 20 minutes.")
    if not with_results:
        (run.folder / "metrics.json").unlink()
    page = AppTest.from_file("../../pages/train.py", default_timeout=60)
    page.query_params["run"] = run.id
    page.run()
    assert not page.exception
    assert [error.value for error in page.error] == ["Training was stopped after 20 minutes."]
