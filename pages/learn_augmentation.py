"""What is augmentation for, and when does it do harm? One picture, nine versions of it."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from core.evaluation.words import shorten
from core.lessons.augmentation import DIGIT, IMITATES, OPERATIONS, keeps_nine, largest_turn_found, operation, reach
from core.spec import Augmentation
from pages.parts.form import all_settings
from pages.parts.image_network_varied import seconds_to_next_try, varied, waiting_words
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_augmentation import as_it_is, nine_versions
from pages.parts.lesson_photo import Photo, photo
from pages.parts.session import plain

KEY = "augmentation"
SIDE = 128
IDEA = (
    "Things of one class never look the same. No two are alike (intra-class variability), they turn (pose), and other "
    "things stand in front of them (occlusion). Data augmentation shows the network each training picture a little "
    "changed, again and again, so that it learns what does not matter."
)
QUESTION = (
    "This is a 9, and every version is learned as a 9. Turned too far, it is a 6 with a wrong label. How far may "
    "pictures of digits be turned at most? Look at several nines."
)
ANSWER = (
    "To about 0.5, a quarter turn either way; past that, some versions are nearer to a 6. A mirrored 9 is no digit at "
    "all, but a mirrored dog is still a dog. Change only what never changes the answer."
)
IN_APP = InApp("network.py", "Vary the pictures of your own data", "chihuahua_or_muffin", "pictures")


class _Chosen(NamedTuple):
    photo: Photo
    name: str
    strength: float

    @property
    def is_digit(self) -> bool:
        return self.photo.name == DIGIT


def page() -> None:
    """The picture and one change on the left, nine versions on the right."""
    begin(KEY, IDEA, QUESTION)
    st.session_state.setdefault(f"{KEY}:photo", DIGIT)
    st.fragment(_varied_picture, run_every=seconds_to_next_try())()


def _varied_picture() -> None:
    left, right = st.columns([1, 2], gap="large")
    with left:
        chosen = _controls()
    with right:
        _versions(chosen)
    solved = chosen.is_digit and largest_turn_found(chosen.name, chosen.strength)
    conclude(KEY, solved, ANSWER, IN_APP)


def _controls() -> _Chosen:
    names = list(Augmentation.model_fields) if all_settings() else list(OPERATIONS)
    if st.session_state.get(f"{KEY}:name") not in names:
        st.session_state.pop(f"{KEY}:name", None)
    name = st.radio(
        "What changes",
        names,
        format_func=lambda each: str(Augmentation.model_fields[each].title),
        key=f"{KEY}:name",
        help="One kind of change at a time. In a training, several can act together.",
    )
    strength = st.slider(
        "Strength", 0.0, 1.0, 1.0, 0.05, key=f"{KEY}:strength", help="0 changes nothing, 1 as much as makes sense."
    )
    st.caption(f"{IMITATES[name]} {reach(name, strength)}")
    chosen = _Chosen(photo(KEY, SIDE), name, strength)
    as_it_is(chosen.photo)
    return chosen


def _versions(chosen: _Chosen) -> None:
    turn = int(st.session_state.get(f"{KEY}:turn", 0))
    nine = varied(operation(chosen.name, chosen.strength), chosen.photo.pixels, turn)
    if nine is None:
        waiting_words()
        return
    st.markdown(f"**{_headline(chosen)}**")
    nine_versions(chosen.photo, nine)
    st.button(
        "Another nine",
        icon=":material/casino:",
        key=f"{KEY}:again",
        on_click=lambda: st.session_state.update({f"{KEY}:turn": turn + 1}),
        help="The same change and strength, other chances.",
    )


def _headline(chosen: _Chosen) -> str:
    if not chosen.strength:
        return "Nothing is changed: all nine are the same picture, and nothing new is learned from them."
    if not chosen.is_digit:
        return plain(
            f"Nine versions of “{shorten(chosen.photo.name, 40)}”. Would you still give each of them the same name?"
        )
    if keeps_nine(chosen.name, chosen.strength):
        return "Nine versions of one 9. Each can still be read as a 9: the network learns from nine pictures, not one."
    return "All nine are learned as a 9. Would you read each of them as a 9?"


page()
