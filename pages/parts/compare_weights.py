"""What the weights became: sparsity and shrinkage along the path, and which features survive L1."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.evaluation.words import count, format_number
from core.study_opened import Answer
from pages.parts.charts_study_weights import near_zero_path, surviving_features, weight_histogram
from pages.parts.compare_path import choose_path
from pages.parts.labels import distinct
from pages.parts.results_draw import draw
from pages.parts.terms import help_with_terms

FEATURES = 15


def weights(answer: Answer) -> None:
    """Share of weights near zero along an axis, the histogram of a setting, its surviving features."""
    told = answer.result["weights"]
    axis, _, places = choose_path(answer, "weights")
    values = [float(getattr(answer.settings[place], axis)) for place in places]
    shares = [_of(told, place).get("near_zero") for place in places]
    draw(near_zero_path(axis, values, shares, told["near_zero_below"]), f"near_zero:{answer.study.id}")
    below = f"{told['near_zero_below']:g}"
    st.caption(
        f"Near zero: between -{below} and {below}. L1 makes weights zero one by one; L2 makes all smaller.",
        help=help_with_terms("weights, L1, L2"),
    )
    setting = _setting(answer)
    if not told["features"]:  # What is learned from are pictures.
        _histogram(answer, told, setting)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _histogram(answer, told, setting)
    with right:
        _features(answer, told, setting)


def _setting(answer: Answer) -> int:
    best = answer.result["best"]
    return st.selectbox(
        "Look at the weights of",
        range(len(answer.settings)),
        index=best or 0,
        format_func=distinct(answer.spec.words).__getitem__,
        key=f"weights_of:{answer.study.id}",
        persist_state="session",
        help=help_with_terms("weights", "The setting whose weights and features are shown; at first the best one."),
    )


def _histogram(answer: Answer, told: dict[str, Any], setting: int) -> None:
    drawn = [(answer.spec.words[place], _of(told, place).get("counts")) for place in dict.fromkeys([setting, 0])]
    known = [(name, counts) for name, counts in drawn if counts]
    if not known:
        st.info("No weights of this setting were kept.", icon=":material/info:")
        return
    draw(weight_histogram(told["edges"], known), f"weights_chart:{answer.study.id}")
    st.caption("Shares of all weights, over all networks of the setting." + _beside(answer, setting))


def _beside(answer: Answer, setting: int) -> str:
    return "" if setting == 0 else f" For comparison: {answer.spec.words[0]}."


def _features(answer: Answer, told: dict[str, Any], setting: int) -> None:
    if not answer.settings[setting].l1:
        st.info(
            "This setting has no L1 penalty, so nearly every feature keeps a weight. Vary the L1 rate to see which "
            "features survive.",
            icon=":material/info:",
        )
        return
    found = _of(told, setting)
    ranked = sorted(found.get("features", ()), key=lambda row: (-row[1], -row[2]))[:FEATURES]
    if not ranked:
        st.info("No feature keeps a weight with this setting.", icon=":material/info:")
        return
    names = [told["feature_names"][int(row[0])] for row in ranked]
    draw(
        surviving_features(names, [row[1] for row in ranked], answer.spec.words[setting]),
        f"features:{answer.study.id}",
    )
    of_all = f"{format_number(found.get('kept_features'), 0)} of {count(told['features'], 'feature')}"
    st.caption(f"On average {of_all} keep a weight. Shown: the first {len(names)}.")


def _of(told: dict[str, Any], place: int) -> dict[str, Any]:
    """What is known about a setting's weights; nothing where none of its networks ended."""
    return told["settings"][place] or {}
