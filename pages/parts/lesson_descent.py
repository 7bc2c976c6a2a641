"""The landscape of a cost, from above and in relief, and the way that training takes on it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.lessons.descent import Landscape, Surface, Way, cost, grid, surface
from pages.parts.charts_style import ACCENT, TEXT, TRAIN, VALIDATION, Chart, faint, straight, styled
from pages.parts.lesson_square import WIDTH, halo, in_pixels, red_green_blue, square, stroke, uri_of
from pages.parts.results_draw import ink

SIDE = 50
# Pixels of the side of the landscape from above, and how many bands of equal cost it has.
PICTURE, BANDS = 400, 16
HEIGHT = 420
# In relief, what is higher would make all the rest look flat.
_CEILING = 1.5
_DEEP_IS_DARK = [[0.0, faint(ACCENT, 0.8)], [1.0, faint(ACCENT, 0.03)]]


def draw_from_above(name: Landscape, way: Way, verdict: str) -> None:
    """Bands of equal cost, the stronger the colour, the lower, and the way on them."""
    of = surface(name)
    st.markdown(f"**{verdict}**")
    drawn = square(_bands(name), of.names, of.low, of.high, _drawn(of, way))
    st.image(drawn, width=WIDTH, alt=_said(of, way, verdict))


@cache
def _bands(name: Landscape) -> str:
    """The picture of the landscape, with a line between two bands."""
    _, _, costs = grid(surface(name), PICTURE)
    heights = np.log10(costs)[::-1]
    share = (heights - heights.min()) / (heights.max() - heights.min())
    band = np.floor(share * BANDS)
    line = np.zeros(band.shape, bool)
    line[1:] |= band[1:] != band[:-1]
    line[:, 1:] |= band[:, 1:] != band[:, :-1]
    pixels = np.empty((*band.shape, 4), np.uint8)
    pixels[..., :3] = red_green_blue(ACCENT)
    pixels[..., 3] = np.where(line, 150, 190 * (1 - band / BANDS).clip(0))
    return uri_of(pixels)


def _drawn(of: Surface, way: Way) -> str:
    places = in_pixels(way.places, of.low, of.high)
    steps = [f"{x:.1f} {y:.1f}" for x, y in places]
    parts = [
        stroke(f"M{'L'.join(steps)}", VALIDATION, 1.5),
        stroke("".join(f"M{step}h0" for step in steps), VALIDATION, 6),
    ]
    for (x, y), word, mark in ((places[0], "start", "l9 9l-9 9l-9-9z"), (places[-1], "end", "h9v18h-18v-18z")):
        top = f"M{x:.1f} {y - 9:.1f}{mark}"
        parts.append(
            f'<path d="{top}" fill="{VALIDATION}" stroke="{halo()}" stroke-width="1.5"/><text x="{x:.1f}" '
            f'y="{y - 14:.1f}" text-anchor="middle" font-weight="600" fill="{ink()}">{word}</text>'
        )
    return "".join(parts)


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
