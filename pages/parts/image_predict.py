"""Predict for pictures: uploads, the camera, a drawing, and painting over a picture."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import UserError
from pages.parts.image_predict_answer import one_answer
from pages.parts.image_predict_ask import answers, warm_up
from pages.parts.image_predict_draw import drawing
from pages.parts.image_predict_paint import painting
from pages.parts.image_predict_pictures import pictures
from pages.parts.image_predict_taken import Given, Refused, taken
from pages.parts.results_opened import Opened
from pages.parts.session import show_error

OPEN = "predict_way"


def ask_pictures(shown: Opened) -> None:
    """Four ways to show the network a picture; only the open one is drawn."""
    warm_up(shown)
    ways: dict[str, Callable[[Opened], None]] = {
        ":material/photo_library: Pictures": pictures,
        ":material/photo_camera: Camera": camera,
        ":material/draw: Draw": drawing,
        ":material/brush: Paint over": painting,
    }
    for tab, way in zip(st.tabs(list(ways), key=OPEN, on_change="rerun"), ways.values(), strict=True):
        if tab.open:
            with tab:
                st.fragment(way)(shown)


def camera(shown: Opened) -> None:
    """A photo from the camera, and its answer."""
    left, right = st.columns(2, gap="large")
    with left:
        shot = st.camera_input(
            "Take a picture",
            key="predict_camera",
            help="The browser asks first whether it may use the camera. From another computer this needs https.",
        )
    if shot is None:
        with right:
            st.caption(
                "The browser asks first whether it may use the camera. The photo goes to the computer that Muffin runs "
                "on and nowhere else, and is not kept. Without a camera, upload a file under Pictures."
            )
        return
    picture = taken(Given(shot.getvalue(), "camera.jpg"), shown.run.image_config.data)
    with right:
        if isinstance(picture, Refused):
            show_error(UserError(picture.reason, "Take another one."))
            return
        try:
            found = answers(shown, [picture.pixels])[0]
        except UserError as error:
            show_error(error)
            return
        one_answer(shown, picture, found)
