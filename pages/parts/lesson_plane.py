"""What a network, or one neuron of it, says everywhere on a plane, with the points that it learns from."""

from __future__ import annotations

import base64
import io

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from core.lessons.points import EDGE
from pages.parts.charts_style import DOWN, UP, Chart, shown, styled

# The two classes: the colour and mark of each, here and in the words around it.
CLASS_COLOUR = (DOWN, UP)
CLASS_MARK = ("x", "circle")
NAMES = ("class 0 (crosses)", "class 1 (discs)")
HEIGHT = 420
_STRONGEST = 0.6
_EDGE_COLOUR = (128, 128, 128, 255)


def plane_chart(
    values: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    title: str,
    sentence: str,
    *,
    names: tuple[str, str] = NAMES,
    axes: tuple[str, str] = ("first input", "second input"),
    height: int = HEIGHT,
) -> Chart:
    """An output over the plane as colour, the points on it, and a grey line where it is one half.

    Args:
        values: (side * side,) from 0 to 1, at the places of `core.lessons.points.plane`.
        x: (n, 2) the points.
        y: (n,) their classes, 0 or 1.
        title: What the picture says.
        sentence: The same for those who do not see it.
        names: Of class 0 and 1, for the legend.
        axes: What the two inputs are called.
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
            x=x[of, 0].round(3),
            y=x[of, 1].round(3),
            mode="markers",
            name=shown(names[label], 40),
            marker={
                "color": CLASS_COLOUR[label],
                "symbol": CLASS_MARK[label],
                "size": 8,
                "line": {"color": "white", "width": 1},
            },
            hoverinfo="skip",
        )
    styled(figure, title, *axes, height=height, legend=True)
    figure.update_xaxes(range=[-EDGE, EDGE], constrain="domain", showgrid=False)
    figure.update_yaxes(range=[-EDGE, EDGE], scaleanchor="x", constrain="domain", showgrid=False)
    return Chart(figure, sentence)


def picture_uri(values: np.ndarray) -> str:
    """``(side * side,)`` from 0 to 1 as a picture that fits into an address: see `plane_chart`.

    Both ends have the colour of their class; the middle lets the page through, light or dark.
    """
    buffer = io.BytesIO()
    Image.fromarray(_pixels(values)).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _pixels(values: np.ndarray) -> np.ndarray:
    """(side, side, 4) uint8, red, green, blue and opacity."""
    side = round(len(values) ** 0.5)
    grid = np.clip(np.nan_to_num(np.asarray(values, float), nan=0.5), 0, 1).reshape(side, side)
    pixels = np.empty((side, side, 4), np.uint8)
    for label, colour in enumerate(CLASS_COLOUR):
        pixels[(grid > 0.5) == label, :3] = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    pixels[..., 3] = (255 * _STRONGEST * np.abs(2 * grid - 1)).astype(np.uint8)
    yes = grid > 0.5
    border = np.zeros_like(yes)
    border[:-1] |= yes[:-1] != yes[1:]
    border[:, :-1] |= yes[:, :-1] != yes[:, 1:]
    pixels[border] = _EDGE_COLOUR
    return pixels
