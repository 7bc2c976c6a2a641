"""What a network that memorises looks like: its curves, its plane, its weights, and every rate that holds it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.words import format_number, format_percent
from core.lessons.overfitting import NEW, Difference, Learned, difference, draw_points, probabilities
from core.lessons.points import Kind, plane
from core.spec.network import PENALTY_LADDER
from core.study_axes import Point, with_value
from pages.parts.charts_study import regularization_path
from pages.parts.charts_study_weights import weight_histogram
from pages.parts.charts_style import BASELINE, NARROW_TITLE, TRAIN, VALIDATION, Chart, faint, styled
from pages.parts.lesson_plane import plane_chart
from pages.parts.session import ask_lesson

WAYS = {"none": "nothing", "l1": "L1", "l2": "L2", "dropout": "dropout"}
RATES = {
    "l1": tuple(rate for rate in PENALTY_LADDER if 1e-4 <= rate <= 0.1),
    "l2": tuple(rate for rate in PENALTY_LADDER if 1e-4 <= rate <= 0.1),
    "dropout": tuple(round(0.1 * place, 1) for place in range(1, 9)),
}
SIDE = 64
BAND = (0.1, 0.9)
NEAR_ZERO = 0.01


class Setting(NamedTuple):
    """What is chosen: the points, how many of them are learned from, and what holds the network back."""

    kind: Kind
    noise: float
    learned: int
    way: str = "none"
    rate: float = 0.0

    @property
    def plain(self) -> Setting:
        """The same without anything that holds it back."""
        return self._replace(way="none", rate=0.0)


def learned_by(setting: Setting) -> Learned:
    """What the networks of all draws came to; raises `UserError` where no worker answers."""
    rates = (setting.rate if setting.way == way else 0.0 for way in RATES)
    return _learned(setting.kind, setting.noise, setting.learned, *rates)


@st.cache_data(max_entries=256, show_spinner="Training twelve networks; only the first time takes a few seconds…")
def _learned(kind: Kind, noise: float, learned: int, l1: float, l2: float, dropout: float) -> Learned:
    told = ask_lesson("memorise", kind, noise, learned, l1, l2, dropout, seconds=90)
    weights = tuple(told[f"weight_{place}"] for place in range(sum(name.startswith("weight_") for name in told)))
    return Learned(told["steps"], told["cost"], told["right"], weights)


def curves_chart(found: Learned, without: Learned | None) -> Chart:
    """Cost on learned and on new points as training goes on: the mean of all draws, and the band that most are in.

    Args:
        found: Under the setting that is chosen.
        without: The same networks without regularization, to hold the curves against, or None.
    """
    figure = go.Figure()
    for part, name, colour, dash in ((0, "train", TRAIN, "dot"), (1, "validation", VALIDATION, "solid")):
        low, high = np.quantile(found.cost[part], BAND, axis=0)
        figure.add_scatter(
            x=[*found.steps, *found.steps[::-1]], y=np.r_[high, low[::-1]].round(4), fill="toself", mode="lines",
            fillcolor=faint(colour, 0.18), line={"width": 0}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=found.steps, y=found.cost[part].mean(axis=0).round(4), mode="lines", name=name,
            line={"color": colour, "width": 2.5, "dash": dash},
            hovertemplate=f"step %{{x}}<br>{name} %{{y:.2f}}<extra></extra>",
        )  # fmt: skip
    if without is not None:
        figure.add_scatter(
            x=without.steps, y=without.cost[1].mean(axis=0).round(4), mode="lines", hoverinfo="skip",
            name="validation, not held back", line={"color": BASELINE, "width": 1.5, "dash": "dash"},
        )  # fmt: skip
    title = _curves_title(found)
    styled(figure, title, "Training step", "Cost", legend=True, title_width=NARROW_TITLE)
    figure.update_yaxes(range=[0, _top(found, without)])
    ends = "; ".join(
        f"{name} goes from {format_number(own[0])} to {format_number(own[-1])}"
        for name, own in zip(("train", "validation"), found.cost.mean(axis=1), strict=True)
    )
    return Chart(figure, f"{title}. Mean cost: {ends}.")


def _top(found: Learned, without: Learned | None) -> float:
    """Starting luck must not squeeze the curves flat."""
    every = [found] if without is None else [found, without]
    return 1.1 * max(0.8, *(float(np.quantile(each.cost[:, :, -1], BAND[1])) for each in every))


def _curves_title(found: Learned) -> str:
    old, new = found.cost.mean(axis=1)
    lowest = int(new.argmin())
    if new[-1] > 1.15 * new[lowest]:
        return f"After step {found.steps[lowest]} the curves part: they memorise"
    if new[-1] > 1.5 * old[-1]:
        return "New points cost more than learned ones"
    return "The curves stay together"


def points_chart(setting: Setting, found: Learned, draw: int, new: bool) -> Chart:
    """What the network of one draw says over the plane, with the points that it learned from, or new ones."""
    drawn = draw_points(setting.kind, setting.noise)
    part = slice(-NEW, None) if new else slice(0, setting.learned)
    own = tuple(array[draw : draw + 1] for array in found.weights)
    x, y = drawn.x[draw, part], drawn.y[draw, part]
    share = format_percent(float(((probabilities(own, x)[0] > 0.5) == (y > 0.5)).mean()))
    title = f"Network {draw + 1}: {share} of {'new' if new else 'its own'} points right"
    shape = "The grey line is where it cannot decide; points on the wrong side of it are mistakes"
    return plane_chart(probabilities(own, plane(SIDE))[0], x, y, title, f"{title}. {shape}.", height=360)


def weights_chart(setting: Setting, found: Learned, without: Learned) -> Chart:
    """How large the weights are, beside those of the network that nothing holds back."""
    reach = float(np.quantile(np.abs(without.kernels), 0.98))
    edges = np.linspace(-reach, reach, 32)
    drawn = []
    held = "" if setting.way == "none" else with_value(setting.way, setting.rate)
    for name, each in (("networks not held back", without), (held, found)):
        counts, _ = np.histogram(np.clip(each.kernels, -reach, reach), edges)
        drawn.append((name, (counts / counts.sum()).round(4).tolist()))
    return weight_histogram(edges.tolist(), drawn[: 2 if held else 1])


def near_zero(found: Learned) -> float:
    """Share of the weights that are as good as gone."""
    return float((np.abs(found.kernels) < NEAR_ZERO).mean())


class Compared(NamedTuple):
    """A setting held against none, draw by draw: the cost and the share of right answers, on new points."""

    cost: Difference
    right: Difference


def compared(found: Learned, without: Learned) -> Compared:
    """What holding back changes on new points."""
    pairs = ((getattr(found, name)[1, :, -1], getattr(without, name)[1, :, -1]) for name in ("cost", "right"))
    return Compared(*(difference(*pair) for pair in pairs))


def path_chart(setting: Setting, found: Sequence[tuple[float, Learned]]) -> Chart:
    """Cost on learned and on new points by rate, with its band, and which rates cannot be told from the best.

    Args:
        setting: Which way it is held back.
        found: Rates from none on, and what the networks came to.
    """
    scores = [each.cost[1, :, -1] for _, each in found]
    best = int(np.argmin([score.mean() for score in scores]))
    points = []
    for (rate, each), score in zip(found, scores, strict=True):
        against = difference(score, scores[best], comparisons=len(found) - 1)
        band = difference(score, np.zeros_like(score))
        result = "best" if score is scores[best] else "worse" if against.told else "tied"
        train = float(each.cost[0, :, -1].mean())
        points.append(Point(rate, float(score.mean()), band.low, band.high, train, result))
    return regularization_path(setting.way, points, (), "cost", percent=False)
