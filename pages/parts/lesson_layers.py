"""The picture of a small network: what each of its neurons says over the plane, and the weights between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.data.words import counted
from core.lessons.layers import Network, brightness, outputs
from core.lessons.points import EDGE, plane
from pages.parts.charts_style import ACCENT, DOWN, UP
from pages.parts.lesson_grid import ink
from pages.parts.lesson_plane import picture_uri

SIDE = 96
_THIN = 3
_BOX, _COLUMN, _ROW, _TOP = 46, 138, 56, 34


def over_the_plane(network: Network) -> list[np.ndarray]:
    """(SIDE * SIDE, units) of the inputs and each layer, from 0 to 1, at the places of `core.lessons.points.plane`.

    The last is the chance of class 1, as is every output of a sigmoid; of others, one half stands for an output of 0.
    """
    places = plane(SIDE)
    *hidden, answer = outputs(network, places)
    return [
        0.5 + places / (2 * EDGE),
        *(
            layer if network.activation == "sigmoid" else np.stack(list(map(brightness, layer.T)), axis=1)
            for layer in hidden
        ),
        answer,
    ]


def network_picture(network: Network, seen: Sequence[np.ndarray], chosen: tuple[int, int]) -> None:
    """Draw it; ``seen`` is what `over_the_plane` gave, and the frame is around neuron ``chosen`` (layer, place)."""
    st.image(_svg(network, seen, chosen, ink()), width="stretch")
    inside = [counted(layer.shape[1], "neuron") for layer in seen[1:-1]]
    learned = sum(value.size for value in network.values)
    st.caption(
        f"2 inputs → {' → '.join([*inside, '1 answer'])}: {counted(learned, 'number')} to learn. Each small picture is "
        "the plane as that neuron sees it. A thick line is a large weight; a dashed line is a weight below 0."
    )


def _svg(network: Network, seen: Sequence[np.ndarray], chosen: tuple[int, int], text: str) -> str:
    """Nothing in it comes from people's data but pictures of numbers."""
    rows = max(layer.shape[1] for layer in seen)
    width, height = _COLUMN * (len(seen) - 1) + 2 * _BOX + 16, _TOP + _ROW * rows
    middles = [
        [_TOP + _ROW * (rows / 2 + place - (layer.shape[1] - 1) / 2) for place in range(layer.shape[1])]
        for layer in seen
    ]
    parts = [_lines(number, weights, middles) for number, weights in enumerate(network.weights)]
    for number, layer in enumerate(seen):
        name = "Inputs" if not number else "Answer" if number + 1 == len(seen) else f"Layer {number}"
        parts.append(
            f'<text x="{_left(number) + _BOX / 2}" y="18" text-anchor="middle" font-weight="600" '
            f'fill="{text}">{name}</text>'
        )
        parts += [
            _box(_left(number), middle - _BOX / 2, column, (number, place) == chosen)
            for place, (middle, column) in enumerate(zip(middles[number], layer.T, strict=True))
        ]
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="15" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _left(number: int) -> float:
    return _BOX / 2 + 8 + _COLUMN * number


def _lines(number: int, weights: np.ndarray, middles: Sequence[Sequence[float]]) -> str:
    left, right = _left(number) + _BOX, _left(number + 1)
    bend = (left + right) / 2
    parts = []
    for (place, unit), weight in np.ndenumerate(weights):
        start, end = middles[number][place], middles[number + 1][unit]
        dashes = ' stroke-dasharray="6 4"' if weight < 0 else ""
        parts.append(
            f'<path d="M{left} {start:.0f}C{bend} {start:.0f} {bend} {end:.0f} {right} {end:.0f}" fill="none" '
            f'stroke="{DOWN if weight < 0 else UP}" stroke-width="{0.5 + 1.2 * min(abs(weight), 4):.1f}"{dashes}/>'
        )
    return "".join(parts)


def _box(x: float, y: float, values: np.ndarray, chosen: bool) -> str:
    small = values.reshape(SIDE, SIDE)[::_THIN, ::_THIN].ravel()
    place = f'x="{x}" y="{y}" width="{_BOX}" height="{_BOX}"'
    frame = f'stroke="{ACCENT}" stroke-width="4"' if chosen else 'stroke="#808080" stroke-width="1"'
    return (
        f'<image {place} preserveAspectRatio="none" href="{picture_uri(small)}"/>'
        f'<rect {place} rx="4" fill="none" {frame}/>'
    )
