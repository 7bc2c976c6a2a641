"""What a worker says about how a network sees, asked once for each picture and layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.runs import Run
from pages.parts.image_results_pictures import network_pixels
from pages.parts.results_opened import Opened
from pages.parts.session import ask

LONGEST_SECONDS = 600.0


def seen(shown: Opened, index: int, class_index: int, layer: str | None) -> dict[str, Any]:
    """Grad-CAM of one picture of the set, and what the network says of it; raises `UserError`."""
    return _about(shown, index, "grad_cam", class_index, layer)


def said(shown: Opened, index: int) -> dict[str, Any]:
    """Logits and probabilities of one picture of the set; raises `UserError`."""
    return _about(shown, index, "says")


def hidden(shown: Opened, index: int, class_index: int, patch: int) -> dict[str, Any]:
    """Occlusion of one picture of the set; raises `UserError`."""
    return _about(shown, index, "occlusion", class_index, patch)


def maps(shown: Opened, index: int, layer: str) -> dict[str, Any]:
    """What a layer makes of one picture of the set; raises `UserError`."""
    return _about(shown, index, "feature_maps", layer)


def layers(shown: Opened) -> list[dict[str, Any]]:
    """The layers that can be looked at; raises `UserError`."""
    return _of_run("image_layers", *_key(shown), _run=shown.run)


def kernels(shown: Opened) -> list[dict[str, Any]]:
    """The kernels of the convolutions; raises `UserError`."""
    return _of_run("kernels", *_key(shown), _run=shown.run)


def robustness_now(run: Run) -> None:
    """Let a worker try the network on changed pictures; the run keeps what comes out. Raises `UserError`."""
    ask("robustness", run, seconds=LONGEST_SECONDS)


def _about(shown: Opened, index: int, question: str, *values: Any) -> Any:
    pixels = network_pixels(shown, index)
    return _answer(question, *_key(shown), index, values, _run=shown.run, _pixels=pixels)


def _key(shown: Opened) -> tuple[str, str, int]:
    return str(shown.run.workspace.root), shown.run.id, shown.run.model.stat().st_mtime_ns


@st.cache_data(max_entries=200, show_spinner=False)
def _answer(
    question: str,
    root: str,
    run: str,
    changed: int,
    index: int,
    values: tuple[Any, ...],
    _run: Run,
    _pixels: np.ndarray,
) -> Any:
    return ask(question, _run, _pixels, *values)


@st.cache_data(max_entries=20, show_spinner=False)
def _of_run(question: str, root: str, run: str, changed: int, _run: Run) -> Any:
    return ask(question, _run)
