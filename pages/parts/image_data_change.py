"""Changes to the draft's pictures, as `pages.parts.data_change.want` takes them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import streamlit as st

from core.data.images.image_set import ImageSet
from core.draft import set_values
from core.image_choices import bring_back, give_class, leave_out, leave_out_class
from core.image_proposal import follow_images
from core.spec import ImageConfig, ImageData
from pages.parts.data_change import undo_offer, want
from pages.parts.intake import Step
from pages.parts.tables import images_of

ImageChange = Callable[[ImageConfig, Step], ImageConfig]
Choice = Callable[[ImageData, ImageSet], ImageData]
UNDO_PLACE = "images:undo_at"


def wanted(change: ImageChange, done: str, place: str = "top") -> None:
    """Note a change for the next drawing of the page; the way back is offered at ``place``, "top" or "gallery"."""
    st.session_state[UNDO_PLACE] = place
    want(change, done)


def undo_here(config: ImageConfig, place: str) -> None:
    """The way back from the last change, where that was made."""
    if st.session_state.get(UNDO_PLACE, "top") == place:
        undo_offer(config)


def set_images(**values: Any) -> ImageChange:
    """Other values for fields of the data."""
    return _by(lambda data, _: data.change(**values))


def set_image_remedy(changes: dict[str, Any]) -> ImageChange:
    """What a finding proposes: fields of the data, and settings by their path."""

    def change(config: ImageConfig, step: Step) -> ImageConfig:
        own = {name: value for name, value in changes.items() if "." not in name}
        if own:
            config = set_images(**own)(config, step)
        return set_values(config, {path: value for path, value in changes.items() if "." in path})

    return change


def without_images(ids: Collection[str]) -> ImageChange:
    """Leave pictures out."""
    return _by(lambda data, image_set: leave_out(data, image_set, ids))


def without_class(name: str) -> ImageChange:
    """Leave a class out."""
    return _by(lambda data, image_set: leave_out_class(data, image_set, name))


def with_images(ids: Collection[str]) -> ImageChange:
    """Bring pictures back."""
    return _by(lambda data, image_set: bring_back(data, image_set, ids))


def in_class(ids: Collection[str], name: str) -> ImageChange:
    """Give pictures another class."""
    return _by(lambda data, image_set: give_class(data, image_set, ids, name))


def _by(choice: Choice) -> ImageChange:
    def change(config: ImageConfig, _: Step) -> ImageConfig:
        image_set = images_of(config.data.source)
        return follow_images(config, choice(config.data, image_set), image_set)

    return change
