"""How often sealed rows were looked at: all runs with one choice of data and split seal the same rows."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from core.errors import UserError
from core.evaluation.words import count
from core.progress import progress
from core.runs import Run
from core.spec import DataSpec, ImageData
from core.workspace import Workspace

# Of this run's sealed rows that another one has to have opened. Splits that have nothing to do with each other share
# as many as the test share says, at most half.
MOST_OF_THEM = 0.8


class Openings(NamedTuple):
    """How often a run's sealed rows were scored: by itself, and by other runs of its workspace."""

    own: int
    others: int

    @property
    def total(self) -> int:
        """By whichever run."""
        return self.own + self.others

    @property
    def words(self) -> str:
        """Such as ``3 times, in this run and in others``; plainly ``1 time`` where no other run is meant."""
        where = ", in this run and in others" if self.own else ", in other runs"
        return count(self.total, "time") + (where if self.others else "")


def openings(run: Run) -> Openings:
    """Count them; raises `UserError` where the run was deleted meanwhile."""
    asked = _question(run.config.data)
    others = 0
    for other in _opened(run.workspace):
        with contextlib.suppress(UserError):  # It was deleted meanwhile, or is of another version.
            stamps = run.events_stamp, other.events_stamp
            if other.id != run.id and _question(other.config.data) == asked:
                others += _same_rows(run.workspace.root, run.id, other.id, stamps) * progress(other).opened
    return Openings(progress(run).opened, others)


def _opened(workspace: Workspace) -> Iterator[Run]:
    """Runs whose sealed rows were opened; of all others nothing is read, for Results asks at each rerun."""
    for id in workspace.runs():
        if (workspace.run(id) / "test.json").is_file():
            with contextlib.suppress(UserError):
                yield Run(workspace, id)


def _question(data: DataSpec | ImageData) -> tuple[str | None, ...]:
    """What is predicted from which files."""
    joined = data.join if isinstance(data, DataSpec) else None
    files = [data.source, *([joined.source] if joined else [])]
    return data.target, joined.on if joined else None, *(file.model_dump_json(exclude={"name"}) for file in files)


@lru_cache(maxsize=1024)
def _same_rows(root: Path, run: str, other: str, stamps: tuple[tuple[int, int], ...]) -> bool:
    """Whether what the other run opened are this run's sealed rows: those that it neither learned from nor watched.

    The rows themselves are asked, not the choices: leaving out a column may or may not change the split. Where they
    are lost, they count as the same. ``stamps`` change when a run is told something new.
    """
    this = Run(Workspace(root), run)
    learned, opened = this.predictions(), Run(Workspace(root), other).predictions(sealed=True)
    if learned is None or opened is None:
        return True
    sealed = int((this.dataset() or {}).get("rows", {}).get("test", 0))
    seen = int((~opened["row"].isin(learned["row"])).sum())
    return sealed > 0 and seen >= MOST_OF_THEM * sealed
