"""Files to take along: predictions, metrics, the trained network."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import streamlit as st

from core.export.csv import safe_csv
from core.spec import RunConfig
from pages.parts.results_opened import Opened


def downloads(shown: Opened) -> None:
    """Three buttons; each file is made or read when it is asked for."""
    with st.container(horizontal=True):
        st.download_button(
            "Predictions (CSV)",
            lambda: predictions_csv(shown),
            f"predictions-{shown.run.id}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            help=f"Each training and validation {shown.noun}: truth, prediction and probabilities.",
        )
        st.download_button(
            "Scores (JSON)",
            lambda: metrics_json(shown),
            f"metrics-{shown.run.id}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
            help="All scores with intervals, the baselines and the verdict; the sealed test's too once it was opened.",
        )
        if shown.run.model.is_file():
            st.download_button(
                "Network (Keras)",
                lambda: _model(shown),
                f"model-{shown.run.id}.keras",
                "application/octet-stream",
                icon=":material/download:",
                on_click="ignore",
                help=f"The trained network for Python: keras.models.load_model opens it, and {_raw(shown)} go in.",
            )


def _raw(shown: Opened) -> str:
    return "pixels from 0 to 255" if shown.noun == "picture" else "raw rows"


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


def _model(shown: Opened) -> BinaryIO:
    return open(shown.run.model, "rb")
