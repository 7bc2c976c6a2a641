"""A kernel that moves over a grid of numbers: its places, its products, its sums, and how large the result is."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from core.errors import UserError

Padding = Literal["valid", "same"]
# The lecture's example.
INPUT = np.array([[int(value) for value in row] for row in (
    "0000001", "0101100", "0010011", "0010000", "0000100", "0111110", "0000000",
)])  # fmt: skip
KERNEL = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 1]])


def output_length(length: int, kernel: int, stride: int = 1, padding: Padding = "valid") -> int:
    """How many places a kernel has along one side, as Keras counts them.

    ``floor((length - kernel) / stride) + 1`` without padding, ``ceil(length / stride)`` with padding "same"
    (https://keras.io/api/layers/convolution_layers/convolution2d).

    Args:
        length: Of the input's side.
        kernel: Of the kernel's side.
        stride: How far the kernel moves each time.
        padding: ``"valid"`` (none) or ``"same"`` (zeros around the input).

    Raises:
        UserError: The kernel is larger than the input, and nothing is put around it.
    """
    if padding == "same":
        return -(-length // stride)
    if kernel > length:
        raise UserError(
            f"A kernel of {kernel} x {kernel} does not fit into a side of {length}.",
            "Choose a smaller kernel, or put zeros around the input (padding).",
        )
    return (length - kernel) // stride + 1


def zeros_around(length: int, kernel: int, stride: int = 1, padding: Padding = "valid") -> tuple[int, int]:
    """How many zeros padding puts before and after one side; an odd one goes after, as in TensorFlow."""
    if padding == "valid":
        return 0, 0
    places = output_length(length, kernel, stride, padding)
    total = max((places - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def padded(values: np.ndarray, kernel: tuple[int, int], stride: int = 1, padding: Padding = "valid") -> np.ndarray:
    """The input (h, w, …) with its zeros around it, for a kernel of so many rows and columns."""
    around = [
        zeros_around(length, side, stride, padding) for length, side in zip(values.shape[:2], kernel, strict=True)
    ]
    return np.pad(values, [*around, *[(0, 0)] * (values.ndim - 2)])


def convolve(values: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: Padding = "valid") -> np.ndarray:
    """What one filter makes of a picture: at each place the products with the kernel, added up.

    As in Keras the kernel is not turned (cross-correlation), and there is neither bias nor activation.

    Args:
        values: (h, w) or (h, w, channels).
        kernel: (k, k) or (k, k, channels).
        stride: How far the kernel moves each time.
        padding: ``"valid"`` or ``"same"``.

    Returns:
        (h', w'), in floats; whole numbers stay whole.

    Raises:
        UserError: The kernel does not fit into the picture.
    """
    values, kernel = (part if part.ndim == 3 else part[..., None] for part in (values, kernel))
    rows, columns = kernel.shape[:2]
    high, wide = (
        output_length(length, side, stride, padding)
        for length, side in zip(values.shape[:2], (rows, columns), strict=True)
    )
    ground = padded(values.astype(float), (rows, columns), stride, padding)
    total = np.zeros((high, wide))
    # A kernel has few cells, a picture many: a sum over the kernel's cells of whole pictures is quickest.
    for row, column in np.ndindex(rows, columns):
        seen = ground[row : row + (high - 1) * stride + 1 : stride, column : column + (wide - 1) * stride + 1 : stride]
        total += seen @ kernel[row, column]
    return total


class Place(NamedTuple):
    """The kernel at one place.

    Attributes:
        row: Of the result.
        column: Of the result.
        top: First row that the kernel covers, in the input with its padding.
        left: First column.
        window: (k, k) what it covers.
        products: (k, k) the same times the kernel.
        total: Their sum.
    """

    row: int
    column: int
    top: int
    left: int
    window: np.ndarray
    products: np.ndarray
    total: float


def place_at(values: np.ndarray, kernel: np.ndarray, number: int, stride: int = 1, padding: Padding = "valid") -> Place:
    """The kernel at its place ``number``, from 0, row after row; values are (h, w), the kernel (k, k)."""
    rows, columns = kernel.shape
    wide = output_length(values.shape[1], columns, stride, padding)
    row, column = divmod(number, wide)
    top, left = row * stride, column * stride
    window = padded(values, (rows, columns), stride, padding)[top : top + rows, left : left + columns]
    products = window * kernel
    return Place(row, column, top, left, window, products, float(products.sum()))


def resized(kernel: np.ndarray, side: int) -> np.ndarray:
    """A square kernel made smaller, keeping its upper left corner, or larger, with zeros around it."""
    length = len(kernel)
    if side <= length:
        return kernel[:side, :side]
    before = (side - length) // 2
    return np.pad(kernel, (before, side - length - before))


def parameters(side: int, channels: int, filters: int) -> int:
    """Numbers that a layer of filters learns: the weights of each, and its bias."""
    return (side * side * channels + 1) * filters
