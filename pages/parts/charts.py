"""Every chart that pages show: pure functions from plain data to ``Chart(figure, sentence)``.

Draw ``figure`` with ``st.plotly_chart`` (theme left at "streamlit", which colours text for light and dark) and give
``sentence`` to those who do not see it.
"""

from __future__ import annotations

from pages.parts.charts_classes import class_bars, confusion
from pages.parts.charts_data import column_histogram, missing_overview
from pages.parts.charts_features import contributions, importance_bars
from pages.parts.charts_style import (
    ACCENT,
    BASELINE,
    CLASS_COLOURS,
    DOWN,
    TRAIN,
    UP,
    VALIDATION,
    Chart,
    alt_text,
    class_colour,
)
from pages.parts.charts_thresholds import calibration, precision_recall, probability_histogram, roc
from pages.parts.charts_training import score_with_baselines, training_curves
from pages.parts.charts_values import predicted_vs_true, residuals

__all__ = [
    "ACCENT",
    "BASELINE",
    "CLASS_COLOURS",
    "DOWN",
    "TRAIN",
    "UP",
    "VALIDATION",
    "Chart",
    "alt_text",
    "calibration",
    "class_bars",
    "class_colour",
    "column_histogram",
    "confusion",
    "contributions",
    "importance_bars",
    "missing_overview",
    "precision_recall",
    "predicted_vs_true",
    "probability_histogram",
    "residuals",
    "roc",
    "score_with_baselines",
    "training_curves",
]
