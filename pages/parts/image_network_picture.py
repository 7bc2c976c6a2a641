"""The picture of a network for images: a block a layer, as high as its image and as wide as its channels are many."""

from __future__ import annotations

from dataclasses import dataclass, field

import plotly.graph_objects as go
import streamlit as st

from core.colours import LAYER_KINDS
from core.glossary import terms_in
from core.network.image_blocks import FACES, THIN, Block, blocks_of, size_words
from core.network.image_shapes import Growth, ImageLayerShape
from pages.parts.charts_style import Chart, faint, styled
from pages.parts.network_picture import to_learn
from pages.parts.results_draw import draw

# Few layers stay slim instead of filling the page.
LEAST_WIDTH = 8.0


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
        kinds = dict.fromkeys(LAYER_KINDS[shape.kind][0] for shape in growth.shapes)
        named = [kind for kind in kinds if terms_in(kind)]
        draw(network_chart(growth), "image_network", f"parameters, {', '.join(named)}")
        with st.expander("Layer by layer"):
            st.dataframe(layer_rows(growth.shapes), hide_index=True, width="stretch")


def network_chart(growth: Growth) -> Chart:
    """The blocks from left to right, and the same in words."""
    shapes = growth.shapes
    blocks = list(blocks_of(shapes))
    figure = go.Figure()
    for name, colour in dict(LAYER_KINDS.values()).items():
        of_kind = [block for block in blocks if LAYER_KINDS[block.shape.kind][0] == name]
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
