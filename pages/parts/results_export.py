"""One panel for everything that a run can leave as: reports, models for other programs, scripts to train it again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import streamlit as st

from core.errors import UserError
from core.export.formats import Format
from core.export.make import made_export
from core.runs import Run
from core.studies import Study
from pages.parts.results_downloads import metrics_json, predictions_csv
from pages.parts.results_opened import Opened
from pages.parts.session import ask, plain, read_only, show_error

GROUPS = {
    "For a paper, a teacher or a colleague": ("report", "figures"),
    "For other programs": ("keras", "saved_model", "litert", "onnx"),
    "To train it again elsewhere": ("script", "notebook", "data"),
}
TABLES = "As tables"
SECONDS = 300


def export_panel(shown: Opened) -> None:
    """A card for each kind of recipient, with a button for each file; guests get what is made on the spot."""
    if read_only():
        _tables(shown)
        return
    columns = st.columns(2, gap="medium")
    for place, (title, keys) in enumerate(GROUPS.items()):
        with columns[place % 2], st.container(border=True):
            st.markdown(f"**{title}**")
            for key in keys:
                offer(shown.run, key)
    with columns[1], st.container(border=True):
        st.markdown(f"**{TABLES}**")
        _tables(shown)


def offer(record: Run | Study, key: str) -> None:
    """What a format is good for, and its button: make the file, then take it."""
    st.fragment(_offer)(record, record.formats[key])


def _offer(record: Run | Study, format: Format) -> None:
    about, action = st.columns([3, 1.5], vertical_alignment="center")
    about.markdown(f"{format.title}  \n:small[{plain(format.help)}]")
    if reason := format.check(record):
        about.caption(f":material/block: {plain(reason)}")
        return
    made = made_export(record, format.key)
    with action:
        if made is None and st.button("Make", key=f"make:{format.key}", width="stretch", help=format.help):
            made = _make(record, format)
        if made is not None:
            _take("Download", partial(_open, made), f"{record.id}-{format.file_name}", format.mime, _size(made))


def _make(record: Run | Study, format: Format) -> Path | None:
    """Ask a worker for the file; the first one takes longest, since a converter is loaded for it."""
    with st.spinner("Making the file…", show_time=True):
        try:
            question = "export_study" if isinstance(record, Study) else "export_run"
            ask(question, record, format.key, seconds=SECONDS)
        except UserError as error:
            show_error(error)
    return made_export(record, format.key)


def _tables(shown: Opened) -> None:
    """Quick to make, so that a single click is enough."""
    noun = shown.noun
    with st.container(horizontal=True):
        _take(
            "Predictions (CSV)",
            lambda: predictions_csv(shown),
            f"predictions-{shown.run.id}.csv",
            "text/csv",
            f"Each training and validation {noun}: truth, prediction and probabilities.",
        )
        _take(
            "Scores (JSON)",
            lambda: metrics_json(shown),
            f"metrics-{shown.run.id}.json",
            "application/json",
            "All scores with intervals, the baselines and the verdict; the sealed test's too once it was opened.",
        )


def _take(label: str, content: Callable[[], BinaryIO | bytes], name: str, mime: str, help: str) -> None:
    st.download_button(
        label, content, name, mime, icon=":material/download:", on_click="ignore", key=f"take:{name}", help=help
    )


def _size(file: Path) -> str:
    size = file.stat().st_size
    return f"{size / 1e6:,.1f} MB" if size > 1e5 else f"{size / 1e3:,.0f} kB"


def _open(file: Path) -> BinaryIO:
    return open(file, "rb")
