"""log1p for formats that only have log: ``log(1 + x)`` has no digits left where x is small.

There the series of the logarithm takes its place: ``x - x**2 / 2 + x**3 / 3 - …``, whose rest is below 2e-8 of x.
"""

from __future__ import annotations

SMALL = 0.1
# Of log1p(x) / x, highest power first.
SERIES = tuple((-1.0) ** power / (power + 1) for power in range(6, -1, -1))
