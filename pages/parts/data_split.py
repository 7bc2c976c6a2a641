"""How rows are divided: the shares, and the rows that come of them."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.spec import RunConfig
from pages.parts.charts import BASELINE, TRAIN, VALIDATION, Chart
from pages.parts.charts_style import styled
from pages.parts.data_state import Prospect
from pages.parts.form import fields
from pages.parts.session import plain

PARTS = (("train", TRAIN), ("validation", VALIDATION), ("sealed test", BASELINE))


def splitting_words(found: Prospect) -> str:
    """The split in one line."""
    if found.problem is not None:
        return "Split: train, validation, sealed test"
    train, validation, test = found.parts
    sealed = f"{test:,} sealed for the test" if test else "none sealed for a test"
    return f"Split: {train:,} rows to train, {validation:,} to validate, {sealed}"


def splitting(config: RunConfig, found: Prospect) -> None:
    """The shares, and a bar of the rows."""
    fields(config, [f"data.split.{name}" for name in ("validation", "test", "stratify", "seed")])
    if found.problem is None:
        chart = split_bar(found.parts)
        st.plotly_chart(chart.figure, key="data:split_bar", config={"displayModeBar": False})
        st.caption(plain(chart.sentence))
    st.caption(_kept_together(config))


def split_bar(parts: tuple[int, int, int], what: str = "row") -> Chart:
    """Rows (or pictures) for training, validation and the sealed test, as one bar."""
    figure = go.Figure()
    for (name, colour), rows in zip(PARTS, parts, strict=True):
        figure.add_bar(
            x=[rows],
            y=[0],
            orientation="h",
            name=f"{name}: {rows:,}",
            marker_color=colour,
            hovertemplate=f"{name}: {rows:,} {what}s<extra></extra>",
        )
    styled(figure, f"The network learns from {parts[0]:,} of {sum(parts):,} {what}s", height=120, legend=True)
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    said = f"{parts[0]:,} {what}s to learn from, {parts[1]:,} to choose by"
    sealed = f", {parts[2]:,} put aside for one honest look at the end" if parts[2] else f"; no {what} is put aside"
    return Chart(figure, f"{said}{sealed}.")


def _kept_together(config: RunConfig) -> str:
    group = config.data.group_column
    if group is None:
        return "Equal rows always stay on one side. If rows belong together (the same patient), name that column above."
    return f"Rows with the same {plain(group[:60])} always stay on one side."
