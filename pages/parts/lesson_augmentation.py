"""Nine versions of a picture, and what the person's own network says of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from core.evaluation.words import format_percent, shorten
from core.lessons.augmentation import DIGIT
from pages.parts.image_predict_ask import Answer, answers, warm_up
from pages.parts.image_predict_taken import seen
from pages.parts.lesson import own_run
from pages.parts.lesson_photo import Photo
from pages.parts.results_opened import Opened, opened
from pages.parts.session import errors_shown, plain

OTHER_PICTURE = "Choose another picture, and see here what it says of each version."
SHOWN = 108
# Three beside each other, also on a phone.
_WIDTH = 3 * SHOWN + 2 * 16
LONGEST_NAME = 18


def nine_versions(photo: Photo, nine: np.ndarray) -> None:
    """Versions of a picture, (9, h, w, 3) uint8, and what the newest network of pictures says of each."""
    place = st.empty()
    _draw(place, nine, [f"version {number}" for number in range(1, len(nine) + 1)])
    run = own_run("pictures")
    if run is None:
        st.caption(
            "No network of yours has learned from pictures yet. Once one has, it says here what it makes of each "
            "version. The sample below can be trained in a few minutes."
        )
        return
    with errors_shown():
        shown = opened(run)
        warm_up(shown)
        told = answers(
            shown, [seen(Image.fromarray(each), shown.run.image_config.data) for each in (photo.pixels, *nine)]
        )
        if photo.name == DIGIT and told[0].unlike:
            st.markdown(plain(f"Your network “{shorten(run.name, 40)}” has not learned from digits. {OTHER_PICTURE}"))
            return
        _draw(place, nine, captions(told, shown.class_names))
        st.markdown(plain(sentence(told, shown)))


def captions(told: Sequence[Answer], names: Sequence[str]) -> list[str]:
    """What the network says to each version, after the picture as it is; another answer than to that is told."""
    found = []
    for answer in told[1:]:
        other = "" if answer.best == told[0].best else "now "
        sure = format_percent(float(answer.probabilities[answer.best]))
        found.append(f"{other}{shorten(names[answer.best], LONGEST_NAME)}, {sure}")
    return found


def sentence(told: Sequence[Answer], shown: Opened) -> str:
    """How many versions get the answer that the picture itself gets."""
    first, versions = told[0], told[1:]
    name = shorten(shown.class_names[first.best], 40)
    same = sum(answer.best == first.best for answer in versions)
    sure = format_percent(float(first.probabilities[first.best]))
    found = (
        f"Your network “{shorten(shown.run.name, 40)}” says {name} ({sure}) to the picture, and to {same} of its "
        f"{len(versions)} versions."
    )
    if first.unlike:
        found += " The picture is unlike all that it learned from, so its answers mean little here."
    return found


def as_it_is(photo: Photo) -> None:
    """The picture that is varied."""
    st.image(_enlarged(photo.pixels), "as it is", width=SHOWN, alt=f"{photo.name}, not changed")


def _draw(place: DeltaGenerator, nine: np.ndarray, words: Sequence[str]) -> None:
    with place.container(horizontal=True, width=_WIDTH):
        for each, told in zip(nine, words, strict=True):
            st.image(_enlarged(each), plain(told), width=SHOWN, alt=told)


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    """Small pictures with pixels that can be told apart."""
    times = max(1, SHOWN // max(pixels.shape[:2]))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)
