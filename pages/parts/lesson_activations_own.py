"""Where the sums of one's own network lie on the curve of sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.words import count
from core.lessons.activations import logit, sigmoid, sigmoid_slope
from core.spec import OUTPUTS
from pages.parts.charts_style import ACCENT, TEXT, Chart, class_colour, plain, shown, styled
from pages.parts.lesson import own_run
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened, opened
from pages.parts.session import errors_shown

FLAT = 0.05
_EDGES = np.linspace(-8.0, 8.0, 33)


def own_sums() -> None:
    """The section, where the person has a network that ends in sigmoid."""
    run = own_run()
    if run is None or OUTPUTS[run.config.training.loss].activation != "sigmoid":
        return
    with errors_shown():
        found = opened(run)
        if len(found.rows):
            st.subheader("The same with your network", anchor=False)
            draw(sums_chart(found), "activations:own")
            st.caption("Far from 0 a small change of a weight hardly changes the answer.")


def sums_chart(found: Opened) -> Chart:
    """How many validation rows have which sum in the last layer, with sigmoid above them."""
    sums = logit(found.probabilities[:, 1])
    figure = go.Figure()
    middles = (_EDGES[1:] + _EDGES[:-1]) / 2
    for place, name in enumerate(found.class_names):
        counts, _ = np.histogram(np.clip(sums[found.truth == place], _EDGES[0], _EDGES[-1]), _EDGES)
        pattern = "/" if place else ""
        figure.add_bar(
            x=middles, y=counts, name=shown(name), marker={"color": class_colour(place), "pattern_shape": pattern}
        )
    figure.add_scatter(
        x=_EDGES, y=sigmoid(_EDGES), yaxis="y2", mode="lines", line={"color": ACCENT, "width": 3}, name="sigmoid"
    )
    flat = int((sigmoid_slope(sums) < FLAT).sum())
    cases = count(len(sums), f"validation {found.noun}")
    title = f"{flat:,} of {cases} lie where the curve is nearly flat"
    styled(figure, title, x="Sum in the last layer of your network", y=f"Validation {found.noun}s", legend=True)
    font = {"color": TEXT}
    right: dict[str, Any] = {
        "overlaying": "y",
        "side": "right",
        "range": [0, 1.05],
        "tickvals": [0, 0.5, 1],
        "showgrid": False,
    }
    figure.update_layout(
        barmode="stack", bargap=0.05, yaxis2={**right, "title": {"text": "Sigmoid", "font": font}, "tickfont": font}
    )
    sentence = (
        f"{title}: there a small change of a weight hardly changes the answer. The slope is below {FLAT:g}. "
        f"Above the middle it answers {plain(found.class_names[1], 30)}, below it {plain(found.class_names[0], 30)}."
    )
    return Chart(figure, sentence)
