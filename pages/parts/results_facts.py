"""What the run is: its data, network and training in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.evaluation.words import count, shorten
from core.glossary import terms_in
from core.runs import Run
from core.spec import DataSpec, ImageConfig, ImageData
from pages.parts.header import network_words
from pages.parts.labels import distinct
from pages.parts.results_opened import Opened
from pages.parts.session import draft, plain
from pages.parts.terms import help_among

# What the lines speak of.
SAID = terms_in(
    "validation, sealed test, L1, L2, dropout, preset, epoch, early stopping, augmentation, backbone, fine-tuning"
)


def facts(shown: Opened) -> None:
    """A line each for data, rows, network and training."""
    lines = {
        "Data": _data(shown),
        f"{shown.noun.title()}s": _rows(shown),
        "Network": plain(network_words(shown.config)),
        "Training": _training(shown),
    }
    if isinstance(shown.config, ImageConfig):
        lines["Augmentation"] = shown.config.augmentation.words or "none"
    for name, words in lines.items():
        st.markdown(f"**{name}:** {words}", help=help_among(f"{name}: {words}", SAID))
    elsewhere = on_other_data(shown.config.data)
    if elsewhere:
        st.caption(f":material/info: {elsewhere}")


def on_other_data(data: DataSpec | ImageData) -> str:
    """A sentence if Data now holds something else than the run learned from, else empty."""
    current = draft()
    if current is None or current.data == data:
        return ""
    now = current.data
    if _files(now) != _files(data):
        name = plain(shorten(now.source.name, 40))
        return f"This run is on other data: the Data page now holds {name}. Everything here still belongs to the run."
    if now.target != data.target:
        name = plain(shorten(now.target, 40)) or "nothing"
        return f"The Data page now predicts {name}. Everything here still belongs to the run."
    return "The choices on the Data page have changed since this run. Everything here still belongs to the run."


def _files(data: DataSpec | ImageData) -> list[str]:
    joined = data.join if isinstance(data, DataSpec) else None
    return [data.source.fingerprint, *([joined.source.fingerprint] if joined else [])]


def run_label(run: Run, seconds: bool = False) -> str:
    """A run in a few words."""
    when = datetime.strptime(run.id[:15], "%Y%m%d-%H%M%S")
    time = f"{when:%d %b %Y, %H:%M}" + (f"{when::%S}" if seconds else "")
    return f"{shorten(run.name, 40)} · {network_words(run.config)} · {time}"


def run_labels(runs: Sequence[Run]) -> dict[str, str]:
    """Runs by their ids for a list to choose from; no two look the same."""
    short = {run.id: run_label(run) for run in runs}
    times = Counter(short.values())
    told = distinct(run_label(run, seconds=True) if times[short[run.id]] > 1 else short[run.id] for run in runs)
    return dict(zip(short, told, strict=True))


def _data(shown: Opened) -> str:
    data = shown.config.data
    if isinstance(data, ImageData):
        colour = "colour" if data.color == "rgb" else "grey"
        return (
            f"{plain(shorten(data.source.name, 40))}; learns the class from {data.size} x {data.size} {colour} pixels"
        )
    joined = f" with {plain(shorten(data.join.source.name, 40))}" if data.join else ""
    learned = f"learns **{plain(shorten(data.target, 60))}** from {count(len(shown.features), 'feature')}"
    return f"{plain(shorten(data.source.name, 40))}{joined}; {learned}"


def _rows(shown: Opened) -> str:
    sizes = shown.facts.get("rows", {})
    known = [f"{sizes.get('train', 0):,} to learn from", f"{sizes.get('validation', 0):,} to judge by (validation)"]
    sealed = sizes.get("test", 0)
    return ", ".join([*known, f"{sealed:,} sealed (test)" if sealed else f"no sealed test {shown.noun}s"])


def _training(shown: Opened) -> str:
    epochs, best = shown.told.facts.get("epochs"), shown.told.facts.get("best_epoch")
    if epochs is None:
        return "ended"
    words = count(int(epochs), "epoch")
    if shown.told.state == "stopped":
        words = f"stopped {shown.told.stopped_by} after {words}"
    elif shown.config.training.early_stopping and epochs < shown.config.training.epochs:
        words = f"stopped early after {words}"
    return f"{words}; the network of epoch {best} was kept" if best is not None else words
