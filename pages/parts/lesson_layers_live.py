"""The small network while it trains: some epochs a tick, as long as the person lets it play."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.lessons.layers import Activation, Network, cost, outputs, share_right, trained, untrained
from pages.parts.lesson_layers import network_picture, over_the_plane
from pages.parts.lesson_layers_own import Shown
from pages.parts.lesson_plane import draw_plane
from pages.parts.terms import help_with_terms

TICK_SECONDS = 0.4
EPOCHS_A_TICK = 8
# It rests after so many epochs, until Play is pressed again.
EPOCHS = 200
# The page opens with a network that has already done what it can.
OPENS_AFTER = 40
RATE = 0.03
ANSWER = "the answer of the network"
_STATE = "layers:state"


@dataclass
class Training:
    """A network in training, on the points that are shown."""

    hidden: tuple[int, ...]
    shown: Shown
    network: Network
    stops: int = 0

    @property
    def plays(self) -> bool:
        """Whether it goes on by itself."""
        return self.network.epochs < self.stops

    @property
    def answers(self) -> np.ndarray:
        """(n,) the chance of class 1 that it gives each point."""
        return outputs(self.network, self.shown.x)[-1][:, 0]

    @property
    def right(self) -> float:
        """The share of points on their side."""
        return share_right(self.answers, self.shown.y)

    def is_of(self, hidden: tuple[int, ...], activation: Activation, shown: Shown) -> bool:
        """Whether this is such a network, on these points."""
        made = (self.hidden, self.network.activation, self.shown.axes, self.shown.names)
        asked = (hidden, activation, shown.axes, shown.names)
        return made == asked and np.array_equal(self.shown.x, shown.x) and np.array_equal(self.shown.y, shown.y)

    def train(self, epochs: int, rate: float) -> None:
        """Go on for so many epochs."""
        self.network = trained(self.network, self.shown.x, self.shown.y, epochs, rate)

    def play(self) -> None:
        """Go on by itself for a while."""
        self.stops = self.network.epochs + EPOCHS

    def pause(self) -> None:
        """Stay as it is."""
        self.stops = 0

    def again(self) -> None:
        """Forget all that was learned, with other weights to begin with."""
        self.network = untrained(self.hidden, self.network.activation, self.network.seed + 1)
        self.stops = 0


def training(hidden: tuple[int, ...], activation: Activation, shown: Shown) -> Training:
    """The network of this session. Where another one is asked for, or other points, it begins to train at once."""
    known = st.session_state.get(_STATE)
    if known is not None and known.is_of(hidden, activation, shown):
        return known
    fresh = Training(hidden, shown, untrained(hidden, activation, 0))
    if known is None:
        fresh.train(OPENS_AFTER, RATE)
    else:
        fresh.play()
    st.session_state[_STATE] = fresh
    return fresh


def buttons(of: Training, rate: float) -> None:
    """Play or pause, one epoch, start again."""
    with st.container(horizontal=True):
        if of.plays:
            st.button("Pause", key="layers:pause", icon=":material/pause:", on_click=of.pause, help="Stop for a look.")
        else:
            st.button(
                "Play",
                key="layers:play",
                icon=":material/play_arrow:",
                type="primary",
                on_click=of.play,
                help=f"Train for {EPOCHS} epochs. In one epoch the network sees each point once.",
            )
        st.button(
            "Step",
            key="layers:step",
            icon=":material/skip_next:",
            on_click=of.train,
            args=(1, rate),
            disabled=of.plays,
            help="Train for one epoch.",
        )
        st.button(
            "Start again",
            key="layers:again",
            icon=":material/replay:",
            on_click=of.again,
            help="Forget all that was learned, and begin with other weights.",
        )


def live(of: Training, rate: float, enough: float) -> None:
    """What the network says, drawn again and again while it trains."""

    def tick() -> None:
        played, before = of.plays, of.right
        if played:
            of.train(EPOCHS_A_TICK, rate)
        _drawn(of)
        if played and (not of.plays or before < enough <= of.right):
            # The rest of the page has something else to say now.
            st.rerun()

    st.fragment(tick, run_every=TICK_SECONDS if of.plays else None)()


def _drawn(of: Training) -> None:
    _numbers(of)
    places = [(len(of.hidden) + 1, 0)]
    places += [(layer + 1, unit) for layer, units in enumerate(of.hidden) for unit in range(units)]
    chosen = st.session_state.get("layers:look", places[0])
    chosen = chosen if chosen in places else places[0]
    seen = over_the_plane(of.network)
    network_picture(of.network, seen, chosen)
    chosen = st.selectbox(
        "Look at",
        places,
        format_func=lambda place: _name(place, places[0]),
        key="layers:look",
        help="Which neuron the large picture shows: its output everywhere on the plane.",
    )
    _large(of, seen[chosen[0]][:, chosen[1]], _name(chosen, places[0]))


def _numbers(of: Training) -> None:
    with st.container(horizontal=True):
        st.metric(
            "Epoch",
            of.network.epochs,
            help=help_with_terms("epoch", "How many times the network has seen every point."),
        )
        st.metric("Points that are right", f"{of.right:.0%}", help="Where the answer is on the side of the truth.")
        st.metric(
            "Cost",
            f"{cost(of.answers, of.shown.y):.3f}",
            help=help_with_terms(
                "cost", "What training makes small: the binary cross-entropy. 0.693 is that of guessing."
            ),
        )


def _name(place: tuple[int, int], answer: tuple[int, int]) -> str:
    return ANSWER if place == answer else f"layer {place[0]}, neuron {place[1] + 1}"


def _large(of: Training, values: np.ndarray, name: str) -> None:
    shown = of.shown
    if name == ANSWER:
        title = f"{of.right:.0%} of the points are on their own side"
        above = float((values >= 0.5).mean())
        sentence = f"{title}. The network answers “{shown.names[1]}” on {above:.0%} of the plane."
    else:
        title = (
            f"{name.capitalize()} draws its own line" if name.startswith("layer 1") else f"What {name} makes of them"
        )
        middle = "0.5" if of.network.activation == "sigmoid" else "0"
        sentence = f"{title}. Its output is above {middle} on {float((values > 0.5).mean()):.0%} of the plane."
    draw_plane(values, shown.x, shown.y, title, sentence, names=shown.names, axes=shown.axes)
