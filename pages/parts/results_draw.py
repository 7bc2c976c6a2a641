"""Charts on the page: each with its sentence for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts.charts import Chart, alt_text

CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def draw(chart: Chart, key: str) -> None:
    """A chart to look at."""
    st.plotly_chart(chart.figure, key=key, config=CONFIG, alt=alt_text(chart))


def draw_clickable(chart: Chart, key: str, on_click: Callable[[Any], None]) -> None:
    """A chart whose points can be clicked; ``on_click`` gets the point's ``customdata``."""
    count = f"{key}:drawn"
    drawn = st.session_state.get(count, 0)
    own_key = f"{key}:{drawn}"

    def chosen() -> None:
        points = st.session_state[own_key]["selection"]["points"]
        if points and points[0].get("customdata") is not None:
            on_click(points[0]["customdata"])
        else:
            # A second click on the same point takes its mark away; a chart with a new key shows it again.
            st.session_state[count] = drawn + 1

    st.plotly_chart(
        chart.figure, key=own_key, config=CONFIG, alt=alt_text(chart), on_select=chosen, selection_mode="points"
    )
