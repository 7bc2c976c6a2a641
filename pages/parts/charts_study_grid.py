"""The answer of a study over two varied axes (heatmap) and over more (parallel coordinates)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.evaluation.study_words import capital
from core.evaluation.words import format_number, format_percent
from core.study_axes import AXIS_TITLES, value_words, with_value
from core.study_draft import AXIS_NAMES
from pages.parts.charts_study import MOST_TICKS
from pages.parts.charts_style import ACCENT, TEXT, TEXT_SIZE, Chart, styled

MOST_TEXTS = 80
# From the quiet end of the theme's colours to a light accent: one dark ink has a contrast of at least 4.5 on all of it.
SCALE: list[tuple[float, str]] = [(0.0, "#E6E6EC"), (1.0, "#7B81D3")]
INK = "#16161D"
LINES: list[tuple[float, str]] = [(0.0, "#A5A5B0"), (1.0, ACCENT)]
FRAME = "#E0A400"
WIDEST = 9


def heatmap(
    axes: tuple[str, str],
    cells: Mapping[tuple[float, float], tuple[float | None, str]],
    label: str,
    percent: bool,
    higher_is_better: bool,
) -> Chart:
    """Mean score of every combination of two axes.

    Args:
        axes: Names of the horizontal and the vertical axis.
        cells: By the two values: mean score and result (``best``, ``tied``, …).
        label: Words for the score.
        percent: Whether scores are shares.
        higher_is_better: Direction of the score.
    """
    across, up = (sorted({key[place] for key in cells}) for place in (0, 1))
    scores = [[cells.get((x, y), (None, ""))[0] for x in across] for y in up]
    texts = [[_text(*cells.get((x, y), (None, "missing")), percent) for x in across] for y in up]
    figure = go.Figure(
        go.Heatmap(
            z=scores,
            x=list(range(len(across))),
            y=list(range(len(up))),
            text=texts,
            texttemplate="%{text}" if len(cells) <= MOST_TEXTS and len(across) <= WIDEST else None,
            textfont={"color": INK},
            hovertemplate="%{text}<extra></extra>",
            colorscale=_scale(SCALE, higher_is_better),
            **dict(zip(("zmin", "zmax"), _ends([each for each, _ in cells.values()], higher_is_better), strict=True)),
            colorbar={"tickformat": ".1%" if percent else "", "thickness": 12, "tickfont": {"color": TEXT}},
            xgap=2,
            ygap=2,
        )
    )
    _outline(figure, across, up, cells)
    title = _title(axes, cells)
    _frame(figure, title, axes, (across, up))
    return Chart(figure, f"{title}. {label[:1].upper()}{label[1:]} of {len(cells)} combinations.")


def _frame(figure: go.Figure, title: str, axes: tuple[str, str], values: tuple[list[float], list[float]]) -> None:
    """Title, size, and the names of columns and rows."""
    (across, up), (right, left) = axes, values
    styled(figure, title, x=AXIS_TITLES[across], y=AXIS_TITLES[up], height=max(260, 120 + 46 * len(left)))
    _name(figure.update_xaxes, across, right)
    _name(figure.update_yaxes, up, left)


def parallel(
    axes: Sequence[str],
    rows: Sequence[tuple[Sequence[float], float]],
    label: str,
    percent: bool,
    higher_is_better: bool,
    best: str,
) -> Chart:
    """Every setting as a line through its values to its score.

    Args:
        axes: Names of the varied axes.
        rows: For each setting its values on these axes, and its mean score.
        label: Words for the score.
        percent: Whether scores are shares.
        higher_is_better: Direction of the score.
        best: The best setting in words.
    """
    scores = [score for _, score in rows]
    dimensions = [_dimension(axis, [row[place] for row, _ in rows]) for place, axis in enumerate(axes)]
    dimensions.append({"label": "score", "values": scores, "tickformat": ".0%" if percent else ".3~g"})
    least, most = _ends(scores, higher_is_better)
    font = {"color": TEXT, "size": TEXT_SIZE}
    figure = go.Figure(
        go.Parcoords(
            line={"color": scores, "colorscale": _scale(LINES, higher_is_better), "cmin": least, "cmax": most},
            dimensions=dimensions,
            labelfont=font,
            tickfont=font,
            rangefont={"color": "rgba(0,0,0,0)"},
        )
    )
    title = f"Best: {best}" if best else "Every setting and its score"
    styled(figure, title, height=380)
    figure.update_layout(margin={"l": 50, "r": 50, "t": 90, "b": 20})
    return Chart(figure, f"{title}. {len(rows)} settings as lines through their values to the {label}.")


def _name(update: Callable[..., Any], axis: str, values: Sequence[float]) -> None:
    """Name the rows or columns of a heatmap; of many only some."""
    step = -(-len(values) // MOST_TICKS)
    names = [value_words(axis, value) for value in values[::step]]
    update(tickmode="array", tickvals=list(range(0, len(values), step)), ticktext=names, showgrid=False)


def _dimension(axis: str, given: Sequence[float]) -> dict[str, Any]:
    """An axis of parallel coordinates whose values stand equally far apart."""
    values = sorted(set(given))
    ticks = {"tickvals": list(range(len(values))), "ticktext": [value_words(axis, value) for value in values]}
    at = [values.index(value) for value in given]
    return {"label": AXIS_NAMES[axis], "values": at, "range": [0, max(1, len(values) - 1)], **ticks}


def _scale(scale: list[tuple[float, str]], higher_is_better: bool) -> list[tuple[float, str]]:
    return scale if higher_is_better else [(1 - at, colour) for at, colour in reversed(scale)]


def _ends(scores: Sequence[float | None], higher_is_better: bool) -> tuple[float, float]:
    """Where the colours begin and end: a few very bad settings must not make all others look alike."""
    known = sorted(score for score in scores if score is not None)
    if not known:
        return 0.0, 1.0
    least, middle, most = known[0], known[len(known) // 2], known[-1]
    if higher_is_better:
        return max(least, middle - 3 * (most - middle)) if most > middle else least, most
    return least, min(most, middle + 3 * (middle - least)) if middle > least else most


def _text(score: float | None, result: str, percent: bool) -> str:
    if score is None:
        return "diverged" if result == "diverged" else "unknown"
    told = format_percent(score, 1) if percent else format_number(score)
    return f"{told}<br>{result}" if result in ("best", "tied") else told


def _outline(
    figure: go.Figure,
    across: Sequence[float],
    up: Sequence[float],
    cells: Mapping[tuple[float, float], tuple[float | None, str]],
) -> None:
    shapes = []
    for (x, y), (_, result) in cells.items():
        if result in ("best", "tied"):
            i, j = across.index(x), up.index(y)
            best = result == "best"
            style = {"color": FRAME, "width": 4 if best else 2, "dash": "solid" if best else "dot"}
            corners = {"x0": i - 0.48, "x1": i + 0.48, "y0": j - 0.47, "y1": j + 0.47}
            shapes.append({"type": "rect", "line": style} | corners)
    figure.update_layout(shapes=shapes)


def _title(axes: tuple[str, str], cells: Mapping[tuple[float, float], tuple[float | None, str]]) -> str:
    best = next((key for key, (_, result) in cells.items() if result == "best"), None)
    ties = sum(result == "tied" for _, result in cells.values())
    if best is None:
        return "The best setting is not among these"
    words = capital(", ".join(with_value(axis, value) for axis, value in zip(axes, best, strict=True)))
    return f"{words} scores best; {ties} {'is' if ties == 1 else 'are'} tied with it" if ties else f"{words} is best"
