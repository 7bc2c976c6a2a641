"""Images are numbers: the pixels of one picture, channel by channel, and the shapes that they have."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.data.images.pixels import to_grey
from core.spec import ImageConfig
from pages.parts.charts_style import Chart, styled
from pages.parts.image_data_state import pixels_at
from pages.parts.session import plain
from pages.parts.terms import help_with_terms

# More numbers beside each other would run into one another on a phone.
WINDOW = 12
COLOURS = {"red": "#D33A2C", "green": "#2E9E4F", "blue": "#3A66D6", "grey": "#808080"}
ORDERS = {"RGB": ("red", "green", "blue"), "BGR": ("blue", "green", "red"), "grey": ("grey",)}
ORDER_HELP = (
    "In which order the channels stand. Most programs, and networks here, use red, green, blue (RGB); OpenCV reads "
    "files as blue, green, red (BGR). The numbers are the same, only their order changes."
)
MOST_SHOWN = 240
# At this luminance black and white text have the same contrast.
EVEN_CONTRAST = 0.179


def images_are_numbers(config: ImageConfig, place: int, key: str) -> None:
    """The pixels of the picture at ``place`` as the network gets them; ``key`` begins the keys of the widgets."""
    pixels = pixels_at(config.data, place)
    order, channel = _choices(pixels, key)
    values = ordered(pixels, order)
    st.markdown(shape_words(values, order, config.training.batch_size))
    side, grid = st.columns([1, 2.2])
    with grid:
        top, left, window = _window(values, key)
        shown = values[top : top + window, left : left + window, channel]
        chart = pixel_grid(shown, top, left, ORDERS[order][channel])
        st.plotly_chart(chart.figure, key=f"{key}:grid", config={"displayModeBar": False})
        st.caption(chart.sentence)
    with side:
        st.image(large_pixels(values), caption=_seen_words(order, config.data.size))
        st.caption(pixel_words(values[top, left], top, left, order))


def ordered(pixels: np.ndarray, order: str) -> np.ndarray:
    """(height, width, channels) in the order asked for: as they are, reversed, or one grey channel."""
    if order == "grey":
        return pixels if pixels.shape[2] == 1 else to_grey(pixels)
    return pixels[..., ::-1] if order == "BGR" else pixels


def shape_words(values: np.ndarray, order: str, batch: int) -> str:
    """The shape of the picture and of a batch, in one sentence each."""
    height, width, channels = values.shape
    names = ", ".join(ORDERS[order])
    kinds = f"{channels} channels ({names})" if channels > 1 else "1 channel (grey)"
    return (
        f"To the network this picture is **{values.size:,} numbers from 0 to 255**: {height} rows, {width} columns, "
        f"{kinds}. Its shape is `({height}, {width}, {channels})`, and that of a batch of {batch} pictures "
        f"`({batch}, {height}, {width}, {channels})`."
    )


def pixel_words(pixel: np.ndarray, row: int, column: int, order: str) -> str:
    """One pixel with all its channels."""
    parts = ", ".join(f"{name} {value}" for name, value in zip(ORDERS[order], pixel.tolist(), strict=True))
    return f"The pixel in row {row}, column {column} is `{pixel.tolist()}`: {parts}."


def pixel_grid(values: np.ndarray, top: int, left: int, colour: str) -> Chart:
    """Numbers (height, width) of one channel, from black (0) to the full colour (255).

    Args:
        values: What is shown.
        top, left: Row and column of its first pixel in the picture.
        colour: ``"red"``, ``"green"``, ``"blue"`` or ``"grey"``.
    """
    height, width = values.shape
    written = max(height, width) <= WINDOW
    brightest = "#FFFFFF" if colour == "grey" else COLOURS[colour]
    figure = go.Figure()
    figure.add_heatmap(
        z=values,
        x=list(range(left, left + width)),
        y=list(range(top, top + height)),
        zmin=0,
        zmax=255,
        colorscale=[[0, "#000000"], [1, brightest]],
        showscale=False,
        xgap=1 if written else 0,
        ygap=1 if written else 0,
        hovertemplate="row %{y}, column %{x}: %{z}<extra></extra>",
    )
    if written:
        bright = is_bright(values, brightest)
        figure.add_trace(_written(values, bright, top, left, "#000000"))
        figure.add_trace(_written(values, ~bright, top, left, "#FFFFFF"))
    title = f"The {colour} channel: {int(values.min())} is the smallest number here, {int(values.max())} the largest"
    styled(figure, title, x="Column", y="Row", height=460)
    edges = [left - 0.5, left + width - 0.5], [top + height - 0.5, top - 0.5]
    figure.update_xaxes(showgrid=False, constrain="domain", range=edges[0])
    figure.update_yaxes(showgrid=False, scaleanchor="x", constrain="domain", range=edges[1])
    end = top + height - 1, left + width - 1
    return Chart(
        figure,
        f"Rows {top} to {end[0]}, columns {left} to {end[1]}, counted from 0; 0 is black, 255 is full {colour}. "
        f"On average {values.mean():.0f}.",
    )


def is_bright(values: np.ndarray, brightest: str) -> np.ndarray:
    """(height, width) whether black is easier to read than white on it (relative luminance of WCAG 2.1)."""
    full = np.array([int(brightest[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    light = np.outer(values.reshape(-1) / 255, full)
    linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
    return (linear @ np.array([0.2126, 0.7152, 0.0722]) > EVEN_CONTRAST).reshape(values.shape)


def _written(values: np.ndarray, where: np.ndarray, top: int, left: int, colour: str) -> go.Scatter:
    """The numbers of some cells in one colour."""
    rows, columns = np.nonzero(where)
    return go.Scatter(
        x=columns + left,
        y=rows + top,
        text=[str(value) for value in values[rows, columns].tolist()],
        mode="text",
        textfont={"color": colour, "size": 10},
        hoverinfo="skip",
    )


def large_pixels(values: np.ndarray) -> np.ndarray:
    """Each pixel drawn large; what a program shows that takes these channels for red, green, blue."""
    times = max(1, MOST_SHOWN // len(values))
    large = values.repeat(times, axis=0).repeat(times, axis=1)
    return large[..., 0] if large.shape[2] == 1 else large


def _choices(pixels: np.ndarray, key: str) -> tuple[str, int]:
    """The order of the channels, and which of them is shown."""
    if pixels.shape[2] == 1:
        return "grey", 0
    orders = list(ORDERS)
    first, second = st.columns([1, 1])
    if st.session_state.get(f"{key}:order") not in orders:
        st.session_state[f"{key}:order"] = orders[0]
    with first:
        order = st.segmented_control(
            "Order of channels",
            orders,
            required=True,
            key=f"{key}:order",
            help=help_with_terms("channels", ORDER_HELP, orders),
        )
    names = ORDERS[str(order)]
    if st.session_state.get(f"{key}:channel") not in names:
        st.session_state[f"{key}:channel"] = names[0]
    with second:
        name = st.segmented_control(
            "Channel",
            names,
            required=True,
            key=f"{key}:channel",
            format_func=lambda name: f"{names.index(name)}: {name}",
            help=help_with_terms(
                "channel", "Each channel is a grid of numbers of its own; channels are counted from 0."
            ),
        )
    return str(order), names.index(str(name))


def _window(values: np.ndarray, key: str) -> tuple[int, int, int]:
    """Row and column of the first pixel shown, and how many are shown each way."""
    size = len(values)
    if size <= WINDOW:
        return 0, 0, size
    common: dict[str, Any] = {"min_value": 0, "max_value": size - WINDOW, "value": (size - WINDOW) // 2}
    whole = st.toggle(
        f"The whole picture ({size} x {size})",
        key=f"{key}:whole",
        help=f"Off: {WINDOW} x {WINDOW} pixels with their numbers. On: all pixels, each as a coloured square.",
    )
    if whole:
        return 0, 0, size
    down, across = st.columns(2)
    top = down.slider("From row", key=f"{key}:top:{size}", help="Moves the window up and down.", **common)
    left = across.slider("From column", key=f"{key}:left:{size}", help="Moves the window left and right.", **common)
    return top, left, WINDOW


def _seen_words(order: str, size: int) -> str:
    if order == "BGR":
        return plain("Shown by a program that expects RGB: red and blue change places.")
    return f"The picture as the network gets it, {size} x {size} pixels, drawn larger."
