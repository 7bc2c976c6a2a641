"""What a warm worker answers about exports."""

from __future__ import annotations

from core.export.make import make_export
from core.runs import Run
from core.studies import Study
from core.workspace import Workspace


def export_run(root: str, run_id: str, key: str) -> str:
    """Make an export of a run unless it is there; returns the file's name in the run's folder ``exports``.

    Args:
        root: The workspace.
        run_id: The run.
        key: One of `core.export.formats.FORMATS`.

    Raises:
        UserError: The run cannot be exported so, or something went wrong.
    """
    return make_export(Run(Workspace(root), run_id), key).name


def export_study(root: str, study_id: str, key: str) -> str:
    """The same of a study; ``key`` is one of `core.export.formats.STUDY_FORMATS`."""
    return make_export(Study(Workspace(root), study_id), key).name
