"""A small grid of numbers as a picture, with cells that are marked: what a window covers, what was worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.parts.charts_style import ACCENT, GRID, faint
from pages.parts.image_data_pixels import is_bright
from pages.parts.results_draw import ink

CELL = 44
# Room for the frame of marked cells at the edges.
EDGE = 2
QUIET = 0.5


@dataclass(frozen=True, eq=False)
class Grid:
    """Numbers in rows and columns; everything is (h, w).

    Args:
        values: The numbers; a cell that is NaN stays empty.
        marked: Cells with a frame in the accent colour around them.
        quiet: Cells with pale numbers: padding, or what is not worked out yet.
        corners: A small number in the corner of cells that are not NaN, such as the weight that lies on each.
        shade: The numbers that are black and that are white (or ``colour``); None for cells without a ground.
        colour: What the second number of ``shade`` looks like.
    """

    values: np.ndarray
    marked: np.ndarray | None = None
    quiet: np.ndarray | None = None
    corners: np.ndarray | None = None
    shade: tuple[float, float] | None = None
    colour: str = "#FFFFFF"


def draw_grid(grid: Grid, title: str, sentence: str, cell: int = CELL) -> None:
    """A grid under its title.

    Args:
        grid: What is drawn.
        title: One line of Markdown; text from data goes through `plain` before.
        sentence: What the grid says, for those who do not see it.
        cell: Pixels of a cell; on a narrow screen they become fewer.
    """
    st.markdown(title)
    st.image(grid_svg(grid, ink()), width=grid.values.shape[1] * cell + 2 * EDGE, alt=sentence)


def grid_svg(grid: Grid, text: str) -> str:
    """An SVG of the grid. Nothing in it comes from people's data but numbers."""
    height, width = (length * CELL + 2 * EDGE for length in grid.values.shape)
    return svg(cells(grid, text, EDGE, EDGE), width, height)


def svg(parts: str, width: float, height: float) -> str:
    """A whole SVG around its parts."""
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" '
        f'xmlns="http://www.w3.org/2000/svg">{parts}</svg>'
    )


def cells(grid: Grid, text: str, left: float, top: float) -> str:
    """The cells of a grid whose upper left corner is at ``left``, ``top``; the frame lies over them."""
    size = _text_size([told(value) for value in grid.values.ravel() if not np.isnan(value)])
    parts = [
        _cell(grid, row, column, text, left + column * CELL, top + row * CELL, size)
        for row, column in np.ndindex(grid.values.shape)
    ]
    return "".join(parts) + _frame(_flags(grid.marked, grid), left, top)


def told(value: float) -> str:
    """A number as it stands in a cell: at most two digits after the point."""
    return f"{round(float(value), 2) + 0.0:g}"


def _cell(grid: Grid, row: int, column: int, text: str, x: float, y: float, size: int) -> str:
    value = float(grid.values[row, column])
    ground, ink_here = _ground(grid, value, text)
    pale = f' opacity="{QUIET}"' if _flags(grid.quiet, grid)[row, column] else ""
    if grid.shade is None and _flags(grid.marked, grid)[row, column]:
        ground = faint(ACCENT, 0.16)
    parts = [f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="{ground}" stroke="{GRID}" stroke-width="1"/>']
    if not np.isnan(value):
        parts.append(
            f'<text x="{x + CELL / 2}" y="{y + CELL / 2 + size * 0.36:.1f}" text-anchor="middle" font-size="{size}" '
            f'fill="{ink_here}"{pale}>{told(value)}</text>'
        )
    if grid.corners is not None and not np.isnan(grid.corners[row, column]):
        parts.append(
            f'<text x="{x + CELL - 4}" y="{y + CELL - 4}" text-anchor="end" font-size="13" fill="{ACCENT}" '
            f'font-weight="bold">x{told(grid.corners[row, column])}</text>'
        )
    return "".join(parts)


def _ground(grid: Grid, value: float, text: str) -> tuple[str, str]:
    """The colour of a cell, and of the number on it."""
    if grid.shade is None or np.isnan(value):
        return "none", text
    low, high = grid.shade
    share = float(np.clip((value - low) / max(high - low, 1e-9), 0, 1))
    full = [int(grid.colour[place : place + 2], 16) for place in (1, 3, 5)]
    bright = is_bright(np.array([[255 * share]]), grid.colour)[0, 0]
    return f"rgb({','.join(str(round(part * share)) for part in full)})", "#000000" if bright else "#FFFFFF"


def _frame(marked: np.ndarray, left: float, top: float) -> str:
    """A line around the marked cells, wherever one of them has a neighbour that is not."""
    around = np.pad(marked, 1)
    lines = []
    for row, column in np.argwhere(marked).tolist():
        x, y = left + column * CELL, top + row * CELL
        if not around[row, column + 1]:
            lines.append(f"M{x} {y}h{CELL}")
        if not around[row + 2, column + 1]:
            lines.append(f"M{x} {y + CELL}h{CELL}")
        if not around[row + 1, column]:
            lines.append(f"M{x} {y}v{CELL}")
        if not around[row + 1, column + 2]:
            lines.append(f"M{x + CELL} {y}v{CELL}")
    return f'<path d="{"".join(lines)}" stroke="{ACCENT}" stroke-width="4" stroke-linecap="round"/>' if lines else ""


def _flags(found: np.ndarray | None, grid: Grid) -> np.ndarray:
    return np.zeros(grid.values.shape, bool) if found is None else np.asarray(found, bool)


def _text_size(texts: Sequence[str]) -> int:
    """Letters that let the longest number fit into its cell."""
    longest = max(map(len, texts), default=1)
    return int(np.clip((CELL - 6) / (0.58 * longest), 9, 18))
