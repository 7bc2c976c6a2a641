"""The threshold from which the second of two classes is answered, and what it brings."""

from __future__ import annotations

import streamlit as st

from core.evaluation.curves import ThresholdResult, at_threshold
from core.evaluation.words import format_percent, shorten
from pages.parts.results_opened import Opened
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

USUAL = 0.5


def threshold_slider(shown: Opened) -> float:
    """The threshold; the same one wherever it is drawn, and 0.5 where there are not two classes."""
    if len(shown.class_names) != 2:
        return USUAL
    key = f"threshold:{shown.run.id}"
    st.session_state.setdefault(key, USUAL)
    name = plain(shorten(shown.class_names[1], 30))
    return st.slider(
        f"Answer **{name}** from this probability on (threshold)",
        min_value=0.01,
        max_value=0.99,
        step=0.01,
        key=key,
        persist_state="session",
        help=help_with_terms(
            "probability, threshold",
            "Lower finds more of them and gives more false alarms; higher the other way round. It changes what you "
            "see here, not the network: Predict and the sealed test use 50 %.",
        ),
    )


def derived_numbers(shown: Opened, threshold: float) -> None:
    """Sensitivity, specificity, precision and accuracy at the threshold, in plain words."""
    found = at_threshold(shown.truth, shown.probabilities[:, 1], threshold)
    with st.container(horizontal=True):
        for label, share, counted, help in _numbers(found, shown.class_names, shown.noun):
            with st.container(width=170, gap=None):
                st.metric(label, format_percent(share), help=help_with_terms(label, help))
                st.caption(counted)


def _numbers(found: ThresholdResult, names: tuple[str, ...], noun: str) -> list[tuple[str, float | None, str, str]]:
    no, yes = (plain(shorten(name, 30)) for name in names)
    hits, alarms = found.true_positives, found.false_positives
    right, missed = found.true_negatives, found.false_negatives
    total = hits + alarms + right + missed
    return [
        ("Found (sensitivity)", found.sensitivity, f"{hits:,} of {hits + missed:,} that are {yes}",
         f"Of the {noun}s that truly are it, how many are found; also called recall."),
        ("Left alone (specificity)", found.specificity, f"{right:,} of {right + alarms:,} that are {no}",
         f"Of the {noun}s that truly are the other class, how many raise no false alarm."),
        ("Calls right (precision)", found.precision, f"{hits:,} of {hits + alarms:,} called {yes}",
         f"Of the {noun}s that it says this of, how many truly are it."),
        ("All right (accuracy)", found.accuracy, f"{hits + right:,} of {total:,} {noun}s",
         f"How many of all {noun}s are answered right."),
    ]  # fmt: skip
