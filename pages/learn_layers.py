"""What do layers add? Neurons draw lines; a network puts them together to any shape."""

from __future__ import annotations

import streamlit as st

from core.lessons.layers import ACTIVATIONS, Activation
from core.lessons.points import KINDS, points
from core.spec import RunConfig
from pages.parts.form import all_settings, rate_text
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_layers_live import RATE, buttons, live, training
from pages.parts.lesson_layers_own import Shown, own_points
from pages.parts.lesson_plane import AXES, NAMES
from pages.parts.session import draft, errors_shown
from pages.parts.terms import help_with_terms

IDEA = (
    "The neurons of a layer all look at the same inputs, and each draws its own line. The next layer puts these lines "
    "together to a shape. So a network can tell apart what no single neuron can."
)
QUESTION = (
    "One neuron draws one straight line, and no line can part the discs in the middle from the crosses around them. "
    "Add neurons until 95% of the points are right."
)
ANSWER = (
    "Three neurons in one layer are enough: each draws a line, and the last neuron puts the three together to a fence. "
    "With two, one side always stays open. With “none” as activation, any number of layers is still one straight line. "
    "ReLU needs a lucky start with so few. Then try the spirals: two layers of eight neurons can do it."
)
IN_APP = InApp("network.py", "See the layers of your own network")
ENOUGH = 0.95
COUNT = 200
TITLES = {"blobs": "clouds", "circles": "ring", "xor": "XOR", "spirals": "spirals", "own": "my table"}
ACTIVATION_TITLES = {"tanh": "tanh", "relu": "ReLU", "sigmoid": "sigmoid", "linear": "none"}
RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3]


def page() -> None:
    """What the network is made of on the left, what it makes of the plane on the right."""
    begin("layers", IDEA, QUESTION)
    left, right = st.columns([2, 3], gap="large")
    solved = False
    with left:
        kind = _kind()
        hidden, activation = _network()
        rate, noise = _more()
        with errors_shown():
            shown = _points(kind, noise)
            network = training(hidden, activation, shown)
            buttons(network, rate)
            with right:
                live(network, rate, ENOUGH)
            solved = kind == "circles" and network.right >= ENOUGH
    conclude("layers", solved, ANSWER, IN_APP)


def _kind() -> str:
    own = [] if not isinstance(draft(), RunConfig) else ["own"]
    return st.segmented_control(
        "Points",
        [*KINDS, *own],
        default="circles",
        required=True,
        format_func=TITLES.__getitem__,
        wrap=True,
        key="layers:points",
        help="What the network is to tell apart: the crosses and the discs.",
    )


def _network() -> tuple[tuple[int, ...], Activation]:
    count = st.segmented_control(
        "Hidden layers",
        [0, 1, 2, 3],
        default=1,
        required=True,
        key="layers:count",
        help=help_with_terms(
            "hidden layer", "Rows of neurons between the inputs and the answer. A change starts the training again."
        ),
    )
    hidden = tuple(
        st.slider(
            f"Neurons in layer {number}",
            1,
            8,
            1 if number == 1 else 4,
            key=f"layers:units:{number}",
            help=help_with_terms("neuron, layer", "How many neurons look at what comes from the layer before."),
        )
        for number in range(1, count + 1)
    )
    activation = st.segmented_control(
        "Activation function",
        ACTIVATIONS,
        default="tanh",
        required=True,
        format_func=ACTIVATION_TITLES.__getitem__,
        wrap=True,
        key="layers:activation",
        help=help_with_terms(
            "activation function",
            "What each neuron of the hidden layers does with its sum. Without one, layers only add up.",
        ),
    )
    return hidden, activation


def _more() -> tuple[float, float]:
    if not all_settings():
        return RATE, 0.1
    rate = st.select_slider(
        "Learning rate",
        RATES,
        RATE,
        format_func=rate_text,
        key="layers:rate",
        help=help_with_terms(
            "learning rate", "How far each step changes the weights. It can be changed while the network trains."
        ),
    )
    noise = st.slider(
        "Noise",
        0.0,
        1.0,
        0.1,
        0.05,
        key="layers:noise",
        help=help_with_terms("noise", "How far points stray into the other class."),
    )
    return rate, noise


def _points(kind: str, noise: float) -> Shown:
    config = draft()
    if kind == "own" and isinstance(config, RunConfig):
        return own_points(config.data)
    x, y = points(kind if kind in KINDS else "circles", COUNT, noise, 0)
    return Shown(x, y, AXES, NAMES)


page()
