"""The sealed test: rows that nothing was chosen by, opened on purpose, and counted."""

from __future__ import annotations

import streamlit as st

from core.evaluation.answers import predicted_classes
from core.evaluation.curves import confusion_matrix
from core.evaluation.words import count
from core.openings import openings
from pages.parts.charts import confusion, predicted_vs_true
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened, class_probabilities
from pages.parts.results_scores import score_chart, verdict_words
from pages.parts.results_words import metrics_in_words
from pages.parts.session import ask, errors_shown, read_only
from pages.parts.terms import help_with_terms


def sealed_test(shown: Opened) -> None:
    """A card: what opening means and the button, or what was found."""
    with st.container(border=True):
        sealed, found = shown.facts.get("rows", {}).get("test", 0), shown.run.test()
        icon = f":material/{'lock_open' if found else 'lock'}:"
        st.subheader(f"{icon} The sealed test", anchor=False, help=help_with_terms("sealed test"))
        if found is not None:
            _found(shown, found)
        elif not sealed:
            st.write(
                f"This run put no {shown.noun}s aside for a final test. Give the sealed test a share on Data next time."
            )
        else:
            _closed(shown, sealed)


def _closed(shown: Opened, sealed: int) -> None:
    seen, aside = openings(shown.run), f"{count(sealed, shown.noun)} were put aside before training"
    if seen.others:
        st.write(
            f"{aside}. You have opened these {shown.noun}s {seen.words}. Whatever was chosen since then may have been "
            "chosen because of them, so that their score is kinder than an honest one; only new data gives one again."
        )
    else:
        st.write(
            f"{aside}, and no run here was scored on them. Open them once, when you are done choosing: if you go on "
            "choosing afterwards, this score is no longer an honest one."
        )
    if not read_only() and st.button(
        "Open the sealed test",
        icon=":material/lock_open:",
        key=f"open_test:{shown.run.id}",
        help=f"Scores the network on the {shown.noun}s that were put aside. The run remembers that it was opened.",
    ):
        with errors_shown():
            with st.spinner(f"Scoring the {shown.noun}s that were put aside…"):
                ask("open_test", shown.run)
            st.rerun()


def _found(shown: Opened, found: dict) -> None:
    verdict_words(metrics_in_words(found, shown.noun, shown.class_names))
    seen = openings(shown.run)
    opened = f"You have opened these {shown.noun}s {seen.words}" if seen.others else f"Opened {seen.words}"
    st.caption(f"{opened}. Changing settings because of this score turns it into one more validation score.")
    left, right = st.columns(2, gap="medium")
    with left:
        score_chart(found, "test", f"test_scores:{shown.run.id}")
    with right:
        _picture(shown)


def _picture(shown: Opened) -> None:
    rows = shown.run.predictions(sealed=True)
    if rows is None or not len(rows):
        return
    key = f"test_picture:{shown.run.id}"
    if shown.task == "regression":
        truth, values = rows["y_true"].to_numpy(float), rows["prediction"].to_numpy(float)
        draw(predicted_vs_true(truth, values, shown.config.data.target), key)
        return
    truth, classes = rows["y_true"].to_numpy("int64"), len(shown.class_names)
    cells = confusion_matrix(truth, predicted_classes(class_probabilities(rows, classes)), classes)
    draw(confusion(cells.counts, cells.rates, shown.class_names), key, "confusion matrix")
