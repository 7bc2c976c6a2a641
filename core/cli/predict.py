"""``python -m core predict RUN DATA --out predictions.csv``, and ``python -m core predict RUN IMAGE…``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from core.cli.common import add_workspace, answer, tell, upload
from core.cli.image_predict import predict_pictures
from core.engine import Engine
from core.errors import UserError
from core.export.csv import safe_csv
from core.runs import Run
from core.spec import ImageConfig
from core.training import answer as answer_question
from core.training.requests import source_for_prediction
from core.workspace import Workspace


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("predict", help="use a trained network on new rows or pictures")
    parser.add_argument("run_id", metavar="RUN", help="id of the run (see: python -m core runs)")
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="+",
        help="table with the columns that the network learned from; or pictures: files, folders, zips",
    )
    parser.add_argument("--out", metavar="FILE", default="predictions.csv", help="where to write (CSV)")
    add_workspace(parser)
    parser.set_defaults(run=predict)


def predict(options: argparse.Namespace) -> int:
    """Write a row of predictions for each row of the table, or for each picture."""
    workspace = Workspace(options.workspace)
    run = Run(workspace, options.run_id)
    frame, notes = _pictures_or_table(run, options.data)
    for note in notes:
        tell(note)
    try:
        Path(options.out).write_bytes(safe_csv(frame, for_programs=True))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(f"{options.out[:200]} cannot be written: {reason}.", "Choose another --out.") from None
    answer({"run": run.id, "rows": len(frame), "out": options.out, "notes": notes})
    return 0


def _pictures_or_table(run: Run, names: list[str]) -> tuple[pd.DataFrame, list[str]]:
    if isinstance(run.config, ImageConfig):
        return predict_pictures(run, names)
    if len(names) > 1:
        raise UserError(f"One table was expected, got {len(names)} files.", "Predict them one by one.")
    source = source_for_prediction(run, *upload(run.workspace, names[0]))
    root, values = str(run.workspace.root), source.model_dump(mode="json")
    return Engine(run.workspace).ask(answer_question, "predict_table", root, run.id, values, seconds=600)
