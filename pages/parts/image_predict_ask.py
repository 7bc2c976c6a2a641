"""What the network says about pictures: asked once for each, and the worker made ready beforehand."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.cluster import worker_count
from core.engine import Engine
from core.training import answer
from pages.parts.image_predict_taken import shape_of
from pages.parts.results_opened import Opened
from pages.parts.session import ask, engine

AT_ONCE = 64
MOST_KNOWN = 4_000
WARM = "predict_warm"


@dataclass(frozen=True, eq=False)
class Answer:
    """What the network says about one picture.

    Args:
        probabilities: (classes,).
        unlike: Whether the picture is unlike all that it learned from.
        farther: Which share of pictures like those that it learned from are as unlike them; NaN where unknown.
    """

    probabilities: np.ndarray
    unlike: bool
    farther: float

    @property
    def best(self) -> int:
        """The class with the highest probability."""
        return int(np.argmax(self.probabilities))


def answers(
    shown: Opened, pictures: Sequence[np.ndarray], told: Callable[[int, int], None] | None = None
) -> list[Answer]:
    """An answer for each of the pictures, (size, size, channels) uint8; only new ones are asked about.

    Args:
        shown: The run.
        pictures: What the network gets.
        told: Is called with how many of the new ones are answered, and how many there are.

    Raises:
        UserError: No worker answers.
    """
    known = _known(str(shown.run.workspace.root), shown.run.id, shown.run.model.stat().st_mtime_ns)
    digests = [_digest(pixels) for pixels in pictures]
    found = {digest: known[digest] for digest in digests if digest in known}
    new = {digest: pixels for digest, pixels in zip(digests, pictures, strict=True) if digest not in found}
    waiting = list(new)
    for start in range(0, len(waiting), AT_ONCE):
        part = waiting[start : start + AT_ONCE]
        told_back = ask("predict_pixels", shown.run, np.stack([new[digest] for digest in part]))
        found |= zip(part, _answers(told_back), strict=True)
        if told:
            told(start + len(part), len(waiting))
    if len(known) > MOST_KNOWN:
        known.clear()
    known.update(found)
    return [found[digest] for digest in digests]


def warm_up(shown: Opened) -> None:
    """Let every worker read the network while the person still chooses a picture; waits for nothing."""
    now = (shown.run.id, shown.run.model.stat().st_mtime_ns)
    if st.session_state.get(WARM) == now:
        return
    st.session_state[WARM] = now
    blank = np.zeros((1, *shape_of(shown.run.image_config.data)), np.uint8)
    # Questions asked at the same time go to different workers, as long as these have nothing else to do.
    for _ in range(worker_count()):
        threading.Thread(
            target=_ask_quietly,
            args=(engine(), str(shown.run.workspace.root), shown.run.id, blank),
            daemon=True,
            name="warm up",
        ).start()


def _ask_quietly(engine: Engine, root: str, run: str, blank: np.ndarray) -> None:
    # Whatever is wrong is said on the page as soon as a real question is asked.
    with contextlib.suppress(Exception):
        engine.ask(answer, "predict_pixels", root, run, blank)


@st.cache_resource(max_entries=8, show_spinner=False)
def _known(root: str, run: str, changed: int) -> dict[str, Answer]:
    return {}


def _digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest()


def _answers(told: dict[str, Any]) -> list[Answer]:
    shares = np.asarray(told["probabilities"], float)
    # A run may know nothing of how unlike a picture is to those that it learned from.
    unlike = told.get("unlike", np.zeros(len(shares), bool))
    farther = told.get("distance", np.full(len(shares), np.nan))
    return [Answer(*one) for one in zip(shares, map(bool, unlike), map(float, farther), strict=True)]
