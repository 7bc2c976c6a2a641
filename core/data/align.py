"""A new table brought into the shape of the training's: columns by name, texts by category."""

from __future__ import annotations

import numpy as np

from core.data.blocks import number_text, usable
from core.data.features import Features
from core.data.schema import FeatureSchema, Schema
from core.data.table import Table, Text
from core.data.words import counted, listed, quoted
from core.errors import UserError

__all__ = ["FeatureSchema", "Schema", "align"]


def align(schema: Schema, table: Table) -> tuple[Features, list[str]]:
    """The features of new rows, in the order of the training, and notes on what was done.

    Columns may stand in another order, and others may be there too. Missing numbers stay missing, since
    `Preprocessing` fills them as in training; unknown categories count as missing.

    Returns:
        Features of all rows of ``table``, and plain sentences.

    Raises:
        UserError: No rows, columns that are missing, or text where a number is expected.
    """
    _check(schema, table)
    notes = _about_columns(schema, table)
    numbers = [feature.name for feature in schema.features if feature.kind == "number"]
    texts = [feature for feature in schema.features if feature.kind == "text"]
    codes = np.full((table.rows, len(texts)), -1, np.int32)
    for place, feature in enumerate(texts):
        codes[:, place], unknown = _categories(table, feature)
        if unknown:
            notes.append(
                f"{quoted(feature.name)} has {counted(len(unknown), 'category', 'categories')} that the network did "
                f"not learn ({listed(unknown)}); treated as unknown."
            )
    values = _numbers(table, numbers)
    notes += _about_missing(table, numbers, values, texts)
    names = tuple(feature.name for feature in texts)
    return Features(values, codes, tuple(numbers), names, tuple(feature.categories for feature in texts)), notes


def _check(schema: Schema, table: Table) -> None:
    if not table.rows:
        raise UserError("The table has no rows.", "Give a table with at least one row.")
    there = set(table.names)
    missing = [feature.name for feature in schema.features if feature.name not in there]
    if missing:
        raise UserError(
            f"The table lacks {len(missing):,} of the {counted(len(schema.features), 'column')} that the network "
            f"learned from: {listed(missing)}. It has {listed(table.names)}.",
            "Add them (cells may be empty), or check that the names in the first row are those of the training table.",
        )


def _about_columns(schema: Schema, table: Table) -> list[str]:
    known = {feature.name for feature in schema.features}.union(schema.ignored)
    extra = [name for name in table.names if name not in known]
    if not extra:
        return []
    them = "it" if len(extra) == 1 else "them"
    return [f"{counted(len(extra), 'column')} not used, because the network does not know {them}: {listed(extra)}."]


def _numbers(table: Table, names: list[str]) -> np.ndarray:
    """(rows, names) float32; NaN is missing."""
    values = np.empty((table.rows, len(names)), np.float32)
    numeric = [place for place, name in enumerate(names) if name not in table.texts]
    values[:, numeric] = usable(table.numbers[:, [table.number_index[names[place]] for place in numeric]])
    for place, name in enumerate(names):
        if name in table.texts:
            values[:, place] = usable(_parsed(table.texts[name], name))
    return values


def _parsed(text: Text, name: str) -> np.ndarray:
    """(rows,) the numbers that a text column spells, such as ``007``."""
    spelled = np.array([_number(value) for value in text.values] + [np.nan])
    codes = np.asarray(text.codes)
    used = np.unique(codes[codes >= 0])
    wrong = used[np.isnan(spelled[used])]
    if len(wrong):
        row = int(np.flatnonzero(np.isin(codes, wrong))[0])
        raise UserError(
            f"The column {quoted(name)} must hold numbers, as in training, but row {row + 1:,} holds "
            f"{quoted(text.values[codes[row]])}.",
            "Correct that cell or leave it empty; if it is a number, check the decimal mark.",
        )
    return spelled[codes]


def _number(text: str) -> float:
    try:
        return np.nan if "_" in text else float(text)
    except ValueError:
        return np.nan


def _categories(table: Table, feature: FeatureSchema) -> tuple[np.ndarray, list[str]]:
    """(rows,) int32 codes in the training's categories, and what is not among them."""
    exact = {category: code for code, category in enumerate(feature.categories)}
    if feature.name in table.texts:
        values: list[str] = list(table.texts[feature.name].values)
        codes = np.asarray(table.texts[feature.name].codes)
    else:
        cells = usable(table.column(feature.name))
        found, codes = np.unique(cells[~np.isnan(cells)], return_inverse=True)
        values = [number_text(value) for value in found]
        codes = _spread(codes.reshape(-1), ~np.isnan(cells))
    spelled = {_canonical(category): code for category, code in reversed(exact.items())}
    place = [exact.get(value, spelled.get(_canonical(value), -1)) for value in values]
    unknown = [values[code] for code in np.unique(codes[codes >= 0]) if place[code] < 0]
    return np.array([*place, -1], np.int32)[codes], unknown


def _spread(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    result = np.full(len(known), -1, np.int64)
    result[known] = codes
    return result


def _canonical(text: str) -> str:
    """One spelling for ``1``, ``1.0`` and ``01``; other texts as they are."""
    value = _number(text)
    return text if not np.isfinite(value) else number_text(value)


def _about_missing(table: Table, names: list[str], values: np.ndarray, texts: list[FeatureSchema]) -> list[str]:
    lacking = [names[place] for place in np.flatnonzero(np.isnan(values).any(axis=0))]
    notes = []
    if lacking:
        cells = counted(int(np.isnan(values).sum()), "missing number")
        notes.append(f"{cells} in {listed(lacking)} filled with the training average.")
    empty = [feature.name for feature in texts if _lacks(table, feature.name)]
    if empty:
        notes.append(f"Empty cells in {listed(empty)} treated as unknown.")
    return notes


def _lacks(table: Table, name: str) -> bool:
    if name in table.texts:
        return bool((np.asarray(table.texts[name].codes) < 0).any())
    return bool(np.isnan(table.column(name)).any())
