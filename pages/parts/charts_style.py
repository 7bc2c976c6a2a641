"""What all charts share: colours, plain names from data, and the quiet layout."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from core.colours import ACCENT as ACCENT
from core.colours import BASELINE, CLASS_COLOURS
from core.colours import TRAIN as TRAIN
from core.colours import VALIDATION as VALIDATION
from core.colours import class_colour as class_colour
from core.evaluation.words import printable as plain

DOWN, UP = CLASS_COLOURS[:2]
CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.22)"
# Streamlit replaces this by the theme's text colour; what it takes otherwise is too pale on white to read.
TEXT = "#000037"
TEXT_SIZE = 14
TITLE_WIDTH = 42
# Of a chart that shares half of a page with another one.
NARROW_TITLE = 28
TITLE_LINE = 21
AXIS_WIDTH = 44
ROW_HEIGHT = 30
MOST_POINTS = 5000


class Chart(NamedTuple):
    """A picture and what it says, for those who do not see it."""

    figure: go.Figure
    sentence: str


def alt_text(chart: Chart) -> str:
    """The text alternative of a chart: one or two plain sentences, without markup."""
    return chart.sentence


def faint(colour: str, opacity: float) -> str:
    """A colour that lets the page's background through, light or dark."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def shown(name: object, length: int = 24) -> str:
    """A name from the data as Plotly shows it literally: one line, shortened, without control characters.

    Plotly renders some HTML (``<b>``, ``<a>``, ``<sub>``, entities) in every text, hence the escaping.
    """
    return html.escape(plain(name, length), quote=False)


def styled(
    figure: go.Figure,
    title: str,
    x: str = "",
    y: str = "",
    height: int = 360,
    legend: bool = False,
    title_width: int = TITLE_WIDTH,
) -> go.Figure:
    """Give a figure the common look. ``title``, ``x`` and ``y`` are plain and get shortened and escaped here."""
    lines = textwrap.wrap(plain(title, 4 * TITLE_WIDTH), title_width)
    top = 24 + TITLE_LINE * len(lines)
    figure.update_layout(
        title=_title(lines),
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"size": TEXT_SIZE, "color": TEXT},
        height=height + top - 44,
        margin={"l": 8, "r": 12, "t": top, "b": (52 if x else 30) + (34 if legend else 0)},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom", "font_size": TEXT_SIZE},
        hovermode="closest",
        bargap=0.25,
        dragmode=False,
    )
    figure.update_xaxes(_axis(x))
    figure.update_yaxes(_axis(y))
    return figure


def _title(lines: Sequence[str]) -> dict[str, Any]:
    """At the top left. Plotly lifts a title by half of each further line, which the padding takes back."""
    text = "<br>".join(html.escape(line, quote=False) for line in lines)
    padding = {"t": 8 + TITLE_LINE // 2 * max(0, len(lines) - 1), "l": 4}
    place = {"x": 0, "xref": "container", "y": 1, "yref": "container", "yanchor": "top", "pad": padding}
    return {"text": text, "font": {"size": 16}} | place


def _axis(title: str) -> dict[str, Any]:
    words = {
        "text": shown(title, AXIS_WIDTH) if title else "",
        "standoff": 8,
        "font": {"size": TEXT_SIZE, "color": TEXT},
    }
    ticks = {"tickfont": {"size": TEXT_SIZE - 1, "color": TEXT}, "automargin": True}
    return {"title": words, "gridcolor": GRID, "zeroline": False} | ticks


def name_rows(figure: go.Figure, names: Sequence[str], length: int = 20) -> None:
    """Put names at 0, 1, 2, … from the top. Numbered places keep equal names apart, and dates stay plain words."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[shown(name, length) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
    )


def bars_height(rows: int) -> int:
    """Pixels for a chart of horizontal bars."""
    return max(150, 90 + ROW_HEIGHT * rows)


def straight(x: Sequence[float], y: Sequence[float], name: str) -> go.Scatter:
    """A quiet dashed line that a curve is held against."""
    line = {"color": BASELINE, "width": 1.5, "dash": "dash"}
    return go.Scatter(x=x, y=y, mode="lines", name=name, line=line, hoverinfo="skip")
