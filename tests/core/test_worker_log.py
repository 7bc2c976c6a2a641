"""The engine's log says what went wrong, and nothing of what a person's table holds."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.engine import SCHEDULER, Engine
from core.errors import UserError
from core.worker_log import FAILED, WithoutCells
from core.workspace import Workspace

SECRET = "Jane Doe, HIV positive"


def test_failed_questions_leave_no_cell_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUFFIN_WORKERS", "1")
    monkeypatch.delenv(SCHEDULER, raising=False)

    def refuse(cell: str) -> None:
        raise UserError(f"The value {cell!r} is no number.", "Correct it.")

    def break_down(cell: str) -> None:
        raise ValueError(f"could not convert {cell!r}")

    engine = Engine(Workspace(tmp_path))
    try:
        with pytest.raises(UserError, match=SECRET):
            engine.ask(refuse, SECRET)
        with pytest.raises(ValueError, match=SECRET):
            engine.ask(break_down, SECRET)
    finally:
        engine.client().shutdown()
    log = (engine._folder / "engine.log").read_text()
    assert SECRET not in log
    assert "refuse" not in log and "UserError" not in log
    assert "ValueError" in log and "in break_down" in log


def test_what_dask_says_in_other_words_is_not_logged_either() -> None:
    record = logging.LogRecord("distributed.worker", logging.ERROR, "", 0, f"{FAILED}: %s", (SECRET,), None)
    assert WithoutCells().filter(record)
    assert SECRET not in record.getMessage() and "A task failed" in record.getMessage()
