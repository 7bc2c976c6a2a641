"""One's own layers for pictures: what can be put where, and what leaves each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.evaluation.words import count
from core.network.image_blocks import size_words
from core.network.image_shapes import Growth, ImageLayerShape
from core.spec import IMAGE_LAYERS, ImageConfig
from pages.parts.layers import Kit, layers_editor

MOST_LAYERS = 40
ON_VALUES = ("Dense", "Dropout", "BatchNormalization")
TO_VALUES = ("Flatten", "GlobalAveragePooling2D")
ON_PICTURES = ("Conv2D", "MaxPooling2D", "AveragePooling2D")


def own_layers(config: ImageConfig, growth: Growth) -> None:
    """The editor; behind a pretrained network only what works on its description."""
    kinds = ON_VALUES if config.network.backbone != "none" else tuple(IMAGE_LAYERS)
    layers_editor(
        config,
        Kit(
            {kind: IMAGE_LAYERS[kind] for kind in kinds},
            MOST_LAYERS,
            "No layer: each answer is a weighted sum of what comes in. Pictures need at least Flatten."
            if config.network.backbone == "none"
            else "No layer: each answer is a weighted sum of what the pretrained network found.",
            place_of,
            {shape.number: after(shape) for shape in reversed(growth.shapes) if shape.number},
            growth.number,
            growth.error,
        ),
    )


def place_of(layers: Sequence[Any], kind: str) -> int:
    """Where a new layer fits: one for pictures before they become single values, what makes them so before Dense."""
    if kind in ON_PICTURES:
        end: tuple[str, ...] = (*TO_VALUES, "Dense")
    elif kind in TO_VALUES:
        end = ("Dense",)
    else:
        return len(layers)
    return next((place for place, layer in enumerate(layers) if layer.kind in end), len(layers))


def after(shape: ImageLayerShape) -> str:
    """What leaves a layer, and what it learns."""
    words = f"→ {size_words(shape.shape)}"
    return f"{words}, {count(shape.parameters, 'parameter')}" if shape.parameters else words
