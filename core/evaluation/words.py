"""Numbers as people read them. Needs nothing but the standard library, so that pages can import it freely."""

from __future__ import annotations

import math
from collections.abc import Sequence

MISSING = "not defined"


def format_number(value: float | None, digits: int = 2) -> str:
    """A number with a sensible number of digits, e.g. ``0.83``, ``1.2e-05``, ``12,345``.

    Args:
        value: None and not-a-number give "not defined".
        digits: Digits after the point for values of ordinary size; small values get as many significant digits.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    size = abs(value)
    if size >= 1e7 or 0 < size < 1e-4:
        return f"{value:.{max(digits - 1, 0)}e}"
    if size >= 1000:
        return f"{value:,.0f}"
    if size >= 100:
        return _without_minus_zero(f"{value:.{min(digits, 1)}f}")
    if 0 < size < 0.01:
        return f"{value:.{digits - 1 - math.floor(math.log10(size))}f}"
    return _without_minus_zero(f"{value:.{digits}f}")


def format_percent(share: float | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage, e.g. ``83 %``; only exact 0 and 1 give "0 %" and "100 %"."""
    if share is None or not math.isfinite(share):
        return MISSING
    text = f"{_half_up(100 * share):.{digits}f}"
    edge = 10.0**-digits
    if float(text) >= 100 and share < 1:
        text = f"{100 - edge:.{digits}f}" if digits else "more than 99"
    elif float(text) <= 0 < share:
        text = f"{edge:.{digits}f}" if digits else "less than 1"
    return f"{_without_minus_zero(text)} %"


def format_interval(
    value: float | None, low: float | None = None, high: float | None = None, digits: int = 2, percent: bool = False
) -> str:
    """A value with its interval, e.g. ``0.83 (0.79 to 0.87)`` or ``83 % (79 % to 87 %)``.

    The parts of one interval share their number of digits. Without an interval only the value is given.
    """
    if value is None or low is None or high is None or not all(map(math.isfinite, (value, low, high))):
        return format_percent(value) if percent else format_number(value, digits)
    parts = (value, low, high)
    first, second, third = [f"{_half_up(100 * part):.0f} %" for part in parts] if percent else _alike(parts, digits)
    return f"{first} ({second} to {third})"


def format_difference(value: float | None, low: float | None, high: float | None, percent: bool = False) -> str:
    """A difference with sign and interval, e.g. ``+3 (-1 to +7) percentage points`` or ``+0.03 (-0.01 to +0.07)``."""
    if value is None or low is None or high is None:
        return MISSING
    factor, digits, unit = (100, 0, " percentage points") if percent else (1, 2, "")
    first, second, third = (_signed(factor * part, digits) for part in (value, low, high))
    return f"{first} ({second} to {third}){unit}"


def shorten(name: object, length: int = 60) -> str:
    """A name from the data, on one line and at most ``length`` characters long."""
    text = " ".join(str(name).split())
    return text if len(text) <= length else text[: length - 1] + "…"


def printable(name: object, length: int = 60) -> str:
    """A name from the data on one line, shortened, without control characters."""
    visible = "".join(letter if letter.isprintable() else " " for letter in str(name)[: 20 * length])
    return shorten(visible, length) or "(empty)"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, e.g. ``1 row``, ``1,200 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _alike(parts: Sequence[float], digits: int) -> list[str]:
    """The parts of one interval, all with as many decimals as the value needs."""
    size = max(abs(part) for part in parts)
    if size >= 1e7 or 0 < size < 1e-4:
        return [f"{part:.{max(digits - 1, 0)}e}" for part in parts]
    decimals = 0 if size >= 1000 else min(digits, 1) if size >= 100 else digits
    if 0 < size < 0.01:
        decimals = digits - 1 - math.floor(math.log10(size))
    return [_without_minus_zero(f"{part:,.{decimals}f}") for part in parts]


def _signed(value: float, digits: int) -> str:
    text = _without_minus_zero(f"{value:.{digits}f}")
    return f"+{text}" if float(text) > 0 else text


def _half_up(percent: float) -> float:
    """A hair more, so that 92.5 becomes 93 here as 0.925 becomes 0.93 elsewhere, and not the even 92."""
    return math.nextafter(percent, math.inf)


def _without_minus_zero(text: str) -> str:
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text
