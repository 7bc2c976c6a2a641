"""Pictures made of numbers, with numpy alone: maps over a picture, mosaics of maps and kernels, where a map lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image
from plotly.colors import diverging, sequential

SIDE = 320
GAP = 8
# Viridis and PuOr: even steps to the eye, and told apart by colour-blind people too.
STRONG = tuple(sequential.Viridis)
BOTH_WAYS = tuple(reversed(diverging.PuOr))
GREY_WEIGHTS = np.array([0.299, 0.587, 0.114])
COLOUR = 0.55
SMALLEST = 1e-9
QUARTER_HOLDS_MOST = 0.5


def enlarged(pixels: np.ndarray, side: int = SIDE) -> np.ndarray:
    """A picture (h, w, 1 or 3) uint8 as (side, …, 3) uint8, its pixels as squares."""
    rgb = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
    height, width = _fitted(rgb.shape[:2], side)
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgb)).resize((width, height), Image.Resampling.NEAREST))


def overlay(pixels: np.ndarray, weights: np.ndarray, signed: bool = False, side: int = SIDE) -> np.ndarray:
    """A map in colours over the grey picture, (side, …, 3) uint8.

    Args:
        pixels: (h, w, 1 or 3) uint8.
        weights: (rows, columns), of any size; scaled by its largest value.
        signed: Whether values below 0 mean the opposite; the middle colour is then 0.
        side: Pixels of the longer side.
    """
    picture = enlarged(pixels, side).astype(float)
    grey = (picture @ GREY_WEIGHTS)[..., None]
    colours = coloured(_stretched(scaled(weights, signed), picture.shape[:2]), BOTH_WAYS if signed else STRONG)
    return np.rint((1 - COLOUR) * grey + COLOUR * colours).astype(np.uint8)


def scaled(weights: np.ndarray, signed: bool = False) -> np.ndarray:
    """Values from 0 to 1: by the largest; signed ones around one half."""
    values = np.asarray(weights, float)
    if signed:
        return 0.5 + 0.5 * values / max(float(np.abs(values).max()), SMALLEST)
    return np.clip(values, 0, None) / max(float(values.max()), SMALLEST)


def coloured(values: np.ndarray, colours: Sequence[str] = STRONG) -> np.ndarray:
    """(…, 3) floats 0 to 255 of values from 0 to 1, between the colours of a scale."""
    table = np.array([_rgb(colour) for colour in colours], float)
    places = np.linspace(0, 1, len(table))
    return np.stack([np.interp(values, places, table[:, channel]) for channel in range(3)], axis=-1)


def maps_mosaic(maps: np.ndarray, columns: int = 8, least: int = 72) -> np.ndarray:
    """Maps (k, h, w) side by side in colours, each scaled by itself, (…, 4) uint8 with clear gaps."""
    tiles = []
    for values in maps:
        low, high = float(values.min()), float(values.max())
        tiles.append(coloured((values - low) / max(high - low, SMALLEST)))
    return _mosaic(np.stack(tiles), columns, least)


def kernels_mosaic(kernels: np.ndarray, columns: int = 8, least: int = 48) -> np.ndarray:
    """Kernels (k, h, w, 3 or 1) side by side, grey for a weight of 0, each scaled by itself; as `maps_mosaic`."""
    largest = np.maximum(np.abs(kernels).max(axis=(1, 2, 3), keepdims=True), SMALLEST)
    shares = 0.5 + 0.5 * kernels / largest
    return _mosaic(255 * (np.repeat(shares, 3, axis=-1) if shares.shape[-1] == 1 else shares), columns, least)


def place_of(weights: np.ndarray) -> str | None:
    """Where most of a map lies, such as "in the upper left"; None where it is spread over the picture, or empty.

    Most: half of it lies in a quarter of the picture, around its centre of mass.
    """
    values = _stretched(scaled(weights), (48, 48))
    total = values.sum()
    if total < SMALLEST:
        return None
    across = np.arange(48)
    top, left = (round(float((values.sum(axis=1 - axis) * across).sum() / total)) for axis in (0, 1))
    window = values[_around(top), _around(left)]
    if window.sum() / total < QUARTER_HOLDS_MOST:
        return None
    return spot((top + 0.5) / 48, (left + 0.5) / 48)


def spot(down: float, across: float) -> str:
    """A place in words, from its shares of height and width."""
    vertical = "upper" if down < 0.4 else "lower" if down > 0.6 else ""
    horizontal = "left" if across < 0.4 else "right" if across > 0.6 else ""
    if vertical and horizontal:
        return f"in the {vertical} {horizontal}"
    if vertical:
        return "at the top" if vertical == "upper" else "at the bottom"
    return f"on the {horizontal}" if horizontal else "in the middle"


def _around(centre: int) -> slice:
    start = min(max(0, centre - 12), 24)
    return slice(start, start + 24)


def _stretched(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(rows, columns) -> ``size``, smoothly."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((size[1], size[0]), Image.Resampling.BILINEAR), float)


def _fitted(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    height, width = shape
    scale = side / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _mosaic(tiles: np.ndarray, columns: int, least: int) -> np.ndarray:
    count, height, width, _ = tiles.shape
    times = max(1, -(-least // max(height, width)))
    tiles = np.repeat(np.repeat(np.rint(tiles).astype(np.uint8), times, axis=1), times, axis=2)
    height, width = tiles.shape[1:3]
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 4), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = (place // columns) * (height + GAP), (place % columns) * (width + GAP)
        sheet[top : top + height, left : left + width, :3] = tile
        sheet[top : top + height, left : left + width, 3] = 255
    return sheet


def _rgb(colour: str) -> tuple[int, ...]:
    if colour.startswith("#"):
        return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return tuple(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
