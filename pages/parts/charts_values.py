"""Charts of predicted numbers (regression)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.evaluation.titles import error_title, residual_title
from core.evaluation.words import format_number
from pages.parts.charts_style import ACCENT, MOST_POINTS, Chart, plain, straight, styled


def predicted_vs_true(y_true: Sequence[float] | np.ndarray, y_pred: Sequence[float] | np.ndarray, target: str) -> Chart:
    """One dot a row, ``(n,)`` each; the dashed line is where prediction and truth agree."""
    true, predicted = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    both = np.concatenate([true, predicted])
    ends = [float(both.min()), float(both.max())] if len(both) else [0.0, 1.0]
    figure = go.Figure(straight(ends, ends, "perfect"))
    figure.add_trace(_dots(true, predicted, "true %{x:.4g}<br>predicted %{y:.4g}"))
    title = error_title(true - predicted)
    name = plain(target, 24)
    styled(figure, title, x=f"True {name}", y=f"Predicted {name}")
    return Chart(figure, f"{title}. {name} runs from {_range(true)}, the predictions from {_range(predicted)}.")


def residuals(y_true: Sequence[float] | np.ndarray, y_pred: Sequence[float] | np.ndarray, target: str) -> Chart:
    """True minus predicted against predicted, ``(n,)`` each; a pattern here is something the network missed."""
    true, predicted = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    error = true - predicted
    ends = [float(predicted.min()), float(predicted.max())] if len(predicted) else [0.0, 1.0]
    figure = go.Figure(straight(ends, [0, 0], "no error"))
    figure.add_trace(_dots(predicted, error, "predicted %{x:.4g}<br>true value is %{y:+.4g} away"))
    title = residual_title(error)
    styled(figure, title, x=f"Predicted {plain(target, 24)}", y="True minus predicted")
    half = format_number(float(np.median(np.abs(error)))) if len(error) else "not defined"
    return Chart(figure, f"{title}. Half of the errors are smaller than {half}.")


def _dots(x: np.ndarray, y: np.ndarray, hover: str) -> go.Scatter:
    kept = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_POINTS)).astype(int)) if len(x) else np.arange(0)
    marker = {"color": ACCENT, "size": 8, "opacity": 0.75 if len(kept) < 500 else 0.4}
    return go.Scatter(
        x=x[kept], y=y[kept], customdata=kept, mode="markers", marker=marker, hovertemplate=f"{hover}<extra></extra>"
    )


def _range(values: np.ndarray) -> str:
    if not len(values):
        return "nowhere to nowhere"
    return f"{format_number(float(values.min()))} to {format_number(float(values.max()))}"
