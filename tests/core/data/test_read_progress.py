"""Progress may be drawn only by the thread that asked for the table."""

import threading
from pathlib import Path

from core.data.read import read_table
from core.spec import TableFormat


def test_progress_is_told_on_the_callers_thread_and_ends_at_one(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_000)
    told: list[tuple[float, int]] = []
    read_table(path, TableFormat(), lambda share: told.append((share, threading.get_ident())))
    assert told[-1][0] == 1.0
    assert {thread for _, thread in told} == {threading.get_ident()}
