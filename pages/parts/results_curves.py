"""How good the probabilities are: curves over all thresholds, and whether they can be taken at their word."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.evaluation.curves import Curve, at_threshold, calibration, precision_recall_curve, roc_curve
from pages.parts import charts
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened, class_labels
from pages.parts.results_threshold import threshold_slider
from pages.parts.results_words import chart_in_words
from pages.parts.terms import help_with_terms


def probabilities(shown: Opened) -> None:
    """ROC, precision and recall, the spread of the probabilities, calibration; several classes one by one."""
    binary = len(shown.class_names) == 2
    if binary:
        threshold, positive = threshold_slider(shown), 1
    else:
        threshold, positive = 0.5, _class_of_interest(shown)
    truth = (shown.truth == positive).astype(np.int64)
    probability = shown.probabilities[:, positive]
    separating, finding = roc_curve(truth, probability), precision_recall_curve(truth, probability)
    if separating is None or finding is None:
        st.info(
            f"These curves need validation {shown.noun}s of this class and of others; one of them has none.",
            icon=":material/info:",
        )
        return
    point = threshold if binary else None
    left, right = st.columns(2, gap="medium")
    with left:
        _roc(shown, separating, truth, probability, positive, point)
    with right:
        _precision_recall(shown, finding, truth, probability, positive, point)
    with left:
        names = (shown.class_names[0] if binary else "any other class", shown.class_names[positive])
        histogram = charts.probability_histogram(truth, probability, names, threshold)
        draw(chart_in_words(shown.noun, histogram), f"histogram:{shown.run.id}", "probability, threshold")
    with right:
        bins = calibration(truth, probability)
        columns = ([getattr(each, name) for each in bins] for name in ("probability", "share", "low", "high", "count"))
        chart = charts.calibration(*columns)
        draw(chart_in_words(shown.noun, chart), f"calibration:{shown.run.id}", "calibration, probability")


def _class_of_interest(shown: Opened) -> int:
    names = class_labels(shown)
    return st.selectbox(
        "Class to look at, against all others",
        range(len(names)),
        format_func=names.__getitem__,
        key=f"curve_class:{shown.run.id}",
        persist_state="session",
        help=help_with_terms(
            "class", "The curves take one class at a time and treat all the others as one (one-versus-rest)."
        ),
    )


def _roc(
    shown: Opened, curve: Curve, truth: np.ndarray, probability: np.ndarray, positive: int, threshold: float | None
) -> None:
    point = None
    if threshold is not None:
        at = at_threshold(truth, probability, threshold)
        if at.specificity is not None and at.sensitivity is not None:
            point = (1 - at.specificity, at.sensitivity)
    name = shown.class_names[positive]
    chart = charts.roc(curve.x.tolist(), curve.y.tolist(), curve.area, point, name)
    draw(chart, f"roc:{shown.run.id}", "ROC curve, area under the curve, recall, false positive rate")


def _precision_recall(
    shown: Opened, curve: Curve, truth: np.ndarray, probability: np.ndarray, positive: int, threshold: float | None
) -> None:
    point = None
    if threshold is not None:
        at = at_threshold(truth, probability, threshold)
        if at.sensitivity is not None and at.precision is not None:
            point = (at.sensitivity, at.precision)
    share, name = float(truth.mean()), shown.class_names[positive]
    chart = charts.precision_recall(curve.x.tolist(), curve.y.tolist(), curve.area, share, point, name)
    draw(chart, f"precision_recall:{shown.run.id}", "precision, recall")
