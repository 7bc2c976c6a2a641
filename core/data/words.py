"""How names that come from data appear in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.table import shorten

MOST = 5


def quoted(name: object) -> str:
    """The name in quotes, on one line, at most 60 characters of it."""
    return f"'{shorten(' '.join(str(name).split()))}'"


def listed(names: Sequence[object], most: int = MOST) -> str:
    """``'a', 'b' and 'c'``, or the first ``most`` names "and 7 more"."""
    shown = [quoted(name) for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def counted(count: int, one: str, many: str = "") -> str:
    """``1 row``, ``2 rows``, ``20,000 rows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
