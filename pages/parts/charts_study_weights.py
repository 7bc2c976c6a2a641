"""What the weights became along the path: how many are near zero, how large they are, which features survive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import plotly.graph_objects as go

from core.evaluation.titles import mention
from core.evaluation.words import format_number, format_percent
from core.study_axes import AXIS_TITLES, places, value_words, with_value
from core.study_draft import AXIS_NAMES
from pages.parts.charts_study import axis_ticks
from pages.parts.charts_style import (
    ACCENT,
    BASELINE,
    CLASS_COLOURS,
    Chart,
    bars_height,
    faint,
    name_rows,
    shown,
    styled,
)


def near_zero_path(axis: str, values: Sequence[float], shares: Sequence[float | None], below: float) -> Chart:
    """Share of weights that are as good as zero, against one axis; ``below`` is what counts as near zero."""
    figure = go.Figure()
    figure.add_scatter(
        x=places(axis, values),
        y=list(shares),
        mode="lines+markers",
        name="near zero",
        line={"color": ACCENT, "width": 2.5},
        text=[f"{AXIS_NAMES[axis]} {value_words(axis, value)}" for value in values],
        hovertemplate="%{text}<br>%{y:.1%} of the weights are near zero<extra></extra>",
    )
    title = _path_title(axis, values, shares)
    styled(figure, title, x=AXIS_TITLES[axis], y="Weights near zero", height=320)
    axis_ticks(figure, axis, values)
    figure.update_yaxes(range=[-0.02, 1.02], tickformat=".0%")
    told = [f"{value_words(axis, value)}: {format_percent(share)}" for value, share in zip(values, shares, strict=True)]
    return Chart(figure, f"{title}. Share of weights between -{below:g} and {below:g}: {'; '.join(told)}.")


def weight_histogram(edges: Sequence[float], drawn: Sequence[tuple[str, Sequence[float]]]) -> Chart:
    """How large the weights are, for one setting or for two beside each other; shares of all weights."""
    middles = [(left + right) / 2 for left, right in pairwise(edges)]
    widths = [right - left for left, right in pairwise(edges)]
    figure = go.Figure()
    for place, (name, shares) in enumerate(drawn[:2]):
        told = {"x": middles, "y": list(shares), "name": shown(name, 40)}
        hover = "weights around %{x:.3g}: %{y:.1%}<extra></extra>"
        if place:
            line = {"color": CLASS_COLOURS[2], "width": 2.5, "shape": "hvh"}
            figure.add_scatter(**told, mode="lines", line=line, hovertemplate=hover)
        else:
            figure.add_bar(**told, width=widths, marker_color=faint(ACCENT, 0.6), hovertemplate=hover)
    title = "How large the weights became"
    if len(drawn) > 1:
        title = f"Weights of {drawn[0][0]}, beside those of {drawn[1][0]}"
    styled(figure, title, x="Weight", y="Share of all weights", height=320, legend=len(drawn) > 1)
    figure.update_layout(bargap=0)
    figure.update_yaxes(tickformat=".0%")
    spread = [f"{name}: {_spread(middles, shares)}" for name, shares in drawn]
    return Chart(figure, f"{title}. {'; '.join(spread)}.")


def surviving_features(names: Sequence[str], shares: Sequence[float], words: str) -> Chart:
    """Features that keep a weight, by the share of networks in which they do; ``words`` names the setting."""
    figure = go.Figure()
    figure.add_bar(
        x=list(shares),
        y=list(range(len(names))),
        orientation="h",
        marker_color=ACCENT,
        hovertemplate="survives in %{x:.0%} of the networks<extra></extra>",
    )
    name_rows(figure, names)
    always = [name for name, share in zip(names, shares, strict=True) if share >= 0.999]
    title = f"With {words}, no feature survives in every network"
    if always:
        more = f" and {len(always) - 2} more" if len(always) > 2 else ""
        survive = "survives" if len(always) == 1 else "survive"
        title = f"{', '.join(mention([name]) for name in always[:2])}{more} {survive} in every network"
    styled(figure, title, x="Share of networks in which it survives", height=bars_height(len(names)))
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", zeroline=True, zerolinecolor=BASELINE)
    told = [f"{mention([name])} {format_percent(share)}" for name, share in zip(names, shares, strict=True)]
    return Chart(figure, f"{title}. {', '.join(told)}.")


def _path_title(axis: str, values: Sequence[float], shares: Sequence[float | None]) -> str:
    known = [(share, value) for value, share in zip(values, shares, strict=True) if share is not None]
    if not known:
        return "No weights were kept"
    (first, low), (last, high) = known[0], known[-1]
    if abs(last - first) < 0.02:
        return f"About {format_percent(last)} of the weights are near zero, whatever the {AXIS_TITLES[axis].lower()}"
    ends = ((first, low), (last, high))
    words = [f"{format_percent(share)} with {with_value(axis, value)}" for share, value in ends]
    return f"Weights near zero: {words[0]}, {words[1]}"


def _spread(middles: Sequence[float], shares: Sequence[float]) -> str:
    total = sum(shares) or 1.0
    size = (sum(share * middle**2 for middle, share in zip(middles, shares, strict=True)) / total) ** 0.5
    return f"typical size {format_number(size)}"
