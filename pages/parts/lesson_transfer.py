"""Two networks that learn from the same few pictures while somebody looks on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from PIL import Image

from core.data.images.pixels import square
from core.lessons.transfer import SMALL_SIDE, Compared, Pictures, compared, dealt, share_right
from pages.parts.session import ask_lesson

EPOCHS, EPOCHS_AT_ONCE, DESCRIBED_AT_ONCE = 60, 4, 20
WAYS = {"scratch": "From scratch", "pretrained": "Pretrained"}


class Lot(NamedTuple):
    """Which pictures are learned from: where they come from, how many, which of the draws, and of which data.

    Attributes:
        source: The key of a sample, or of a person's own pictures.
        pictures: How many are learned from.
        draw: Which of the draws.
        data: What tells a person's own pictures from others that were open before; "" for a sample.
    """

    source: str
    pictures: int
    draw: int
    data: str = ""


@dataclass
class Race:
    """Both networks on the same pictures, as far as they have come.

    Attributes:
        lot: What they learn from.
        learned: How many pictures are learned from.
        y: (n,) classes; the first ``learned`` are learned from.
        large: (n, 128, 128, 3) uint8, what the pretrained network sees.
        small: (n, 64, 64, 3) uint8, what the other one sees: the app proposes no more for so few.
        described: What the pretrained network has said so far, each (m, 1280).
        states: What each way goes on from.
        curves: (epoch, share of right answers on pictures that were not learned from) of each way.
        probabilities: Of those pictures, by each way.
    """

    lot: Lot
    learned: int
    y: np.ndarray
    large: np.ndarray
    small: np.ndarray
    described: list[np.ndarray] = field(default_factory=list)
    states: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: {way: [] for way in WAYS})
    probabilities: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, lot: Lot, pictures: Pictures) -> Race:
        """Before anything is learned."""
        unseen = np.arange(pictures.learnable, len(pictures.y))
        learned = dealt(pictures, lot.pictures, lot.draw)
        rows = np.concatenate([learned, unseen])
        small = np.stack([square(Image.fromarray(each), SMALL_SIDE) for each in pictures.pixels[rows]])
        return cls(lot, len(learned), pictures.y[rows], pictures.pixels[rows], small)

    @property
    def unseen(self) -> np.ndarray:
        """(m,) classes of the pictures that are not learned from."""
        return self.y[self.learned :]

    @property
    def looked(self) -> int:
        """How many pictures the pretrained network has described."""
        return sum(map(len, self.described))

    @property
    def epoch(self) -> int:
        """The last epoch that both have done; -1 before any."""
        return min(curve[-1][0] if curve else -1 for curve in self.curves.values())

    @property
    def ended(self) -> bool:
        """Whether both have learned for all epochs."""
        return self.epoch >= EPOCHS

    @property
    def result(self) -> Compared:
        """What came of it, from scratch first."""
        return compared(self.unseen, *(self.probabilities[way] for way in WAYS))

    def go_on(self) -> None:
        """Ask a worker for the next piece of work; raises `UserError` where none answers."""
        if self.looked < len(self.y):
            self.described.append(_described(self.large[self.looked :][:DESCRIBED_AT_ONCE]))
            return
        until = min(EPOCHS, self.epoch + EPOCHS_AT_ONCE) if self.epoch >= 0 else 0
        for way, curve in self.curves.items():
            x = self.small if way == "scratch" else np.concatenate(self.described)
            told = ask_lesson("learn_on", way, x, self.y, self.learned, self.lot.draw, self.states.get(way), until)
            self.states[way], self.probabilities[way] = told["state"], told["probabilities"]
            curve.append((until, share_right(self.unseen, told["probabilities"])))
        if self.ended:
            self.states.clear()
            self.described.clear()
            self.large = self.small = self.large[:0]


@st.cache_data(max_entries=64, show_spinner=False)
def _described(pixels: np.ndarray) -> np.ndarray:
    return ask_lesson("described", pixels)
