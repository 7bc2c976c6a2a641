"""A whole table in, predictions out."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import UserError
from core.evaluation.words import count, format_number, format_percent, shorten
from core.export.csv import safe_csv
from core.samples import SAMPLES, Sample, new_path
from core.training.requests import source_for_prediction
from pages.parts.intake import forget_uploads, fresh_uploads, keep_file
from pages.parts.results_opened import Opened
from pages.parts.results_rows import side_by_side
from pages.parts.session import ask, own_workspace, plain, show_error

UPLOAD = "predict_upload"
ASKED = "predict_file"
ANSWERED = "predict_answered"
MOST_ROWS = 50
MOST_COLUMNS = 30
MOST_CLASSES = 12
SECONDS = 600


@dataclass(frozen=True, eq=False)
class Answered:
    """A table and what the network said about it, or why it could not."""

    run: str
    fingerprint: str
    name: str
    frame: pd.DataFrame | None = None
    notes: list[str] = field(default_factory=list)
    error: UserError | None = None


def whole_table(shown: Opened) -> None:
    """A file field, the sample's new cases, and the answers."""
    count_features = len(shown.features)
    st.write(
        f"Upload a table with the {count(count_features, 'feature')} that the network learned from; a target column is "
        "not needed. Columns are found by their names, in any order, and others may be there too."
    )
    _take(shown)
    _offer_sample(shown)
    answered = _answered(shown)
    if answered is None:
        return
    if answered.error is not None:
        show_error(
            UserError(
                f"{shorten(answered.name, 40)} cannot be predicted. {answered.error.problem}", answered.error.remedy
            )
        )
        return
    _show(shown, answered)


def _take(shown: Opened) -> None:
    for file in fresh_uploads(UPLOAD, "Upload a table to predict"):
        try:
            st.session_state[ASKED] = (keep_file(file), file.name)
        except UserError as error:
            show_error(error)
            return
        forget_uploads(UPLOAD)
        st.rerun()


def _offer_sample(shown: Opened) -> None:
    sample = sample_of(shown)
    path = new_path(sample) if sample else None
    if path is not None and st.button(
        f"Use the sample's new cases ({path.name})",
        icon=":material/table_view:",
        help="Cases that come with the sample, whose answer is not known yet.",
    ):
        with path.open("rb") as file:
            st.session_state[ASKED] = (keep_file(file), path.name)


def sample_of(shown: Opened) -> Sample | None:
    """The sample that the run learned from, going by the file's name."""
    return next((sample for sample in SAMPLES if sample.file == shown.config.data.source.name), None)


def _answered(shown: Opened) -> Answered | None:
    """What the network says about the chosen file, asked once for each run and file."""
    if ASKED not in st.session_state:
        return None
    fingerprint, name = st.session_state[ASKED]
    last: Answered | None = st.session_state.get(ANSWERED)
    if last is None or (last.run, last.fingerprint) != (shown.run.id, fingerprint):
        with st.spinner("Predicting each row…", show_time=True):
            last = _predict(shown, fingerprint, name)
        st.session_state[ANSWERED] = last
    return last


def _predict(shown: Opened, fingerprint: str, name: str) -> Answered:
    try:
        # What somebody asks about stays with them, also where the run was shared by somebody else.
        own = own_workspace()
        source = source_for_prediction(shown.run, fingerprint, name, own)
        told = source.model_dump(mode="json")
        frame, notes = ask("predict_table", shown.run, told, str(own.root), seconds=SECONDS)
    except UserError as error:
        return Answered(shown.run.id, fingerprint, name, error=error)
    return Answered(shown.run.id, fingerprint, name, frame, list(notes))


def _show(shown: Opened, answered: Answered) -> None:
    frame = answered.frame
    assert frame is not None
    st.markdown(
        f"**{plain(shorten(answered.name, 40))}: {count(len(frame), 'row')} predicted.** {_summary(shown, frame)}"
    )
    for note in answered.notes:
        st.caption(f":material/info: {plain(note)}")
    with st.container(horizontal=True):
        st.download_button(
            "Download predictions.csv",
            lambda: safe_csv(frame),
            "predictions.csv",
            "text/csv",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help="A line for each row of your table: its number or name, the prediction and all probabilities.",
        )
        st.button(
            "Take the table away",
            icon=":material/close:",
            on_click=_forget,
            help="Clears these predictions from the page; the run stays.",
        )
    _preview(frame)


def _forget() -> None:
    for key in (ASKED, ANSWERED):
        st.session_state.pop(key, None)


def _preview(frame: pd.DataFrame) -> None:
    part = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    lead = {shorten(name, 60): part[name].to_numpy() for name in part.columns[:2]}
    cells = part.iloc[:, 2:]
    table = side_by_side(lead, cells)
    shares = table.columns[2:]
    st.dataframe(
        table,
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(name, format="percent") for name in shares},
        alt="The first rows with their predictions",
    )
    left_out = [
        words
        for words, all_of_them in zip(
            (f"{count(len(part), 'row')}", f"{count(part.shape[1], 'column')}"),
            np.equal(part.shape, frame.shape),
            strict=True,
        )
        if not all_of_them
    ]
    if left_out:
        st.caption(f"Shown are the first {' and '.join(left_out)}; the download has all {len(frame):,} rows.")


def _summary(shown: Opened, frame: pd.DataFrame) -> str:
    """How many got each class, or how the values spread; ready for Markdown."""
    if shown.class_names:
        counts = frame["prediction"].value_counts()
        most = [f"{plain(shorten(name, 40))}: {number:,}" for name, number in list(counts.items())[:MOST_CLASSES]]
        rest = len(counts) - len(most)
        probabilities = frame[[f"probability_{name}" for name in shown.class_names]].to_numpy()
        unsure = int((probabilities.max(axis=1) < 0.6).sum())
        sure = f" {unsure:,} ({format_percent(unsure / len(frame))}) are close calls, below 60 %." if unsure else ""
        return f"{', '.join(most)}{f' and {rest} more classes' if rest > 0 else ''}.{sure}"
    low, middle, high = np.quantile(frame["prediction"], [0, 0.5, 1])
    return f"From {format_number(low)} to {format_number(high)}, half of them below {format_number(middle)}."
