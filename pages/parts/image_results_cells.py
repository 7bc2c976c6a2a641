"""Which pictures are right and which are wrong: a confusion matrix whose cells open the pictures behind them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, shorten
from pages.parts.image_results_changes import actions, pending, pending_card
from pages.parts.image_results_pictures import Tile, draw_tiles, picture_set, validation_tile
from pages.parts.image_results_seeing import look_at
from pages.parts.results_classes import right_and_wrong, rows_of_cell
from pages.parts.results_opened import Opened
from pages.parts.session import errors_shown, plain, show_error, show_remembered_error
from pages.parts.terms import help_with_terms


def right_and_wrong_pictures(shown: Opened) -> None:
    """Threshold (two classes), confusion matrix, the pictures behind the chosen cell, the surest mistakes."""
    show_remembered_error()
    with errors_shown():
        pending_card(shown)
    answered = right_and_wrong(shown, _cell)
    _surest(shown, answered)


def surest_mistakes(truth: np.ndarray, answered: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Positions of all mistakes, the surest first.

    Args:
        truth: ``(n,)`` class indices.
        answered: ``(n,)`` class indices.
        probabilities: ``(n, classes)``.
    """
    wrong = np.flatnonzero(truth != answered)
    return wrong[np.argsort(-probabilities[wrong, answered[wrong]], kind="stable")]


def _cell(shown: Opened, answered: np.ndarray, true: int, predicted: int) -> None:
    places = rows_of_cell(shown.truth, answered, shown.probabilities, true, predicted)
    was, said = (plain(shorten(shown.class_names[index], 40)) for index in (true, predicted))
    if not len(places):
        st.info(f"No validation picture that is truly {was} is predicted {said}.", icon=":material/check:")
        return
    order = "the least sure first" if true == predicted else "the surest mistakes first"
    verb = "is" if len(places) == 1 else "are"
    st.markdown(
        f"{count(len(places), 'picture')} {verb} truly **{was}** and predicted **{said}**"
        + (f", {order}." if len(places) > 1 else ".")
    )
    gallery(shown, places, answered, f"cell:{shown.run.id}:{true}:{predicted}")


def _surest(shown: Opened, answered: np.ndarray) -> None:
    places = surest_mistakes(shown.truth, answered, shown.probabilities)
    st.subheader("The surest mistakes", anchor=False)
    if not len(places):
        st.write("There are none: all validation pictures are answered right.")
        return
    st.caption(
        "Over all classes. Where the network is sure and wrong, look first: the label may be the mistake, or the "
        "picture shows something that training never did.",
        help=help_with_terms("class, label, training"),
    )
    gallery(shown, places, answered, f"surest:{shown.run.id}")


def gallery(shown: Opened, places: np.ndarray, answered: np.ndarray, key: str) -> None:
    """Validation pictures with what can be done about each; names of files where the pictures are gone."""
    try:
        image_set, waiting = picture_set(shown), pending(shown)
    except UserError as error:
        show_error(error)
        st.dataframe(shown.rows.iloc[places[:50]][["file"]], hide_index=True)
        return
    by_id = {str(shown.rows["id"].iloc[place]): int(place) for place in places}

    def under(tile: Tile) -> None:
        actions(shown, tile, waiting, key)
        st.button("What it saw", icon=":material/visibility:", key=f"look:{key}:{tile.id}", type="tertiary",
                  on_click=look_at, args=(shown, by_id[tile.id], True),
                  help="Opens this picture in What it sees.")  # fmt: skip

    def tile(place: int) -> Tile:
        return validation_tile(shown, place, int(answered[place]))

    draw_tiles(image_set, places, tile, key, under)
