"""Charts of probabilities and of the threshold that turns them into classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.titles import calibration_title, roc_title, threshold_title
from core.evaluation.words import format_number, format_percent
from pages.parts.charts_style import ACCENT, BASELINE, GRID, Chart, class_colour, plain, shown, straight, styled

BINS = 20


def roc(
    false_positive_rate: Sequence[float],
    true_positive_rate: Sequence[float],
    area: float | None,
    point: tuple[float, float] | None = None,
    positive: str = "",
) -> Chart:
    """Receiver operating characteristic; ``point`` is (false, true positive rate) at the chosen threshold."""
    figure = go.Figure(straight([0, 1], [0, 1], "guessing"))
    figure.add_trace(_curve(false_positive_rate, true_positive_rate, "false alarms %{x:.0%}<br>found %{y:.0%}"))
    if point:
        figure.add_trace(_threshold_point(*point))
    title = roc_title(area)
    named = f" ({plain(positive, 20)})" if positive else ""
    styled(figure, title, x="False alarms (false positive rate)", y=f"Found{named}: true positive rate", legend=True)
    _unit_axes(figure)
    if not point:
        return Chart(figure, f"{title}.")
    at = f"At the chosen threshold {format_percent(point[1])} are found with {format_percent(point[0])} false alarms"
    return Chart(figure, f"{title}. {at}.")


def precision_recall(
    recall: Sequence[float],
    precision: Sequence[float],
    area: float | None,
    share: float,
    point: tuple[float, float] | None = None,
    positive: str = "",
) -> Chart:
    """Precision against recall; ``share`` is the share of the positive class, ``point`` (recall, precision)."""
    figure = go.Figure(straight([0, 1], [share, share], "guessing"))
    figure.add_trace(_curve(recall, precision, "found %{x:.0%}<br>right when it says so %{y:.0%}"))
    if point:
        figure.add_trace(_threshold_point(*point))
    name = plain(positive, 20) or "yes"
    title = f"Average precision {format_number(area)} (guessing: {format_number(share)})"
    if point:
        title = f"Finds {format_percent(point[0])} of “{name}”, and is right {format_percent(point[1])} of the time"
    styled(figure, title, x="Found (recall)", y="Right when it says so (precision)", legend=True)
    _unit_axes(figure)
    return Chart(figure, f"{title}. Average precision {format_number(area)}, guessing {format_number(share)}.")


def _curve(x: Sequence[float], y: Sequence[float], hover: str) -> go.Scatter:
    line = {"color": ACCENT, "width": 2.5}
    return go.Scatter(x=x, y=y, mode="lines", name="network", line=line, hovertemplate=f"{hover}<extra></extra>")


def _threshold_point(x: float, y: float) -> go.Scatter:
    marker = {"size": 13, "color": GRID, "line": {"color": ACCENT, "width": 3}}
    return go.Scatter(x=[x], y=[y], mode="markers", name="chosen threshold", marker=marker, hoverinfo="skip")


def _unit_axes(figure: go.Figure) -> None:
    axis: dict[str, Any] = {"range": [-0.02, 1.03], "tickformat": ".0%", "dtick": 0.25}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)


def calibration(
    predicted: Sequence[float],
    observed: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    counts: Sequence[int],
) -> Chart:
    """Mean predicted probability of each bin against the share that was true, with intervals; lengths ``(bins,)``."""
    x, y, weight = (np.asarray(values, dtype=float) for values in (predicted, observed, counts))
    spread = {"array": np.asarray(high) - y, "arrayminus": y - np.asarray(low), "symmetric": False, "type": "data"}
    figure = go.Figure(straight([0, 1], [0, 1], "as predicted"))
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        name="observed, with its interval",
        line={"color": ACCENT, "width": 2},
        marker_size=9,
        error_y=spread | {"color": ACCENT, "thickness": 1.5, "width": 4},
        customdata=weight,
        hovertemplate="predicted %{x:.0%}<br>observed %{y:.0%}<br>%{customdata:.0f} rows<extra></extra>",
    )
    title = calibration_title(x, y, weight)
    styled(figure, title, x="Predicted probability", y="Share that was true", legend=True)
    _unit_axes(figure)
    bins = "; ".join(f"{format_percent(p)} predicted, {format_percent(o)} true" for p, o in zip(x, y, strict=True))
    return Chart(figure, f"{title}. {bins}.")


def probability_histogram(
    y: Sequence[int] | np.ndarray,
    probability: Sequence[float] | np.ndarray,
    class_names: Sequence[str],
    threshold: float = 0.5,
) -> Chart:
    """Probabilities ``(n,)`` of ``class_names[1]``: rows that truly are it upward, the others downward."""
    truth, values = np.asarray(y), np.asarray(probability, dtype=float)
    edges = np.linspace(0, 1, BINS + 1)
    figure = go.Figure()
    highest = 1
    for index, sign in ((1, 1), (0, -1)):
        counts = np.histogram(values[truth == index], edges)[0]
        highest = max(highest, int(counts.max()))
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=sign * counts,
            customdata=counts,
            width=1 / BINS * 0.9,
            name=f"truly {shown(class_names[index])}",
            marker_color=class_colour(index),
            hovertemplate="about %{x:.0%}: %{customdata} rows<extra></extra>",
        )
    figure.add_vline(x=threshold, line={"color": BASELINE, "width": 2, "dash": "dash"})
    wrong = int(((values >= threshold) != (truth == 1)).sum())
    title = threshold_title(wrong, len(truth), threshold)
    styled(figure, title, x=f"Probability of {plain(class_names[1], 20)}", y="Rows", legend=True)
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[-0.005, 1.005], tickformat=".0%", dtick=0.25)
    _unsigned_ticks(figure, highest)
    upward, downward = plain(class_names[1], 30), plain(class_names[0], 30)
    return Chart(figure, f"{title}. Bars upward are truly {upward}, bars downward truly {downward}.")


def _unsigned_ticks(figure: go.Figure, highest: int) -> None:
    step = max(1, round(highest / 3))
    ticks = [sign * place for place in range(0, highest + 1, step) for sign in (-1, 1)]
    figure.update_yaxes(
        tickvals=ticks, ticktext=[f"{abs(tick):,}" for tick in ticks], zeroline=True, zerolinecolor=BASELINE
    )
