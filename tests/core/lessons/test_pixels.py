"""Pictures as numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.lessons.pixels import added, levels


def test_shapes_and_memory_are_those_of_numpy_arrays() -> None:
    for level in levels(64, 48, 3, 32):
        array = np.zeros(level.shape, np.float32)
        assert level.numbers == array.size
        assert level.megabytes == array.nbytes / 1e6
    assert [level.shape for level in levels(64, 48, 3, 32)] == [(3,), (64, 48), (64, 48, 3), (32, 64, 48, 3)]


@given(st.integers(-400, 400), st.integers(0, 2))
def test_adding_stops_at_black_and_at_full_colour_and_leaves_the_other_channels(amount: int, channel: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    found = added(pixels, channel, amount)
    assert found.dtype == np.uint8
    for other in {0, 1, 2} - {channel}:
        np.testing.assert_array_equal(found[..., other], pixels[..., other])
    wanted = [[min(255, max(0, int(value) + amount)) for value in row] for row in pixels[..., channel]]
    np.testing.assert_array_equal(found[..., channel], wanted)
