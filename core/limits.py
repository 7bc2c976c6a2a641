"""What is taken from whom: the numbers of ``limits.toml``, and the sentences about what is over them.

The environment variable ``MUFFIN_LIMITS`` may name another file than the project's own. Limits are checked where the
thing happens, whatever a page has checked before.
"""

from __future__ import annotations

import os
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from core.errors import UserError
from core.spec.base import readable

if TYPE_CHECKING:
    from core.workspace import Workspace

LIMITS = "MUFFIN_LIMITS"
PROJECT_FILE = Path(__file__).parent.parent / "limits.toml"
MB = 1_000_000
WHOLE = "Whoever runs this Muffin can write and load all of it: python -m core export --all, python -m core import."
ELSEWHERE = " Muffin on your own computer has no such limit."


class Limits(BaseModel):
    """What one person may take; ``inf`` is no limit."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    upload_mb: float = Field(ge=1, description="MB of one upload.")
    project_mb: float = Field(ge=1, description="MB of a project file on the pages, and of each file inside it.")
    cells: float = Field(ge=100, description="Rows x columns of a table.")
    images: float = Field(ge=10, description="Pictures of a set.")
    members: float = Field(ge=2, description="Networks of one comparison.")
    epochs: float = Field(ge=1, description="Passes over the training rows.")
    run_minutes: float = Field(gt=0, description="Minutes that a run or a comparison may train.")
    queued: float = Field(ge=1, description="Runs and comparisons that wait or train at the same time.")
    runs: float = Field(ge=1, description="Runs and comparisons that are kept.")
    disk_mb: float = Field(ge=1, description="MB of uploads, tables, pictures and runs.")
    idle_days: float = Field(gt=0, description="Days after its last use when a workspace is removed.")


class AllLimits(BaseModel):
    """Both tables of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    own: Limits
    public: Limits


def limits_of(workspace: Workspace) -> Limits:
    """The limits of a workspace: the public ones of a visitor's or a shared one, else the own machine's.

    Raises:
        UserError: The file is not there or wrong.
    """
    found = all_limits()
    return found.public if workspace.public else found.own


def all_limits() -> AllLimits:
    """Both sets of limits, read once; raises `UserError` that names what is wrong with the file."""
    return _read(Path(os.environ.get(LIMITS) or PROJECT_FILE))


@lru_cache(maxsize=8)
def _read(path: Path) -> AllLimits:
    remedy = f"Correct it, or unset {LIMITS} to take Muffin's own." if path != PROJECT_FILE else "Correct it."
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return readable(AllLimits.model_validate, values)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UserError(f"The file of limits {str(path)!r} cannot be read: {reason}.", remedy) from None
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"The file of limits {str(path)!r} is not TOML: {error}.", remedy) from None
    except UserError as error:
        raise UserError(f"The file of limits {str(path)!r} is wrong. {error.problem}", remedy) from None


def check_upload(workspace: Workspace, size: int) -> None:
    """Raise `UserError` where ``size`` bytes are more than one upload may have."""
    most = limits_of(workspace).upload_mb
    if size > most * MB:
        problem = f"This upload has {_mb(size)} or more; the limit is {most:,g} MB."
        raise _over(workspace, problem, "Leave out columns, rows or pictures, or make pictures smaller.")


def check_project(workspace: Workspace, size: int) -> None:
    """Raise `UserError` where ``size`` bytes are more than a project file on the pages, or a file inside, may have."""
    most = limits_of(workspace).project_mb
    if size > most * MB:
        problem = f"This project has {_mb(size)} in one file; the limit is {most:,g} MB."
        raise UserError(problem, f"Leave the data out. {WHOLE}")


def check_images(workspace: Workspace, images: int) -> None:
    """Raise `UserError` where a set has more pictures than can be read."""
    most = limits_of(workspace).images
    if images > most:
        problem = f"These are {images:,} pictures; the limit is {most:,.0f}."
        raise _over(workspace, problem, "Leave some out of each class, and upload them again.")


def check_members(workspace: Workspace, members: int) -> None:
    """Raise `UserError` where a comparison trains more networks than one may."""
    most = limits_of(workspace).members
    if members > most:
        problem = f"This comparison trains {members:,} networks; the limit is {most:,.0f}."
        raise _over(workspace, problem, "Choose fewer values, parts (folds) or repeats (seeds).")


def check_epochs(workspace: Workspace, epochs: int) -> None:
    """Raise `UserError` where more epochs were chosen than one may train."""
    most = limits_of(workspace).epochs
    if epochs > most:
        problem = f"{epochs:,} epochs were chosen; the limit is {most:,.0f}."
        raise _over(workspace, problem, "Choose fewer epochs; early stopping rarely needs so many.")


def check_queued(workspace: Workspace) -> None:
    """Raise `UserError` where as many runs and comparisons wait or train as may do so."""
    from core.cleaning import working  # It knows runs and studies, which stand above.

    most = limits_of(workspace).queued
    if (waiting := working(workspace, most)) >= most:
        problem = f"{waiting:,} of your runs and comparisons wait or train already; the limit is {most:,.0f}."
        raise _over(workspace, problem, "Wait until one has ended, or stop one on Home.")


def check_runs(workspace: Workspace, more: int = 1) -> None:
    """Raise `UserError` where a workspace would keep more runs and comparisons than it may, with ``more`` to come."""
    most = limits_of(workspace).runs
    held = len([*workspace.runs(), *workspace.studies()])
    if more and held + more > most:
        coming = f"and {more:,} would come" if more > 1 else "and one would come"
        problem = f"Your workspace keeps {held:,} runs and comparisons, {coming}; the limit is {most:,.0f}."
        raise _over(workspace, problem, "Delete some that you no longer need on Home.")


def check_disk(workspace: Workspace, more: int = 0) -> None:
    """Raise `UserError` where a workspace would hold more than it may, with ``more`` bytes to come.

    What can be made again, and what nothing refers to any more, is removed first.
    """
    most = limits_of(workspace).disk_mb * MB
    if most == float("inf") or (held := workspace.size()) + more <= most:
        return
    from core.cleaning import make_room  # It knows runs and studies, which stand above.

    held -= make_room(workspace, held + more - most)
    if held + more > most:
        coming = f", and this needs about {_mb(more)}" if more else ""
        problem = f"Your workspace holds {_mb(held)}{coming}; the limit is {_mb(most)}."
        raise _over(workspace, problem, "Delete runs and comparisons that you no longer need on Home.")


def time_over(workspace: Workspace) -> tuple[str, str]:
    """Why a training was stopped when its minutes were over, and what to do."""
    minutes = limits_of(workspace).run_minutes
    unit = "minute" if minutes == 1 else "minutes"
    problem = f"Training was stopped after {minutes:,g} {unit}, which is the limit; what was learned by then is kept."
    return problem, "Choose fewer epochs, a smaller network or fewer rows." + (ELSEWHERE if workspace.public else "")


def _over(workspace: Workspace, problem: str, remedy: str) -> UserError:
    return UserError(problem, remedy + (ELSEWHERE if workspace.public else ""))


def _mb(size: float) -> str:
    return f"{size / MB:,.1f} MB" if size < 10 * MB else f"{size / MB:,.0f} MB"
