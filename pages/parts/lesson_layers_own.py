"""Two columns of the person's own table as points on the plane."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.data.dataset import build_dataset
from core.errors import UserError
from core.lessons.points import of_columns, telling
from core.spec import DataSpec
from pages.parts.data_state import whole_table
from pages.parts.session import workspace
from pages.parts.terms import help_with_terms

MOST_COLUMNS = 50


class Shown(NamedTuple):
    """Points to learn from, and what their inputs and classes are called.

    Args:
        x: (n, 2).
        y: (n,) 0 or 1.
        axes: What the two inputs are called.
        names: Of class 0 and class 1.
    """

    x: np.ndarray
    y: np.ndarray
    axes: tuple[str, str]
    names: tuple[str, str]


class _Columns(NamedTuple):
    """Training rows of a table: names of columns, (n, k) numbers, (n,) classes, names of the classes."""

    names: tuple[str, ...]
    numbers: np.ndarray
    y: np.ndarray
    class_names: tuple[str, ...]


def own_points(data: DataSpec) -> Shown:
    """Which two columns, and which class; only rows that training may see.

    Raises:
        UserError: The table has no two columns of numbers, or nothing can be learned from it.
    """
    found = _columns(str(workspace().root), data.model_dump_json(), data)
    if len(found.names) < 2:
        raise UserError("Your table has fewer than two columns of numbers.", "Choose one of the drawn sets of points.")
    looked_for = 1
    if len(found.class_names) > 2:
        looked_for = st.selectbox(
            "Class to tell from all others",
            range(len(found.class_names)),
            format_func=found.class_names.__getitem__,
            key="layers:own:class",
            help=help_with_terms("class", "A network with one answer tells one class from the rest."),
        )
    y = (found.y == looked_for).astype(int)
    order = telling(found.numbers, y)[:MOST_COLUMNS].tolist()
    first, second = (
        st.selectbox(
            f"{'First' if not place else 'Second'} input",
            order,
            index=place,
            format_func=found.names.__getitem__,
            key=f"layers:own:{place}:{looked_for}",
            help=help_with_terms("input", "A column of your table. Those that tell most on their own stand first."),
        )
        for place in range(2)
    )
    x, y = of_columns(found.numbers[:, [first, second]], y)
    name = found.class_names[looked_for]
    other = found.class_names[1 - looked_for] if len(found.class_names) == 2 else f"not {name}"
    return Shown(x, y, (found.names[first], found.names[second]), (f"{other} (crosses)", f"{name} (discs)"))


@st.cache_resource(max_entries=4, show_spinner="Reading your table")
def _columns(root: str, choice: str, _data: DataSpec) -> _Columns:
    """Kept for each choice of data."""
    dataset = build_dataset(whole_table(_data), _data)
    rows = dataset.split.train
    y, class_names = dataset.y[rows], dataset.class_names
    if not class_names:
        middle = float(np.median(y))
        y, class_names = (y > middle).astype(int), (f"at most {middle:.4g}", f"above {middle:.4g}")
    return _Columns(dataset.features.number_names, dataset.features.numbers[rows], y, class_names)
