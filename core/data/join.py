"""Two tables side by side: matched by a column that both share, or row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.data.read_names import unique_beside
from core.data.table import Table, Text, number_type, quoted, shorten
from core.errors import UserError

NUMBER_COLUMNS_LOOKED_AT = 30
TEXT_COLUMNS_LOOKED_AT = 200
LEAST_OVERLAP = 0.5


class Shared(NamedTuple):
    """A pair of columns whose values meet.

    Attributes:
        left: The first table's column.
        right: The second table's column; no value stands in it twice.
        overlap: Share of the values of the column with fewer different ones that the other has, too; 0 to 1.
    """

    left: str
    right: str
    overlap: float


def shared_columns(left: Table, right: Table) -> list[Shared]:
    """Pairs of columns by which two tables can be matched, the best first.

    Texts are compared with texts and whole numbers alike (``7`` equals ``7.0``). Columns of numbers only
    count if their values are whole and differ from row to row, since small counts meet by chance.
    """
    rights = {name: keys for name in _candidates(right, left) if (keys := _different(right, name))}
    pairs = []
    for name in _candidates(left, right):
        keys = {key for key in _keys(left, name) if key is not None}
        if name not in left.texts and name not in right.names and len(keys) < left.rows:
            continue
        for other, other_keys in rights.items():
            overlap = len(keys & other_keys) / max(min(len(keys), len(other_keys)), 1)
            if overlap >= LEAST_OVERLAP or (overlap and name == other):
                pairs.append(Shared(name, other, overlap))
    return sorted(pairs, key=lambda pair: (-(pair.overlap >= LEAST_OVERLAP), pair.left not in left.texts,
                                           pair.left != pair.right, -pair.overlap))  # fmt: skip


def join(left: Table, right: Table, on: str | None) -> Table:
    """Put the columns of ``right`` beside those of ``left``.

    Args:
        left: The first table; its rows keep their order.
        right: The second table.
        on: A column of ``left`` whose values stand in the column of ``right`` with the same name, else in the
            one that fits best; None matches the first row with the first, and so on.

    Raises:
        UserError: No such column, no value in common, a value twice in ``right``, or unequal numbers of rows.
    """
    if on is None:
        if left.rows != right.rows:
            raise UserError(
                "Joining by row order needs tables of the same length; "
                f"they have {left.rows:,} and {right.rows:,} rows.",
                "Choose a column that both tables share, or correct one of the files.",
            )
        return _beside(left, right, np.arange(left.rows), np.arange(left.rows), None, [])
    keys = _keys(left, on)
    other = _matching_column(left, right, on)
    place = _places(right, other)
    matched = np.array([place.get(key, -1) if key is not None else -1 for key in keys], np.int64)
    rows = np.flatnonzero(matched >= 0)
    if not len(rows):
        raise UserError(
            f"No value of '{on[:60]}' in the first table ({_examples(left, on)}) stands in '{other[:60]}' "
            f"of the second ({_examples(right, other)}).",
            "Choose another column, join by row order, or write the ids in both files alike.",
        )
    notes = _unmatched_notes(left.rows - len(rows), right.rows - len(np.unique(matched[rows])))
    if other != on:
        notes.insert(0, f"'{on[:60]}' of the first table was matched with '{other[:60]}' of the second.")
    return _beside(left, right, rows, matched[rows], other, notes)


def partner(left: Table, right: Table, name: str) -> str:
    """The column of ``left`` that goes with ``name``, which is a column of either table.

    Raises:
        UserError: No column of ``left`` shares its values with that one of ``right``.
    """
    if name in left.names:
        return name
    pairs = [pair for pair in shared_columns(left, right) if pair.right == name]
    own = [pair.left for pair in pairs if _matching_column(left, right, pair.left) == name]
    if not own:
        raise UserError(
            f"No column of the first table shares its values with '{shorten(name)}' of the second "
            f"({_examples(right, name)}).",
            "Name a column of the first table, join by row order, or write the ids in both files alike.",
        )
    return own[0]


def _candidates(table: Table, other: Table) -> list[str]:
    """Columns that may hold ids: texts, the first numbers, and those whose name the other table has."""
    texts = [name for name in table.text_names[:TEXT_COLUMNS_LOOKED_AT] if len(table.texts[name].values) > 1]
    same = [name for name in table.number_names if name in set(other.number_names)][:NUMBER_COLUMNS_LOOKED_AT]
    numbers = [name for name in (*table.number_names[:NUMBER_COLUMNS_LOOKED_AT], *same) if _is_whole(table, name)]
    return list(dict.fromkeys([*texts, *numbers]))


def _is_whole(table: Table, name: str) -> bool:
    values = table.column(name)
    values = values[np.isfinite(values)]
    return len(values) > 1 and bool((values == np.round(values)).all())


def _keys(table: Table, name: str) -> list[str | None]:
    """Each row's value as a text that compares equal however it was written; None is missing."""
    values = table.column(name)
    if name in table.texts:
        return [None if value is None else value.strip() for value in values]
    return [None if np.isnan(value) else f"{value:.15g}" for value in values.tolist()]


def _different(table: Table, name: str) -> set[str]:
    """The column's values if no one stands in it twice, else nothing."""
    keys = [key for key in _keys(table, name) if key is not None]
    found = set(keys)
    return found if len(found) == len(keys) else set()


def _matching_column(left: Table, right: Table, on: str) -> str:
    if on in right.names:
        return on
    pairs = [pair for pair in shared_columns(left, right) if pair.left == on]
    if pairs:
        return max(pairs, key=lambda pair: pair.overlap).right
    return (right.text_names or right.names)[0]


def _places(table: Table, name: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for row, key in enumerate(_keys(table, name)):
        if key is None:
            continue
        if key in places:
            raise UserError(
                f"The value '{key[:60]}' stands more than once in '{name[:60]}' of the second table "
                f"(rows {places[key] + 1:,} and {row + 1:,}), so it is unclear which of them belongs to the first.",
                "Keep one row for each value, or choose another column.",
            )
        places[key] = row
    return places


def _examples(table: Table, name: str) -> str:
    return quoted(list(dict.fromkeys(key for key in _keys(table, name) if key is not None))[:3]) or "all missing"


def _unmatched_notes(left: int, right: int) -> list[str]:
    notes = []
    if left:
        notes.append(f"Rows of the first table without a match in the second were left out ({left:,} of them).")
    if right:
        notes.append(f"Rows of the second table without a match in the first were left out ({right:,} of them).")
    return notes


def _beside(
    left: Table, right: Table, left_rows: np.ndarray, right_rows: np.ndarray, key: str | None, notes: list[str]
) -> Table:
    """The chosen rows of both; ``key`` of the right table is not repeated."""
    kept = [name for name in right.names if name != key]
    names, renamed = unique_beside(left.names, kept)
    if renamed:
        notes = [*notes, f"Columns of the second table with a name of the first were renamed: {quoted(renamed)}."]
    new = dict(zip(kept, names, strict=True))
    right_numbers = [name for name in right.number_names if name != key]
    every = (*left.names, *names)
    numbers = np.empty(
        (len(left_rows), len(left.number_names) + len(right_numbers)), number_type(len(left_rows), len(every))
    )
    numbers[:, : len(left.number_names)] = left.numbers[left_rows]
    columns = [right.number_index[name] for name in right_numbers]
    numbers[:, len(left.number_names) :] = right.numbers[right_rows][:, columns]
    texts = {name: _rows(text, left_rows) for name, text in left.texts.items()}
    texts |= {new[name]: _rows(text, right_rows) for name, text in right.texts.items() if name != key}
    number_names = (*left.number_names, *(new[name] for name in right_numbers))
    return Table(every, len(left_rows), numbers, number_names, texts, (*left.notes, *right.notes, *notes))


def _rows(text: Text, rows: np.ndarray) -> Text:
    """A column's chosen rows; its values stay those that still occur, in order of first appearance."""
    codes = np.asarray(text.codes)[rows]
    used, first = np.unique(codes[codes >= 0], return_index=True)
    order = used[np.argsort(first)]
    number = np.full(len(text.values) + 1, -1, np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return Text(number[codes], tuple(text.values[code] for code in order.tolist()))
