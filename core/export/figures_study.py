"""The regularization path of a study, and the picture of a network for images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from core.colours import ACCENT, BASELINE, LAYER_KINDS, TRAIN, VALIDATION
from core.evaluation.study_words import capital
from core.evaluation.words import format_number, format_percent, printable
from core.export.figures_style import Picture, new_figure, percent_axis
from core.network.image_blocks import FACES, THIN, blocks_of, size_words
from core.network.image_shapes import ImageLayerShape
from core.network.picture import to_learn
from core.study_axes import AXIS_TITLES, Point, path_range, path_title, places, value_words
from core.study_opened import Answer

MOST_TICKS = 9


def main_path(answer: Answer) -> tuple[str, list[int]]:
    """The axis with most values, and the settings along it that share the best one's other values."""
    axis = (*answer.varied, "l2")[0]
    best = answer.result["best"]
    held = answer.settings[0 if best is None else best]._asdict()
    return axis, answer.along(axis, held)


def path(answer: Answer) -> Picture | None:
    """Score on learned and on held-out rows along the main axis; None where no setting there has a score."""
    axis, settings = main_path(answer)
    points = answer.points(axis, settings)
    at = places(axis, [point.value for point in points])
    known = [(place, point) for place, point in zip(at, points, strict=True) if point.score is not None]
    if not known:
        return None
    scored = [point for _, point in known]
    title = path_title(axis, scored)
    figure, (axes,) = new_figure(title, 3.6)
    _lines(axes, known)
    for line, style in zip(answer.baselines(), ("--", ":", "-."), strict=False):
        told = format_percent(line.value) if answer.percent else format_number(line.value)
        axes.axhline(line.value, color=BASELINE, linestyle=style, linewidth=1.2,
                     label=f"{printable(line.name, 30)} {told}")  # fmt: skip
    _name_values(axes, axis, at, points)
    label = answer.said(answer.result["label"])
    axes.set(xlabel=AXIS_TITLES[axis], ylabel=capital(label))
    axes.yaxis.label.set_wrap(True)
    if shown := path_range(scored, answer.baselines(), answer.percent):
        axes.set_ylim(*shown)
    if answer.percent:
        percent_axis(axes.yaxis)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    return Picture("regularization_path", title, figure, _table(answer, settings, points))


def _lines(axes: Axes, known: Sequence[tuple[float, Point]]) -> None:
    band = [(place, point.low, point.high) for place, point in known if point.low is not None]
    if len(band) > 1:
        across, low, high = zip(*band, strict=True)
        axes.fill_between(across, low, high, color=VALIDATION, alpha=0.18, linewidth=0)
    train = [(place, point.train) for place, point in known if point.train is not None]
    if train:
        axes.plot(*zip(*train, strict=True), color=TRAIN, marker="o", markersize=4, linewidth=1.8, label="train")
    x, y = zip(*((place, point.score) for place, point in known), strict=True)
    axes.plot(x, y, color=VALIDATION, marker="o", markersize=4, linewidth=1.8, label="held out, 95 % interval")
    looks: dict[str, dict[str, Any]] = {
        "tied": {"marker": "o", "markersize": 9, "markerfacecolor": "none", "markeredgewidth": 1.8},
        "best": {"marker": "D", "markersize": 8, "markerfacecolor": ACCENT},
    }
    for result, look in looks.items():
        marked = [(place, point.score) for place, point in known if point.result == result]
        if marked:
            label = "best" if result == "best" else "tied with the best"
            axes.plot(*zip(*marked, strict=True), linestyle="none", markeredgecolor=ACCENT, label=label, **look)


def _name_values(axes: Axes, axis: str, at: Sequence[float], points: Sequence[Point]) -> None:
    """Name the values below an axis, as far as the names have room."""
    room = (max(at) - min(at)) / MOST_TICKS
    named: list[tuple[float, str]] = []
    for place, point in zip(at, points, strict=True):
        if not named or place - named[-1][0] >= room:
            named.append((place, value_words(axis, point.value)))
    axes.set_xticks([place for place, _ in named], [words for _, words in named])


def _table(answer: Answer, settings: Sequence[int], points: Sequence[Point]) -> pd.DataFrame:
    words = [answer.spec.words[setting] for setting in settings]
    frame = pd.DataFrame(points, columns=["value", "score", "low", "high", "train", "result"])
    frame.insert(0, "setting", words)
    return frame


def network(shapes: list[ImageLayerShape]) -> Picture:
    """A block a layer, as high as its image and as wide as its channels are many."""
    blocks = list(blocks_of(shapes))
    title = to_learn(shapes)
    figure, (axes,) = new_figure(title, 2.5)
    for block in blocks:
        colour = LAYER_KINDS[block.shape.kind][1]
        for face, corners in block.faces().items():
            axes.add_patch(Polygon(corners, facecolor=colour, alpha=FACES[face], edgecolor=colour, linewidth=0.5))
    named = [block for block in blocks if block.shape.kind not in THIN]
    ticks = [size_words(block.shape.shape).replace(" x ", "×").replace(" value", "\nvalue") for block in named]
    crowded = len(named) > 7
    axes.set_xticks([block.centre for block in named], ticks, fontsize=7, rotation=45 if crowded else 0,
                    ha="right" if crowded else "center")  # fmt: skip
    axes.set_yticks([])
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(-0.2, max(block.left + block.width + block.depth for block in blocks) + 0.2), ylim=(-0.55, 0.8))
    for name, colour in dict(LAYER_KINDS[block.shape.kind] for block in blocks).items():
        axes.plot([], [], "s", color=colour, label=name)
    axes.legend(frameon=False, fontsize=8, ncols=5, loc="upper center", bbox_to_anchor=(0.5, 1.12))
    columns = {
        "layer": [shape.label for shape in shapes],
        "what_leaves_it": [size_words(shape.shape) for shape in shapes],
        "parameters": [shape.parameters for shape in shapes],
        "learned": [shape.trainable for shape in shapes],
    }
    return Picture("network", title, figure, pd.DataFrame(columns))
