"""Figures of predicted classes: the confusion matrix, and curves over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from core.colours import ACCENT, BASELINE, class_colour
from core.evaluation.curves import (
    Confusion,
    Curve,
    at_threshold,
    calibration,
    confusion_matrix,
    precision_recall_curve,
    roc_curve,
)
from core.evaluation.titles import calibration_title, confusion_title, roc_title, threshold_title
from core.evaluation.words import format_number, format_percent, printable
from core.export.figures_style import INK, WIDTH, Picture, cell, legend, new_figure, percent_axis, whole_axis

CELLS_WITH_TEXT = 12
MOST_CLASSES = 8
MOST_NAMES = 30
# Beyond so many classes, the table of the confusion matrix lists only cells with something in them.
MOST_CELLS = 100
BINS = 20
_FAINT = LinearSegmentedColormap.from_list("faint", ["#FFFFFF", "#A9ADE5"])


def confusion(truth: np.ndarray, answered: np.ndarray, class_names: Sequence[str], name: str = "confusion") -> Picture:
    """Counts and row shares of true against predicted classes; both arrays ``(n,)`` class indices."""
    found = confusion_matrix(truth, answered, len(class_names))
    title = confusion_title(found.counts, class_names)
    classes = len(class_names)
    size = min(WIDTH, 1.6 + max(0.45, 0.85 - 0.04 * classes) * classes)
    figure, (axes,) = new_figure(title, size * 0.82 + 0.4, max(3.6, size))
    axes.imshow(found.rates, cmap=_FAINT, vmin=0, vmax=1, aspect="auto")
    if classes <= CELLS_WITH_TEXT:
        _write_cells(axes, found)
    length = 18 if classes <= 3 else 14
    axes.set_ylim(classes - 0.5, -0.5)
    turned = 0 if classes <= 3 and max(map(len, class_names)) <= 14 else 45
    shown = range(0, classes, -(-classes // MOST_NAMES))
    axes.set_yticks(shown, [printable(class_names[place], length) for place in shown])
    axes.set_xticks(shown, [printable(class_names[place], length) for place in shown], rotation=turned,
                    ha="right" if turned else "center")  # fmt: skip
    axes.set(xlabel="Predicted", ylabel="True")
    axes.grid(False)
    axes.spines[:].set_visible(False)
    return Picture(name, title, figure, _cells(found, class_names))


def _write_cells(axes: Axes, found: Confusion) -> None:
    small = len(found.counts) > 6
    for row, column in np.ndindex(*found.counts.shape):
        share = "" if small else f"\n{format_percent(float(found.rates[row, column]))}"
        axes.text(column, row, f"{found.counts[row, column]:,}{share}", ha="center", va="center", color=INK,
                  fontsize=7 if small else 9)  # fmt: skip


def _cells(found: Confusion, class_names: Sequence[str]) -> pd.DataFrame:
    every = len(class_names) <= MOST_CELLS
    places = list(np.ndindex(*found.counts.shape)) if every else [tuple(place) for place in np.argwhere(found.counts)]
    return pd.DataFrame(
        {
            "true": [cell(class_names[row]) for row, _ in places],
            "predicted": [cell(class_names[column]) for _, column in places],
            "count": [int(found.counts[place]) for place in places],
            "share_of_true": [float(found.rates[place]) for place in places],
        }
    )


def curves(
    truth: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str], area: float | None, threshold: float
) -> list[Picture]:
    """ROC and precision-recall curves of each class against the others; two classes: of the second.

    Args:
        truth: ``(n,)`` class indices.
        probabilities: ``(n, classes)``.
        class_names: Names of the classes.
        area: Area under the ROC curve as scored (averaged over classes).
        threshold: Two classes: from which probability on the second is answered.
    """
    shown = [1] if len(class_names) == 2 else range(min(len(class_names), MOST_CLASSES))
    pairs = [(index, (truth == index).astype(np.int64), probabilities[:, index]) for index in shown]
    roc = {index: curve for index, y, p in pairs if (curve := roc_curve(y, p)) is not None}
    found = {index: curve for index, y, p in pairs if (curve := precision_recall_curve(y, p)) is not None}
    if not roc:
        return []
    point = None
    if len(class_names) == 2:
        at = at_threshold(pairs[0][1], pairs[0][2], threshold)
        point = (1 - (at.specificity or 0.0), at.sensitivity or 0.0)
    shares = {index: float(y.mean()) for index, y, _ in pairs}
    return [_roc(roc, class_names, area, point), _precision_recall(found, class_names, shares)]


def _roc(
    found: dict[int, Curve], names: Sequence[str], area: float | None, point: tuple[float, float] | None
) -> Picture:
    title = roc_title(next(iter(found.values())).area if len(names) == 2 else area)
    figure, (axes,) = new_figure(title, 3.9, 4.6)
    axes.plot([0, 1], [0, 1], color=BASELINE, linestyle="--", linewidth=1, label="guessing")
    _draw_curves(axes, found, names)
    if point:
        axes.plot(*point, "o", markersize=8, markerfacecolor="white", markeredgecolor=ACCENT, label="threshold")
    axes.set(xlabel="False alarms (false positive rate)", ylabel="Found (true positive rate)")
    _unit(axes, "lower right")
    table = _curve_table(found, names, "false_positive_rate", "true_positive_rate")
    return Picture("roc", title, figure, table)


def _precision_recall(found: dict[int, Curve], names: Sequence[str], shares: dict[int, float]) -> Picture:
    areas = [curve.area for curve in found.values()]
    title = f"Average precision {format_number(float(np.mean(areas)))}"
    guessing = float(np.mean([shares[index] for index in found]))
    title += f" (guessing: {format_number(guessing)})" if len(names) == 2 else ", averaged over classes"
    figure, (axes,) = new_figure(title, 3.9, 4.6)
    if len(names) == 2:
        axes.plot([0, 1], [guessing] * 2, color=BASELINE, linestyle="--", linewidth=1, label="guessing")
    _draw_curves(axes, found, names)
    axes.set(xlabel="Found (recall)", ylabel="Right when it says so (precision)")
    _unit(axes, "lower left")
    return Picture("precision_recall", title, figure, _curve_table(found, names, "recall", "precision"))


def _draw_curves(axes: Axes, found: dict[int, Curve], names: Sequence[str]) -> None:
    for index, curve in found.items():
        colour = ACCENT if len(names) == 2 else class_colour(index)
        label = f"{printable(names[index], 24)} ({format_number(curve.area)})"
        axes.plot(curve.x, curve.y, color=colour, linewidth=1.8, label=label)


def _unit(axes: Axes, corner: str) -> None:
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    legend(axes, loc=corner)


def _curve_table(found: dict[int, Curve], names: Sequence[str], x: str, y: str) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"class": cell(names[index]), x: curve.x, y: curve.y, "threshold": curve.thresholds})
        for index, curve in found.items()
    ]
    return pd.concat(parts, ignore_index=True)


def reliability(truth: np.ndarray, probability: np.ndarray) -> Picture:
    """Said against seen (calibration) of two classes; ``(n,)`` 1 for the second class, and its probability."""
    bins = calibration(truth, probability)
    columns = ("probability", "share", "low", "high", "count")
    table = pd.DataFrame([[getattr(each, name) for name in columns] for each in bins], columns=columns)
    x, y = table["probability"].to_numpy(), table["share"].to_numpy()
    title = calibration_title(x, y, table["count"].to_numpy())
    figure, (axes,) = new_figure(title, 3.9, 4.6)
    axes.plot([0, 1], [0, 1], color=BASELINE, linestyle="--", linewidth=1, label="as predicted")
    around = [np.maximum(y - table["low"], 0), np.maximum(table["high"] - y, 0)]
    axes.errorbar(x, y, yerr=around, color=ACCENT, marker="o", markersize=5, capsize=3, label="observed, 95 % interval")
    axes.set(xlabel="Predicted probability", ylabel="Share that was true")
    _unit(axes, "lower right")
    return Picture("calibration", title, figure, table)


def histogram(truth: np.ndarray, probability: np.ndarray, class_names: Sequence[str], threshold: float) -> Picture:
    """Probabilities ``(n,)`` of the second class: rows that truly are it upward, the others downward."""
    edges = np.linspace(0, 1, BINS + 1)
    wrong = int(((probability >= threshold) != (truth == 1)).sum())
    title = threshold_title(wrong, len(truth), threshold)
    figure, (axes,) = new_figure(title, 2.9)
    counts = {index: np.histogram(probability[truth == index], edges)[0] for index in (1, 0)}
    for index, sign in ((1, 1), (0, -1)):
        label = f"truly {printable(class_names[index], 24)}"
        axes.bar(edges[:-1] + 0.5 / BINS, sign * counts[index], 0.9 / BINS, color=class_colour(index), label=label)
    axes.axvline(threshold, color=BASELINE, linestyle="--", linewidth=1.2)
    axes.axhline(0, color=BASELINE, linewidth=0.8)
    axes.set(xlabel=f"Probability of {printable(class_names[1], 24)}", ylabel="How many", xlim=(-0.005, 1.005))
    axes.yaxis.set_major_formatter(lambda value, place: f"{abs(value):,.0f}")
    whole_axis(axes.yaxis)
    percent_axis(axes.xaxis)
    legend(axes, loc="upper center", ncols=2)
    table = {f"truly {cell(class_names[index])}": counts[index] for index in (0, 1)}
    return Picture("probabilities", title, figure, pd.DataFrame({"from": edges[:-1], "to": edges[1:], **table}))
