"""Convolution: the lecture's example, and every formula against Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.lessons.convolution import (
    INPUT,
    KERNEL,
    convolve,
    output_length,
    padded,
    parameters,
    place_at,
    resized,
    zeros_around,
)

lengths, kernels, strides = st.integers(1, 20), st.integers(1, 7), st.integers(1, 5)
paddings = st.sampled_from(["valid", "same"])


def by_keras(values: np.ndarray, kernel: np.ndarray, stride: int, padding: str) -> np.ndarray:
    """Keras' own convolution of one picture (h, w, c) with one kernel (k, k, c)."""
    found = keras.ops.conv(
        values[None].astype("float32"), kernel[..., None].astype("float32"), strides=stride, padding=padding
    )
    return np.asarray(found)[0, ..., 0]


def test_lecture_example_gives_its_result_but_for_one_number_that_the_slide_prints_wrong() -> None:
    result = convolve(INPUT, KERNEL)
    rows = ["".join(f"{value:g}" for value in row) for row in result]
    assert rows == ["12024", "12200", "10221", "32222", "01211"]
    # The slide prints 01111 in its last row; but there the kernel's 1s lie on 1 (row 4), 1 (row 5), 0 and 0 (row 6).
    assert rows[4] != "01111"
    place = place_at(INPUT, KERNEL, 22)
    assert (place.row, place.column, place.total) == (4, 2, 2.0)


def test_lecture_example_is_what_keras_gives() -> None:
    np.testing.assert_array_equal(convolve(INPUT, KERNEL), by_keras(INPUT[..., None], KERNEL[..., None], 1, "valid"))


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize(("side", "channels"), [(1, 3), (2, 1), (3, 3), (4, 2), (5, 3)])
def test_every_result_is_what_keras_gives(side: int, channels: int, stride: int, padding: str) -> None:
    random = np.random.default_rng(side)
    values, kernel = random.normal(size=(9, 12, channels)), random.normal(size=(side, side, channels))
    found = convolve(values, kernel, stride, padding)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, by_keras(values, kernel, stride, padding), atol=1e-5)


@settings(deadline=None)
@given(lengths, kernels, strides, paddings)
def test_output_size_is_what_keras_computes(length: int, kernel: int, stride: int, padding: str) -> None:
    layer = keras.layers.Conv2D(1, kernel, strides=stride, padding=padding)
    if padding == "valid" and kernel > length:
        with pytest.raises(UserError, match="does not fit"):
            output_length(length, kernel, stride, "valid")
        return
    wanted = layer.compute_output_shape((1, length, length, 1))[1]
    assert output_length(length, kernel, stride, padding) == wanted  # type: ignore[arg-type]


@given(lengths, kernels, strides, paddings)
def test_one_formula_holds_with_and_without_padding(length: int, kernel: int, stride: int, padding: str) -> None:
    if padding == "valid" and kernel > length:
        return
    zeros = sum(zeros_around(length, kernel, stride, padding))  # type: ignore[arg-type]
    assert output_length(length, kernel, stride, padding) == (length + zeros - kernel) // stride + 1  # type: ignore[arg-type]


@given(strides, kernels, paddings)
def test_places_one_by_one_are_the_result(stride: int, side: int, padding: str) -> None:
    random = np.random.default_rng(side)
    values, kernel = random.integers(-9, 9, (7, 8)), random.integers(-9, 9, (side, side))
    result = convolve(values, kernel, stride, padding)  # type: ignore[arg-type]
    for number in range(result.size):
        place = place_at(values, kernel, number, stride, padding)  # type: ignore[arg-type]
        assert place.window.shape == kernel.shape
        assert place.total == place.products.sum() == result[place.row, place.column]


def test_odd_padding_goes_after_as_in_tensorflow() -> None:
    assert zeros_around(7, 4, 1, "same") == (1, 2)
    np.testing.assert_array_equal(padded(np.ones((2, 2)), (2, 2), 1, "same"), [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


def test_kernel_of_another_size_keeps_the_lectures_numbers() -> None:
    np.testing.assert_array_equal(resized(KERNEL, 2), [[0, 0], [1, 0]])
    np.testing.assert_array_equal(resized(KERNEL, 3), KERNEL)
    assert resized(KERNEL, 5).shape == (5, 5)
    # With a border of zeros it does the same, one pixel further in.
    np.testing.assert_array_equal(convolve(INPUT, resized(KERNEL, 5)), convolve(INPUT, KERNEL)[1:-1, 1:-1])


@pytest.mark.parametrize(("side", "channels", "filters"), [(3, 1, 2), (3, 3, 16), (5, 4, 8), (1, 2, 1)])
def test_numbers_to_learn_are_those_of_a_keras_layer(side: int, channels: int, filters: int) -> None:
    layer = keras.layers.Conv2D(filters, side)
    layer.build((None, 9, 9, channels))
    assert parameters(side, channels, filters) == layer.count_params()
