"""Charts of what matters: features overall, and pushes on one prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.evaluation.titles import importance_title
from core.evaluation.words import format_number
from pages.parts.charts_style import (
    ACCENT,
    BASELINE,
    DOWN,
    TEXT,
    UP,
    Chart,
    bars_height,
    name_rows,
    plain,
    styled,
)

NUMBER_PIXELS = 48


def importance_bars(
    items: Sequence[Mapping[str, Any]], unit: str = "Loss added when shuffled", most: int = 15
) -> Chart:
    """Permutation importance, largest first.

    Args:
        items: Mappings with ``feature``, ``importance``, ``low`` and ``high``.
        unit: Words for the axis.
        most: Only so many features are drawn.
    """
    ranked = sorted(items, key=lambda item: -float(item["importance"]))[:most]
    values = [float(item["importance"]) for item in ranked]
    names = [str(item["feature"]) for item in ranked]
    figure = go.Figure()
    figure.add_bar(
        x=values,
        y=list(range(len(ranked))),
        orientation="h",
        marker_color=ACCENT,
        error_x=_spread(ranked, values),
        hovertemplate="%{x:.3g}<extra></extra>",
    )
    name_rows(figure, names)
    title = importance_title(ranked)
    styled(figure, title, x=unit, height=bars_height(len(ranked)))
    figure.update_xaxes(zeroline=True, zerolinecolor=BASELINE)
    listed = ", ".join(f"{plain(name, 30)} {format_number(value)}" for name, value in zip(names, values, strict=True))
    return Chart(figure, f"{title}. {plain(unit, 40)}: {listed}." if ranked else f"{title}.")


def _spread(ranked: Sequence[Mapping[str, Any]], values: Sequence[float]) -> dict[str, Any]:
    above = [float(item["high"]) - value for item, value in zip(ranked, values, strict=True)]
    below = [value - float(item["low"]) for item, value in zip(ranked, values, strict=True)]
    bar = {"array": above, "arrayminus": below, "color": TEXT, "thickness": 2, "width": 4}
    return {"type": "data", "symmetric": False} | bar


def contributions(
    start: float, pushes: Sequence[tuple[str, str, float]], end: float, answer: str, most: int = 8
) -> Chart:
    """How each feature pushes one prediction away from the average one.

    Args:
        start: Output for the average row.
        pushes: ``(feature, its value in words, push)``; start plus all pushes gives ``end``.
        end: Output for this row.
        answer: Words for the axis, e.g. ``"Log-odds of pass"``.
        most: The largest so many are drawn, the rest as one bar.
    """
    ranked = sorted(pushes, key=lambda push: -abs(push[2]))
    drawn = [(f"{plain(name, 16)} = {plain(value, 7)}" if value else name, push) for name, value, push in ranked[:most]]
    if len(ranked) > most:
        drawn.append(
            (
                f"{len(ranked) - most:,} other{'s' if len(ranked) - most > 1 else ''}",
                sum(push for *_, push in ranked[most:]),
            )
        )
    figure = go.Figure()
    figure.add_trace(_waterfall(start, drawn, end))
    name_rows(figure, ["average row", *(name for name, _ in drawn), "this row"], length=26)
    title = _contribution_title(ranked)
    styled(figure, title, x=answer, height=bars_height(len(drawn) + 2))
    figure.update_xaxes(range=_room(start, drawn, end))
    # On a phone the range is narrower than a number; the margin is not.
    figure.update_layout(margin_r=NUMBER_PIXELS)
    largest = max((abs(push) for _, push in drawn), default=0.0)
    listed = "; ".join(f"{plain(name, 40)} {_signed(push, largest)}" for name, push in drawn)
    return Chart(
        figure, f"{title}. From {format_number(start)} (average row) to {format_number(end)} (this row): {listed}."
    )


def _waterfall(start: float, drawn: Sequence[tuple[str, float]], end: float) -> go.Waterfall:
    values = [start, *(push for _, push in drawn), end]
    largest = max((abs(push) for _, push in drawn), default=0.0)
    return go.Waterfall(
        orientation="h",
        x=values,
        y=list(range(len(values))),
        measure=["absolute", *["relative"] * len(drawn), "total"],
        text=[format_number(start), *(_signed(push, largest) for _, push in drawn), format_number(end)],
        textposition="outside",
        cliponaxis=False,
        increasing_marker_color=UP,
        decreasing_marker_color=DOWN,
        totals_marker_color=BASELINE,
        textfont_color=TEXT,
        connector={"line": {"color": BASELINE, "width": 1}},
        hoverinfo="skip",
    )


def _signed(push: float, largest: float) -> str:
    """The push with the digits that tell beside the largest one: 0.00002 beside 0.5 is about 0."""
    if not largest or abs(push) < largest / 200:
        return "≈ 0" if push else "0"
    return f"{push:+.2g}" if abs(push) >= largest / 10 else f"{push:+.1g}"


def _contribution_title(ranked: Sequence[tuple[str, str, float]]) -> str:
    if not ranked or ranked[0][2] == 0:
        return "No feature moves this prediction"
    name, _, push = ranked[0]
    return f"{plain(name, 30)} pushes most ({'up' if push > 0 else 'down'})"


def _room(start: float, drawn: Sequence[tuple[str, float]], end: float) -> list[float]:
    """A range with space for the numbers beside the bars."""
    place, places = start, [0.0, start, end]
    for _, push in drawn:
        place += push
        places.append(place)
    low, high = min(places), max(places)
    margin = 0.18 * ((high - low) or 1.0)
    return [low - margin, high + margin]
