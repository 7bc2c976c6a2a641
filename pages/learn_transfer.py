"""What is a pretrained network worth with ten pictures? Two networks, the same pictures, judged on others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import streamlit as st

from core.data.images.dataset import build_image_dataset
from core.errors import UserError
from core.lessons.transfer import COUNTS, Compared, Pictures, own_pictures, sample_pictures
from core.spec import ImageConfig
from pages.parts.lesson import InApp, begin, conclude
from pages.parts.lesson_transfer import EPOCHS, Lot, Race
from pages.parts.lesson_transfer_shown import draw_lot, draw_race, draw_tries
from pages.parts.session import draft, errors_shown, remember_error, show_remembered_error, workspace
from pages.parts.tables import images_of

KEY = "transfer"
RACE, TRIES, DRAW = f"{KEY}:race", f"{KEY}:tries", f"{KEY}:draw"
SECONDS = 0.3
OWN = "own"
SOURCES = {"chihuahua_or_muffin": "Chihuahua or muffin", "digits": "Handwritten digits", OWN: "Your own pictures"}
IDEA = (
    "A network that starts from nothing needs many pictures. One that has seen 1.2 million photos already knows edges, "
    "fur and eyes. Only a last layer has to learn what is new (transfer learning). That can do with very few pictures."
)
QUESTION = (
    "Train both on ten pictures. Which is right more often on pictures that neither has seen? Then find pictures on "
    "which the pretrained network is no help."
)
ANSWER = (
    "Ten drawings are too few for the network from scratch: it guesses. The pretrained one does better, but not well. "
    "On handwritten digits, what it knows of photos is little help. The more your pictures look like photos, the "
    "more it gives."
)
IN_APP = InApp("network.py", "Choose a pretrained network for your own pictures", "chihuahua_or_muffin", "pictures")


def page() -> None:
    """The choice and the button on the left, what both networks learn on the right."""
    begin(KEY, IDEA, QUESTION)
    show_remembered_error()
    going = _is_going()
    st.fragment(_race, run_every=SECONDS if going else None)(going)
    conclude(KEY, _solved(), ANSWER, IN_APP)


def _race(going: bool) -> None:
    """Drawn again and again while both learn; ``going`` says whether it was so when the whole page was drawn."""
    _forget_closed_data()
    if going != _is_going():
        st.rerun()
    race: Race | None = st.session_state.get(RACE)
    left, right = st.columns([1, 2], gap="large")
    with left:
        source = _source()
    pictures = None
    with right, errors_shown():
        pictures = _pictures(source)
    if pictures is not None:
        with left:
            lot = _controls(source, pictures.learnable)
        with right, errors_shown():
            _draw(lot, race)
    with right:
        draw_tries(_tries_now(), SOURCES)
    if race and going:
        _go_on(race)


def _draw(lot: Lot, race: Race | None) -> None:
    """The pictures of the race that is going, even where something else is chosen, or else those that are chosen."""
    shown = race if race and (race.lot == lot or not race.ended) else None
    drawn = shown.lot if shown else lot
    draw_lot(_pictures(drawn.source), drawn)
    if shown:
        draw_race(shown)


def _source() -> str:
    sources = [source for source in SOURCES if source != OWN or _own_data()]
    return st.selectbox(
        "Which pictures",
        sources,
        format_func=SOURCES.__getitem__,
        key=f"{KEY}:source",
        disabled=_is_going(),
        help="Where the pictures come from. Your own are there once you have opened pictures on Data.",
    )


def _controls(source: str, learnable: int) -> Lot:
    count = _count([count for count in COUNTS if count <= learnable])
    lot = Lot(source, count, int(st.session_state.get(DRAW, 1)), _data(source))
    if _is_going():
        st.button("Stop", icon=":material/stop_circle:", on_click=_stop, help="Ends both; nothing is kept.")
    else:
        _start_buttons(lot)
    return lot


def _count(counts: Sequence[int]) -> int:
    """How many to learn from; the fewest where what was chosen before is more than there are."""
    key = f"{KEY}:count"
    if st.session_state.get(key) not in counts:
        st.session_state[key] = counts[0]
    chosen = st.segmented_control(
        "Pictures to learn from",
        counts,
        required=True,
        key=key,
        disabled=_is_going(),
        help="Both networks learn from the same pictures, and from no others. No more are offered than there are.",
    )
    return chosen or counts[0]


def _start_buttons(lot: Lot) -> None:
    st.button(
        "Train both",
        type="primary",
        icon=":material/play_arrow:",
        key=f"{KEY}:train",
        on_click=_start,
        args=(lot,),
        help=f"Trains both for {EPOCHS} epochs, side by side. It takes some seconds.",
    )
    st.button(
        "Other pictures",
        icon=":material/casino:",
        key=f"{KEY}:other",
        on_click=lambda: st.session_state.update({DRAW: lot.draw + 1}),
        help="Draws others to learn from. The result depends on which ones you happen to have.",
    )


def _start(lot: Lot) -> None:
    if lot.data != _data(lot.source):
        return
    with errors_shown():
        st.session_state[RACE] = Race.of(lot, _pictures(lot.source))


def _stop() -> None:
    st.session_state.pop(RACE, None)


def _go_on(race: Race) -> None:
    """One piece of work; when it was the last, or none answers, the page is drawn anew and no longer waits."""
    try:
        race.go_on()
    except UserError as error:
        remember_error(error)
        st.session_state.pop(RACE, None)
    if race.ended:
        _tries().append((race.lot, race.result))
    if not _is_going():
        st.rerun()


def _is_going() -> bool:
    race: Race | None = st.session_state.get(RACE)
    return race is not None and not race.ended


def _tries() -> list[tuple[Lot, Compared]]:
    return st.session_state.setdefault(TRIES, [])


def _tries_now() -> list[tuple[Lot, Compared]]:
    """The tries with samples and with the pictures that are open; those with other pictures say nothing of these."""
    own = _own_data()
    return [(lot, found) for lot, found in _tries() if lot.data in ("", own)]


def _forget_closed_data() -> None:
    """End what still learns from pictures that are no longer open, or were split in another way."""
    race: Race | None = st.session_state.get(RACE)
    if race and race.lot.data not in ("", _own_data()):
        _stop()


def _data(source: str) -> str:
    return _own_data() if source == OWN else ""


def _own_data() -> str:
    """Which of a person's pictures are open, and how they are split; "" if none are."""
    config = draft()
    if not isinstance(config, ImageConfig):
        return ""
    return hashlib.sha256(config.data.model_dump_json().encode()).hexdigest()


def _solved() -> bool:
    """Whether the pretrained network was surely better once, and on other pictures no help once."""
    helped = {lot.source for lot, found in _tries_now() if found.low > 0}
    idle = {lot.source for lot, found in _tries_now() if found.low <= 0}
    return bool(helped and idle - helped)


def _pictures(source: str) -> Pictures:
    config = draft()
    if source == OWN and isinstance(config, ImageConfig):
        return _own(str(workspace().root), config.data.model_dump_json(), _config=config)
    return _sample(source)


@st.cache_resource(max_entries=2, show_spinner="Reading the pictures…")
def _sample(key: str) -> Pictures:
    return sample_pictures(key)


@st.cache_resource(max_entries=2, show_spinner="Reading your pictures…")
def _own(root: str, data: str, _config: ImageConfig) -> Pictures:
    image_set = images_of(_config.data.source)
    return own_pictures(image_set, build_image_dataset(image_set, _config.data))


page()
