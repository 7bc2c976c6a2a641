"""How accuracy falls as pictures are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from core.evaluation.words import format_interval, format_percent
from pages.parts.charts_style import ACCENT, BASELINE, VALIDATION, Chart, plain, shown, styled

UNTOUCHED = "as it is"


class Line(NamedTuple):
    """One network under one change: its name, its accuracy untouched, and the levels of the change."""

    name: str
    untouched: Mapping[str, float]
    levels: Sequence[Mapping[str, Any]]


def robustness_lines(title: str, lines: Sequence[Line]) -> Chart:
    """Accuracy at growing strengths, with intervals; the first line is the run that is looked at.

    Args:
        title: What the change is called.
        lines: One or two networks with the same levels.
    """
    figure = go.Figure()
    first = lines[0]
    words = [UNTOUCHED, *(str(level["words"]) for level in first.levels)]
    for place, (line, colour) in enumerate(zip(lines, (ACCENT, VALIDATION), strict=False)):
        figure.add_trace(_trace(line, words, colour, "dot" if place else "solid"))
    figure.add_hline(y=first.untouched["value"], line={"color": BASELINE, "width": 1.5, "dash": "dash"})
    last = min(first.levels, key=lambda level: level["value"])
    says = f"{title}: {format_percent(first.untouched['value'])} right, {format_percent(last['value'])} at worst"
    styled(figure, says, y="Right answers", height=300, legend=len(lines) > 1)
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(words))), ticktext=words, range=[-0.3, len(words) - 0.7]
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    listed = ", ".join(f"{level['words']} {_interval(level)}" for level in first.levels)
    return Chart(figure, f"{plain(title)}: as it is {_interval(first.untouched)}; {listed}.")


def _trace(line: Line, words: Sequence[str], colour: str, dash: str) -> go.Scatter:
    told = [line.untouched, *line.levels]
    intervals = {
        "type": "data",
        "symmetric": False,
        "array": [each["high"] - each["value"] for each in told],
        "arrayminus": [each["value"] - each["low"] for each in told],
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }
    return go.Scatter(
        x=list(range(len(told))),
        y=[each["value"] for each in told],
        error_y=intervals,
        mode="lines+markers",
        name=shown(line.name, 40),
        line={"color": colour, "width": 2.5, "dash": dash},
        marker={"size": 8},
        text=[f"{word}: {_interval(each)}" for word, each in zip(words, told, strict=True)],
        hovertemplate="%{text}<extra></extra>",
    )


def _interval(told: Mapping[str, Any]) -> str:
    return format_interval(told["value"], told["low"], told["high"], percent=True)
