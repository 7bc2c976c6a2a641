"""Charts on the page: each with its sentence for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.parts.charts import Chart, alt_text
from pages.parts.course import GLOSSARY
from pages.parts.terms import help_with_terms

# Of the theme, which does not reach into drawings.
INK = {"dark": "#E9E9EF", "light": "#22242E"}
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def draw(chart: Chart, key: str, terms: str = "") -> None:
    """A chart to look at; below it the terms that stand in it, such as ``"recall, precision"``, with their help."""
    st.plotly_chart(chart.figure, key=key, config=CONFIG, alt=alt_text(chart))
    if terms:
        st.caption(f":material/{GLOSSARY.icon}: {terms}", help=help_with_terms(terms))


def draw_clickable(chart: Chart, key: str, on_click: Callable[[Any], None]) -> None:
    """A chart whose points can be clicked; ``on_click`` gets the point's ``customdata``, or None to let go of it."""

    def chosen() -> None:
        points = st.session_state[key]["selection"]["points"]
        on_click(points[0].get("customdata") if points else None)

    st.plotly_chart(
        chart.figure, key=key, config=CONFIG, alt=alt_text(chart), on_select=chosen, selection_mode="points"
    )


def ink() -> str:
    """The colour of writing in SVG pictures."""
    return INK["dark" if st.context.theme.type == "dark" else "light"]
