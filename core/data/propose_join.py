"""Which column two tables share."""

from __future__ import annotations

import numpy as np

from core.data.blocks import number_text, usable
from core.data.columns import names_rows
from core.data.table import Table

SHARED = 0.5
MOST_CANDIDATES = 50


def propose_join(left: Table, right: Table) -> str | None:
    """The column of ``left`` by which rows of the two tables are matched, or None if no column will do.

    It has the same name in ``right``, or another one there; its values are all different in ``right``, and at least
    half of them (of the shorter table's) are found in both. A column of the same name is believed first, then one
    that is named like an id, then the one that shares most.
    """
    keys = _keys(right)
    single = {name: values for name, values in keys.items() if _all_different(right, name, values)}
    best: tuple[float, ...] = ()
    chosen = None
    for place, (name, values) in enumerate(_keys(left).items()):
        for other, there in single.items():
            shared = len(values & there) / max(1, min(len(values), len(there)))
            if shared < SHARED:
                continue
            alike = name.casefold() == other.casefold()
            # Numbers from 1 to n are found in many columns: they count only under a name that says so.
            if (name in left.number_index or other in right.number_index) and not (alike or names_rows(name)):
                continue
            score = (alike, names_rows(name), shared, -place)
            if not best or score > best:
                best, chosen = score, name
    return chosen


def _keys(table: Table) -> dict[str, set[str]]:
    """The different values, as texts, of the columns that could name a row."""
    keys = {}
    numbers = [name for name in table.number_names if names_rows(name)]
    for name in [name for name in table.names if name in table.texts or name in numbers][:MOST_CANDIDATES]:
        if name in table.texts:
            keys[name] = set(table.texts[name].values)
        else:
            cells = usable(table.column(name))
            keys[name] = {number_text(value) for value in np.unique(cells[~np.isnan(cells)])}
    return {name: values for name, values in keys.items() if len(values) > 1}


def _all_different(table: Table, name: str, values: set[str]) -> bool:
    if name in table.texts:
        return len(values) == int((np.asarray(table.texts[name].codes) >= 0).sum())
    return len(values) == int((~np.isnan(usable(table.column(name)))).sum())
