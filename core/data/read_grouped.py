"""Numbers with marks between the thousands: 1,234.50 or 1.234,50 or 1 234 567."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

ENOUGH = 30
OTHER_MARKS = "' \u00a0\u202f’"


def ungrouped(values: Sequence[str], decimal: str) -> np.ndarray | None:
    """The numbers that ``values`` spell, or None unless all do and at least one has a mark between thousands.

    ``1,234`` alone could as well be 1.234 with a decimal comma. So one value must prove what the marks are: it has
    several of them, or decimals, or a mark that is never a decimal one. Failing that, dozens of values with exactly
    three digits behind the mark, beside others without a mark, are no decimals either: some would end with a zero,
    which is not written.

    Args:
        values: Texts without spaces around them.
        decimal: ``"."`` or ``","``.

    Returns:
        (values,) float64.
    """
    comma = "," if decimal == "." else "."
    point = re.escape(decimal)
    plain = re.compile(rf"[+-]?(\d+({point}\d*)?|{point}\d+)")
    grouped = re.compile(rf"[+-]?[1-9]\d{{0,2}}([{re.escape(comma)}{OTHER_MARKS}])\d{{3}}(\1\d{{3}})*({point}\d+)?")
    marked = plain_ones = 0
    proven = False
    for value in values:
        found = grouped.fullmatch(value)
        if found:
            marked += 1
            proven = proven or bool(found[2] or found[3]) or found[1] != comma
        elif plain.fullmatch(value):
            plain_ones += 1
        else:
            return None
    if not marked or not (proven or (plain_ones and marked >= ENOUGH)):
        return None
    without_marks = str.maketrans(decimal, ".", comma + OTHER_MARKS)
    return np.array([float(value.translate(without_marks)) for value in values])
