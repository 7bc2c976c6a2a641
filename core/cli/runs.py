"""``python -m core runs``."""

from __future__ import annotations

import argparse
from typing import Any

from core.cli.common import add_workspace, answer
from core.progress import progress
from core.runs import all_runs
from core.workspace import Workspace


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("runs", help="list all runs, newest first")
    add_workspace(parser)
    parser.set_defaults(run=runs)


def runs(options: argparse.Namespace) -> int:
    """Print a line a run, then all of them as one JSON object."""
    listed = []
    for run in all_runs(Workspace(options.workspace)):
        told, metrics = progress(run), run.metrics() or {}
        main = metrics.get("main")
        score = metrics["parts"]["validation"]["metrics"][main]["value"] if main else None
        listed.append({"run": run.id, "name": run.name, "status": told.state, "metric": main, "validation": score})
        shown = "" if score is None else f"{main} {score:.3f}"
        print(f"{run.id}  {told.state:<9} {shown:<24} {' '.join(run.name.split())}")
    answer({"runs": listed})
    return 0
