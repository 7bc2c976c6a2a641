"""The pictures of one neuron: what goes through it, and where it draws its line or plane."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.lessons.neuron import (
    LABELS,
    MARKS,
    STEP,
    STUDENTS,
    SUBJECTS,
    boundary,
    plane,
    step,
    weighted_sums,
    worked_out,
)
from pages.parts.charts_style import ACCENT, CLEAR, DOWN, GRID, TEXT, UP, Chart, styled
from pages.parts.results_draw import ink
from pages.parts.terms import help_with_terms

LOW, HIGH = 30.0, 100.0
_ROW, _WIDTH = 64, 640


def weight_sliders(key: str, count: int, help: str) -> np.ndarray:
    """A slider for the weight of each of the first ``count`` subjects; returns the weights, (count,)."""
    told = help_with_terms("weight", help)
    return np.array(
        [
            st.slider(f"Weight of {subject}", -3.0, 3.0, 1.0, 0.1, key=f"{key}:weight:{subject}", help=told)
            for subject in SUBJECTS[:count]
        ]
    )


def neuron_picture(marks: np.ndarray, weights: np.ndarray, bias: float, names: Sequence[str]) -> None:
    """Inputs, weights, the sum and the answer, as a drawing with the numbers of one student; marks are (k,)."""
    total = float(weighted_sums(marks[None], weights, bias)[0])
    answer = int(step(np.array([total]))[0])
    told = (
        f"{len(marks)} inputs, each times its weight, and the bias {bias:g} add up to {total:.4g}; that is "
        f"{'at least' if answer else 'below'} {STEP:g}, so the neuron answers {answer}."
    )
    alt = f"A neuron with the inputs {', '.join(names)}: {worked_out(marks, weights, bias)}. {told}"
    st.image(_svg(marks, weights, bias, names, total, answer, ink()), width="stretch", alt=alt)
    st.caption(told)


def _svg(
    marks: np.ndarray, weights: np.ndarray, bias: float, names: Sequence[str], total: float, answer: int, text: str
) -> str:
    """Nothing in it comes from people's data but numbers."""
    height = _ROW * (len(marks) + 1)
    middle = height / 2
    parts = []
    rows = [
        (f"{name} {mark:g}", f"× {weight:g}", weight) for name, mark, weight in zip(names, marks, weights, strict=True)
    ]
    for place, (name, told, weight) in enumerate([*rows, ("bias", f"{bias:+g}", np.sign(bias))]):
        y = _ROW * (place + 0.5)
        colour, width = (UP if weight >= 0 else DOWN), 1 + min(abs(weight), 3) * 1.6
        parts.append(
            f'<line x1="150" y1="{y}" x2="330" y2="{middle}" stroke="{colour}" stroke-width="{width:.1f}"/>'
            f'<text x="140" y="{y + 5}" text-anchor="end" fill="{text}">{name}</text>'
            f'<text x="200" y="{y + (middle - y) * 50 / 180 - 7:.0f}" fill="{text}">{told}</text>'
        )
    compared = "≥" if answer else "&lt;"
    parts.append(
        f'<circle cx="370" cy="{middle}" r="42" fill="none" stroke="{ACCENT}" stroke-width="3"/>'
        f'<text x="370" y="{middle + 6}" text-anchor="middle" font-weight="bold" fill="{text}">{total:.4g}</text>'
        f'<text x="452" y="{middle - 10}" text-anchor="middle" fill="{text}">{compared} {STEP:g}</text>'
        f'<line x1="412" y1="{middle}" x2="500" y2="{middle}" stroke="{ACCENT}" stroke-width="3"/>'
        f'<text x="515" y="{middle + 9}" font-size="26" font-weight="bold" fill="{text}">{answer}</text>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" font-family="sans-serif" '
        f'font-size="16" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def students_chart(weights: np.ndarray, bias: float) -> Chart:
    """The three students by their marks, and the line (two weights) or plane (three) on which the sum is the step."""
    return _in_plane(weights, bias) if len(weights) == 2 else _in_space(weights, bias)


def _in_plane(weights: np.ndarray, bias: float) -> Chart:
    figure = go.Figure()
    for label, colour, symbol in ((1, UP, "circle"), (0, DOWN, "diamond")):
        of = np.equal(LABELS, label)
        figure.add_scatter(
            x=MARKS[of, 0],
            y=MARKS[of, 1],
            text=[name for name, kept in zip(STUDENTS, of, strict=True) if kept],
            mode="markers+text",
            textposition="top center",
            marker={"color": colour, "size": 14, "symbol": symbol},
            name="passed" if label else "failed",
        )
    line = boundary(weights, bias, LOW, HIGH)
    if line is not None:
        figure.add_scatter(
            x=line.x, y=line.y, mode="lines", line={"color": ACCENT, "width": 3}, name=f"the sum is {STEP:g}"
        )
    title = "The neuron draws a straight line" if line is not None else "Here all sums are on one side of the step"
    styled(figure, title, SUBJECTS[0], SUBJECTS[1], legend=True)
    figure.update_xaxes(range=[LOW, HIGH])
    figure.update_yaxes(range=[LOW, HIGH])
    return Chart(figure, f"{title}. {_sides(weights, bias)}")


def _in_space(weights: np.ndarray, bias: float) -> Chart:
    figure = go.Figure()
    for label, colour, symbol in ((1, UP, "circle"), (0, DOWN, "diamond")):
        of = np.equal(LABELS, label)
        history, math, science = MARKS[of].T
        figure.add_scatter3d(
            x=history,
            y=math,
            z=science,
            text=[name for name, kept in zip(STUDENTS, of, strict=True) if kept],
            mode="markers+text",
            marker={"color": colour, "size": 7, "symbol": symbol},
            name="passed" if label else "failed",
        )
    divides = _divides(weights, bias)
    if divides:
        _add_plane(figure, weights, bias)
    title = "The neuron draws a flat plane: drag to turn it" if divides else "Here all sums are on one side of the step"
    styled(figure, title, height=420, legend=True)
    axis = {"range": [LOW, HIGH], "dtick": 20, "color": TEXT, "backgroundcolor": CLEAR, "gridcolor": GRID}
    figure.update_layout(
        scene={f"{name}axis": {**axis, "title": {"text": of}} for name, of in zip("xyz", SUBJECTS, strict=True)},
        # Almost along the plane, so that who stands on which side of it can be seen.
        scene_camera={"eye": {"x": 1.75, "y": -1.55, "z": 0.75}, "center": {"x": 0, "y": 0, "z": -0.12}},
        dragmode="orbit",
    )
    return Chart(figure, f"{title}. {_sides(weights, bias)}")


def _divides(weights: np.ndarray, bias: float) -> bool:
    """Whether some marks between the lowest and the highest give a sum on either side of the step."""
    corners = np.array(list(product((LOW, HIGH), repeat=len(weights))))
    return len(set(step(weighted_sums(corners, weights, bias)).tolist())) == 2


def _add_plane(figure: go.Figure, weights: np.ndarray, bias: float) -> None:
    """As four corners; an upright wall where Science has no weight."""
    edges = np.array(list(product((LOW, HIGH), repeat=2)))
    heights = plane(weights, bias, edges)
    if heights is None:
        line = boundary(weights[:2], bias, LOW, HIGH)
        if line is None:
            return
        edges, heights = np.repeat(np.column_stack(line), 2, axis=0), np.tile([LOW, HIGH], 2)
    figure.add_mesh3d(
        x=edges[:, 0], y=edges[:, 1], z=heights, i=[0, 1], j=[1, 2], k=[2, 3], color=ACCENT, opacity=0.45,
        name=f"the sum is {STEP:g}", hoverinfo="skip",
    )  # fmt: skip


def _sides(weights: np.ndarray, bias: float) -> str:
    answers = step(weighted_sums(MARKS[:, : len(weights)], weights, bias))
    return "; ".join(f"{name} is on the side of {answer}" for name, answer in zip(STUDENTS, answers, strict=True)) + "."
