"""Building the network layer by layer: add, change, move, remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from core.errors import UserError
from core.spec import LAYERS, AnyConfig, Spec
from pages.parts.form import all_settings, draw
from pages.parts.session import change, show_error

ADD_HELP = {
    "Conv2D": "Slides small filters over the picture; each looks for one pattern.",
    "MaxPooling2D": "Shrinks the picture by keeping the largest value of each window.",
    "AveragePooling2D": "Shrinks the picture by keeping the average of each window.",
    "BatchNormalization": "Re-centres and re-scales the values of each batch.",
    "Dropout": "Switches off a random share of the values while training.",
    "Flatten": "Lays all values of the picture out in one row, for Dense layers.",
    "GlobalAveragePooling2D": "Keeps the average of each channel: what was found, no matter where.",
    "Dense": "A layer in which every neuron sees every value of the layer before.",
}
MOST_LAYERS = 20
SIDE_BY_SIDE = 3
Layers = list[Any]


class Kit(NamedTuple):
    """What can be built, and what is said about what was built.

    Attributes:
        kinds: The layers to choose from.
        most: How many there may be.
        empty: What no layer at all means.
        place: Where a new layer goes; at the end if not given.
        after: Words on what leaves each layer, by its number from 1.
        broken: Number of the layer that is impossible where it stands; 0 for none, or the output.
        problem: What is wrong there.
    """

    kinds: dict[str, type[Spec]]
    most: int
    empty: str
    place: Callable[[Sequence[Any], str], int] = lambda layers, kind: len(layers)
    after: dict[int, str] = {}  # noqa: RUF012 - it is only read
    broken: int = 0
    problem: UserError | None = None


FOR_TABLES = Kit(LAYERS, MOST_LAYERS, "No hidden layer: this is a straight line (linear or logistic regression).")


def layers_editor(config: AnyConfig, kit: Kit = FOR_TABLES) -> None:
    """A row a layer, and buttons that add one."""
    layers: Layers = list(config.network.layers)
    if not layers:
        st.caption(kit.empty)
    for place, layer in enumerate(layers):
        with st.container(border=True):
            _row(layers, place, layer)
            if place + 1 == kit.broken and kit.problem is not None:
                show_error(kit.problem)
            elif words := kit.after.get(place + 1):
                st.caption(words)
    if not kit.broken and kit.problem is not None:
        show_error(kit.problem)
    with st.container(horizontal=True):
        for kind in kit.kinds:
            _add(layers, kind, kit)


def _add(layers: Layers, kind: str, kit: Kit) -> None:
    place = kit.place(layers, kind)
    st.button(
        f"Add {kind}",
        icon=":material/add:",
        key=f"add-{kind}",
        help=ADD_HELP[kind],
        disabled=len(layers) >= kit.most,
        on_click=_save,
        args=([*layers[:place], kit.kinds[kind](), *layers[place:]],),
    )


def _row(layers: Layers, place: int, layer: Spec) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{place + 1}. {layers[place].kind}**", width="stretch")
        _move(layers, place, -1, "arrow_upward", "Moves this layer up, towards the input.")
        _move(layers, place, 1, "arrow_downward", "Moves this layer down, towards the output.")
        st.button(
            "",
            icon=":material/delete:",
            key=f"remove-{place}",
            help="Removes this layer.",
            on_click=_save,
            args=(layers[:place] + layers[place + 1 :],),
        )
    shown = [
        name
        for name, info in type(layer).model_fields.items()
        if name != "kind" and (all_settings() or _extra(info).get("depth") == "simple")
    ]
    for start in range(0, len(shown), SIDE_BY_SIDE):
        names = shown[start : start + SIDE_BY_SIDE]
        for column, name in zip(st.columns(len(names), vertical_alignment="bottom"), names, strict=True):
            with column:
                _setting(layers, place, name)


def _setting(layers: Layers, place: int, name: str) -> None:
    layer = layers[place]
    key = f"layer-{place}-{layer.kind}-{name}"
    st.session_state[key] = getattr(layer, name)

    def save() -> None:
        changed = [each.model_dump() for each in layers]
        changed[place][name] = st.session_state[key]
        change({"network.layers": changed})

    draw(type(layer).model_fields[name], key, save, getattr(layer, name))


def _move(layers: Layers, place: int, step: int, icon: str, help: str) -> None:
    other = place + step
    moved = list(layers)
    if 0 <= other < len(layers):
        moved[place], moved[other] = moved[other], moved[place]
    st.button(
        "",
        icon=f":material/{icon}:",
        key=f"move-{place}-{step}",
        help=help,
        disabled=not 0 <= other < len(layers),
        on_click=_save,
        args=(moved,),
    )


def _save(layers: Layers) -> None:
    change({"network.layers": [layer.model_dump() for layer in layers]})


def _extra(info: Any) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
