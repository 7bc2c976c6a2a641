"""The scene of the last lesson, with what each kind of network would answer drawn on it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from core.colours import ACCENT, class_colour
from core.lessons.beyond import HEIGHT, KINDS, WIDTH, Box, Shape, Task, Thing, shared, things, true_boxes

_WALL, _TABLE, _PALE, _DARK = "#DCE3E8", "#B9A58C", "#FFFFFF", "#22242E"
_TABLE_AT = 236


def scene(task: Task, own: Box | None, caption: str) -> None:
    """The picture; in the task of detection with the true boxes, and with a box of one's own."""
    parts = [_background(), *map(_thing, things())]
    if task == "classification":
        parts.append(_label(8, 8, f"{KINDS[1]} 0.62, {KINDS[0]} 0.38", ACCENT))
    elif task == "detection":
        parts += _boxes(own)
    else:
        parts += _silhouettes(task)
    st.image(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{2 * WIDTH}" height="{2 * HEIGHT}" font-family="sans-serif" '
        f'font-size="13" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>',
        width="stretch",
        caption=caption,
        alt="A drawing: a chihuahua, and beside it two muffins that touch, on a table.",
    )


def _background() -> str:
    return (
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_WALL}"/>'
        f'<rect y="{_TABLE_AT}" width="{WIDTH}" height="{HEIGHT - _TABLE_AT}" fill="{_TABLE}"/>'
    )


def _thing(thing: Thing) -> str:
    return "".join(_polygon(shape, shape.colour) for shape in thing.shapes)


def _polygon(shape: Shape, colour: str) -> str:
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.corners.tolist())
    return f'<polygon points="{corners}" fill="{colour}"/>'


def _silhouettes(task: Task) -> Iterable[str]:
    """Each thing in one colour: of its class, or where things are told apart, of its own."""
    kinds = [thing.kind for thing in things()]
    for place, (thing, box) in enumerate(zip(things(), true_boxes(), strict=True)):
        colour = class_colour(KINDS.index(thing.kind) if task == "semantic" else place)
        yield "".join(_polygon(shape, colour) for shape in thing.shapes)
        name = thing.kind if task == "semantic" else _name(place)
        # What is not told apart is named once.
        if task == "instance" or place == kinds.index(thing.kind):
            yield _label((box.left + box.right) / 2 - 4 * len(name), (box.top + box.bottom) / 2, name, _DARK)


def _name(place: int) -> str:
    """``muffin 2`` where there are several of a kind."""
    kinds = [thing.kind for thing in things()]
    kind = kinds[place]
    return f"{kind} {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else kind


def _boxes(own: Box | None) -> Iterable[str]:
    """The shared area first, the names last, so that nothing hides them."""
    found = [
        (box, thing.kind, class_colour(KINDS.index(thing.kind)))
        for box, thing in zip(true_boxes(), things(), strict=True)
    ]
    if own is not None:
        both = shared(own, found[0][0])
        if both.area:
            yield _outline(both, "none", f'fill="{ACCENT}" fill-opacity="0.3"')
    for box, _, colour in found:
        yield _outline(box, colour, 'fill="none" stroke-dasharray="7 4"')
    if own is not None:
        yield _outline(own, ACCENT, 'fill="none"') + _label(own.left + 3, own.top + 3, "your box", ACCENT)
    for box, kind, colour in found:
        yield _label(box.left + 3, box.bottom - 21, kind, colour)


def _outline(box: Box, colour: str, more: str) -> str:
    return (
        f'<rect x="{box.left:g}" y="{box.top:g}" width="{box.right - box.left:g}" height="{box.bottom - box.top:g}" '
        f'stroke="{colour}" stroke-width="3" {more}/>'
    )


def _label(left: float, top: float, text: str, colour: str) -> str:
    """Dark words on white with a coloured edge, to be read on any ground."""
    return (
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{7.2 * len(text) + 10:.0f}" height="19" rx="3" fill="{_PALE}" '
        f'stroke="{colour}"/><text x="{left + 5:.0f}" y="{top + 14:.0f}" fill="{_DARK}">{text}</text>'
    )
