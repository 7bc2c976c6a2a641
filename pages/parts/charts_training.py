"""How training went, and how the result stands beside the baselines."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.evaluation.titles import Epoch, scores_title, training_title
from core.evaluation.words import format_interval, format_number
from pages.parts.charts_style import (
    ACCENT,
    BASELINE,
    TRAIN,
    VALIDATION,
    Chart,
    bars_height,
    name_rows,
    plain,
    shown,
    styled,
)


def training_curves(
    history: Sequence[Epoch], best_epoch: int | None, metric: str = "loss", label: str = "Cost"
) -> Chart:
    """One quantity on train and validation, epoch by epoch.

    Args:
        history: One mapping an epoch with ``epoch``, ``metric`` and, where there is validation, ``val_<metric>``.
        best_epoch: The epoch whose weights were kept.
        metric: Key in ``history``.
        label: Words for the axis.
    """
    label = plain(label, 40)
    figure = go.Figure()
    for key, name, colour in ((metric, "train", TRAIN), (f"val_{metric}", "validation", VALIDATION)):
        points = _points(history, key)
        if points:
            figure.add_scatter(
                x=[epoch for epoch, _ in points],
                y=[value for _, value in points],
                mode="lines" if len(points) > 1 else "markers",
                name=name,
                line={"color": colour, "width": 2.5},
                hovertemplate=f"epoch %{{x}}<br>{name} %{{y:.4g}}<extra></extra>",
            )
    validation = dict(_points(history, f"val_{metric}"))
    if best_epoch in validation:
        _mark_best(figure, best_epoch, validation[best_epoch])
    title = training_title(history, best_epoch, bool(validation), label)
    styled(figure, title, x="Epoch", y=label, legend=len(figure.data) > 1)
    return Chart(figure, f"{title}. {_ends(history, metric, label)}")


def _points(history: Sequence[Epoch], key: str) -> list[tuple[int, float]]:
    found = [(int(row["epoch"] or 0), row.get(key)) for row in history]
    return [(epoch, float(value)) for epoch, value in found if value is not None and math.isfinite(value)]


def _mark_best(figure: go.Figure, epoch: int | None, value: float) -> None:
    figure.add_vline(x=epoch, line={"color": BASELINE, "width": 1.5, "dash": "dot"})
    marker = {"color": VALIDATION, "size": 10}
    figure.add_scatter(
        x=[epoch],
        y=[value],
        mode="markers",
        name=f"kept: epoch {epoch}",
        marker=marker,
        hovertemplate=f"kept: epoch {epoch}<br>validation %{{y:.4g}}<extra></extra>",
    )


def _ends(history: Sequence[Epoch], metric: str, label: str) -> str:
    parts = []
    for key, name in ((metric, "train"), (f"val_{metric}", "validation")):
        points = _points(history, key)
        if points:
            parts.append(f"{name} goes from {format_number(points[0][1])} to {format_number(points[-1][1])}")
    return f"{label} on {' and on '.join(parts)}." if parts else ""


def score_with_baselines(
    rows: Sequence[tuple[str, float | None, float | None, float | None]], metric: str, title: str = ""
) -> Chart:
    """Scores as dots with their intervals, one a row.

    Args:
        rows: ``(name, value, low, high)``, the network first; a row without a value is left out.
        metric: Words for the axis.
        title: What the picture says, e.g. the verdict; by default the scores themselves.
    """
    known = [(name, *_interval(value, low, high)) for name, value, low, high in rows if value is not None]
    figure = go.Figure()
    for place, (name, value, low, high) in enumerate(known):
        colour = BASELINE if place else ACCENT
        text = format_interval(value, low, high)
        figure.add_scatter(
            x=[value],
            y=[place],
            mode="markers",
            marker={"color": colour, "size": 13},
            error_x=_bar(value, low, high, colour),
            text=[f"{shown(name)}<br>{text}"],
            hovertemplate="%{text}<extra></extra>",
        )
    name_rows(figure, [name for name, *_ in known])
    said = [f"{plain(name, 40)} {format_interval(value, low, high)}" for name, value, low, high in known]
    title = title or scores_title([(name, value) for name, value, *_ in known])
    styled(figure, title, x=metric, height=bars_height(len(known)))
    return Chart(figure, f"{plain(metric, 40)}: {'; '.join(said)}." if said else "No score is known.")


def _interval(value: float, low: float | None, high: float | None) -> tuple[float, float, float]:
    return value, value if low is None else low, value if high is None else high


def _bar(value: float, low: float, high: float, colour: str) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [high - value],
        "arrayminus": [value - low],
        "color": colour,
        "thickness": 3,
        "width": 0,
    }
