"""Predictions and scores as files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from core.export.csv import safe_csv
from core.spec import RunConfig
from pages.parts.results_opened import Opened


def predictions_csv(shown: Opened) -> bytes:
    """All rows that may be seen, with class names, as UTF-8 with a mark that spreadsheets understand."""
    parts = [shown.run.predictions(), shown.run.predictions(sealed=True) if shown.run.test() else None]
    frame = pd.concat([part for part in parts if part is not None], ignore_index=True)
    return safe_csv(named(frame, shown))


def named(frame: pd.DataFrame, shown: Opened) -> pd.DataFrame:
    """The same with class names instead of indices, and the row's name under its own heading."""
    headings = {"y_true": "true"}
    if shown.class_names:
        names = np.array(shown.class_names, dtype=object)
        frame = frame.assign(y_true=names[frame["y_true"]], prediction=names[frame["prediction"]])
        headings |= {f"probability_{number}": f"probability_{name}" for number, name in enumerate(shown.class_names)}
    id_column = shown.config.data.id_column if isinstance(shown.config, RunConfig) else None
    if id_column and id_column not in (*frame.columns, *headings.values()):
        headings["id"] = id_column
    if shown.noun == "picture":
        first = ["file", "part", "y_true", "prediction"]
        frame = frame[[*first, *(name for name in frame.columns if name not in first)]]
    return frame.rename(columns=headings)


def metrics_json(shown: Opened) -> bytes:
    """Scores of validation and training rows, and of the sealed test once it was opened."""
    found: dict[str, Any] = {**shown.metrics, "run": shown.run.id, "test": shown.run.test()}
    return json.dumps(found, indent=1, ensure_ascii=False).encode()
