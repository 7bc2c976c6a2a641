"""Charts of the data before anything is learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.evaluation.words import format_number, format_percent
from pages.parts.charts_style import ACCENT, Chart, bars_height, name_rows, plain, styled

MOST_BINS = 30
# Two such values still have a finite distance.
LARGEST = 8e307


def missing_overview(missing: Sequence[tuple[str, float]], most: int = 15) -> Chart:
    """Share of missing values a column, largest first. ``missing``: ``(column, share)`` of every column."""
    affected = sorted((item for item in missing if item[1] > 0), key=lambda item: -item[1])
    drawn = affected[:most]
    figure = go.Figure()
    figure.add_bar(
        x=[share for _, share in drawn],
        y=list(range(len(drawn))),
        orientation="h",
        marker_color=ACCENT,
        text=[format_percent(share) for _, share in drawn],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    name_rows(figure, [name for name, _ in drawn])
    title = _missing_title(affected, len(missing))
    styled(figure, title, x="Share of missing values", height=bars_height(len(drawn)))
    widest = drawn[0][1] if drawn else 1.0
    figure.update_xaxes(range=[0, widest * 1.2], tickformat=".0%", nticks=5)
    listed = ", ".join(f"{plain(name, 30)} {format_percent(share)}" for name, share in drawn)
    return Chart(figure, f"{title}. {listed}." if drawn else f"{title}.")


def _missing_title(affected: Sequence[tuple[str, float]], columns: int) -> str:
    if not affected:
        return "No value is missing"
    name, share = affected[0]
    verb = "has" if len(affected) == 1 else "have"
    most = f"{plain(name, 24)} ({format_percent(share)})"
    return f"{len(affected):,} of {columns:,} columns {verb} missing values, most in {most}"


def column_histogram(values: np.ndarray | Sequence[object], name: str, most: int = 12) -> Chart:
    """How the values of one column are spread: bins of numbers, or the most frequent texts.

    Args:
        values: ``(rows,)`` floats with NaN for missing, or objects (str or None).
        name: The column.
        most: So many texts are drawn.
    """
    array = np.asarray(values)
    if array.dtype.kind in "biuf":
        return _numbers(array.astype(float), name)
    return _texts([str(value) for value in array.tolist() if value is not None], len(array), name, most)


def _numbers(values: np.ndarray, name: str) -> Chart:
    known = values[np.isfinite(values)]
    figure = go.Figure()
    title = f"{plain(name, 30)}: no values"
    if len(known):
        counts, edges = _bins(known)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.94,
            customdata=np.column_stack([edges[:-1], edges[1:]]),
            marker_color=ACCENT,
            hovertemplate="%{customdata[0]:.4g} to %{customdata[1]:.4g}: %{y} rows<extra></extra>",
        )
        low, middle, high = (
            _value(float(value)) for value in np.quantile(known, [0.25, 0.5, 0.75], method="inverted_cdf")
        )
        title = f"{plain(name, 30)}: half of the values lie between {low} and {high}"
    styled(figure, title, x=plain(name, 30), y="Rows", height=280)
    if not len(known):
        return Chart(figure, f"{title}.")
    ends = f"from {_value(float(known.min()))} to {_value(float(known.max()))}"
    return Chart(figure, f"{title}; the middle one is {middle}. Values run {ends}.{_gone(len(values) - len(known))}")


def _value(number: float) -> str:
    return f"{number:,.0f}" if number == round(number) and abs(number) < 1e7 else format_number(number)


def _bins(known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.clip(known, -LARGEST, LARGEST)
    low, high = float(known.min()), float(known.max())
    whole = bool((known == np.round(known)).all())
    if whole and high - low < MOST_BINS:
        return np.histogram(known, np.arange(low - 0.5, high + 1))
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-290):
        return np.array([len(known)]), np.array([low - abs(low) * 0.05 - 0.5, high + abs(high) * 0.05 + 0.5])
    return np.histogram(known, min(MOST_BINS, max(5, int(np.sqrt(len(known))))))


def _texts(known: Sequence[str], rows: int, name: str, most: int) -> Chart:
    tally = Counter(known)
    drawn = tally.most_common(most)
    figure = go.Figure()
    figure.add_bar(
        x=[times for _, times in drawn],
        y=list(range(len(drawn))),
        orientation="h",
        marker_color=ACCENT,
        text=[f"{times:,}" for _, times in drawn],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    name_rows(figure, [text for text, _ in drawn])
    title = f"{plain(name, 30)}: no values"
    if drawn:
        share = format_percent(drawn[0][1] / len(known))
        title = f"{plain(name, 30)}: {plain(drawn[0][0], 24)} is most frequent ({share})"
    styled(figure, title, x="Rows", height=bars_height(len(drawn)))
    if drawn:
        figure.update_xaxes(range=[0, drawn[0][1] * 1.2], nticks=5)
    rest = len(tally) - len(drawn)
    others = f" {rest:,} further values are not drawn." if rest > 0 else ""
    return Chart(figure, f"{title}.{others}{_gone(rows - len(known))}")


def _gone(missing: int) -> str:
    return f" {missing:,} {'is' if missing == 1 else 'are'} missing." if missing else ""
