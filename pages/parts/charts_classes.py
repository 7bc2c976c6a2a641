"""Charts of predicted classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.evaluation.titles import confusion_title
from core.evaluation.words import format_percent
from pages.parts.charts_style import (
    ACCENT,
    TEXT,
    Chart,
    bars_height,
    class_colour,
    faint,
    name_rows,
    plain,
    shown,
    styled,
)

CELLS_WITH_TEXT = 12
CELLS_WITH_SHARES = 6


def confusion(
    counts: Sequence[Sequence[int]] | np.ndarray,
    rates: Sequence[Sequence[float]] | np.ndarray,
    class_names: Sequence[str],
) -> Chart:
    """Counts and row shares of true against predicted classes, ``(classes, classes)`` with true classes in rows.

    Each cell can be clicked: the invisible points above the cells carry ``customdata = [true, predicted]``.
    """
    table, shares = np.asarray(counts), np.nan_to_num(np.asarray(rates, dtype=float))
    classes = len(class_names)
    figure = go.Figure()
    figure.add_heatmap(
        z=shares,
        zmin=0,
        zmax=1,
        colorscale=[[0, faint(ACCENT, 0.05)], [1, faint(ACCENT, 0.6)]],
        showscale=False,
        xgap=3,
        ygap=3,
        hoverinfo="skip",
    )
    figure.add_trace(_clickable(table, shares, class_names))
    if classes <= CELLS_WITH_TEXT:
        _write_cells(figure, table, shares)
    title = confusion_title(table, class_names)
    cell = 64 if classes <= CELLS_WITH_SHARES else 40
    styled(figure, title, x="Predicted", y="True", height=min(760, 190 + cell * classes))
    _name_cells(figure, class_names)
    return Chart(figure, f"{title}. {_confusion_rows(table, shares, class_names)}")


def _clickable(table: np.ndarray, shares: np.ndarray, class_names: Sequence[str]) -> go.Scatter:
    places = [(i, j) for i in range(len(class_names)) for j in range(len(class_names))]
    texts = [
        f"true: {shown(class_names[i])}<br>predicted: {shown(class_names[j])}"
        f"<br>{table[i, j]:,}, {format_percent(shares[i, j])}"
        for i, j in places
    ]
    return go.Scatter(
        x=[j for _, j in places],
        y=[i for i, _ in places],
        customdata=places,
        text=texts,
        hovertemplate="%{text}<extra></extra>",
        mode="markers",
        marker={"size": min(44, 300 // len(class_names)), "symbol": "square", "opacity": 0, "color": ACCENT},
        selected={"marker": {"opacity": 0.35}},
        unselected={"marker": {"opacity": 0}},
    )


def _write_cells(figure: go.Figure, table: np.ndarray, shares: np.ndarray) -> None:
    """Counts and shares as annotations, which keep the theme's text colour and are not dimmed by a selection.

    The cells of many classes are too narrow for shares, which their colour and what hovers above them tell as well.
    """
    size = 17 if len(table) <= 5 else 13
    shared = len(table) <= CELLS_WITH_SHARES
    # All at once: adding them one by one takes seconds for a dozen classes.
    figure.layout.annotations = [
        {
            "x": j,
            "y": i,
            "text": f"{table[i, j]:,}" + (f"<br>{format_percent(float(shares[i, j]))}" if shared else ""),
            "showarrow": False,
            "font": {"size": size, "color": TEXT},
        }
        for i, j in np.ndindex(*table.shape)
    ]


def _name_cells(figure: go.Figure, class_names: Sequence[str]) -> None:
    places = list(range(len(class_names)))
    length = 12 if len(class_names) <= 3 else 8
    names = [shown(name, length) for name in class_names]
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": names, "showgrid": False}
    # Ranges of their own: the invisible points would else claim a margin as wide as themselves.
    last = len(class_names) - 0.5
    figure.update_xaxes(ticks, range=[-0.5, last], constrain="domain")
    figure.update_yaxes(ticks, range=[last, -0.5])
    figure.update_layout(hoverdistance=-1, clickmode="event+select")


def _confusion_rows(table: np.ndarray, shares: np.ndarray, class_names: Sequence[str]) -> str:
    rows = enumerate(class_names[:CELLS_WITH_TEXT])
    return " ".join(
        f"Of {int(table[i].sum()):,} {plain(name, 30)}, {int(table[i, i]):,} ({format_percent(shares[i, i])}) right."
        for i, name in rows
    )


def class_bars(probabilities: Sequence[float], class_names: Sequence[str], most: int = 12) -> Chart:
    """Probability of each class for one row, likeliest first."""
    order = np.argsort(-np.asarray(probabilities, dtype=float), kind="stable")[:most]
    values = [float(probabilities[index]) for index in order]
    names = [class_names[index] for index in order]
    figure = go.Figure()
    figure.add_bar(
        x=values,
        y=list(range(len(values))),
        orientation="h",
        text=[format_percent(value) for value in values],
        textposition="outside",
        cliponaxis=False,
        marker_color=[class_colour(int(index)) for index in order],
        hoverinfo="skip",
    )
    name_rows(figure, names)
    title = f"Most likely {plain(names[0], 30)} ({format_percent(values[0])})"
    styled(figure, title, x="Probability", height=bars_height(len(values)))
    figure.update_xaxes(range=[0, 1.3], tickvals=[0, 0.5, 1], tickformat=".0%")
    listed = ", ".join(f"{plain(name, 30)} {format_percent(value)}" for name, value in zip(names, values, strict=True))
    return Chart(figure, f"{title}. {listed}.")
