"""The answer of a study along one varied axis: the regularization path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.evaluation.words import format_interval, format_number, format_percent
from core.study_axes import AXIS_TITLES, Line, Point, path_range, path_title, places, value_words
from core.study_draft import AXIS_NAMES
from pages.parts.charts_style import ACCENT, BASELINE, TRAIN, VALIDATION, Chart, faint, plain, shown, styled

MOST_TICKS = 9


def regularization_path(
    axis: str, points: Sequence[Point], baselines: Sequence[Line], label: str, percent: bool, held: str = ""
) -> Chart:
    """Score on learned and on held-out rows against one axis, with interval, gap, best, ties and baselines.

    Args:
        axis: Name of the axis, such as ``l2``.
        points: Settings with increasing value.
        baselines: Scores of the baselines on the same held-out rows.
        label: Words for the score.
        percent: Whether scores are shares.
        held: The other axes' values in words, if any.
    """
    x = places(axis, [point.value for point in points])
    known = [(place, point) for place, point in zip(x, points, strict=True) if point.score is not None]
    figure = go.Figure()
    _areas(figure, known)
    _lines(figure, axis, known, percent)
    _marks(figure, axis, known, percent)
    shown_range = path_range([point for _, point in known], baselines, percent)
    _diverged(figure, axis, points, shown_range)
    ends = (min(x, default=0.0), max(x, default=1.0))
    for line, dash in zip(baselines, ("dash", "dot", "dashdot"), strict=False):
        style = {"color": BASELINE, "width": 1.5, "dash": dash}
        name = f"{shown(line.name, 30)} {_told(line.value, percent)}"
        figure.add_scatter(x=ends, y=[line.value] * 2, mode="lines", name=name, line=style, hoverinfo="skip")
    title = path_title(axis, [point for _, point in known])
    styled(figure, title, x=AXIS_TITLES[axis], y=label[:1].upper() + label[1:], height=460, legend=True)
    axis_ticks(figure, axis, [point.value for point in points])
    figure.update_yaxes(range=shown_range, tickformat=".0%" if percent else None)
    return Chart(figure, _sentence(title, axis, points, baselines, label, percent, held))


def axis_ticks(figure: go.Figure, axis: str, values: Sequence[float]) -> None:
    """Name the values below an axis, as far as the names have room."""
    at = places(axis, values)
    room = (max(at, default=0.0) - min(at, default=0.0)) / MOST_TICKS
    named: list[tuple[float, str]] = []
    for place, value in zip(at, values, strict=True):
        if not named or place - named[-1][0] >= room:
            named.append((place, value_words(axis, value)))
    ticks, words = zip(*named, strict=True) if named else ((), ())
    figure.update_xaxes(tickmode="array", tickvals=ticks, ticktext=words)


def _areas(figure: go.Figure, known: Sequence[tuple[float, Point]]) -> None:
    gap = [(place, point.train, point.score) for place, point in known if point.train is not None]
    band = [(place, point.high, point.low) for place, point in known if point.low is not None]
    for rows, colour in ((gap, faint(BASELINE, 0.14)), (band, faint(VALIDATION, 0.22))):
        if len(rows) > 1:
            across = [place for place, *_ in rows]
            figure.add_scatter(
                x=[*across, *reversed(across)],
                y=[*(upper for _, upper, _ in rows), *(lower for *_, lower in reversed(rows))],
                fill="toself",
                fillcolor=colour,
                line={"width": 0},
                mode="lines",
                showlegend=False,
                hoverinfo="skip",
            )


def _lines(figure: go.Figure, axis: str, known: Sequence[tuple[float, Point]], percent: bool) -> None:
    for name, colour in (("train", TRAIN), ("validation", VALIDATION)):
        train = colour == TRAIN
        rows = [(place, point) for place, point in known if not train or point.train is not None]
        scores = [_told(point.train, percent) if train else _interval(point, percent) for _, point in rows]
        figure.add_scatter(
            x=[place for place, _ in rows],
            y=[point.train if train else point.score for _, point in rows],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2.5},
            marker={"size": 6},
            text=[f"{AXIS_NAMES[axis]} {value_words(axis, point.value)}" for _, point in rows],
            customdata=scores,
            hovertemplate=f"%{{text}}<br>{name}: %{{customdata}}<extra></extra>",
        )


def _marks(figure: go.Figure, axis: str, known: Sequence[tuple[float, Point]], percent: bool) -> None:
    clear = "rgba(0,0,0,0)"
    looks: dict[str, dict[str, Any]] = {
        "tied": {"size": 13, "color": clear, "line": {"color": ACCENT, "width": 2.5}},
        "best": {"size": 16, "color": ACCENT, "symbol": "diamond"},
    }
    for result, marker in looks.items():
        rows = [(place, point) for place, point in known if point.result == result]
        if rows:
            figure.add_scatter(
                x=[place for place, _ in rows],
                y=[point.score for _, point in rows],
                mode="markers",
                name=result,
                marker=marker,
                text=[f"{AXIS_NAMES[axis]} {value_words(axis, point.value)}" for _, point in rows],
                customdata=[_interval(point, percent) for _, point in rows],
                hovertemplate=f"%{{text}}: {result}<br>%{{customdata}}<extra></extra>",
            )


def _diverged(figure: go.Figure, axis: str, points: Sequence[Point], across: Sequence[float] | None) -> None:
    """Settings without a score stand as crosses at the lower edge, so that no value seems to be missing."""
    at = places(axis, [point.value for point in points])
    lost = [(place, point.value) for place, point in zip(at, points, strict=True) if point.score is None]
    if lost and across is not None:
        figure.add_scatter(
            x=[place for place, _ in lost],
            y=[across[0] + 0.03 * (across[1] - across[0])] * len(lost),
            mode="markers",
            name="no score",
            marker={"size": 11, "symbol": "x-thin", "line": {"color": BASELINE, "width": 3}},
            text=[f"{AXIS_NAMES[axis]} {value_words(axis, value)}" for _, value in lost],
            hovertemplate="%{text}: no score<extra></extra>",
        )


def _sentence(
    title: str, axis: str, points: Sequence[Point], lines: Sequence[Line], label: str, percent: bool, held: str
) -> str:
    told = [
        f"{value_words(axis, point.value)}: {_interval(point, percent)}, learned rows {_told(point.train, percent)}"
        for point in points
    ]
    against = [f"{plain(line.name, 30)} {_told(line.value, percent)}" for line in lines]
    kept = f" at {plain(held, 80)}" if held else ""
    baselines = f" Baselines: {', '.join(against)}." if against else ""
    return f"{title}. {plain(label, 60)} by {AXIS_TITLES[axis]}{kept}: {'; '.join(told)}.{baselines}"


def _told(value: float | None, percent: bool) -> str:
    return format_percent(value) if percent else format_number(value)


def _interval(point: Point, percent: bool) -> str:
    return format_interval(point.score, point.low, point.high, percent=percent)
