"""``python -m core predict RUN DATA --out predictions.csv``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.cli.common import add_workspace, answer, tell, upload
from core.engine import Engine
from core.errors import UserError
from core.runs import Run
from core.training import answer as answer_question
from core.training.requests import source_for_prediction
from core.workspace import Workspace


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("predict", help="use a trained network on new rows")
    parser.add_argument("run_id", metavar="RUN", help="id of the run (see: python -m core runs)")
    parser.add_argument("data", metavar="DATA", help="table with the columns that the network learned from")
    parser.add_argument("--out", metavar="FILE", default="predictions.csv", help="where to write (CSV)")
    add_workspace(parser)
    parser.set_defaults(run=predict)


def predict(options: argparse.Namespace) -> int:
    """Write a row of predictions for each row of the table."""
    workspace = Workspace(options.workspace)
    run = Run(workspace, options.run_id)
    source = source_for_prediction(run, *upload(workspace, options.data))
    frame, notes = Engine(workspace).ask(
        answer_question, "predict_table", str(workspace.root), run.id, source.model_dump(mode="json"), seconds=600
    )
    for note in notes:
        tell(note)
    try:
        frame.to_csv(Path(options.out), index=False)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{options.out[:200]} cannot be written: {reason}.", "Choose another --out.") from None
    answer({"run": run.id, "rows": len(frame), "out": options.out, "notes": notes})
    return 0
