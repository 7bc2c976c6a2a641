"""What a network, or one neuron of it, says everywhere on a plane, with the points that it learns from."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.lessons.points import EDGE
from pages.parts.charts_style import DOWN, NARROW_TITLE, UP, Chart, shown, styled
from pages.parts.lesson_square import LEFT, WIDTH, halo, in_pixels, red_green_blue, row_below, square, stroke, uri_of
from pages.parts.results_draw import ink
from pages.parts.session import plain

# The two classes: the colour and mark of each, here and in the words around it.
CLASS_COLOUR = (DOWN, UP)
CLASS_MARK = ("x", "circle")
NAMES = ("class 0 (crosses)", "class 1 (discs)")
AXES = ("first input", "second input")
HEIGHT = 420
_LOW, _HIGH = (-EDGE, -EDGE), (EDGE, EDGE)
_STRONGEST = 0.6
_OUTLINE = {"color": "white", "width": 1}
_EDGE_COLOUR = (110, 110, 118)


def plane_chart(
    values: np.ndarray, x: np.ndarray, y: np.ndarray, title: str, sentence: str, height: int = HEIGHT
) -> Chart:
    """An output over the plane as colour, the points on it, and a grey line where it is one half.

    Args:
        values: (side * side,) from 0 to 1, at the places of `core.lessons.points.plane`.
        x: (n, 2) the points.
        y: (n,) their classes, 0 or 1.
        title: What the picture says.
        sentence: The same for those who do not see it.
        height: Of the square, in pixels.
    """
    figure = go.Figure()
    figure.add_layout_image(
        source=picture_uri(values), xref="x", yref="y", x=-EDGE, y=EDGE, sizex=2 * EDGE, sizey=2 * EDGE,
        sizing="stretch", layer="below",
    )  # fmt: skip
    for label in (0, 1):
        of = np.asarray(y) == label
        figure.add_scatter(
            x=x[of, 0].round(3), y=x[of, 1].round(3), mode="markers", name=NAMES[label], hoverinfo="skip",
            marker={"color": CLASS_COLOUR[label], "symbol": CLASS_MARK[label], "size": 8, "line": _OUTLINE},
        )  # fmt: skip
    styled(figure, title, *AXES, height=height, legend=True, title_width=NARROW_TITLE)
    figure.update_xaxes(range=[-EDGE, EDGE], constrain="domain", showgrid=False)
    figure.update_yaxes(range=[-EDGE, EDGE], scaleanchor="x", constrain="domain", showgrid=False)
    return Chart(figure, sentence)


def draw_plane(
    values: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    title: str,
    sentence: str,
    *,
    names: tuple[str, str] = NAMES,
    axes: tuple[str, str] = AXES,
) -> None:
    """The picture of `plane_chart` drawn as SVG, which changes in place while a network trains.

    Args:
        values: As there.
        x: As there.
        y: As there.
        title: As there.
        sentence: As there.
        names: Of class 0 and 1; may come from data.
        axes: What the two inputs are called; may come from data.
    """
    st.markdown(f"**{plain(title)}**")
    st.image(_svg(values, x, y, names, axes), width=WIDTH, alt=sentence)


def _svg(values: np.ndarray, x: np.ndarray, y: np.ndarray, names: tuple[str, str], axes: tuple[str, str]) -> str:
    """What comes from data is escaped."""
    inside, below = "", ""
    for label in (0, 1):
        places = in_pixels(x[np.asarray(y) == label], _LOW, _HIGH)
        inside += _marks(label, [_mark(label, *place) for place in places])
        line = row_below(label)
        below += _marks(label, [_mark(label, LEFT + 8, line - 5)])
        below += f'<text x="{LEFT + 24}" y="{line}" fill="{ink()}">{shown(names[label], 40)}</text>'
    return square(picture_uri(values), axes, _LOW, _HIGH, inside, below, 2)


def _marks(label: int, marks: list[str]) -> str:
    path = "".join(marks)
    return stroke(path, halo(), 5 + 6 * label) + stroke(path, CLASS_COLOUR[label], 2.5 + 6 * label)


def _mark(label: int, x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}h0" if label else f"M{x - 4:.1f} {y - 4:.1f}l8 8m0-8l-8 8"


def picture_uri(values: np.ndarray) -> str:
    """``(side * side,)`` from 0 to 1 as a picture that fits into an address: see `plane_chart`.

    Both ends have the colour of their class; the middle lets the page through, light or dark.
    """
    return uri_of(_pixels(values))


def _pixels(values: np.ndarray) -> np.ndarray:
    """(side, side, 4) uint8, red, green, blue and opacity."""
    side = round(len(values) ** 0.5)
    ends = [red_green_blue(colour) for colour in CLASS_COLOUR]
    grid = np.clip(np.nan_to_num(np.asarray(values, float), nan=0.5), 0, 1).reshape(side, side)
    pixels = np.empty((side, side, 4), np.uint8)
    pixels[..., :3] = np.where(grid[..., None] > 0.5, ends[1], ends[0])
    line = _line(grid)
    strength = _STRONGEST * np.abs(2 * grid - 1)
    pixels[line > 0, :3] = _EDGE_COLOUR
    pixels[..., 3] = np.rint(255 * np.maximum(strength, line))
    return pixels


def _line(grid: np.ndarray) -> np.ndarray:
    """(side, side) how much of each pixel the line covers on which the grid is one half, 0 to 1."""
    down, across = np.gradient(grid)
    slope = np.hypot(down, across)
    # How many pixels away the line is, if the slope goes on as here; where all is flat there is none.
    away = np.divide(np.abs(grid - 0.5), slope, out=np.full_like(grid, np.inf), where=slope > 1e-9)
    return np.clip(1.4 - away, 0, 1)
