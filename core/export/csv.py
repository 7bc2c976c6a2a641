"""Tables as CSV files that no spreadsheet takes for a program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

# Full-width signs count too: spreadsheets with Chinese or Japanese settings take them for the usual ones.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_csv(frame: pd.DataFrame, for_programs: bool = False) -> bytes:
    """CSV whose texts no spreadsheet takes for a formula: those that begin like one get an apostrophe.

    See https://owasp.org/www-community/attacks/CSV_Injection. Numbers stay as they are.

    Args:
        frame: The table.
        for_programs: Without the mark at the start by which spreadsheets know UTF-8, and with plain line ends: programs
            would take the mark for a part of the first name.
    """
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    safe = [column if pd.api.types.is_numeric_dtype(column) else _safe(column) for column in columns]
    table = pd.concat(safe, axis=1) if safe else frame
    table.columns = pd.Index(_safe(frame.columns), dtype=object)
    text = table.to_csv(index=False, lineterminator="\n" if for_programs else "\r\n")
    return text.encode("utf-8" if for_programs else "utf-8-sig")


def _safe(cells: Iterable[Any]) -> pd.Series:
    return pd.Series([f"'{cell}" if _like_formula(cell) else cell for cell in cells], dtype=object)


def _like_formula(cell: Any) -> bool:
    if not isinstance(cell, str) or not cell.lstrip(" ").startswith(FORMULA_STARTS):
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False
