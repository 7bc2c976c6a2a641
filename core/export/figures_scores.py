"""Figures of how training went, how the score stands beside baselines, predicted numbers, and what matters."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from core.colours import ACCENT, BASELINE, TRAIN, VALIDATION
from core.evaluation.nouns import BASELINE_WORDS
from core.evaluation.registry import METRICS
from core.evaluation.study_words import capital
from core.evaluation.titles import error_title, importance_title, residual_title, scores_title, training_title
from core.evaluation.words import format_interval, printable
from core.export.figures_style import HALF, Picture, cell, legend, name_rows, new_figure, percent_axis, whole_axis

MOST_FEATURES = 15
DOTS_AS_LINES = 1_000
CURVES = ("loss", "val_loss", "metric", "val_metric")
PERCENT = ("accuracy", "balanced_accuracy")


def learning_curves(history: Sequence[Mapping[str, Any]], best: int | None, regression: bool) -> Picture | None:
    """Cost and score on train and validation, epoch by epoch; None where no epoch was kept."""
    if not history:
        return None
    label = "Explained share (R²)" if regression else "Share of correct answers (accuracy)"
    validated = any(row.get("val_loss") is not None for row in history)
    title = training_title(history, best, validated, "Cost")
    figure, panels = new_figure(title, 2.8, panels=2)
    for axes, metric, words in zip(panels, ("loss", "metric"), ("Cost (loss)", label), strict=True):
        _curve(axes, history, best, metric)
        axes.set_xlabel("Epoch")
        axes.set_ylabel(words, fontsize=8)
        whole_axis(axes.xaxis)
    legend(panels[0], loc="best")
    table = pd.DataFrame([{name: row.get(name) for name in ("epoch", *CURVES)} for row in history])
    named = {"metric": "r2" if regression else "accuracy"}
    named |= {"val_metric": f"val_{named['metric']}"}
    return Picture("learning_curves", title, figure, table.rename(columns=named))


def _curve(axes: Axes, history: Sequence[Mapping[str, Any]], best: int | None, metric: str) -> None:
    for key, name, colour in ((metric, "train", TRAIN), (f"val_{metric}", "validation", VALIDATION)):
        points = [(row["epoch"], row[key]) for row in history if _finite(row.get(key))]
        if points:
            x, y = zip(*points, strict=True)
            axes.plot(x, y, color=colour, linewidth=1.6, label=name, marker="o" if len(x) == 1 else None)
            if key.startswith("val_") and best is not None and best in x:
                axes.axvline(best, color=BASELINE, linestyle=":", linewidth=1.2)
                axes.plot(best, y[x.index(best)], "o", color=colour, markersize=5, label=f"kept: epoch {best}")


def _finite(value: Any) -> bool:
    return value is not None and math.isfinite(value)


def scores(metrics: Mapping[str, Any], part: str, name: str = "scores") -> Picture | None:
    """The main score of a part with its interval, above those of the baselines; None where there is none."""
    main = metrics.get("main")
    if main not in METRICS or part not in metrics["parts"]:
        return None
    found = score_rows(metrics, part)
    known = [row for row in found if row["metric"] == main and row["value"] is not None]
    title = scores_title([(row["model"], row["value"]) for row in known], main in PERCENT)
    figure, (axes,) = new_figure(title, 0.9 + 0.36 * len(known))
    for place, row in enumerate(known):
        colour = BASELINE if place else ACCENT
        low, high = (row["value"] if row[end] is None else row[end] for end in ("low", "high"))
        axes.plot([low, high], [place, place], color=colour, linewidth=2.2, solid_capstyle="round")
        axes.plot(row["value"], place, "o", color=colour, markersize=7)
        words = format_interval(row["value"], row["low"], row["high"], percent=main in PERCENT)
        axes.annotate(words, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    name_rows(axes, [row["model"] for row in known])
    if main in PERCENT:
        percent_axis(axes.xaxis)
    axes.set_xlabel(textwrap.fill(capital(METRICS[main].label), 60))
    return Picture(name, title, figure, pd.DataFrame(found))


def score_rows(metrics: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    """Every metric of a part, of the network and of each baseline, with its interval."""
    models = [("Network", metrics["parts"][part]["metrics"])]
    for each in metrics["baselines"]:
        if part in each["parts"]:
            models.append((BASELINE_WORDS.get(each["key"], each["label"]), each["parts"][part]))
    return [{"model": model, "metric": key, **own} for model, found in models for key, own in found.items()]


def predicted_numbers(
    rows: np.ndarray, truth: np.ndarray, predicted: np.ndarray, target: str, prefix: str = ""
) -> list[Picture]:
    """Predicted against true, and errors against predicted; all ``(n,)``, ``rows`` numbers from 1."""
    error, name = truth - predicted, printable(target, 24)
    ends = [float(min(truth.min(), predicted.min())), float(max(truth.max(), predicted.max()))]
    pictures = []
    for kind, title, x, y, line in (
        ("predicted_and_true", error_title(error), truth, predicted, (ends, ends)),
        ("errors", residual_title(error), predicted, error, ([predicted.min(), predicted.max()], [0, 0])),
    ):
        figure, (axes,) = new_figure(title, 3.3, HALF + 0.6)
        axes.plot(*line, color=BASELINE, linestyle="--", linewidth=1)
        axes.plot(x, y, "o", color=ACCENT, markersize=3.5, alpha=0.6, markeredgewidth=0,
                  rasterized=len(x) > DOTS_AS_LINES)  # fmt: skip
        first, second = (f"True {name}", f"Predicted {name}")
        axes.set(
            xlabel=first if y is predicted else second, ylabel=second if y is predicted else "True minus predicted"
        )
        table = pd.DataFrame({"row": rows, "true": truth, "predicted": predicted, "true_minus_predicted": error})
        pictures.append(Picture(f"{prefix}{kind}", title, figure, table))
    return pictures


def importance(items: Sequence[Mapping[str, Any]], regression: bool) -> Picture:
    """Permutation importance with its interval, the largest first."""
    ranked = sorted(items, key=lambda item: -float(item["importance"]))
    drawn = ranked[:MOST_FEATURES]
    title = importance_title(drawn)
    figure, (axes,) = new_figure(title, 0.9 + 0.24 * len(drawn))
    for place, item in enumerate(drawn):
        axes.barh(place, item["importance"], 0.62, color=ACCENT)
        axes.plot([item["low"], item["high"]], [place, place], color="#22242E", linewidth=1.2)
    axes.axvline(0, color=BASELINE, linewidth=0.8)
    name_rows(axes, [item["feature"] for item in drawn])
    axes.set(xlabel="Squared error added when shuffled" if regression else "Log loss added when shuffled")
    columns = ("importance", "low", "high")
    told = [{"feature": cell(item["feature"]), **{name: item[name] for name in columns}} for item in ranked]
    return Picture("features", title, figure, pd.DataFrame(told))
