"""How good it is: the verdict, all scores beside baselines, what is right and wrong, features, the sealed test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.nouns import BASELINE_WORDS, in_words, metrics_in_words
from core.evaluation.registry import METRICS
from core.evaluation.study_words import capital
from core.evaluation.verdict import PART_WORDS
from core.evaluation.words import count, format_interval, format_number, shorten
from core.export.report_facts import Facts
from core.export.report_html import Html, element, joined, listed, name_of, paragraphs, section, side_by_side, table
from core.study_opened import PERCENT
from core.training.image_changes import CHANGES

MOST_FEATURES = 30
AGAINST = {"better": "network better", "tied": "tied", "worse": "network worse"}
Drawn = Mapping[str, Html]


def verdict_card(metrics: Mapping[str, Any]) -> Html:
    """The one sentence, what else to know, and where the score comes from if that is not obvious."""
    verdict = metrics.get("verdict")
    if not verdict:
        return element("div", element("p", "How good it is cannot be said: there are no rows to judge it by."),
                       class_="verdict poor")  # fmt: skip
    level = verdict["level"] if verdict["level"] in ("good", "fair", "poor") else "fair"
    note = element("p", metrics["note"], class_="quiet") if metrics.get("note") else ""
    return element("div", element("p", verdict["sentence"]), listed(verdict["points"]), note, class_=f"verdict {level}")


def results_section(facts: Facts, drawn: Drawn) -> Html:
    """Scores with intervals next to baselines, and the pictures of what is right and wrong."""
    noun, metrics = facts.shown.noun, facts.shown.metrics
    parts = [part for part in ("validation", "train") if part in metrics["parts"]]
    figures = [drawn[name] for name in ("confusion", "predicted_and_true", "errors") if name in drawn]
    curves = [drawn[name] for name in ("roc", "precision_recall", "calibration") if name in drawn]
    notes = {str(each["note"]) for each in metrics["baselines"] if each.get("note")}
    return section(
        "How good it is",
        drawn.get("scores", Html("")),
        scores_table(metrics, parts, noun) if parts else Html(""),
        element(
            "p",
            f"In brackets: the range that the score would mostly fall into for other {noun}s of the same kind (95 % "
            f"interval). After a baseline's score: how the network stands against it on the same {noun}s.",
            class_="quiet",
        ),
        paragraphs(in_words(noun, note) for note in sorted(notes)),
        side_by_side(*figures, *curves),
        drawn.get("probabilities", Html("")),
    )


def scores_table(metrics: Mapping[str, Any], parts: Sequence[str], noun: str) -> Html:
    """A row a metric: the network on each part, and each baseline on the first of them."""
    first = parts[0]
    lines = [each for each in metrics["baselines"] if first in each["parts"]]
    head = ["Score", *(f"Network, {PART_WORDS[part]}" for part in parts)]
    head += [BASELINE_WORDS.get(each["key"], shorten(each["label"], 40)) for each in lines]
    rows = []
    for key in metrics["parts"][first]["metrics"]:
        cells: list[str] = [score_words(key, metrics["parts"][part]["metrics"].get(key)) for part in parts]
        for each in lines:
            result = each.get("difference", {}).get(first, {}).get(key, {}).get("result")
            told = score_words(key, each["parts"][first].get(key))
            beside = element("div", AGAINST[result], class_="quiet") if result in AGAINST else ""
            cells.append(joined([told, beside]))
        rows.append([in_words(noun, capital(METRICS[key].label)), *cells])
    return table(head, rows, caption=f"All scores on {PART_WORDS[first]} {noun}s")


def score_words(key: str, found: Mapping[str, float | None] | None) -> str:
    """A score with its interval."""
    value, low, high = ((found or {}).get(name) for name in ("value", "low", "high"))
    return format_interval(value, low, high, percent=key in PERCENT)


def training_section(facts: Facts, drawn: Drawn) -> Html:
    """How training went."""
    if "learning_curves" not in drawn:
        return Html("")
    noun = facts.shown.noun
    return section(
        "Learning curves",
        drawn["learning_curves"],
        element(
            "p",
            f"Cost is what training makes small. Where the two lines part, the network begins to memorise its training "
            f"{noun}s (overfitting). Epoch 0 is before training.",
            class_="quiet",
        ),
    )


def features_section(facts: Facts, drawn: Drawn) -> Html:
    """Which features matter, where somebody has asked; how it stands changes of pictures, likewise."""
    found = facts.shown.run.importance()
    if found and found["features"] and "features" in drawn:
        ranked = sorted(found["features"], key=lambda item: -item["importance"])
        cells = [
            (name_of(item["feature"]), *(format_number(item[key], 3) for key in ("importance", "low", "high")))
            for item in ranked[:MOST_FEATURES]
        ]
        rest = f" (the first {MOST_FEATURES} of {len(ranked):,})" if len(ranked) > MOST_FEATURES else ""
        rows = "rows that it learned from" if facts.shown.config.data.split.learn_from_all else "validation rows"
        return section(
            "Features that matter",
            drawn["features"],
            table(("Feature", "Importance", "At least", "At most"), cells, (1, 2, 3), f"Permutation importance{rest}"),
            element(
                "p",
                f"The values of one feature are shuffled between {rows}: the worse the answers get, the more the "
                "network relies on it. Features that tell the same share their importance. This says what the network "
                "uses, not what causes what.",
                class_="quiet",
            ),
        )
    return _robustness(facts)


def _robustness(facts: Facts) -> Html:
    found = facts.shown.run.robustness()
    if not found:
        return Html("")
    titles = {change.key: change.title for change in CHANGES}
    rows = [
        (titles.get(change["key"], str(change["key"])), str(level["words"]), _share(level), _share(level["loss"]))
        for change in found["changes"]
        for level in change["levels"]
    ]
    untouched = _share(found["untouched"])
    return section(
        "What it withstands",
        element("p", f"On {count(found['images'], 'picture')} as they are, {untouched} are right."),
        table(("Change", "Strength", "Right", "Lost"), rows),
    )


def _share(found: Mapping[str, float | None]) -> str:
    return score_words("accuracy", found)


def sealed_section(facts: Facts, drawn: Drawn) -> Html:
    """The sealed test: how often it was opened and what was found, or that it is still sealed."""
    sealed, noun, found = facts.sizes["test"], facts.shown.noun, facts.test
    if not sealed:
        return section("The sealed test", element("p", f"This run put no {noun}s aside for a final test."))
    if found is None:
        text = f"Still sealed: {count(sealed, noun)} were put aside before training, and no run was scored on them."
        if facts.openings.others:
            text = (
                f"Not opened in this run: {count(sealed, noun)} were put aside before training. But they were scored "
                f"{facts.openings.words}, so that nobody can call them unseen."
            )
        return section("The sealed test", element("p", text))
    told = metrics_in_words(found, noun, facts.shown.class_names)
    return section(
        "The sealed test",
        element("p", f"{count(sealed, noun)} were put aside before training; they were scored {facts.openings.words}."),
        verdict_card(told),
        scores_table(found, ["test"], noun),
        *(drawn[name] for name in ("test_scores", "test_confusion", "test_predicted_and_true") if name in drawn),
    )
