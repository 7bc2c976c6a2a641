"""The picture of a network for images: a block a layer, as high as its image and as wide as its channels are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log2

import plotly.graph_objects as go
import streamlit as st

from core.network.image_shapes import Growth, ImageLayerShape
from pages.parts.charts_style import ACCENT, CLASS_COLOURS, TRAIN, VALIDATION, Chart, faint, styled
from pages.parts.image_network_layers import size_words
from pages.parts.network_picture import to_learn
from pages.parts.results_draw import draw

KINDS = {
    "Input": ("picture", TRAIN),
    "Backbone": ("pretrained network", CLASS_COLOURS[1]),
    "Conv2D": ("convolution", ACCENT),
    "MaxPooling2D": ("pooling", CLASS_COLOURS[0]),
    "AveragePooling2D": ("pooling", CLASS_COLOURS[0]),
    "GlobalAveragePooling2D": ("pooling", CLASS_COLOURS[0]),
    "Flatten": ("in one row", CLASS_COLOURS[7]),
    "Dense": ("dense", CLASS_COLOURS[3]),
    "BatchNormalization": ("batch normalization", CLASS_COLOURS[2]),
    "Dropout": ("dropout", CLASS_COLOURS[4]),
    "Output": ("answer", VALIDATION),
}
THIN = ("BatchNormalization", "Dropout")
GAP, SLAB, ROW_WIDTH = 0.45, 0.08, 0.16
SLANT = (0.45, 0.22)
LEAST = 0.05
# Few layers stay slim instead of filling the page.
LEAST_WIDTH = 8.0
# Behind the front: its top is lit, its side lies in the shade.
FACES = {"front": 0.95, "top": 0.45, "side": 0.7}


@dataclass(frozen=True)
class Block:
    """A layer in the picture: left edge, width, height, and how far it reaches back."""

    shape: ImageLayerShape
    left: float
    width: float
    height: float
    depth: float

    @property
    def centre(self) -> float:
        """Where its words stand."""
        return self.left + self.width / 2

    def faces(self) -> dict[str, list[tuple[float, float]]]:
        """Corners of what can be seen of it."""
        x, y, w, h = self.left, -self.height / 2, self.width, self.height
        dx, dy = self.depth * SLANT[0], self.depth * SLANT[1]
        return {
            "side": [(x + w, y), (x + w + dx, y + dy), (x + w + dx, y + h + dy), (x + w, y + h), (x + w, y)],
            "top": [(x, y + h), (x + dx, y + h + dy), (x + w + dx, y + h + dy), (x + w, y + h), (x, y + h)],
            "front": [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)],
        }


@dataclass
class _Polygons:
    x: list[float | None] = field(default_factory=list)
    y: list[float | None] = field(default_factory=list)

    def add(self, corners: list[tuple[float, float]]) -> None:
        if self.x:
            self.x.append(None)
            self.y.append(None)
        self.x += [corner[0] for corner in corners]
        self.y += [corner[1] for corner in corners]


def image_picture(growth: Growth) -> None:
    """Draw it, with the same as a table. Nothing in it comes from data but numbers."""
    with st.container(border=True, key="network_picture"):
        draw(network_chart(growth), "image_network")
        with st.expander("Layer by layer"):
            st.dataframe(layer_rows(growth.shapes), hide_index=True, width="stretch")


def network_chart(growth: Growth) -> Chart:
    """The blocks from left to right, and the same in words."""
    shapes = growth.shapes
    blocks = list(blocks_of(shapes))
    figure = go.Figure()
    for name, colour in dict(KINDS.values()).items():
        of_kind = [block for block in blocks if KINDS[block.shape.kind][0] == name]
        if of_kind:
            _draw_kind(figure, name, colour, of_kind)
    title = to_learn(shapes) if growth.error is None else f"So far {to_learn(shapes)}: the next layer does not fit"
    styled(figure, title, height=250, legend=True)
    named = [block for block in blocks if block.shape.kind not in THIN]
    right = max(block.left + block.width + block.depth for block in blocks)
    spare = max(0.0, LEAST_WIDTH - right) / 2
    figure.update_xaxes(
        range=[-0.2 - spare, right + 0.2 + spare],
        tickvals=[block.centre for block in named],
        ticktext=[size_words(block.shape.shape).replace(" x ", "×") for block in named],
        showgrid=False,
    )
    figure.update_yaxes(visible=False)
    return Chart(figure, f"{title}. {in_words(shapes)}.")


def blocks_of(shapes: list[ImageLayerShape]) -> Iterator[Block]:
    """Widths grow with the logarithm of the channels, heights with the image; a row of values is high, not wide."""
    size = shapes[0].shape[0]
    channels = max(shape.shape[-1] for shape in shapes if len(shape.shape) == 3)
    values = max([shape.units for shape in shapes if len(shape.shape) == 1] or [1])
    left, before = 0.0, None
    for shape in shapes:
        if shape.kind in THIN and before is not None:
            block = Block(shape, before.left + before.width + 0.02, SLAB, before.height, before.depth)
        elif len(shape.shape) == 3:
            height = max(LEAST, shape.shape[0] / size)
            block = Block(shape, left, 0.12 + 0.7 * log2(1 + shape.shape[2]) / log2(1 + channels), height, height)
        elif shape.kind == "Backbone":
            block = Block(shape, left, 1.6, 0.75, 0.75)
        else:
            height = 0.12 + 0.88 * log2(1 + shape.units) / log2(1 + values)
            block = Block(shape, left, ROW_WIDTH, height, LEAST)
        yield block
        left, before = block.left + block.width + block.depth * SLANT[0] + GAP, block


def _draw_kind(figure: go.Figure, name: str, colour: str, blocks: list[Block]) -> None:
    for face, opacity in FACES.items():
        outline = _Polygons()
        for block in blocks:
            outline.add(block.faces()[face])
        figure.add_scatter(
            x=outline.x,
            y=outline.y,
            mode="lines",
            fill="toself",
            fillcolor=faint(colour, opacity),
            line={"color": faint(colour, 0.9), "width": 1},
            name=name,
            legendgroup=name,
            showlegend=face == "front",
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[block.centre for block in blocks],
        y=[0.0] * len(blocks),
        mode="markers",
        marker={"size": 24, "opacity": 0},
        customdata=[
            [block.shape.label, size_words(block.shape.shape), f"{block.shape.parameters:,}"] for block in blocks
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]} parameters<extra></extra>",
        legendgroup=name,
        showlegend=False,
    )


def layer_rows(shapes: list[ImageLayerShape]) -> list[dict[str, str | int]]:
    """The same as a table."""
    return [
        {
            "Layer": shape.label,
            "What leaves it": size_words(shape.shape),
            "Parameters": shape.parameters,
            "Learned": shape.trainable,
        }
        for shape in shapes
    ]


def in_words(shapes: list[ImageLayerShape]) -> str:
    """The same as a sentence."""
    return " → ".join(f"{shape.label} ({size_words(shape.shape)})" for shape in shapes)
