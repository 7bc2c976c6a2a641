"""Layers of another size: wider, narrower, deeper."""

from __future__ import annotations

from typing import TypeVar

from core.spec.network import Conv2D, Dense, ImageLayer, ImageNetworkSpec, Layer, NetworkSpec

L = TypeVar("L", tuple[Layer, ...], tuple[ImageLayer, ...])
One = TypeVar("One", bound=ImageLayer)


def has_dense(network: NetworkSpec | ImageNetworkSpec) -> bool:
    """Whether there is a hidden dense layer."""
    return any(isinstance(layer, Dense) for layer in network.layers)


def resized(layers: L, units: int | None, depth: int | None) -> L:
    """Dense layers with so many neurons, or so many of the first one where their number is another; None: as it is."""
    first = next((layer for layer in layers if isinstance(layer, Dense)), Dense())
    wide = first.change(units=units or first.units)
    if depth is not None and depth != sum(isinstance(layer, Dense) for layer in layers):
        return tuple(wide for _ in range(depth))
    if units is None:
        return layers
    return tuple(layer.change(units=units) if isinstance(layer, Dense) else layer for layer in layers)


def widened(layers: L, times: float) -> L:
    """So many times the filters and neurons, at least one each."""
    if times == 1.0:
        return layers
    return tuple(_widened(layer, times) for layer in layers)


def _widened(layer: One, times: float) -> One:
    if isinstance(layer, Conv2D):
        return layer.change(filters=min(1024, max(1, round(layer.filters * times))))
    if isinstance(layer, Dense):
        return layer.change(units=min(4096, max(1, round(layer.units * times))))
    return layer
