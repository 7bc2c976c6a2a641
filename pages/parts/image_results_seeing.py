"""What the network sees in one picture: its answer, which places speak for a class, and what its layers make of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_percent, shorten
from pages.parts import image_results_ask as worker
from pages.parts.image_results_drawing import enlarged, overlay, place_of, spot
from pages.parts.image_results_layers import feature_maps, kernels
from pages.parts.image_results_pictures import Tile, draw_tiles, network_pixels, picture_set, validation_tile
from pages.parts.image_results_softmax import answer_in_numbers
from pages.parts.results_opened import Opened, class_labels
from pages.parts.session import errors_shown, plain, show_error
from pages.parts.terms import help_with_terms

TAB = "What it sees"
A_STRIP = 5
PATCHES = {"small": 8, "middle": 5, "large": 3}
HARDLY = 0.02
WHICH = {"wrong": "Mistakes", "right": "Right", "all": "All"}


def what_it_sees(shown: Opened) -> None:
    """Choose a validation picture; then what the network makes of it."""
    try:
        picture_set(shown)
    except UserError as error:
        show_error(error)
        return
    place = _choose(shown)
    if place is None:
        return
    index = int(shown.rows["row"].iloc[place]) - 1
    with errors_shown():
        with st.spinner("Asking the network what it looks at…"):
            said = worker.said(shown, index)
        _places(shown, place, index, said["probabilities"])
        st.divider()
        answer_in_numbers(shown, said)
        st.divider()
        feature_maps(shown, index)
        kernels(shown)


def look_at(shown: Opened, place: int, open_tab: bool = False) -> None:
    """Choose a validation picture, for a button's callback."""
    st.session_state[_key(shown)] = place
    if open_tab:
        st.session_state["results_part"] = TAB
        st.session_state[f"seen_which:{shown.run.id}"] = "all"


def _key(shown: Opened) -> str:
    return f"seen:{shown.run.id}"


def _choose(shown: Opened) -> int | None:
    """The picture that is looked at; at first the surest mistake."""
    answered = shown.answers()
    which = f"seen_which:{shown.run.id}"
    places = _offered(shown, answered, which)
    if not len(places):
        st.info("There are no such validation pictures.", icon=":material/info:")
        return None
    chosen = st.session_state.get(_key(shown))
    if chosen is None or (chosen not in places and st.session_state[which] != "all"):
        chosen = st.session_state[_key(shown)] = int(places[0])
    by_id = {str(shown.rows["id"].iloc[place]): int(place) for place in places}

    def under(tile: Tile) -> None:
        now = by_id[tile.id] == chosen
        st.button("Shown below" if now else "Look", key=f"pick:{shown.run.id}:{tile.id}", disabled=now,
                  on_click=look_at, args=(shown, by_id[tile.id]), help="What the network sees in it.")  # fmt: skip

    draw_tiles(
        picture_set(shown),
        places,
        lambda place: validation_tile(shown, place, int(answered[place])),
        f"strip:{shown.run.id}:{st.session_state[which]}",
        under,
        A_STRIP,
    )
    return int(chosen)


def _offered(shown: Opened, answered: np.ndarray, which: str) -> np.ndarray:
    """Positions of the pictures to choose from, the surest answers first."""
    wrong = answered != shown.truth
    st.session_state.setdefault(which, "wrong" if wrong.any() else "all")
    st.segmented_control(
        "Pictures to choose from",
        list(WHICH),
        format_func=WHICH.__getitem__,
        key=which,
        required=True,
        persist_state="session",
        help="Validation pictures: the network has not learned from them.",
    )
    kept = {"wrong": wrong, "right": ~wrong, "all": np.ones_like(wrong)}[st.session_state[which]]
    places = np.flatnonzero(kept)
    return places[np.argsort(-shown.probabilities[places, answered[places]], kind="stable")]


def _places(shown: Opened, place: int, index: int, probabilities: np.ndarray) -> None:
    number, layer = _class_and_layer(shown, int(probabilities.argmax()), index)
    name = plain(shorten(shown.class_names[number], 14))
    pixels = network_pixels(shown, index)
    picture, cam, hiding = st.columns(3, gap="medium")
    with picture:
        st.markdown("**What the network gets**")
        st.image(enlarged(pixels), alt="The picture as the network gets it", width="stretch")
        truth = plain(shorten(shown.class_names[int(shown.truth[place])], 40))
        best = int(probabilities.argmax())
        st.caption(
            f"{pixels.shape[0]} x {pixels.shape[1]} pixels. Truly {truth}; the network says "
            f"{plain(shorten(shown.class_names[best], 40))}, {format_percent(float(probabilities[best]))}."
        )
    with cam:
        st.markdown(f"**Speaks for {name}** (Grad-CAM)", help=help_with_terms("Grad-CAM"))
        with errors_shown():
            _grad_cam(shown, index, number, layer, pixels)
    with hiding:
        st.markdown(f"**Needed for {name}** (occlusion)", help=help_with_terms("occlusion"))
        _occlusion(shown, index, number, pixels)


def _class_and_layer(shown: Opened, answered: int, index: int) -> tuple[int, str | None]:
    names = class_labels(shown)
    found = [layer for layer in worker.layers(shown) if layer["convolution"]]
    choice, depth = st.columns(2, gap="medium")
    number = choice.selectbox(
        "Class to look for",
        range(len(names)),
        index=answered,
        format_func=names.__getitem__,
        key=f"cam_class:{shown.run.id}:{index}",
        help=help_with_terms("class", "The maps show what speaks for this class, whether or not it is the answer."),
    )
    if not found:
        return number, None
    labels = {layer["name"]: f"{layer['name']}, {layer['shape'][0]} x {layer['shape'][1]} places" for layer in found}
    layer = depth.selectbox(
        "Layer (Grad-CAM)",
        list(labels),
        index=len(labels) - 1,
        format_func=labels.__getitem__,
        key=f"cam_layer:{shown.run.id}",
        persist_state="session",
        help=help_with_terms(
            "layer, Grad-CAM", "The last convolution knows most about classes; earlier ones are finer and know less."
        ),
    )
    return number, layer


def _grad_cam(shown: Opened, index: int, number: int, layer: str | None, pixels: np.ndarray) -> None:
    with st.spinner("Tracing back what speaks for the class…"):
        found = worker.seen(shown, index, number, layer)
    sentence = cam_sentence(found["map"], shorten(shown.class_names[number], 40))
    st.image(overlay(pixels, found["map"]), alt=sentence, width="stretch")
    st.caption(f"{plain(sentence)} Yellow: much; dark violet: nothing.")


def cam_sentence(weights: np.ndarray, name: str) -> str:
    """Where most of what speaks for a class lies, in words."""
    if not float(np.max(weights, initial=0.0)) > 0:
        return f"In this layer nothing speaks for {name}."
    where = place_of(weights)
    if where is None:
        return f"What speaks for {name} is spread over the picture."
    return f"Most of what speaks for {name} lies {where}."


def _occlusion(shown: Opened, index: int, number: int, pixels: np.ndarray) -> None:
    key = f"hide:{shown.run.id}"
    size = st.session_state.get(f"{key}:size", "middle")
    asked = (index, number, size)
    wanted = st.session_state.setdefault(f"{key}:asked", [])
    if asked not in wanted:
        st.caption(
            "A grey square moves over the picture; wherever it makes the probability fall, the network needed what is "
            "there. Many questions, so it is asked for."
        )
        st.segmented_control("Square", list(PATCHES), key=f"{key}:size", default="middle", required=True,
                             persist_state="session", help="Smaller ones are finer and take longer.")  # fmt: skip
        st.button("Hide place after place", icon=":material/visibility_off:", key=f"{key}:go",
                  on_click=wanted.append, args=(asked,), help="Asks the network a hundred times or more.")  # fmt: skip
        return
    with errors_shown():
        with st.spinner("Hiding one place after the other…"):
            found = worker.hidden(shown, index, number, max(2, min(pixels.shape[:2]) // PATCHES[size]))
        sentence = occlusion_sentence(found, shorten(shown.class_names[number], 40))
        st.image(overlay(pixels, found["map"], signed=True), alt=sentence, width="stretch")
        st.caption(
            f"{plain(sentence)} Orange: hiding it makes the probability fall; violet: rise. "
            f"{count(int(np.size(found['drop'])), 'square')} of {found['patch']} pixels."
        )


def occlusion_sentence(found: dict[str, Any], name: str) -> str:
    """Where hiding costs most, in words."""
    drop = np.asarray(found["drop"])
    row, column = np.unravel_index(int(drop.argmax()), drop.shape)
    height, width = np.shape(found["map"])
    where = spot(
        (found["rows"][row] + found["patch"] / 2) / height, (found["columns"][column] + found["patch"] / 2) / width
    )
    before, after = found["probability"], found["probability"] - float(drop.max())
    if float(drop.max()) < HARDLY:
        return f"Hiding any one place hardly lowers the probability of {name} ({format_percent(before)})."
    return (
        f"Hiding what lies {where} costs most: the probability of {name} falls from {format_percent(before)} to "
        f"{format_percent(max(0.0, after))}."
    )
