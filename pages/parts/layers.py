"""Building the network layer by layer: add, change, move, remove."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.spec import LAYERS, Layer, RunConfig
from pages.parts.form import all_settings, draw
from pages.parts.session import change

ADD_HELP = {
    "Dense": "A layer in which every neuron sees every value of the layer before.",
    "Dropout": "Switches off a random share of the values while training.",
    "BatchNormalization": "Re-centres and re-scales the values of each batch.",
}
MOST_LAYERS = 20


def layers_editor(config: RunConfig) -> None:
    """A row a layer, and buttons that add one."""
    layers = list(config.network.layers)
    if not layers:
        st.caption("No hidden layer: this is a straight line (linear or logistic regression).")
    for place, layer in enumerate(layers):
        with st.container(border=True):
            _row(layers, place, layer)
    with st.container(horizontal=True):
        for kind, model in LAYERS.items():
            st.button(
                f"Add {kind}",
                icon=":material/add:",
                key=f"add-{kind}",
                help=ADD_HELP[kind],
                disabled=len(layers) >= MOST_LAYERS,
                on_click=_save,
                args=([*layers, model()],),
            )


def _row(layers: list[Layer], place: int, layer: Layer) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{place + 1}. {layer.kind}**", width="stretch")
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
    for column, name in zip(st.columns(max(1, len(shown))), shown, strict=False):
        with column:
            _setting(layers, place, name)


def _setting(layers: list[Layer], place: int, name: str) -> None:
    layer = layers[place]
    key = f"layer-{place}-{layer.kind}-{name}"
    st.session_state[key] = getattr(layer, name)

    def save() -> None:
        changed = [each.model_dump() for each in layers]
        changed[place][name] = st.session_state[key]
        change({"network.layers": changed})

    draw(type(layer).model_fields[name], key, save, getattr(layer, name))


def _move(layers: list[Layer], place: int, step: int, icon: str, help: str) -> None:
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


def _save(layers: list[Layer]) -> None:
    change({"network.layers": [layer.model_dump() for layer in layers]})


def _extra(info: Any) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
