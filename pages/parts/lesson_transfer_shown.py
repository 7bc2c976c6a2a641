"""What two networks made of the same few pictures: the pictures, the curves, what may be said, and earlier tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import streamlit as st

from core.evaluation.words import format_percent, shorten
from core.lessons.transfer import SIDE, SMALL_SIDE, Compared, Pictures, dealt
from pages.parts.charts_style import Chart, class_colour, straight, styled
from pages.parts.lesson_transfer import EPOCHS, WAYS, Lot, Race
from pages.parts.results_draw import draw
from pages.parts.session import plain

THUMB = 76
_HELP = {
    "scratch": f"A small CNN that starts from random weights, on {SMALL_SIDE} x {SMALL_SIDE} pixels. Its pictures are "
    "varied while it learns.",
    "pretrained": f"EfficientNet-Lite0 on {SIDE} x {SIDE} pixels. It stays as it is; only one new layer learns.",
}
_LINES = {"scratch": (class_colour(1), "dash", "x"), "pretrained": (class_colour(0), "solid", "circle")}


def draw_lot(pictures: Pictures, lot: Lot) -> None:
    """The pictures that both learn from, with their classes."""
    rows = sorted(dealt(pictures, lot.pictures, lot.draw).tolist(), key=lambda row: pictures.y[row])
    names = [shorten(pictures.class_names[pictures.y[row]], 12) for row in rows]
    unseen = len(pictures.y) - pictures.learnable
    st.caption(f"Both learn from these {len(rows)} pictures, and are judged on {unseen} others.")
    with st.container(horizontal=True):
        for row, name in zip(rows, names, strict=True):
            st.image(pictures.pixels[row], plain(name), width=THUMB, alt=name)


def draw_race(race: Race) -> None:
    """How far both have come, how often each is right, and in the end whether that can be chance."""
    for (way, name), column in zip(WAYS.items(), st.columns(2), strict=True):
        right = race.curves[way][-1][1] if race.curves[way] else None
        told = "…" if right is None else f"{round(right * len(race.unseen))} of {len(race.unseen)} right"
        column.metric(name, told, border=True, help=_HELP[way])
    if race.ended:
        st.markdown(f"**{race.result.words}**")
    elif race.epoch < 0:
        st.progress(
            race.looked / len(race.y), f"The pretrained network looks at picture {race.looked} of {len(race.y)}"
        )
    else:
        st.progress(race.epoch / EPOCHS, f"Epoch {race.epoch} of {EPOCHS}")
    if race.epoch >= 0:
        draw(curves(race), "transfer:curves")


def curves(race: Race) -> Chart:
    """The share of right answers of both after each epoch."""
    figure, said = go.Figure(), []
    for way, curve in race.curves.items():
        colour, dash, symbol = _LINES[way]
        epochs, shares = zip(*curve, strict=True)
        marker = {"symbol": symbol, "size": 8}
        line = {"color": colour, "width": 2.5, "dash": dash}
        figure.add_scatter(x=epochs, y=shares, name=WAYS[way], mode="lines+markers", line=line, marker=marker)
        said.append(f"{WAYS[way].lower()} {format_percent(shares[-1])}")
    guess = max((race.unseen == number).mean() for number in set(race.unseen.tolist()))
    figure.add_trace(straight([0, EPOCHS], [guess, guess], "always the same answer"))
    title = f"After epoch {race.epoch}: {', '.join(said)} right"
    styled(figure, title, "epoch", "right answers", height=380, legend=True)
    figure.update_xaxes(range=[-1, EPOCHS + 1])
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return Chart(figure, f"{title}, of {len(race.unseen)} pictures; {format_percent(guess)} without looking at any.")


def draw_tries(tries: Sequence[tuple[Lot, Compared]], sources: Mapping[str, str]) -> None:
    """What came of every try so far, newest first."""
    if not tries:
        return
    st.markdown("**Your tries**")
    newest = tries[::-1]
    st.table(
        {
            "Pictures": [f"{lot.pictures}, {sources[lot.source].lower()}" for lot, _ in newest],
            "From scratch": [f"{found.first} of {found.pictures}" for _, found in newest],
            "Pretrained": [f"{found.second} of {found.pictures}" for _, found in newest],
            "Advantage, 95 % interval": [
                f"{100 * found.low:+.0f} to {100 * found.high:+.0f} of 100" for _, found in newest
            ],
        }
    )
    st.caption(
        "An advantage is more than chance where its whole interval lies above 0. The interval knows nothing of how "
        "lucky the pictures to learn from were: draw others to see that."
    )
