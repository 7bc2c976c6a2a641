"""A square picture with numbers on its edges, as SVG: unlike a chart, it changes in place when the page runs again."""

from __future__ import annotations

import base64
import io

import numpy as np
import streamlit as st
from PIL import Image

from pages.parts.charts_style import AXIS_WIDTH, shown
from pages.parts.results_draw import ink

SIDE, LEFT, TOP = 400, 58, 8
WIDTH = LEFT + SIDE + 20
Ends = tuple[float, float]


def square(
    picture: str, axes: tuple[str, str], low: Ends, high: Ends, inside: str, below: str = "", rows: int = 0
) -> str:
    """The SVG.

    Args:
        picture: Address of what fills the square, see `uri_of`.
        axes: What is on the axes; may come from data.
        low: The smallest x and y.
        high: The largest.
        inside: SVG on the picture; what is outside of the square is cut off.
        below: SVG under the axis, in rows from `row_below` on.
        rows: How many rows that are.
    """
    height = row_below(rows) - 8
    place = f'x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}"'
    text = f'fill="{ink()}"'
    names = (
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 42}" {text} text-anchor="middle">{shown(axes[0], AXIS_WIDTH)}'
        f'</text><text transform="translate(15 {TOP + SIDE / 2}) rotate(-90)" {text} text-anchor="middle">'
        f"{shown(axes[1], AXIS_WIDTH)}</text>"
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="15" xmlns="http://www.w3.org/2000/svg"><clipPath id="square"><rect {place}/></clipPath>'
        f'<image {place} preserveAspectRatio="none" href="{picture}"/>{_numbers(low, high, text)}{names}'
        f'<g clip-path="url(#square)">{inside}</g><rect {place} fill="none" stroke="#808080"/>{below}</svg>'
    )


def in_pixels(places: np.ndarray, low: Ends, high: Ends) -> np.ndarray:
    """(n, 2) where points (n, 2) are in the SVG."""
    across, up = ((places - low) / (np.array(high) - low)).T
    return np.stack([LEFT + SIDE * across, TOP + SIDE * (1 - up)], axis=1)


def row_below(row: int) -> int:
    """The height of the writing of a row under the axis, the first one being 0."""
    return TOP + SIDE + 68 + 24 * row


def stroke(path: str, colour: str, width: float) -> str:
    """A path with round ends. A line of no length, such as ``M9 9h0``, is a disc."""
    return (
        f'<path d="{path}" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round" '
        'fill="none"/>'
    )


def halo() -> str:
    """The colour of the page, for an edge around marks."""
    return "#17181F" if st.context.theme.type == "dark" else "#FFFFFF"


def red_green_blue(colour: str) -> list[int]:
    """Of a colour such as ``#1A78C2``."""
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def uri_of(pixels: np.ndarray) -> str:
    """Pixels (h, w, 4) uint8 as a picture that fits into an address."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _numbers(low: Ends, high: Ends, text: str) -> str:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = (start + share * (end - start) for start, end in zip(low, high, strict=True))
        parts.append(
            f'<text x="{LEFT + SIDE * share}" y="{TOP + SIDE + 19}" {text} text-anchor="middle" font-size="13">{x:g}'
            f'</text><text x="{LEFT - 7}" y="{TOP + SIDE * (1 - share) + 5}" {text} text-anchor="end" font-size="13">'
            f"{y:g}</text>"
        )
    return "".join(parts)
