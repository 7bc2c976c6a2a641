"""Augmentation: how strongly training pictures are varied, and what that does to one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.data.images.image_set import ImageSet
from core.data.images.pixels import pixels_of
from core.errors import UserError
from core.spec import Augmentation, ImageConfig, ImageData
from core.training import answer
from pages.parts.form import fields
from pages.parts.labels import distinct
from pages.parts.session import change, draft, engine, errors_shown, workspace
from pages.parts.tables import images_of
from pages.parts.terms import help_with_terms

MOST_CHOICES = 60
ROWS = 3
WAIT_SECONDS = 3.0
AGAIN_SECONDS = 2.0
# About two minutes of asking on its own; afterwards a button asks.
MOST_TRIES = 25
SHOWN_PIXELS = 160
TRIES = "augmentation_tries"


def augmentation(config: ImageConfig) -> None:
    """Sliders and the preview; a slider redraws only them. While no worker answers, it asks again by itself."""
    with st.container(border=True, key="augmentation"):
        st.subheader(
            "Against memorising: varied pictures (augmentation)", help=help_with_terms("memorising, augmentation")
        )
        st.write(
            "Each time a training picture comes round, it looks a little different, so that the network learns what "
            "does not matter. Only training pictures are varied, never those that it is judged on."
        )
        if config.network.backbone != "none" and not config.network.fine_tune_blocks:
            st.info(
                "Without fine-tuning this has no effect: the pretrained network describes each picture only once.",
                icon=":material/info:",
            )
        st.fragment(_settings, run_every=seconds_to_next_try())()


def seconds_to_next_try() -> float | None:
    """After how long a fragment that shows `varied` pictures draws itself again; None while it need not."""
    return AGAIN_SECONDS if 0 < st.session_state.get(TRIES, 0) < MOST_TRIES else None


def _settings() -> None:
    config = draft()
    if not isinstance(config, ImageConfig):
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        fields(config, [f"augmentation.{name}" for name in Augmentation.model_fields])
        if config.augmentation.active:
            st.button(
                "Vary nothing",
                icon=":material/block:",
                help="Sets every strength to 0.",
                on_click=change,
                args=({"augmentation": Augmentation().model_dump()},),
            )
    with right, errors_shown():
        _preview(config, images_of(config.data.source))


def _preview(config: ImageConfig, image_set: ImageSet) -> None:
    index = _chosen_picture(image_set, config.data)
    original = _pixels(str(workspace().root), config.data.model_dump_json(), index, _data=config.data)
    seed = st.session_state.get("augmentation_seed", 0)
    first, rest = st.columns([1, ROWS])
    with first:
        st.image(sheet([original], 1), caption="As it is")
    nine = varied(config.augmentation, original, seed)
    with rest:
        if nine is None:
            waiting_words()
            return
        st.image(sheet(nine, ROWS), caption="Nine times as the training might see it")
    if config.augmentation.active:
        st.button("Another nine", icon=":material/casino:", help="The same strengths, other chances.", on_click=_again)
    else:
        st.caption("Nothing is varied now: all nine are alike. Move a slider.")


def _chosen_picture(image_set: ImageSet, data: ImageData) -> int:
    places = choices(image_set, data)
    labels = dict(zip(places, distinct(image_set.images[place].path[-60:] for place in places), strict=True))
    return st.selectbox(
        "Picture",
        places,
        format_func=lambda place: labels.get(place, str(place)),
        key="augmentation_picture",
        help="The picture that is varied here. The training varies all of its pictures.",
    )


def choices(image_set: ImageSet, data: ImageData) -> list[int]:
    """Places in the set of pictures to choose from: some of all that take part, in order."""
    out, classes_out = set(data.left_out), set(data.leave_out_classes)
    places = [
        place
        for place, image in enumerate(image_set.images)
        if image.id not in out and image.class_name not in classes_out
    ]
    return [places[at] for at in np.unique(np.linspace(0, len(places) - 1, MOST_CHOICES).astype(int))] if places else []


@st.cache_data(max_entries=64, show_spinner=False)
def _pixels(root: str, key: str, index: int, _data: ImageData) -> np.ndarray:
    image_set = images_of(_data.source)
    return pixels_of(image_set.content(index), image_set.images[index].path, _data.size, _data.color)


def varied(augmentation: Augmentation, original: np.ndarray, seed: int) -> np.ndarray | None:
    """Nine pictures like the original (height, width, channels) uint8, or None while no worker answers."""
    tries = st.session_state.get(TRIES, 0)
    try:
        nine = _asked(str(workspace().root), augmentation.model_dump_json(), original, seed)
    except UserError:
        st.session_state[TRIES] = tries + 1
        if tries == 0:
            st.rerun()
        return None
    st.session_state[TRIES] = 0
    if tries:
        st.rerun()
    return nine


@st.cache_data(max_entries=64, show_spinner=False)
def _asked(root: str, augmentation: str, original: np.ndarray, seed: int) -> np.ndarray:
    return engine().ask(answer, "augmented", root, augmentation, original, seed, seconds=WAIT_SECONDS)


def waiting_words() -> None:
    """What stands where the pictures will be, while no worker answers."""
    if st.session_state.get(TRIES, 0) < MOST_TRIES:
        st.caption("The training engine is getting ready; nine varied pictures appear here in a moment.")
        return
    st.caption("The training engine does not answer, so the varied pictures cannot be shown now.")
    st.button("Ask again", icon=":material/refresh:", on_click=_ask_again, help="Asks the training engine once more.")


def _ask_again() -> None:
    st.session_state[TRIES] = 1


def _again() -> None:
    st.session_state["augmentation_seed"] = st.session_state.get("augmentation_seed", 0) + 1


def sheet(images: Sequence[np.ndarray] | np.ndarray, columns: int) -> np.ndarray:
    """Pictures (n, h, w, 1 or 3) side by side in rows, enlarged without smoothing, as (height, width, 4) with gaps."""
    times = max(1, SHOWN_PIXELS // images[0].shape[0])
    large = [np.repeat(np.repeat(image, times, axis=0), times, axis=1) for image in images]
    height, width = large[0].shape[:2]
    gap = max(2, height // 20)
    rows = -(-len(large) // columns)
    whole = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)
    for number, image in enumerate(large):
        top, left = (number // columns) * (height + gap), (number % columns) * (width + gap)
        whole[top : top + height, left : left + width, :3] = image
        whole[top : top + height, left : left + width, 3] = 255
    return whole
