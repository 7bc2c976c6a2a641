"""The picture of a dense network as SVG: a column of neurons a layer, with shapes and parameter counts."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.words import counted
from core.network.image_shapes import ImageLayerShape
from core.network.shapes import LayerShape

MOST_NEURONS = 9
WIDTH, HEIGHT, TOP = 132, 300, 16


def to_learn(shapes: Sequence[LayerShape | ImageLayerShape]) -> str:
    """How many numbers training changes; the averages of batch normalization are only counted."""
    return f"{counted(sum(shape.trainable for shape in shapes), 'number')} to learn (parameters)"


def in_words(shapes: list[LayerShape]) -> str:
    """The same as text."""
    return " → ".join(f"{shape.label} ({shape.units:,})" for shape in shapes)


def svg(shapes: list[LayerShape], text: str) -> str:
    """The picture, with its text in the colour ``text``."""
    width = WIDTH * len(shapes)
    columns = [_places(shape) for shape in shapes]
    lines, circles = [], []
    for number, shape in enumerate(shapes):
        if number and shape.kind in ("Dense", "Output"):
            lines.append(_lines(number - 1, columns[number - 1], columns[number]))
        elif number:
            lines.append(_straight(number - 1, columns[number - 1], columns[number]))
        circles.append(_column(number, shape, columns[number], text))
    return (
        f'<svg viewBox="0 0 {width} {HEIGHT + 74}" width="{width}" height="{HEIGHT + 74}" font-family="sans-serif" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(lines)}{"".join(circles)}</svg>'
    )


def _places(shape: LayerShape) -> list[float]:
    """Heights of the neurons that are drawn; a gap in the middle stands for those that are not."""
    shown = min(shape.units, MOST_NEURONS)
    gap = HEIGHT / (shown + 1)
    return [TOP + gap * (place + 1) for place in range(shown)]


def _x(number: int) -> float:
    return WIDTH * (number + 0.5)


def _lines(number: int, left: list[float], right: list[float]) -> str:
    strokes = "".join(f"M{_x(number):.0f} {a:.0f}L{_x(number + 1):.0f} {b:.0f}" for a in left for b in right)
    return f'<path d="{strokes}" stroke="#8a8fa8" stroke-opacity="0.35" stroke-width="0.8" fill="none"/>'


def _straight(number: int, left: list[float], right: list[float]) -> str:
    strokes = "".join(
        f"M{_x(number):.0f} {a:.0f}L{_x(number + 1):.0f} {b:.0f}" for a, b in zip(left, right, strict=False)
    )
    return f'<path d="{strokes}" stroke="#8a8fa8" stroke-opacity="0.6" stroke-width="0.8" fill="none"/>'


def _column(number: int, shape: LayerShape, places: list[float], colour: str) -> str:
    x = _x(number)
    hidden = shape.units > MOST_NEURONS
    parts = []
    for place, y in enumerate(places):
        if hidden and place == MOST_NEURONS // 2:
            parts.append(f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle" fill="{colour}">⋮</text>')
            continue
        off = shape.kind == "Dropout" and place % 3 == 1
        fill = {"Input": "#1A78C2", "Output": "#D0521B"}.get(shape.kind, "#6067CE")
        style = 'fill="none" stroke="#8a8fa8" stroke-dasharray="3 3"' if off else f'fill="{fill}"'
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="9" {style}/>')
    name, _, detail = shape.label.partition(",")
    captions = [
        (name, 600),
        (detail.strip() or "&#160;", 400),
        (f"{shape.units:,} value{'s' if shape.units != 1 else ''}", 400),
    ]
    captions.append((f"{shape.parameters:,} parameters" if shape.parameters else "&#160;", 400))
    for line, (text, weight) in enumerate(captions):
        parts.append(
            f'<text x="{x:.0f}" y="{HEIGHT + 22 + 16 * line}" text-anchor="middle" font-size="12" '
            f'font-weight="{weight}" fill="{colour}">{text}</text>'
        )
    return "".join(parts)
