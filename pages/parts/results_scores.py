"""The verdict, the score beside the baselines, and all scores in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.nouns import BASELINE_WORDS, in_words
from core.evaluation.registry import METRICS
from core.evaluation.verdict import PART_WORDS
from core.evaluation.words import format_interval
from core.glossary import terms_in
from pages.parts.charts import score_with_baselines
from pages.parts.results_draw import draw
from pages.parts.session import plain
from pages.parts.terms import help_among, help_with_terms

Metrics = Mapping[str, Any]
# What a verdict speaks of.
SAID = terms_in(
    "overfitting, underfitting, regularization, L1, L2, dropout, early stopping, epoch, loss, learning rate, baseline, "
    "validation, training row, probability, threshold, area under the ROC curve, linear regression, ridge regression, "
    "logistic regression, accuracy, balanced accuracy, R², interval, sealed test, feature, target, class"
)
LEVEL_ICONS = {"good": ":material/check_circle:", "fair": ":material/info:", "poor": ":material/warning:"}


def verdict_words(metrics: Metrics) -> None:
    """The one sentence, and what else to know."""
    verdict = metrics.get("verdict")
    if not verdict:
        st.subheader(":material/help: How good it is cannot be said: there are no rows to judge it by.", anchor=False)
        st.write("Give validation a share of the rows on Data, and train again.")
        return
    icon = LEVEL_ICONS.get(verdict["level"], LEVEL_ICONS["fair"])
    st.subheader(
        f"{icon} {plain(verdict['sentence'])}",
        anchor=False,
        help=help_among(f"{_main_term(metrics)}, interval. {verdict['sentence']}", SAID),
    )
    if verdict["points"]:
        points = "\n".join(f"- {plain(point)}" for point in verdict["points"])
        st.markdown(points, help=help_among(points, SAID))


def term_of(metric: str) -> str:
    """The field's term for a metric: what stands in brackets in its label."""
    return METRICS[metric].label.rpartition("(")[2].rstrip(")")


def _main_term(metrics: Metrics) -> str:
    main = metrics.get("main")
    return term_of(main) if main in METRICS else ""


def score_chart(metrics: Metrics, part: str, key: str) -> None:
    """The main score of a part with its interval, above those of the baselines."""
    main = metrics.get("main")
    if main not in METRICS or part not in metrics["parts"]:
        return
    rows = [("Network", *_triple(metrics["parts"][part]["metrics"].get(main)))]
    for baseline in metrics["baselines"]:
        if part in baseline["parts"]:
            rows.append((_short(baseline), *_triple(baseline["parts"][part].get(main))))
    label = METRICS[main].label
    draw(score_with_baselines(rows, label[:1].upper() + label[1:]), key, f"{term_of(main)}, baseline, interval")


def scores_table(metrics: Metrics, parts: Sequence[str], noun: str = "row") -> pd.DataFrame:
    """A row a metric: the network on each part, each baseline on the first part, and what the metric means."""
    first = parts[0]
    rows = {}
    for key in metrics["parts"][first]["metrics"]:
        cells = {
            f"Network, {PART_WORDS[part]}": _words(key, metrics["parts"][part]["metrics"].get(key)) for part in parts
        }
        for baseline in metrics["baselines"]:
            if first in baseline["parts"]:
                found = baseline.get("difference", {}).get(first, {}).get(key, {})
                cells[_short(baseline)] = _words(key, baseline["parts"][first].get(key)) + _against(found.get("result"))
        direction = "Higher is better." if METRICS[key].higher_is_better else "Lower is better."
        label = in_words(noun, METRICS[key].label)
        rows[label[:1].upper() + label[1:]] = {
            **cells,
            "What it says": in_words(noun, f"{METRICS[key].help} {direction}"),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def all_scores(metrics: Metrics, noun: str = "row") -> None:
    """Every metric with its interval, for those who want to know."""
    parts = [part for part in ("validation", "train") if part in metrics["parts"]]
    if not parts:
        return
    with st.expander("All scores, with intervals", icon=":material/table_rows:"):
        st.table(scores_table(metrics, parts, noun))
        st.caption(
            f"In brackets: the range that the score would mostly fall into for other {noun}s of the same kind "
            f"(95 % interval). After a baseline's score: how the network stands against it on the same {noun}s.",
            help=help_with_terms(
                "interval, baseline, " + ", ".join(map(term_of, metrics["parts"][parts[0]]["metrics"]))
            ),
        )
        for note in {baseline["note"] for baseline in metrics["baselines"] if baseline.get("note")}:
            st.caption(plain(in_words(noun, note)))


def _triple(found: Mapping[str, float | None] | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if found is None else (found["value"], found["low"], found["high"])


def _words(key: str, found: Mapping[str, float | None] | None) -> str:
    return format_interval(*_triple(found), percent=key in ("accuracy", "balanced_accuracy"))


def _against(result: str | None) -> str:
    words = {"better": "network better", "tied": "tied", "worse": "network worse"}
    return f" · {words[result]}" if result in words else ""


def _short(baseline: Mapping[str, Any]) -> str:
    return BASELINE_WORDS.get(baseline["key"], plain(baseline["label"]))
