"""The rows behind a cell or a point: what was true, what was predicted, and the row's own feature values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.words import shorten
from pages.parts.results_opened import Opened
from pages.parts.session import plain
from pages.parts.tables import table_of

MOST_ROWS = 50
MOST_COLUMNS = 20


def show_rows(shown: Opened, places: np.ndarray, told: Mapping[str, np.ndarray], key: str) -> None:
    """Draw up to 50 validation rows, most important features first.

    Args:
        shown: The run.
        places: ``(k,)`` positions among the validation rows, in the order to show.
        told: Columns ``(k,)`` to show before the features, such as the probability.
        key: Of the widget.
    """
    places = places[:MOST_ROWS]
    lead = lead_columns(shown, places)
    lead |= {name: values[:MOST_ROWS] for name, values in told.items()}
    try:
        cells = feature_cells(shown, places, MOST_COLUMNS - len(lead))
    except UserError as error:
        cells = pd.DataFrame(index=range(len(places)))
        st.caption(plain(f"The values of the features cannot be shown. {error}"))
    frame = side_by_side(lead, cells)
    shares = [name for name in frame.columns[: len(lead)] if name.startswith("Probability")]
    st.dataframe(
        frame,
        hide_index=True,
        key=key,
        column_config={name: st.column_config.NumberColumn(name, format="percent") for name in shares},
        alt="Validation rows with their prediction and feature values",
    )
    more = len(shown.features) - len(cells.columns)
    if more > 0 and len(cells.columns):
        chosen = "the most important" if shown.run.importance() else "the first"
        st.caption(f"Shown are {chosen} {len(cells.columns)} of {len(shown.features):,} features.")


def lead_columns(shown: Opened, places: np.ndarray) -> dict[str, np.ndarray]:
    """Which row of the file it is, its name if it has one, its group if rows belong together."""
    lead = {"Row": shown.rows["row"].to_numpy()[places]}
    if "id" in shown.rows:
        lead[shorten(shown.table_data.id_column or "Name", 60)] = shown.rows["id"].to_numpy()[places]
    return lead


def feature_cells(shown: Opened, places: np.ndarray, most: int) -> pd.DataFrame:
    """Values of at most ``most`` features for some validation rows; raises `UserError` if the table is gone."""
    names = features_by_weight(shown)[:most]
    table = table_of(shown.table_data)
    there = set(table.names)
    known = [name for name in names if name in there]
    cells = table.frame(shown.rows["row"].to_numpy()[places].astype(np.int64) - 1, known)
    return cells.map(lambda cell: shorten(cell, 200) if isinstance(cell, str) else cell)


def features_by_weight(shown: Opened) -> list[str]:
    """All features, those known to be important first."""
    known = [str(item["feature"]) for item in (shown.run.importance() or {}).get("features", ())]
    first = set(known)
    return [*known, *(name for name in shown.features if name not in first)]


def side_by_side(lead: Mapping[str, np.ndarray], cells: pd.DataFrame) -> pd.DataFrame:
    """One frame whose headings are short and different, whatever the features are called."""
    taken: list[str] = []
    for name in [*lead, *cells.columns]:
        heading, number = shorten(name, 60) or "(empty)", 2
        while heading in taken:
            heading, number = f"{shorten(name, 50)} ({number})", number + 1
        taken.append(heading)
    columns = [*lead.values(), *(cells.iloc[:, place].to_numpy() for place in range(cells.shape[1]))]
    return pd.DataFrame(dict(zip(taken, columns, strict=True)))
