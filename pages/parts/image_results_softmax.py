"""From logits to probabilities, one picture at a time: the last step of a network, in numbers that can be followed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.words import format_number, format_percent, shorten
from core.spec import OUTPUTS
from pages.parts.charts import class_bars
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened, class_labels
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

MOST_CLASSES = 8
LARGEST_POWER = 20.0


def answer_in_numbers(shown: Opened, said: dict[str, Any]) -> None:
    """The scores that the last layer gives (logits), and how they become probabilities."""
    logits, probabilities = np.asarray(said["logits"], float), np.asarray(said["probabilities"], float)
    st.subheader("From scores to probabilities", anchor=False, help=help_with_terms("logits, softmax, probabilities"))
    chart, steps = st.columns(2, gap="medium")
    with chart:
        draw(class_bars(probabilities.tolist(), shown.class_names, MOST_CLASSES), f"says:{shown.run.id}")
    with steps:
        if OUTPUTS[shown.config.training.loss].per_class:
            table, words = softmax_steps(logits, class_labels(shown))
            st.dataframe(table, hide_index=True, alt=words)
            st.caption(plain(words))
        else:
            st.markdown(
                plain(one_score(shown.config.training.loss, float(logits[0]), probabilities, shown.class_names))
            )


def softmax_steps(logits: np.ndarray, names: list[str]) -> tuple[pd.DataFrame, str]:
    """A row a class, the likeliest first, and the steps in a sentence.

    Args:
        logits: (classes,).
        names: Of the classes.
    """
    lowered = float(logits.max()) if logits.max() > LARGEST_POWER else 0.0
    powers = np.exp(logits - lowered)
    shares = powers / powers.sum()
    order = np.argsort(-logits, kind="stable")
    kept, rest = order[:MOST_CLASSES], order[MOST_CLASSES:]
    rows = [(names[k], format_number(logits[k]), format_number(powers[k]), format_percent(shares[k], 1)) for k in kept]
    if len(rest):
        sums = format_number(float(powers[rest].sum())), format_percent(float(shares[rest].sum()), 1)
        rows.append((f"the other {len(rest):,}", "", *sums))
    rows.append(("all together", "", format_number(float(powers.sum())), "100 %"))
    table = pd.DataFrame(rows, columns=["Class", "Score (logit)", "e to its power", "Probability"])
    best = int(order[0])
    words = (
        f"Softmax: e is raised to the power of each score, and each result is divided by their sum, so that all are "
        f"between 0 and 1 and add up to 1. For {shorten(names[best], 30)}: {format_number(powers[best])} / "
        f"{format_number(float(powers.sum()))} = {format_percent(shares[best], 1)}."
    )
    if lowered:
        words += f" The largest score was first taken off all ({format_number(lowered)}), which changes no probability."
    return table, words


def one_score(loss: str, logit: float, probabilities: np.ndarray, names: tuple[str, ...]) -> str:
    """The same for two classes that share one score (sigmoid)."""
    no, yes = (shorten(name, 30) for name in names)
    power = "-2 x score" if loss == "hinge" else "-score"
    told = (
        f"Two classes share one score (logit), {format_number(logit)}: above 0 it speaks for {yes}, below 0 for {no}. "
        f"Sigmoid makes it a probability, 1 / (1 + e to the power of {power}): {format_percent(probabilities[1], 1)} "
        f"for {yes}, and what is left, {format_percent(probabilities[0], 1)}, for {no}."
    )
    if loss == "hinge":
        told += " This network was trained with hinge, whose score is no probability; this one stands in for it."
    return told
