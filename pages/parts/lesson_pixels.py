"""The numbers of a picture: as a program shows them, channel behind channel, and the shapes that they have."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.pixels import levels
from pages.parts.image_data_pixels import COLOURS, ORDERS, large_pixels
from pages.parts.lesson_grid import CELL, EDGE, Grid, cells, svg
from pages.parts.results_draw import ink

WINDOW = 8
LARGE = 240
SHEETS = 296
# How far each channel lies behind the one before it.
BEHIND = 34
FRAME = 2


def framed(values: np.ndarray, top: int, left: int) -> np.ndarray:
    """The picture (h, w, channels) enlarged, with a frame around the pixels whose numbers are shown, (…, 3) uint8."""
    large = large_pixels(values)
    large = np.repeat(large[..., None], 3, axis=-1) if large.ndim == 2 else np.array(large)
    times = len(large) // len(values)
    rows, columns = ((start * times, min(start + WINDOW, len(values)) * times) for start in (top, left))
    inside = large[slice(*rows), slice(*columns)].copy()
    # White within black stands out from every picture.
    for width, brightness in ((2 * FRAME, 0), (FRAME, 255)):
        outer = [slice(max(0, start - width), end + width) for start, end in (rows, columns)]
        large[outer[0], outer[1]] = brightness
    large[slice(*rows), slice(*columns)] = inside
    return large


def sheets(window: np.ndarray, order: str, front: int) -> None:
    """The channels of a few pixels (h, w, channels) as sheets behind each other; ``front`` is the one before all."""
    names = ORDERS[order]
    behind = [place for place in range(len(names)) if place != front]
    parts, deep = [], BEHIND * len(behind)
    for depth, place in reversed(list(enumerate([front, *behind]))):
        grid = Grid(window[..., place], shade=(0, 255), colour=_brightest(names[place]))
        parts.append(cells(grid, ink(), EDGE + BEHIND * depth, EDGE + deep - BEHIND * depth))
    height, width = (CELL * length + deep + 2 * EDGE for length in window.shape[:2])
    st.image(svg("".join(parts), width, height), width=SHEETS, alt=sheet_words(window, order, front))


def sheet_words(window: np.ndarray, order: str, front: int) -> str:
    """The front channel of a few pixels, row by row."""
    rows = "; ".join(" ".join(str(value) for value in row) for row in window[..., front].tolist())
    return f"The {ORDERS[order][front]} channel, row by row: {rows}."


def shape_rows(values: np.ndarray, batch: int) -> dict[str, list[str]]:
    """A table of shapes, from one pixel to a batch, for a picture (h, w, channels)."""
    height, width, channels = values.shape
    found = levels(height, width, channels, batch)
    return {
        "What": [level.what for level in found],
        "Shape": [f"`{level.shape}`" for level in found],
        "Numbers": [f"{level.numbers:,}" for level in found],
        "As a network stores them": [_memory(level.megabytes) for level in found],
    }


def _brightest(name: str) -> str:
    return "#FFFFFF" if name == "grey" else COLOURS[name]


def _memory(megabytes: float) -> str:
    if megabytes >= 1:
        return f"{megabytes:,.1f} MB"
    return f"{megabytes * 1e3:,.1f} KB" if megabytes >= 1e-3 else f"{megabytes * 1e6:,.0f} bytes"
