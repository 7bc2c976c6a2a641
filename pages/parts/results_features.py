"""Which features matter: worked out by a worker the first time somebody looks."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.errors import UserError
from pages.parts.charts import importance_bars
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened
from pages.parts.session import ask, read_only, show_error
from pages.parts.terms import help_with_terms

FIRST = 15
MORE = 50


def features_that_matter(shown: Opened) -> None:
    """The most important features with their intervals, and all in a table."""
    found = _importance(shown)
    if found is None:
        return
    items = found["features"]
    if not items:
        st.info("There are too few validation rows to say which features matter.", icon=":material/info:")
        return
    more = st.session_state.get(f"more_features:{shown.run.id}", False)
    draw(importance_bars(items, _unit(shown), MORE if more else FIRST), f"importance:{shown.run.id}")
    _explain(shown, len(items))
    with st.container(horizontal=True):
        if len(items) > FIRST and not more:
            st.button(
                f"Show the first {min(MORE, len(items))}",
                icon=":material/expand_more:",
                on_click=lambda: st.session_state.update({f"more_features:{shown.run.id}": True}),
                help="Draws more of the ranking.",
            )
    with st.expander(f"All {len(items):,} as a table"):
        st.dataframe(importance_table(items), hide_index=True, alt="Features by importance")


def importance_table(items: list[dict[str, Any]]) -> pd.DataFrame:
    """Feature, importance and its interval, most important first."""
    ranked = sorted(items, key=lambda item: -item["importance"])
    names = {"Feature": "feature", "Importance": "importance", "At least": "low", "At most": "high"}
    return pd.DataFrame({heading: [item[key] for item in ranked] for heading, key in names.items()})


def weighed(shown: Opened) -> dict[str, Any] | None:
    """The importance of the features, worked out the first time somebody needs it; None where that failed."""
    found = shown.run.importance()
    failed = _failure(shown)
    if found is not None or failed in st.session_state:
        return found
    if read_only():
        st.session_state[failed] = ("Which features matter was not worked out before this was shared.", "")
        return None
    with st.spinner("Shuffling one feature after the other to see which ones the network needs…"):
        try:
            return ask("feature_importance", shown.run)
        except UserError as error:
            st.session_state[failed] = (error.problem, error.remedy)
    return None


def _failure(shown: Opened) -> str:
    return f"importance_failed:{shown.run.id}"


def _importance(shown: Opened) -> dict[str, Any] | None:
    found, failed = weighed(shown), _failure(shown)
    if found is not None:
        return found
    show_error(UserError(*st.session_state[failed]))
    if read_only():
        return None
    st.button(
        "Try again",
        icon=":material/refresh:",
        on_click=lambda: st.session_state.pop(failed, None),
        help="Asks a worker once more.",
    )
    return None


def _unit(shown: Opened) -> str:
    return "Squared error added when shuffled" if shown.task == "regression" else "Log loss added when shuffled"


def _explain(shown: Opened, looked_at: int) -> None:
    rows = "rows that it learned from" if shown.config.data.split.learn_from_all else "the validation rows"
    st.caption(
        f"The values of one feature are shuffled between {rows}: the worse the answers get, the more the "
        "network relies on it (permutation importance). The thin lines show how far chance could shift it. Features "
        "that tell the same share their importance, so each of them can look small.",
        help=help_with_terms("feature, permutation importance"),
    )
    if looked_at < len(shown.features):
        st.caption(
            f"Of {len(shown.features):,} features, the {looked_at:,} that the network reacts to most were tried."
        )
