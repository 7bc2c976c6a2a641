"""The regularization path, the heatmap of two axes, and parallel coordinates of more."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.study_axes import AXIS_TITLES, value_words
from core.study_draft import AXIS_NAMES
from core.study_opened import Answer
from pages.parts.charts_study import regularization_path
from pages.parts.charts_study_grid import heatmap, parallel
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms


def path(answer: Answer) -> None:
    """Score on learned and held-out rows along one axis."""
    axis, held, places = choose_path(answer, "path")
    label = answer.result["label"]
    chart = regularization_path(
        axis, answer.points(axis, places), answer.baselines(), label, answer.percent, held_words(held)
    )
    draw(chart, f"path:{answer.study.id}:{axis}")
    better = "higher" if answer.result["higher_is_better"] else "lower"
    words = (
        f"Means over {answer.groups} networks a setting, {better} is better. Blue: rows they learn from; orange: rows "
        "held out, with the band in which chance could move the mean (95 % interval). Grey between them: what was only "
        "memorised (overfitting). Bands may overlap and a difference still be real: it is judged in pairs, see All "
        "settings."
    )
    st.caption(answer.said(words), help=help_with_terms("setting, held-out row, interval, overfitting"))


def choose_path(answer: Answer, name: str) -> tuple[str, dict[str, Any], list[int]]:
    """The axis to follow, the values at which the others are held, and the settings on that path."""
    varied = answer.varied or ("l2",)
    if len(varied) == 1:
        return varied[0], {}, answer.along(varied[0], {})
    columns = st.columns(min(len(varied), 4))
    with columns[0]:
        key = f"{name}_axis:{answer.study.id}"
        axis = _choice("Follow", list(varied), AXIS_NAMES.__getitem__, key, 0, "What goes from left to right.")
    held: dict[str, Any] = {}
    others = [other for other in varied if other != axis]
    for place, other in enumerate(others):
        with columns[(place + 1) % len(columns)]:
            held[other] = held_value(answer, other, f"{name}_held:{answer.study.id}:{other}")
    return axis, held, answer.along(axis, held)


def held_value(answer: Answer, axis: str, key: str) -> Any:
    """The value at which an axis is held; at first that of the best setting."""
    values = sorted({getattr(setting, axis) for setting in answer.settings})
    best = answer.result["best"]
    first = values.index(getattr(answer.settings[best], axis)) if best is not None else 0
    return _choice(
        f"{AXIS_TITLES[axis]} held at",
        values,
        lambda value: value_words(axis, value),
        key,
        first,
        "The value of this axis in what is shown; at first that of the best setting.",
    )


def held_words(held: dict[str, Any]) -> str:
    """Such as ``dropout 0.3, L1 none``."""
    return ", ".join(f"{AXIS_NAMES[axis]} {value_words(axis, value)}" for axis, value in held.items())


def combinations(answer: Answer) -> None:
    """Two axes as a heatmap; all of them as parallel coordinates where there are more."""
    varied = answer.varied
    axes: tuple[str, str] = (varied[0], varied[1])
    held: dict[str, Any] = {}
    if len(varied) > 2:
        axes, held = _two_axes(answer)
    settings, told = answer.settings, answer.result["settings"]
    cells = {
        tuple(getattr(setting, axis) for axis in axes): (answer.readable(each["score"]["value"]), each["result"])
        for setting, each in zip(settings, told, strict=True)
        if all(getattr(setting, axis) == value for axis, value in held.items())
    }
    label, up = answer.result["label"], answer.result["higher_is_better"]
    draw(heatmap(axes, cells, label, answer.percent, up), f"heatmap:{answer.study.id}")
    words = f"Mean {label} on held-out rows. Solid frame: best; dotted frames: statistically tied with it."
    st.caption(answer.said(words), help=help_with_terms("held-out row, tied"))
    if len(varied) > 2:
        _parallel(answer)


def _two_axes(answer: Answer) -> tuple[tuple[str, str], dict[str, Any]]:
    varied = list(answer.varied)
    columns = st.columns(min(4, len(varied)))
    key = f"heat:{answer.study.id}"
    with columns[0]:
        across = _choice("Across", varied, AXIS_NAMES.__getitem__, f"{key}:x", 0, "The horizontal axis.")
    with columns[1]:
        rest = [axis for axis in varied if axis != across]
        up = _choice("Upwards", rest, AXIS_NAMES.__getitem__, f"{key}:y:{across}", 0, "The vertical axis.")
    held: dict[str, Any] = {}
    for place, axis in enumerate(axis for axis in varied if axis not in (across, up)):
        with columns[(place + 2) % len(columns)]:
            held[axis] = held_value(answer, axis, f"{key}:held:{axis}")
    return (across, up), held


def _parallel(answer: Answer) -> None:
    rows = [
        ([getattr(setting, axis) for axis in answer.varied], each["score"]["value"])
        for setting, each in zip(answer.settings, answer.result["settings"], strict=True)
        if each["score"]["value"] is not None
    ]
    best = answer.result["best"]
    words = "" if best is None else answer.spec.words[best]
    chart = parallel(
        answer.varied, rows, answer.result["label"], answer.percent, answer.result["higher_is_better"], words
    )
    draw(chart, f"parallel:{answer.study.id}")
    st.caption("Each line is one setting. Drag along an axis to keep only the lines that pass there.")


def _choice(label: str, options: list[Any], words: Any, key: str, first: int, help: str) -> Any:
    return st.selectbox(label, options, index=first, format_func=words, key=key, persist_state="session", help=help)
