"""Learning curves: how cost and score went, epoch by epoch, and which epoch was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.parts.charts import training_curves
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened
from pages.parts.terms import help_with_terms

MOST_EPOCHS = 600


def learning_curves(shown: Opened) -> None:
    """Cost, and accuracy or R², on what it learned from and on validation rows."""
    history = thinned(shown.told.history)
    if not history:
        st.info("The epochs of this run were not kept.", icon=":material/info:")
        return
    best = shown.told.facts.get("best_epoch")
    score = "Explained share (R²)" if shown.task == "regression" else "Share of correct answers (accuracy)"
    left, right = st.columns(2, gap="medium")
    with left:
        draw(training_curves(history, best, "loss", "Cost (loss)"), f"loss:{shown.run.id}")
    with right:
        draw(training_curves(history, best, "metric", score), f"metric:{shown.run.id}")
    st.caption(
        "Cost is what training makes small. Where the two lines part, the network begins to memorise its training "
        f"{shown.noun}s (overfitting). Epoch 0 is before training.",
        help=help_with_terms("cost, training, validation, overfitting, epoch"),
    )


def thinned(history: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """At most about 600 epochs, with the last one among them."""
    step = max(1, len(history) // MOST_EPOCHS)
    return [*history[:-1:step], history[-1]] if history else []
