"""Many pictures in, an answer for each: upload, validation pictures to try, cards, a table and a file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_interval, shorten
from pages.parts.image_predict_answer import LONGEST, bars, beside, likeliest, notes, truth, unlike
from pages.parts.image_predict_ask import Answer, answers
from pages.parts.image_predict_samples import samples
from pages.parts.image_predict_table import downloads, summary, table
from pages.parts.image_predict_taken import Given, Picture, Refused, all_taken, shape_of, taken
from pages.parts.intake import forget_uploads, most_photo_mb
from pages.parts.results_opened import Opened
from pages.parts.session import plain, show_error

UPLOAD = "predict_pictures_upload"
TAKEN = "predict_pictures"
REFUSED = "predict_pictures_refused"
PAGE = "predict_pictures_page"
TOO_MANY = "predict_pictures_too_many"
MOST_PICTURES = 500
ON_ONE_PAGE = 12
IN_A_ROW = 3
FEW_BARS = 3
MOST_REFUSED = 10


def pictures(shown: Opened) -> None:
    """A file field, validation pictures to try, and the answers."""
    _upload(shown)
    samples(shown, "predict_samples", lambda given: _add([taken(given, shown.run.image_config.data)]))
    _refused()
    known = _for_this_run(shown)
    if not known:
        return
    with st.container(border=False):
        found = _answers(shown, known)
    if found is not None:
        st.markdown(summary(shown, known, found))
        _trust(shown)
        downloads(shown, known, found, _forget)
        _cards(shown, known, found)
        table(shown, known, found)


def _upload(shown: Opened) -> None:
    field = f"{UPLOAD}:{st.session_state.get(f'{UPLOAD}:turn', 0)}"
    files = st.file_uploader(
        "Upload pictures, as many as you like at once",
        "image",
        accept_multiple_files=True,
        key=field,
        max_upload_size=most_photo_mb(),
        help="JPEG, PNG, WebP, GIF, BMP, TIFF and some others. Nothing leaves the computer that Muffin runs on.",
    )
    if not files:
        return
    room = max(0, MOST_PICTURES - len(st.session_state.get(TAKEN, ())))
    fitting = files[:room]
    st.session_state[TOO_MANY] = len(files) - len(fitting)
    st.session_state[REFUSED] = []
    bar = st.progress(0.0, "Reading the pictures…")
    found = []
    given = (Given(file.getvalue(), file.name) for file in fitting)
    for done, one in enumerate(all_taken(given, shown.run.image_config.data), 1):
        found.append(one)
        bar.progress(done / len(fitting), f"Reading the pictures… {done:,} of {len(fitting):,}")
    _add(found)
    forget_uploads(UPLOAD)
    st.rerun()


def _add(found: Sequence[Picture | Refused]) -> None:
    """Put pictures before those that are there; the same picture again moves to the front."""
    new = {one.key: one for one in found if isinstance(one, Picture)}
    old = {one.key: one for one in st.session_state.get(TAKEN, ()) if one.key not in new}
    st.session_state[PAGE] = 1
    st.session_state[TAKEN] = [*new.values(), *old.values()][:MOST_PICTURES]
    refused = [one for one in found if isinstance(one, Refused)]
    st.session_state[REFUSED] = [*refused, *st.session_state.get(REFUSED, ())]


def _refused() -> None:
    """Which files cannot be used, and how to predict more than fit on a page."""
    refused: list[Refused] = st.session_state.get(REFUSED, [])
    if refused:
        lines = [plain(one.reason) for one in refused[:MOST_REFUSED]]
        if len(refused) > MOST_REFUSED:
            lines.append(f"And {len(refused) - MOST_REFUSED:,} more.")
        words = "file cannot be used and was" if len(refused) == 1 else "files cannot be used and were"
        st.warning(f"{len(refused):,} {words} left out:\n\n" + "\n\n".join(lines), icon=":material/broken_image:")
    if left_out := st.session_state.get(TOO_MANY):
        st.info(
            f"{count(left_out, 'picture')} beyond the first {MOST_PICTURES} did not fit on this page. For more, "
            "use the command line: `python -m core predict RUN PICTURES`.",
            icon=":material/terminal:",
        )


def _for_this_run(shown: Opened) -> list[Picture]:
    """The pictures that were made ready for a network like this one."""
    shape = shape_of(shown.run.image_config.data)
    own = [one for one in st.session_state.get(TAKEN, ()) if one.run in ("", shown.run.id)]
    fitting = [one for one in own if one.pixels.shape == shape]
    if len(own) > len(fitting):
        st.caption(
            f":material/info: Not shown: {count(len(own) - len(fitting), 'picture')} that you gave for a network with "
            "another picture size or colour. Upload again what this one shall see."
        )
    return fitting


def _answers(shown: Opened, known: Sequence[Picture]) -> list[Answer] | None:
    bar = st.empty()

    def told(done: int, all_of_them: int) -> None:
        if all_of_them > 1:
            bar.progress(done / all_of_them, f"Asking the network… {done:,} of {all_of_them:,}")

    try:
        with st.spinner("Asking the network…", show_time=True):
            found = answers(shown, [one.pixels for one in known], told)
    except UserError as error:
        show_error(error)
        st.button("Ask again", icon=":material/refresh:", help="Asks once more; your pictures are kept.")
        return None
    bar.empty()
    return found


def _trust(shown: Opened) -> None:
    score = shown.metrics["parts"].get("validation", {}).get("metrics", {}).get("accuracy") or {}
    if len(shown.rows) and score.get("value") is not None:
        total = format_interval(score.get("value"), score.get("low"), score.get("high"), percent=True)
        st.caption(
            f"How far to trust it: on {count(len(shown.rows), 'validation picture')} the share of right answers "
            f"(accuracy) was {total}. This holds for pictures like those that it learned from. It answers with one of "
            "its classes whatever it is shown; what looks very unlike is marked, but not every stranger looks unlike."
        )


def _forget() -> None:
    for key in (TAKEN, REFUSED, TOO_MANY):
        st.session_state.pop(key, None)


def _cards(shown: Opened, known: Sequence[Picture], found: Sequence[Answer]) -> None:
    pages = -(-len(known) // ON_ONE_PAGE)
    # Above and below would be twice the same; the page number comes after the cards, where the eye ends.
    place = st.container()
    page = st.pagination(pages, key=PAGE) if pages > 1 else 1
    start = (min(page, pages) - 1) * ON_ONE_PAGE
    part = list(zip(known, found, strict=True))[start : start + ON_ONE_PAGE]
    with place:
        for row in range(0, len(part), IN_A_ROW):
            for column, (picture, answered) in zip(st.columns(IN_A_ROW), part[row : row + IN_A_ROW], strict=False):
                with column, st.container(border=True):
                    _card(shown, picture, answered)


def _card(shown: Opened, picture: Picture, found: Answer) -> None:
    st.markdown(f"**{plain(shorten(picture.name, LONGEST))}**")
    beside(picture)
    unlike(found, card=True)
    bars(found.probabilities, shown.class_names, likeliest(found.probabilities, FEW_BARS))
    truth(picture, shown.class_names[found.best])
    notes(picture)
