"""The landscape of a cost, from above and in relief, and the way that training takes on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.lessons.descent import Surface, Way, cost, grid
from pages.parts.charts_style import ACCENT, TEXT, TRAIN, VALIDATION, Chart, faint, straight, styled

SIDE = 60
HEIGHT = 420
# In relief, what is higher would make all the rest look flat.
_CEILING = 1.5
_DEEP_IS_DARK = [[0.0, faint(ACCENT, 0.8)], [1.0, faint(ACCENT, 0.03)]]


def from_above(of: Surface, way: Way, verdict: str) -> Chart:
    """Bands of equal cost, the darker the lower, and the way on them."""
    first, second, costs = grid(of, SIDE)
    figure = go.Figure()
    heights = {"x": first, "y": second, "z": np.log10(costs).astype(np.float32), "showscale": False}
    figure.add_heatmap(**heights, colorscale=_DEEP_IS_DARK, zsmooth="best", hoverinfo="skip")
    lines = {"coloring": "none"}
    figure.add_contour(**heights, contours=lines, ncontours=14, line_color=faint("#808080", 0.6), hoverinfo="skip")
    figure.add_scatter(
        x=way.places[:, 0].round(4), y=way.places[:, 1].round(4), mode="lines+markers", name="way", hoverinfo="skip",
        line={"color": VALIDATION, "width": 2}, marker={"size": 5},
    )  # fmt: skip
    for place, symbol, word in ((way.places[0], "diamond", "start"), (way.places[-1], "star", "end")):
        figure.add_scatter(
            x=[place[0]], y=[place[1]], mode="markers+text", text=[word], textposition="top center", hoverinfo="skip",
            marker={"symbol": symbol, "size": 13, "color": VALIDATION, "line": {"color": "white", "width": 1}},
            textfont={"color": TEXT},
        )  # fmt: skip
    styled(figure, verdict, of.names[0], of.names[1], height=HEIGHT)
    figure.update_xaxes(range=[of.low[0], of.high[0]], constrain="domain", showgrid=False)
    figure.update_yaxes(range=[of.low[1], of.high[1]], constrain="domain", showgrid=False, scaleanchor="x")
    return Chart(figure, _said(of, way, verdict))


def in_relief(of: Surface, way: Way, verdict: str) -> Chart:
    """The same as hills and valleys; steps outside of the picture are left out."""
    first, second, costs = grid(of, SIDE)
    ceiling = _CEILING * float(cost(of, np.array([of.start]))[0])
    inside = ((way.places >= of.low) & (way.places <= of.high)).all(axis=1) & (way.costs <= ceiling)
    figure = go.Figure()
    figure.add_surface(
        x=first, y=second, z=np.minimum(costs, ceiling).astype(np.float32), colorscale=_DEEP_IS_DARK,
        showscale=False, opacity=0.85, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter3d(
        **dict(zip("xy", way.places[inside].round(4).T, strict=True)), z=(way.costs[inside] + 0.02 * ceiling).round(4),
        mode="lines+markers", line={"color": VALIDATION, "width": 6}, marker={"color": VALIDATION, "size": 3},
        hoverinfo="skip",
    )  # fmt: skip
    styled(figure, verdict, height=HEIGHT)
    axis = {"color": TEXT, "nticks": 4, "backgroundcolor": "rgba(0,0,0,0)", "gridcolor": faint("#808080", 0.3)}
    names = dict(zip("xyz", (*of.names, "cost"), strict=True))
    scene: dict[str, Any] = {f"{letter}axis": {**axis, "title": {"text": name}} for letter, name in names.items()}
    scene |= {"aspectmode": "manual", "aspectratio": {"x": 1, "y": 1, "z": 0.6}}
    figure.update_layout(scene=scene, dragmode="orbit")
    return Chart(figure, _said(of, way, verdict))


def costs_chart(way: Way, lowest: float, verdict: str) -> Chart:
    """The cost after each step, on a scale where each line is ten times the one below."""
    figure = go.Figure()
    steps = np.arange(len(way.costs))
    figure.add_scatter(
        x=steps, y=way.costs.round(5), mode="lines+markers", name="cost", line={"color": TRAIN}, marker={"size": 4}
    )
    figure.add_trace(straight([0, len(steps) - 1], [lowest, lowest], "the lowest there is"))
    styled(figure, verdict, "step", "cost", height=240, legend=True)
    figure.update_yaxes(type="log", dtick=1)
    return Chart(figure, f"{verdict}. It was {way.costs[0]:.3g} at the start and is {way.costs[-1]:.3g} at the end.")


def _said(of: Surface, way: Way, verdict: str) -> str:
    start, end = (
        " and ".join(f"{name} {value:.2f}" for name, value in zip(of.names, place, strict=True))
        for place in (way.places[0], way.places[-1])
    )
    return (
        f"{verdict}. From {start} the way leads to {end}; the cost goes from {way.costs[0]:.3g} to {way.costs[-1]:.3g}."
    )
