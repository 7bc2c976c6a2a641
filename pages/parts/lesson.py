"""The frame of every page of Learn: its idea, its question, the answer, and the same idea in the app with real data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.runs import Run, all_runs
from core.samples import SAMPLES
from core.spec import ImageConfig
from pages.parts.course import LESSONS as LESSONS
from pages.parts.course import Lesson
from pages.parts.intake import take_sample
from pages.parts.session import draft, workspace
from pages.parts.terms import words_of

LAST_STOP = max(lesson.stop for lesson in LESSONS)
_ON_PATH = "on_path"


@dataclass(frozen=True)
class InApp:
    """Where the idea of a lesson lives in the app.

    Args:
        page: The file of a page that shows it with the person's own data or network, such as ``"network.py"``.
        label: What the link says, with "your …" in it.
        sample: Which sample shows it to those who have nothing yet.
        kind: Whether it takes a table, pictures, or either.
        trained: Whether it takes a network that has been trained, not only data.
    """

    page: str
    label: str
    sample: str = "grades"
    kind: str = "either"
    trained: bool = False


def lesson_of(key: str) -> Lesson:
    """The lesson called ``key``."""
    return next(lesson for lesson in LESSONS if lesson.key == key)


def begin(key: str, idea: str, question: str) -> None:
    """The title, the idea in two or three sentences, and the question that trying answers."""
    lesson = lesson_of(key)
    if on_path() and lesson.stop:
        st.caption(f"Ten minutes to your first network: step {lesson.stop} of {LAST_STOP + 1}")
    st.title(lesson.title)
    st.markdown(idea)
    st.markdown(f":material/help: **Try it:** {question}")
    words_of(f"{lesson.title}. {idea} {question}")


def conclude(key: str, solved: bool | None, answer: str, in_app: InApp, more: Callable[[], None] | None = None) -> None:
    """The answer, the way to the same idea in the app, and the pages before and after.

    Args:
        key: Of the lesson.
        solved: Whether what the person has set answers the question; None where only thinking can.
        answer: In a sentence or two; shown once it is solved, folded away before.
        in_app: Where the idea lives in the app.
        more: Draws what goes further, such as the same with one's own network. Above the answer it would push it
            out of sight.
    """
    known = f"{key}:solved"
    # Where the person goes on trying after that, the answer stays.
    if solved or st.session_state.get(known):
        st.session_state[known] = True
        st.success(f"You found it. {answer}", icon=":material/check_circle:")
    else:
        with st.expander("Show the answer", icon=":material/visibility:"):
            st.markdown(answer)
    if more:
        more()
    st.divider()
    _app_link(key, in_app)
    _neighbours(key)


def own_run(kind: str = "either") -> Run | None:
    """The newest run whose network has been trained and can be asked, on a ``"table"``, on ``"pictures"`` or either."""
    return next((run for run in all_runs(workspace()) if _fits(run.config, kind) and run.metrics() is not None), None)


def on_path() -> bool:
    """Whether the person is on the path of ten minutes from Home."""
    return bool(st.session_state.get(_ON_PATH))


def start_path() -> None:
    """Set out on it: the first lesson opens, and each leads to the next stop."""
    st.session_state[_ON_PATH] = True
    st.switch_page(_at_stop(1).file)


def _at_stop(stop: int) -> Lesson:
    return next(lesson for lesson in LESSONS if lesson.stop == stop)


def _fits(config: object, kind: str) -> bool:
    return kind == "either" or isinstance(config, ImageConfig) == (kind == "pictures")


def _app_link(key: str, in_app: InApp) -> None:
    """Own network, else own data, else a sample: whatever the idea needs and the person has."""
    run = own_run(in_app.kind) if in_app.trained else None
    config = draft()
    if run is not None:
        st.page_link(in_app.page, label=in_app.label, icon=":material/science:", query_params={"run": run.id})
    elif config is not None and _fits(config, in_app.kind):
        page = "network.py" if in_app.trained else in_app.page
        label = "Train a network on your data first" if in_app.trained else in_app.label
        st.page_link(page, label=label, icon=":material/science:")
    else:
        _sample_button(key, in_app)


def _sample_button(key: str, in_app: InApp) -> None:
    sample = next(each for each in SAMPLES if each.key == in_app.sample)
    pressed = st.button(
        f"Open the sample “{sample.title}” and see it there",
        key=f"{key}:sample",
        icon=":material/science:",
        help="Opens it with everything proposed, in place of the data that you work on now; nothing is trained yet.",
    )
    if pressed and take_sample(sample):
        st.switch_page("network.py" if in_app.trained else in_app.page)


def _neighbours(key: str) -> None:
    place = [lesson.key for lesson in LESSONS].index(key)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if place:
            before = LESSONS[place - 1]
            st.page_link(before.file, label=before.title, icon=":material/arrow_back:")
        stop = LESSONS[place].stop
        if on_path() and stop:
            _next_stop(key, stop)
        elif place + 1 < len(LESSONS):
            after = LESSONS[place + 1]
            st.page_link(after.file, label=f"Next: {after.title}", icon=":material/arrow_forward:")


def _next_stop(key: str, stop: int) -> None:
    if stop < LAST_STOP:
        after = _at_stop(stop + 1)
        st.page_link(after.file, label=f"Next on the path: {after.title}", icon=":material/arrow_forward:")
    elif st.button(
        "Last step: train your first network",
        key=f"{key}:train",
        type="primary",
        icon=":material/arrow_forward:",
        help="Opens the sample “Grades”, with everything proposed. Press Train there.",
    ) and take_sample(next(each for each in SAMPLES if each.key == "grades")):
        st.session_state[_ON_PATH] = False
        st.switch_page("network.py")
