"""The validation rows or pictures that cost one's own network most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.evaluation.words import count, format_number, format_percent, shorten
from core.lessons.costs import Costliest, costliest, row_costs
from core.spec import LOSS_WORDS, ImageConfig
from pages.parts.image_results_pictures import Tile, draw_tiles, picture_set, validation_tile
from pages.parts.lesson import own_run
from pages.parts.results_opened import Opened, opened
from pages.parts.results_rows import show_rows
from pages.parts.session import errors_shown, plain
from pages.parts.terms import help_with_terms

MOST = 5


def own_mistakes() -> None:
    """The section, where the person has a trained network."""
    run = own_run()
    if run is None:
        return
    with errors_shown():
        shown = opened(run)
        if len(shown.rows):
            _section(shown)


def _section(shown: Opened) -> None:
    st.subheader("What costs your network most", anchor=False, help=help_with_terms("cost"))
    costs = costs_of(shown)
    found = costliest(costs, MOST)
    if not len(found.places):
        st.markdown(f"Every validation {shown.noun} costs 0: your network makes no mistake there.")
        return
    cases = count(len(costs), f"validation {shown.noun}")
    st.markdown(
        f"These {len(found.places)} of {cases} make up **{format_percent(found.share)}** of the whole cost. Your "
        f"network “{plain(shorten(shown.run.name))}” was trained with {LOSS_WORDS[shown.config.training.loss]}."
    )
    if isinstance(shown.config, ImageConfig):
        _pictures(shown, found, costs)
    else:
        show_rows(shown, found.places, _told(shown, found.places, costs), "costs:own")


def costs_of(shown: Opened) -> np.ndarray:
    """(n,) what each validation row costs; numbers in the unit that the network learned in."""
    loss = shown.config.training.loss
    if shown.class_names:
        return row_costs(loss, shown.truth, shown.probabilities)
    scale = float(shown.facts.get("scale") or 1.0)
    return row_costs(loss, shown.truth / scale, shown.values / scale)


def _told(shown: Opened, places: np.ndarray, costs: np.ndarray) -> dict[str, np.ndarray]:
    told = {"Cost": np.array([format_number(cost, 3) for cost in costs[places]])}
    if not shown.class_names:
        return told | {"Truth": shown.truth[places], "Prediction": shown.values[places]}
    names = np.array([shorten(name) for name in shown.class_names])
    answers, truth = shown.answers()[places], shown.truth[places]
    sure = shown.probabilities[places, truth]
    return told | {"Truth": names[truth], "Answer": names[answers], "Probability of the truth": sure}


def _pictures(shown: Opened, found: Costliest, costs: np.ndarray) -> None:
    answers = shown.answers()

    def tile(place: int) -> Tile:
        drawn = validation_tile(shown, place, int(answers[place]))
        return replace(drawn, lines=(*drawn.lines, f"cost {format_number(costs[place], 3)}"))

    draw_tiles(picture_set(shown), found.places, tile, "costs:own", lambda drawn: None)
