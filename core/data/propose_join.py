"""Which column two tables share, and whether one of them must be turned first."""

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


def fits_turned(table: Table, other: Table) -> bool:
    """Whether the columns of ``table``, and not its rows, are what the rows of ``other`` are about.

    Yes if at least half of its columns are named by the values of a column of ``other`` (of the shorter of both);
    or if nothing is shared, and ``other`` has a row for each of its columns, all numbers below names, and not for
    each of its rows.
    """
    if len(table.names) < 3 or propose_join(table, other) is not None:
        return False
    first, columns = table.names[0], table.names[1:]
    if not _all_different(table, first, _values(table, first)):
        return False
    ids = [values for name, values in _keys(other).items() if _all_different(other, name, values)]
    if any(len(values.intersection(columns)) >= SHARED * min(len(values), len(columns)) for values in ids):
        return True
    shared = any(values & _values(table, first) for values in ids)
    numbers = first in table.texts and len(table.texts) == 1
    return numbers and not shared and len(columns) == other.rows != table.rows


def _keys(table: Table) -> dict[str, set[str]]:
    """The different values, as texts, of the columns that could name a row."""
    numbers = {name for name in table.number_names if names_rows(name)}
    candidates = [name for name in table.names if name in table.texts or name in numbers][:MOST_CANDIDATES]
    keys = {name: _values(table, name) for name in candidates}
    return {name: values for name, values in keys.items() if len(values) > 1}


def _values(table: Table, name: str) -> set[str]:
    if name in table.texts:
        return set(table.texts[name].values)
    cells = usable(table.column(name))
    return {number_text(value) for value in np.unique(cells[~np.isnan(cells)])}


def _all_different(table: Table, name: str, values: set[str]) -> bool:
    if name in table.texts:
        return len(values) == int((np.asarray(table.texts[name].codes) >= 0).sum())
    return len(values) == int((~np.isnan(usable(table.column(name)))).sum())
