"""The picture of a small network: what each of its neurons says over the plane, and the weights between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.data.words import counted
from core.lessons.layers import Network, brightness, outputs
from core.lessons.points import EDGE, plane
from pages.parts.charts_style import ACCENT, DOWN, UP
from pages.parts.lesson_plane import picture_uri
from pages.parts.results_draw import ink

SIDE = 96
_THIN = 3
_EDGE = 10
_BOX, _ROW, _TOP, _WIDTH = 46, 56, 34, 520


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
    st.image(_svg(network, seen, chosen, ink()), width=_WIDTH, alt=_in_words(network, seen))
    st.caption(
        f"{_in_words(network, seen)}. Each small picture is the plane as that neuron sees it. A thick line is a large "
        "weight; a dashed line is a weight below 0."
    )


def _in_words(network: Network, seen: Sequence[np.ndarray]) -> str:
    inside = [counted(layer.shape[1], "neuron") for layer in seen[1:-1]]
    learned = counted(sum(value.size for value in network.values), "number")
    return f"2 inputs → {' → '.join([*inside, '1 answer'])}: {learned} to learn"


def _svg(network: Network, seen: Sequence[np.ndarray], chosen: tuple[int, int], text: str) -> str:
    """Nothing in it comes from people's data but pictures of numbers."""
    rows = max(layer.shape[1] for layer in seen)
    height = _TOP + _ROW * rows
    lefts = np.linspace(_EDGE, _WIDTH - _BOX - _EDGE, len(seen)).round()
    middles = [
        [_TOP + _ROW * (rows / 2 + place - (layer.shape[1] - 1) / 2) for place in range(layer.shape[1])]
        for layer in seen
    ]
    parts = [
        _lines(lefts[number : number + 2], weights, middles[number : number + 2])
        for number, weights in enumerate(network.weights)
    ]
    for number, layer in enumerate(seen):
        name = "Inputs" if not number else "Answer" if number + 1 == len(seen) else f"Layer {number}"
        parts.append(
            f'<text x="{lefts[number] + _BOX / 2}" y="18" text-anchor="middle" font-weight="600" '
            f'fill="{text}">{name}</text>'
        )
        parts += [
            _box(lefts[number], middle - _BOX / 2, column, (number, place) == chosen)
            for place, (middle, column) in enumerate(zip(middles[number], layer.T, strict=True))
        ]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="15" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _lines(lefts: np.ndarray, weights: np.ndarray, middles: Sequence[Sequence[float]]) -> str:
    left, right = lefts[0] + _BOX, lefts[1]
    bend = (left + right) / 2
    parts = []
    for (place, unit), weight in np.ndenumerate(weights):
        start, end = middles[0][place], middles[1][unit]
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
