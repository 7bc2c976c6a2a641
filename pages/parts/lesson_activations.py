"""The pictures of an activation function: its curve, its slope, and where the three students are on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.evaluation.words import format_number
from core.lessons.activations import Curve
from core.lessons.neuron import LABELS, STUDENTS
from pages.parts.charts_style import ACCENT, DOWN, UP, Chart, class_colour, styled

# Sums further from 0 are drawn at the edge.
EDGE = 8.0
_TOUCH = 1.5
_FLAT = 0.01
_LAYERS = 10
_SUMS = np.linspace(-EDGE, EDGE, 321)
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
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.12)
    for name, curve in shown.lines.items():
        colour, dash = (ACCENT, "solid") if curve is shown.main else _OTHERS[name]
        line = {"color": colour, "dash": dash, "width": 3}
        for row, values in ((1, curve.value(_SUMS)), (2, curve.slope(_SUMS))):
            figure.add_scatter(
                x=_SUMS, y=values, mode="lines", line=line, name=name, legendgroup=name, showlegend=row == 1,
                row=row, col=1, hovertemplate="%{x:.2f}: %{y:.3f}<extra></extra>",
            )  # fmt: skip
    _add_touching(figure, shown)
    _add_students(figure, shown)
    title = f"{shown.title}: {_said(shown)}"
    styled(figure, title, height=470, legend=True)
    figure.update_xaxes(range=[-EDGE * 1.04, EDGE * 1.04])
    figure.update_xaxes(title_text="Sum", row=2, col=1)
    figure.update_yaxes(title_text="Answer", range=_room(shown), row=1, col=1)
    figure.update_yaxes(title_text="Slope", range=[-0.35 if len(shown.lines) > 1 else -0.1, 1.15], row=2, col=1)
    return Chart(figure, f"{title}. {_sentence(shown)}")


def _said(shown: Shown) -> str:
    slope = float(shown.main.slope(shown.sums)[shown.row])
    student = STUDENTS[shown.row]
    if abs(slope) < _FLAT:
        return f"where {student} is, the curve is {'nearly ' if slope else ''}flat"
    return f"where {student} is, the slope is {format_number(slope)}"


def _sentence(shown: Shown) -> str:
    told = zip(STUDENTS, shown.sums, shown.main.value(shown.sums), shown.main.slope(shown.sums), strict=True)
    return " ".join(
        f"{student}: sum {total:.2f}, answer {format_number(value)}, slope {format_number(slope)}."
        for student, total, value, slope in told
    )


def _room(shown: Shown) -> list[float]:
    values = np.concatenate([curve.value(_SUMS) for curve in shown.lines.values()])
    low, high = float(values.min()), float(values.max())
    return [low - 0.12 * (high - low), high + 0.2 * (high - low)]


def _add_touching(figure: go.Figure, shown: Shown) -> None:
    """The straight line that touches the curve at the student."""
    at = float(np.clip(shown.sums[shown.row], -EDGE, EDGE))
    value, slope = (float(of(np.array([at]))[0]) for of in shown.main)
    x = np.array([at - _TOUCH, at + _TOUCH])
    figure.add_scatter(
        x=x, y=value + slope * (x - at), mode="lines", line={"color": class_colour(7), "width": 4}, name="slope",
        hoverinfo="skip", row=1, col=1,
    )  # fmt: skip


def _add_students(figure: go.Figure, shown: Shown) -> None:
    at = np.clip(shown.sums, -EDGE, EDGE)
    places = np.arange(len(STUDENTS))
    for label, colour, symbol in ((1, UP, "circle"), (0, DOWN, "x")):
        of = label == LABELS
        for row, values in ((1, shown.main.value(at)), (2, shown.main.slope(at))):
            figure.add_scatter(
                x=at[of], y=values[of], text=[STUDENTS[place] for place in places[of]], mode="markers+text",
                textposition="top center", cliponaxis=False, name="passed" if label else "failed",
                legendgroup=str(label), showlegend=row == 1, row=row, col=1, hoverinfo="skip",
                marker={"color": colour, "symbol": symbol, "size": np.where(places[of] == shown.row, 16, 10)},
            )  # fmt: skip


def passed_on(slope: float) -> str:
    """What is left of this slope after ten layers, in a sentence."""
    return (
        f"From layer to layer slopes multiply. If every one of {_LAYERS} layers had this slope, "
        f"{format_number(slope)}, then {format_number(slope**_LAYERS)} of a push would reach the first layer."
    )


def students_table(sums: np.ndarray, main: Curve) -> dict[str, list[str]]:
    """Sum, answer and slope of each student."""
    return {
        "Student": list(STUDENTS),
        "Truth": ["passed" if label else "failed" for label in LABELS],
        "Sum": [f"{total:.2f}" for total in sums],
        "Answer": [format_number(value, 3) for value in main.value(sums)],
        "Slope": [format_number(value, 3) for value in main.slope(sums)],
    }


def shares_table(sums: np.ndarray, lines: dict[str, Curve]) -> dict[str, list[str]]:
    """The share of each class for each student."""
    shares = {f"“{name}”": [format_number(value, 3) for value in curve.value(sums)] for name, curve in lines.items()}
    return {"Student": list(STUDENTS), "Sum of “passes”": [f"{total:.2f}" for total in sums], **shares}
