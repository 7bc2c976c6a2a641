"""Room on the disk: what can be made again goes first, and idle workspaces of visitors go with what they shared."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from core.draft import load_draft
from core.limits import limits_of
from core.progress import progress
from core.project.files import derived_from, uploads_of
from core.runs import all_runs
from core.sharing import remove_ended
from core.studies import all_studies
from core.study_progress import study_progress
from core.workspace import SHARES, VISITORS, Workspace, size_of

DAY = 24 * 3600
# A clock that was wrong when the machine started has been set by then.
FIRST_SECONDS = 600
SWEEP_SECONDS = 3600
# Uploads wait for their draft, and new files for their names.
FRESH_SECONDS = 3600


def expires(workspace: Workspace) -> datetime | None:
    """When a workspace is removed if nobody visits it before; None for never."""
    return _expires(workspace, workspace.last_used) if workspace.root.parent.name == VISITORS else None


def remove_idle(root: Workspace) -> int:
    """Remove visitors' workspaces that were not used for too long, unless work of theirs waits or trains; how many.

    What was shared from them goes with them. A clock that was set back makes everything look recent, so nothing is
    removed before its time. A workspace that cannot be read is left as it is.
    """
    begun = [left for left in root.root.glob(f"{SHARES}/.*") if not _is_fresh(left)]
    for left in (*root.root.glob(f"{VISITORS}/.removed-*"), *begun):
        shutil.rmtree(left, ignore_errors=True)
    removed = 0
    for workspace in root.everyone():
        with others_go_on():
            removed += workspace.root != root.root and _remove_if_idle(workspace)
    remove_ended(root)
    return removed


@contextlib.contextmanager
def others_go_on() -> Iterator[None]:
    """What is wrong with one workspace goes to the server's log, and all others are dealt with all the same."""
    try:
        yield
    except Exception:
        traceback.print_exc()


def keep_clean(root: Workspace) -> None:
    """Remove idle workspaces, and shares whose owner is gone, now and then, in a thread of its own."""

    def sweep() -> None:
        time.sleep(FIRST_SECONDS)
        while True:
            with others_go_on():
                remove_idle(root)
            time.sleep(SWEEP_SECONDS)

    threading.Thread(target=sweep, daemon=True, name="cleaning").start()


def make_room(workspace: Workspace, wanted: float) -> int:
    """Remove what can be made again, or what nothing refers to any more, until ``wanted`` bytes are free; how many are.

    In this order: exports; what a process that died had begun to write; tables, pictures and uploads that no run, no
    comparison and no draft refers to.
    """
    freed = 0
    for path in _dispensable(workspace):
        if freed >= wanted:
            break
        freed += size_of(path)
        _remove(path)
    return freed


def working(workspace: Workspace, most: float = 0) -> int:
    """How many runs and comparisons wait or train; 0 where there are fewer than ``most`` of them all in all."""
    if len([*workspace.runs(), *workspace.studies()]) < most:
        return 0
    runs = sum(not progress(run).ended for run in all_runs(workspace))
    return runs + sum(not study_progress(study).done for study in all_studies(workspace))


def _expires(workspace: Workspace, last_used: float) -> datetime | None:
    days = limits_of(workspace).idle_days
    with contextlib.suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(last_used + days * DAY).astimezone() if math.isfinite(days) else None
    return None


def _remove_if_idle(workspace: Workspace) -> bool:
    before = workspace.last_used
    when = _expires(workspace, before)
    if when is None or time.time() <= when.timestamp() or working(workspace):
        return False
    trash = workspace.root.with_name(f".removed-{workspace.root.name}")
    shutil.rmtree(trash, ignore_errors=True)
    try:
        os.rename(workspace.root, trash)
    except FileNotFoundError:  # Another server was quicker.
        return False
    if Workspace(trash).last_used > before:  # Somebody came in this very moment.
        with contextlib.suppress(FileNotFoundError):  # What that page may have begun anew is empty.
            os.rename(workspace.root, trash.with_name(f"{trash.name}-new"))
        os.rename(trash, workspace.root)
        return False
    shutil.rmtree(trash, ignore_errors=True)
    return True


def _dispensable(workspace: Workspace) -> Iterator[Path]:
    root = workspace.root
    yield from root.glob("*/*/exports/[!.]*")
    unnamed = ("uploads/tmp*", "*/.deleted-*", ".new-*", "*/.new-*", "*/*/.new-*", "*/*/exports/.new-*")
    stale = (path for pattern in unnamed for path in root.glob(pattern))
    yield from (path for path in stale if not _is_fresh(path))
    named = _named(workspace)
    for kind in ("tables", "image_sets", "uploads"):
        for path in sorted(root.glob(f"{kind}/*"), key=_time):
            if path.name not in named and not _is_fresh(path):
                yield path


def _named(workspace: Workspace) -> set[str]:
    """Names of the uploads, tables and sets of pictures that a run, a comparison or a draft refers to."""
    draft = load_draft(workspace)
    configs = [run.config for run in all_runs(workspace)] + [study.spec.run for study in all_studies(workspace)]
    found: set[str] = set()
    for config in [*configs, *([draft] if draft else [])]:
        found |= {*uploads_of(config), *(key for _, key in derived_from(config))}
    return found


def _is_fresh(path: Path) -> bool:
    """Whether it was written within the last hour, or, after the clock was set back, in the future."""
    return time.time() - _time(path) < FRESH_SECONDS


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
