"""The script as a Jupyter notebook: the same code, with its explanations as text between the steps."""

from __future__ import annotations

from pathlib import Path

from core.export.script import script_cells
from core.export.script_cells import as_notebook
from core.runs import Run


def make_notebook(run: Run, target: Path) -> None:
    """Write the notebook; raises `UserError` where the run has no results, or its data is gone."""
    target.write_text(as_notebook(script_cells(run)), encoding="utf-8")
