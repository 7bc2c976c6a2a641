"""Categorical cross-entropy with three classes: only the probability of the true one counts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.activations import CLASSES, softmax
from core.lessons.costs import categorical_crossentropies, short
from pages.parts.terms import help_with_terms

STARTS = (0.0, 2.0, 1.0)


def more_classes() -> None:
    """One student and three classes, folded away."""
    with st.expander("With more than two classes"):
        left, right = st.columns([1, 2], gap="large")
        with left:
            truth, sums = _chosen()
        with right:
            _worked_out(truth, sums)


def _chosen() -> tuple[int, np.ndarray]:
    truth = st.radio(
        "The truth",
        CLASSES,
        index=2,
        horizontal=True,
        key="costs:truth",
        help=help_with_terms("label", "Which of the three is true of this student."),
    )
    sums = [
        st.slider(
            f"Sum of the neuron “{name}”",
            -6.0,
            6.0,
            start,
            0.5,
            key=f"costs:sum:{name}",
            help=help_with_terms("neuron", "Softmax turns the three sums into probabilities that add up to 1."),
        )
        for name, start in zip(CLASSES, STARTS, strict=True)
    ]
    return CLASSES.index(truth), np.array(sums)


def _worked_out(truth: int, sums: np.ndarray) -> None:
    probabilities = softmax(sums)
    one_hot = np.eye(len(CLASSES))[truth]
    cost = short(categorical_crossentropies(one_hot[None], probabilities[None])[0])
    st.markdown(f"**It costs {cost}:** minus the logarithm of the probability of the true class.")
    st.table(
        {
            "Class": list(CLASSES),
            "Truth (one-hot)": [f"{each:g}" for each in one_hot],
            "Sum": [f"{each:g}" for each in sums],
            "Probability": [f"{each:.3g}" for each in probabilities],
            "Term": [
                f"-{true:g} x log {each:.3g} = {cost if true else 0}"
                for true, each in zip(one_hot, probabilities, strict=True)
            ],
        }
    )
