"""The pictures behind the results of a run: small copies, pixels as the network gets them, and tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data.images.image_set import ImageSet
from core.data.images.npy import open_rows
from core.data.images.pixels import pixels_of, pixels_path
from core.evaluation.words import count, format_percent, shorten
from pages.parts.results_opened import Opened
from pages.parts.session import plain
from pages.parts.tables import images_of

TILE = 144
SMALL = 108
A_PAGE = 12


@dataclass(frozen=True)
class Tile:
    """One picture of a gallery.

    Attributes:
        index: Its place in the set, from 0.
        id: Its id.
        lines: What stands under it, plain text.
        alt: The picture in words.
    """

    index: int
    id: str
    lines: tuple[str, ...]
    alt: str


def picture_set(shown: Opened) -> ImageSet:
    """All pictures of the run's zip; raises `UserError` where they are gone."""
    return images_of(shown.run.image_config.data.source)


def network_pixels(shown: Opened, index: int) -> np.ndarray:
    """One picture of the set as the network gets it, (height, width, channels) uint8; raises `UserError`."""
    data, image_set = shown.run.image_config.data, picture_set(shown)
    path = pixels_path(image_set.folder, data.size, data.color)
    if path.is_file():
        return np.array(open_rows(path)[index])
    return pixels_of(image_set.content(index), image_set.images[index].path, data.size, data.color)


def validation_tile(shown: Opened, place: int, answer: int) -> Tile:
    """A validation picture with its class, the answer and its probability."""
    row, truth = shown.rows.iloc[place], int(shown.truth[place])
    was, said = (shorten(shown.class_names[number], 24) for number in (truth, answer))
    sure = format_percent(float(shown.probabilities[place, answer]))
    lines = (f"{was}, {sure}",) if truth == answer else (f"{was}, taken for {said}, {sure}",)
    alt = f"{row['file']}: truly {was}, predicted {said} with {sure}"
    return Tile(int(row["row"]) - 1, str(row["id"]), lines, alt)


def draw_tiles(
    image_set: ImageSet,
    places: Sequence[int] | np.ndarray,
    tile_of: Callable[[int], Tile],
    key: str,
    actions: Callable[[Tile], None],
    a_page: int = A_PAGE,
) -> None:
    """A gallery, some at a time.

    Args:
        image_set: Where the pictures are.
        places: What to show, in order.
        tile_of: The tile of one of them.
        key: Of the gallery.
        actions: Draws what can be done with one picture, under it.
        a_page: How many at a time.
    """
    page = _page(len(places), a_page, key)
    with st.container(horizontal=True, gap="small", key=f"{key}:tiles"):
        for place in places[page * a_page : (page + 1) * a_page]:
            tile = tile_of(int(place))
            with st.container(border=True, width=TILE, gap="xsmall"):
                st.image(image_set.thumb(tile.index), width=SMALL, alt=tile.alt)
                for line in tile.lines:
                    st.caption(plain(line))
                actions(tile)


def _page(number: int, a_page: int, key: str) -> int:
    """Which part of a long gallery is shown; two buttons turn it over."""
    pages = max(1, -(-number // a_page))
    name = f"{key}:page"
    st.session_state[name] = min(st.session_state.get(name, 0), pages - 1)
    if pages == 1:
        return 0
    page = int(st.session_state[name])

    def turn(by: int) -> None:
        st.session_state[name] = page + by

    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Before", icon=":material/chevron_left:", key=f"{key}:before", disabled=page == 0,
                  on_click=turn, args=(-1,), help="The pictures before these.")  # fmt: skip
        last = min(number, (page + 1) * a_page)
        st.markdown(f"{page * a_page + 1} to {last} of {count(number, 'picture')}", width="content")
        st.button("More", icon=":material/chevron_right:", key=f"{key}:more", disabled=page == pages - 1,
                  on_click=turn, args=(1,), help="The next pictures.")  # fmt: skip
    return page
