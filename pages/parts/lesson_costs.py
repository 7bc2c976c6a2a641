"""The picture of four cost functions, and the table with their terms worked out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.lessons.costs import COSTS, EPSILON, STUDENTS, TRUTH, Cost, short
from pages.parts.charts_style import Chart, class_colour, styled

# Costs above this are drawn at the edge, with their number.
MOST = 5.0
_PREDICTIONS = np.concatenate([[EPSILON, 0.002, 0.005], np.linspace(0.01, 0.99, 99), [0.995, 0.998, 1 - EPSILON]])
# The cross-entropies are one curve where there are two classes: a wide line, and a thin one upon it.
_LINES = {
    "mean_squared_error": (class_colour(5), "solid", 3, "square"),
    "binary_crossentropy": (class_colour(3), "solid", 7, "circle"),
    "hinge": (class_colour(2), "dashdot", 3, "diamond"),
    "categorical_crossentropy": (class_colour(4), "dot", 3, "x"),
}


def cost_chart(truth: float, predicted: float, student: str) -> Chart:
    """What every prediction would cost for a student with this truth, and where the prediction is now."""
    figure = go.Figure([*_curves(truth, predicted)])
    title = f"{student} {'passed' if truth else 'failed'}: the prediction {predicted:g} {_said(truth, predicted)}"
    styled(figure, title, x=f"Prediction for {student}", y="Cost", legend=True, height=400)
    figure.update_layout(
        xaxis_range=[-0.03, 1.03], yaxis_range=[-0.15, MOST * 1.06], annotations=_over_the_edge(truth, predicted)
    )
    told = ", ".join(f"{cost.title} {short(_now(cost, truth, predicted))}" for cost in COSTS.values())
    steep = "The cross-entropies rise ever more steeply towards a sure mistake."
    return Chart(figure, f"{title}. It costs: {told}. {steep}")


def _curves(truth: float, predicted: float) -> Iterator[go.Scatter]:
    for key, cost in COSTS.items():
        colour, dash, width, symbol = _LINES[key]
        yield go.Scatter(
            x=_PREDICTIONS, y=cost.each(np.full_like(_PREDICTIONS, truth), _PREDICTIONS), mode="lines",
            line={"color": colour, "dash": dash, "width": width}, name=cost.title, legendgroup=key,
            hovertemplate="%{x:.2f}: %{y:.2f}<extra></extra>",
        )  # fmt: skip
        yield go.Scatter(
            x=[predicted], y=[min(_now(cost, truth, predicted), MOST)], mode="markers", legendgroup=key,
            marker={"color": colour, "symbol": symbol, "size": width + 8}, showlegend=False, cliponaxis=False,
            hoverinfo="skip",
        )  # fmt: skip


def _now(cost: Cost, truth: float, predicted: float) -> float:
    return float(cost.each(np.array([truth]), np.array([predicted]))[0])


def _said(truth: float, predicted: float) -> str:
    away = abs(truth - predicted)
    if predicted == 0.5:
        return "is undecided"
    sure = "sure" if away <= 0.1 or away >= 0.9 else "unsure"
    return f"is {'right' if away < 0.5 else 'wrong'} and {sure}"


def _over_the_edge(truth: float, predicted: float) -> list[dict[str, Any]]:
    now = _now(COSTS["binary_crossentropy"], truth, predicted)
    if now <= MOST:
        return []
    anchor, shift = ("left", 14) if predicted < 0.5 else ("right", -14)
    place = {"x": predicted, "y": MOST, "xanchor": anchor, "xshift": shift}
    return [{**place, "text": f"up to {short(now)}", "showarrow": False}]


def terms_table(predicted: np.ndarray) -> dict[str, list[str]]:
    """A row a student and one for the mean, a column a cost function; ``predicted`` is (3,)."""
    table = {
        "Student": [*STUDENTS, "mean"],
        "Truth": [*(f"{truth:g}" for truth in TRUTH), ""],
        "Prediction": [*(f"{each:g}" for each in predicted), ""],
    }
    for cost in COSTS.values():
        terms = [cost.worked_out(*pair) for pair in zip(TRUTH.tolist(), predicted.tolist(), strict=True)]
        table[cost.title] = [*terms, _mean_worked_out(cost, predicted)]
    return table


def _mean_worked_out(cost: Cost, predicted: np.ndarray) -> str:
    each = " + ".join(short(of) for of in cost.each(TRUTH, predicted))
    return f"({each}) / {len(predicted)} = {short(cost.mean(TRUTH, predicted))}"
