"""The pictures of an activation function: its curve, its slope, and where the three students are on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from core.lessons.activations import Curve
from core.lessons.neuron import LABELS, STUDENTS
from pages.parts.charts_style import ACCENT, DOWN, UP, Chart, class_colour, styled

# Sums further from 0 are drawn at the edge.
EDGE = 8.0
_TOUCH = 1.5
_FLAT = 0.01
_LAYERS = 10
# One more point just below 0, so that a step is drawn upright.
_SUMS = np.union1d(np.linspace(-EDGE, EDGE, 161), [-1e-9])
_OTHERS = {"fails": (class_colour(4), "dot"), "with distinction": (class_colour(2), "dash")}


class Shown(NamedTuple):
    """What the picture shows.

    Attributes:
        title: Name of the function.
        lines: All curves by name.
        main: The curve on which the students are.
        sums: (3,) sums of the students.
        row: The place of the student that is looked at.
    """

    title: str
    lines: dict[str, Curve]
    main: Curve
    sums: np.ndarray
    row: int


def curve_chart(shown: Shown) -> Chart:
    """The curve above, its slope below, with the students on both."""
    figure = go.Figure([*_curves(shown), _touching(shown), *_students(shown)])
    title = f"{shown.title}: {_said(shown)}"
    styled(figure, title, x="Sum", y="Answer", height=470, legend=True)
    answers = figure.layout.yaxis.to_plotly_json()
    answers |= {"domain": [0.45, 1], "range": _room(shown), "automargin": False}
    below = -0.35 if len(shown.lines) > 1 else -0.1
    slopes = {**answers, "domain": [0, 0.36], "range": [below, 1.15], "title": {**answers["title"], "text": "Slope"}}
    edges = [-EDGE * 1.04, EDGE * 1.04]
    # Margins that are found by drawing would draw it several times.
    figure.update_layout(xaxis={"anchor": "y2", "range": edges}, yaxis=answers, yaxis2=slopes, margin_l=62)
    return Chart(figure, f"{title}. {_sentence(shown)}")


def _curves(shown: Shown) -> Iterator[go.Scatter]:
    for name, curve in shown.lines.items():
        colour, dash = (ACCENT, "solid") if curve is shown.main else _OTHERS[name]
        for axis, values in (("y", curve.value(_SUMS)), ("y2", curve.slope(_SUMS))):
            yield go.Scatter(
                x=_SUMS, y=values, yaxis=axis, mode="lines", line={"color": colour, "dash": dash, "width": 3},
                name=name, legendgroup=name, showlegend=axis == "y", hovertemplate="%{x:.2f}: %{y:.3f}<extra></extra>",
            )  # fmt: skip


def _said(shown: Shown) -> str:
    slope = float(shown.main.slope(shown.sums)[shown.row])
    student = STUDENTS[shown.row]
    if abs(slope) < _FLAT:
        return f"where {student} is, the curve is {'nearly ' if slope else ''}flat"
    return f"where {student} is, the slope is {_short(slope)}"


def _short(value: float) -> str:
    return f"{float(value):.3g}"


def _sentence(shown: Shown) -> str:
    told = zip(STUDENTS, shown.sums, shown.main.value(shown.sums), shown.main.slope(shown.sums), strict=True)
    return " ".join(
        f"{student}: sum {total:.2f}, answer {_short(value)}, slope {_short(slope)}."
        for student, total, value, slope in told
    )


def _room(shown: Shown) -> list[float]:
    values = np.concatenate([curve.value(_SUMS) for curve in shown.lines.values()])
    low, high = float(values.min()), float(values.max())
    return [low - 0.12 * (high - low), high + 0.2 * (high - low)]


def _touching(shown: Shown) -> go.Scatter:
    """The straight line that touches the curve at the student."""
    at = float(np.clip(shown.sums[shown.row], -EDGE, EDGE))
    value, slope = (float(of(np.array([at]))[0]) for of in shown.main)
    x = np.array([at - _TOUCH, at + _TOUCH])
    line = {"color": class_colour(7), "width": 4}
    return go.Scatter(x=x, y=value + slope * (x - at), mode="lines", line=line, name="slope", hoverinfo="skip")


def _students(shown: Shown) -> Iterator[go.Scatter]:
    at = np.clip(shown.sums, -EDGE, EDGE)
    places = np.arange(len(STUDENTS))
    for label, colour, symbol in ((1, UP, "circle"), (0, DOWN, "x")):
        of = label == LABELS
        sizes = np.where(places[of] == shown.row, 16, 10)
        for axis, values in (("y", shown.main.value(at)), ("y2", shown.main.slope(at))):
            yield go.Scatter(
                x=at[of], y=values[of], yaxis=axis, text=[STUDENTS[place] for place in places[of]], mode="markers+text",
                marker={"color": colour, "symbol": symbol, "size": sizes}, textposition="top center", cliponaxis=False,
                name="passed" if label else "failed", legendgroup=str(label), showlegend=axis == "y", hoverinfo="skip",
            )  # fmt: skip


def passed_on(slope: float) -> str:
    """What is left of this slope after ten layers, in a sentence."""
    left = abs(slope) ** _LAYERS
    if left < 1e-9:
        part = "nothing of a push" if not left else "less than a billionth of a push"
    else:
        part = "all of a push" if left == 1 else f"one part in {1 / left:,.0f} of a push"
    return (
        f"Slopes multiply from layer to layer. If every one of {_LAYERS} layers had this slope, {_short(slope)}, "
        f"{part} would reach the first layer."
    )


def students_table(sums: np.ndarray, main: Curve) -> dict[str, list[str]]:
    """Sum, answer and slope of each student."""
    return {
        "Student": list(STUDENTS),
        "Truth": ["passed" if label else "failed" for label in LABELS],
        "Sum": [f"{total:.2f}" for total in sums],
        "Answer": [_short(value) for value in main.value(sums)],
        "Slope": [_short(value) for value in main.slope(sums)],
    }


def shares_table(sums: np.ndarray, lines: dict[str, Curve]) -> dict[str, list[str]]:
    """The share of each class for each student."""
    shares = {f"“{name}”": [_short(value) for value in curve.value(sums)] for name, curve in lines.items()}
    return {"Student": list(STUDENTS), "Sum of “passes”": [f"{total:.2f}" for total in sums], **shares}
