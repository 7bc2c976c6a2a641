"""Answers about pictures in a sentence, a table and a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.words import count, shorten
from core.export.csv import safe_csv
from pages.parts.image_predict_ask import Answer
from pages.parts.image_predict_taken import Picture
from pages.parts.results_opened import Opened, class_labels
from pages.parts.session import plain

CLOSE = 0.6
MOST_CLASSES = 12
LONGEST = 40


def summary(shown: Opened, pictures: Sequence[Picture], found: Sequence[Answer]) -> str:
    """How many got each class, how many are close calls, how many are unlike all; ready for Markdown."""
    classes = Counter(one.best for one in found).most_common()
    said = [f"{plain(shorten(shown.class_names[index], LONGEST))}: {number:,}" for index, number in classes]
    rest = len(said) - MOST_CLASSES
    words = ", ".join(said[:MOST_CLASSES]) + (f" and {rest} more classes" if rest > 0 else "")
    unsure = sum(float(one.probabilities.max()) < CLOSE for one in found)
    unlike = sum(one.unlike for one in found)
    sentences = [f"**{count(len(pictures), 'picture')}.** {words}."]
    if unsure:
        sentences.append(f"{unsure:,} {'is a close call' if unsure == 1 else 'are close calls'}, below 60 %.")
    if unlike:
        sentences.append(f"{unlike:,} {'is' if unlike == 1 else 'are'} unlike the pictures it learned from.")
    return " ".join(sentences)


def predictions(shown: Opened, pictures: Sequence[Picture], found: Sequence[Answer]) -> pd.DataFrame:
    """``file``, ``prediction`` and one ``probability_<class>`` a class, a row for each picture."""
    names = np.array(shown.class_names, dtype=object)
    frame = pd.DataFrame(
        {"file": [one.name for one in pictures], "prediction": names[[one.best for one in found]]}, dtype=object
    )
    shares = pd.DataFrame(
        np.stack([one.probabilities for one in found]), columns=[f"probability_{name}" for name in shown.class_names]
    )
    return pd.concat([frame, shares], axis=1)


def downloads(shown: Opened, pictures: Sequence[Picture], found: Sequence[Answer], forget: Callable[[], None]) -> None:
    """The file to take along, and a button that clears the page."""
    with st.container(horizontal=True):
        st.download_button(
            "Download predictions.csv",
            lambda: safe_csv(predictions(shown, pictures, found)),
            "predictions.csv",
            "text/csv",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            help="A line for each picture: its file, the prediction and all probabilities.",
        )
        st.button(
            "Take the pictures away",
            icon=":material/close:",
            on_click=forget,
            help="Clears the pictures from this page; the run stays.",
        )


def table(shown: Opened, pictures: Sequence[Picture], found: Sequence[Answer]) -> None:
    """All answers in a table, with the likeliest classes of the set first where there are many."""
    labels = class_labels(shown)
    shares = np.stack([one.probabilities for one in found])
    order = np.argsort(-shares.sum(axis=0), kind="stable")[:MOST_CLASSES]
    frame = pd.DataFrame(
        {
            "File": [shorten(one.name, 60) for one in pictures],
            "Prediction": [labels[one.best] for one in found],
            "Unlike its pictures": [one.unlike for one in found],
        }
    )
    columns = {f"Probability of {labels[index]}": shares[:, index] for index in order}
    frame = pd.concat([frame, pd.DataFrame(columns)], axis=1)
    with st.expander(f"All {count(len(pictures), 'answer')} in a table", icon=":material/table_view:"):
        st.dataframe(
            frame,
            hide_index=True,
            column_config={name: st.column_config.NumberColumn(name, format="percent") for name in columns},
            alt="Each picture with its prediction and probabilities",
        )
        if len(order) < len(labels):
            st.caption(f"Shown are {len(order)} of {len(labels):,} classes; the download has all of them.")
