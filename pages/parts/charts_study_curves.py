"""Learning curves of many networks in one picture: the members of a study, or several runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from pages.parts.charts_style import (
    ACCENT,
    CLASS_COLOURS,
    TRAIN,
    VALIDATION,
    Chart,
    faint,
    plain,
    shown,
    styled,
)

# No two of these are the same, so each of twelve runs has its own.
RUN_COLOURS = (TRAIN, VALIDATION, *CLASS_COLOURS, ACCENT, "#C04A7A")


class MemberCurve(NamedTuple):
    """One network: what it is in words, and its cost on learned and held-out rows at these epochs."""

    words: str
    epochs: Sequence[float | None]
    train: Sequence[float | None]
    held: Sequence[float | None]


class RunCurve(NamedTuple):
    """One run: its name, and its cost on training and validation rows."""

    name: str
    epochs: Sequence[float]
    train: Sequence[float | None]
    validation: Sequence[float | None]


def member_curves(members: Sequence[MemberCurve], title: str) -> Chart:
    """All members' curves over each other; each says on hover which network it is."""
    figure = go.Figure()
    opacity = 0.9 if len(members) <= 5 else 0.5 if len(members) <= 30 else 0.28
    for key, name, colour in (("train", "train", TRAIN), ("held", "validation", VALIDATION)):
        x: list[float | None] = []
        y: list[float | None] = []
        words: list[str] = []
        for member in members:
            x += [*member.epochs, None]
            y += [*getattr(member, key), None]
            words += [member.words] * (len(member.epochs) + 1)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            showlegend=False,
            line={"color": faint(colour, opacity), "width": 1.5},
            text=words,
            hovertemplate=f"%{{text}}<br>epoch %{{x}}, {name} %{{y:.3g}}<extra></extra>",
        )
        figure.add_scatter(x=[None], y=[None], mode="lines", name=name, line={"color": colour, "width": 2.5})
    styled(figure, title, x="Epoch", y="How wrong it is (cost)", height=430, legend=True)
    said = f"Cost of {len(members)} networks on learned and on held-out rows, epoch by epoch"
    return Chart(figure, f"{plain(title, 120)}. {said}.")


def run_curves(runs: Sequence[RunCurve]) -> Chart:
    """Validation cost of several runs as solid lines, training cost as dotted ones, a colour a run."""
    figure = go.Figure()
    lowest: list[tuple[float, float, str]] = []
    for place, run in enumerate(runs):
        colour = RUN_COLOURS[place % len(RUN_COLOURS)]
        name = shown(run.name, 48)
        for values, dash, part in ((run.validation, "solid", "validation"), (run.train, "dot", "train")):
            figure.add_scatter(
                x=run.epochs,
                y=values,
                mode="lines",
                name=name,
                legendgroup=str(place),
                showlegend=part == "validation",
                line={"color": colour, "width": 2.5 if part == "validation" else 1.5, "dash": dash},
                hovertemplate=f"{name}<br>epoch %{{x}}, {part} %{{y:.4g}}<extra></extra>",
            )
        known = [(value, place) for place, value in enumerate(run.validation) if value is not None]
        if known:
            value, at = min(known)
            lowest.append((value, run.epochs[at], plain(run.name, 30)))
    title = "Cost of each run; solid: validation, dotted: train"
    styled(figure, title, x="Epoch", y="How wrong it is (cost)", height=420, legend=True)
    told = "; ".join(f"{name} reaches {value:.3g} at epoch {epoch:g}" for value, epoch, name in lowest)
    return Chart(figure, f"{title}. Lowest cost on validation: {told}." if told else f"{title}.")
