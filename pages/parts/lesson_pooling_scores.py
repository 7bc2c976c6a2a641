"""From scores to probabilities to a class: three made-up classes, or what the person's own network said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from core.colours import BASELINE
from core.evaluation.words import count, format_percent, shorten
from core.lessons.pooling import CLASSES, SCORES, answered, decided, scores_of, tempered
from core.runs import all_runs
from pages.parts.charts import Chart, class_bars
from pages.parts.image_results_softmax import MOST_CLASSES, softmax_steps
from pages.parts.labels import distinct
from pages.parts.results_draw import draw
from pages.parts.results_opened import Opened, opened
from pages.parts.session import errors_shown, plain, workspace
from pages.parts.terms import help_with_terms

MADE_UP, OWN = "An example", "Your network"
SURE = 0.9


class Case(NamedTuple):
    """Scores of one case, (classes,), and whose they are."""

    scores: np.ndarray
    names: tuple[str, ...]
    own: Opened | None = None
    place: int = 0


@st.fragment
def scores_to_class() -> None:
    """Scores, temperature and threshold on the left; probabilities, answer and every step on the right."""
    left, right = st.columns([1, 2], gap="large")
    with left:
        case = _case()
        temperature = st.slider(
            "Temperature",
            0.1,
            5.0,
            1.0,
            0.1,
            format="%.1f",
            key="pooling:temperature",
            help=help_with_terms(
                "temperature",
                "All scores are divided by it before softmax. Below 1 the network sounds surer, above 1 less sure.",
            ),
        )
        threshold = st.slider(
            "Answer only from this probability on (threshold)",
            0.0,
            1.0,
            SURE,
            0.05,
            format="percent",
            key="pooling:threshold",
            help=help_with_terms("probability, threshold", "Below it no class is answered, and a person has to look."),
        )
    with right:
        _shown(case, temperature, threshold)


def bars(probabilities: np.ndarray, names: tuple[str, ...], threshold: float) -> Chart:
    """Probabilities of the classes, with the threshold as a dashed line."""
    chart = class_bars(probabilities.tolist(), names, MOST_CLASSES)
    chart.figure.add_vline(x=threshold, line={"color": BASELINE, "width": 2, "dash": "dash"})
    chart.figure.update_xaxes(title_text=f"Probability; dashed: the threshold {format_percent(threshold)}")
    return chart._replace(sentence=f"{chart.sentence} The threshold is {format_percent(threshold)}.")


def verdict(probabilities: np.ndarray, names: tuple[str, ...], threshold: float) -> str:
    """What is answered, in a sentence; names come from data."""
    best = decided(probabilities, threshold)
    if best is None:
        return (
            f"**No answer:** no class reaches {format_percent(threshold)}. The likeliest one has "
            f"{format_percent(float(probabilities.max()))}."
        )
    return f"**It answers {plain(shorten(names[best], 40))}** ({format_percent(float(probabilities[best]))})."


def _shown(case: Case, temperature: float, threshold: float) -> None:
    probabilities = tempered(case.scores, temperature)
    st.markdown(verdict(probabilities, case.names, threshold))
    draw(bars(probabilities, case.names, threshold), "pooling:bars")
    if case.own is not None:
        _all_cases(case.own, case.place, temperature, threshold)
    table, words = softmax_steps(case.scores / temperature, distinct(shorten(name, 60) for name in case.names))
    st.dataframe(table.rename(columns={"Score (logit)": "Score / temperature"}), hide_index=True, alt=words)
    st.caption(plain(words))
    st.caption(
        "Temperature changes how sure the network sounds, never which class comes first: it knows no more than before."
    )


def _all_cases(own: Opened, place: int, temperature: float, threshold: float) -> None:
    """What the two settings mean for all validation cases."""
    found = answered(tempered(scores_of(own.probabilities), temperature), own.truth, threshold)
    truth = plain(shorten(own.class_names[own.truth[place]], 40))
    noun = f"validation {own.noun}"
    told = f"Truth: **{truth}**. At these settings it answers {found.given:,} of {count(found.cases, noun)}"
    if found.given:
        told += f"; {found.right:,} of these answers are right ({format_percent(found.right / found.given)})"
    st.markdown(f"{told}.")


def _case() -> Case:
    own = _own()
    if own is None:
        return _made_up()
    source = st.segmented_control(
        "Scores of",
        [MADE_UP, OWN],
        default=OWN,
        required=True,
        key="pooling:source",
        help=help_with_terms(
            "logit", "Your newest network that answers with classes: what it said about validation cases."
        ),
    )
    return _of_own(own) if source == OWN else _made_up()


def _made_up() -> Case:
    with st.expander("Change the scores"):
        scores = [
            st.slider(
                f"Score of {name}",
                -5.0,
                5.0,
                score,
                0.1,
                key=f"pooling:score:{name}",
                persist_state="session",
                help=help_with_terms("logit", "What the last layer gives before softmax: any number (logit)."),
            )
            for name, score in zip(CLASSES, SCORES, strict=True)
        ]
    return Case(np.array(scores), CLASSES)


def _of_own(own: Opened) -> Case:
    # The least sure ones are where temperature and threshold matter.
    order = np.argsort(own.probabilities.max(axis=1), kind="stable")
    number = st.number_input(
        f"Which of {count(len(order), f'validation {own.noun}')}",
        1,
        len(order),
        key=f"pooling:case:{own.run.id}",
        help="The one that it is least sure of is the first, the one that it is surest of the last.",
    )
    place = int(order[number - 1])
    st.caption(
        "Its scores are worked out back from its probabilities. They are exact up to a number added to all, which "
        "changes nothing."
    )
    return Case(scores_of(own.probabilities[place]), own.class_names, own, place)


def _own() -> Opened | None:
    """The newest run that answered validation cases with classes through softmax or sigmoid."""
    with errors_shown():
        for run in all_runs(workspace()):
            config = run.config
            if run.metrics() is None or config.data.task == "regression" or config.training.loss == "hinge":
                continue
            found = opened(run)
            if len(found.rows):
                return found
    return None
