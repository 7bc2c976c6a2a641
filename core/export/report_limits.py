"""What a run cannot show, said from its own numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.evaluation.nouns import BASELINE_WORDS
from core.evaluation.registry import METRICS
from core.evaluation.words import count, format_interval, format_percent, shorten
from core.export.report_facts import Facts, spoken
from core.study_opened import PERCENT

FEW_JUDGED = 100
FEW_OF_CLASS = 20
# Half an interval wider than this says little: shares, and R².
WIDE = {"accuracy": 0.05, "balanced_accuracy": 0.05, "r2": 0.1}
RARE = 0.1


def limitations(facts: Facts) -> list[str]:
    """Sentences, the weightiest first; there is always at least one."""
    return [
        *_not_better(facts),
        *_uncertain(facts),
        *_classes(facts),
        *_warnings(facts),
        *_chosen(facts),
        *_sealed(facts),
        *_ended(facts),
        "All numbers come from one set of data. How the network does on data from elsewhere or from later was not "
        "tested.",
    ]


def _not_better(facts: Facts) -> Iterator[str]:
    main = facts.shown.metrics.get("main")
    for result, words in (("worse", "does worse than"), ("tied", "is not clearly better than")):
        names = [
            BASELINE_WORDS.get(each["key"], shorten(each["label"])).lower()
            for each in facts.shown.metrics["baselines"]
            if each.get("difference", {}).get("validation", {}).get(main, {}).get("result") == result
        ]
        if names:
            yield f"The network {words} {spoken([f'the {name}' for name in names])}, which is simpler."


def _uncertain(facts: Facts) -> Iterator[str]:
    noun, main = facts.shown.noun, facts.shown.metrics.get("main")
    if 0 < facts.judged < FEW_JUDGED:
        yield f"Only {count(facts.judged, noun)} had a say in the score, so that a few other ones could change it."
    found = facts.score.get(main, {}) if main in METRICS else {}
    if main in WIDE and found.get("low") is not None and found["high"] - found["low"] > 2 * WIDE[main]:
        told = format_interval(found["value"], found["low"], found["high"], percent=main in PERCENT)
        yield f"The score is uncertain: {told}, 95 % interval."


def _classes(facts: Facts) -> Iterator[str]:
    learned = facts.class_counts.get("training", {})
    if not learned:
        return
    rarest = min(learned, key=lambda name: learned[name])
    share = learned[rarest] / max(1, sum(learned.values()))
    noun = f"training {facts.shown.noun}"
    if share < RARE:
        yield (
            f"The class “{shorten(rarest, 40)}” holds {format_percent(share)} of the {noun}s; what is said about it "
            "rests on few examples."
        )
    elif learned[rarest] < FEW_OF_CLASS:
        yield f"The class “{shorten(rarest, 40)}” has only {count(learned[rarest], noun)}."


def _warnings(facts: Facts) -> Iterator[str]:
    if facts.findings is None:
        yield "The data itself was not at hand when this was written, so that it was not checked again."
        return
    for finding in facts.findings:
        if finding.severity != "note":
            yield f"{finding.title}: {finding.meaning}"


def _chosen(facts: Facts) -> Iterator[str]:
    split, noun, training = facts.shown.config.data.split, facts.shown.noun, facts.shown.config.training
    if split.learn_from_all:
        yield (
            f"This very network was scored on no {noun} that it had not learned from; its validation scores are "
            "those of networks with the same setting."
        )
    elif training.early_stopping and not split.folds:
        yield (
            f"The validation {noun}s also decided when training stopped, so that the score on them is a little too "
            "kind."
        )
    if not split.learn_from_all:
        yield f"It was scored on one division of the {noun}s; another one, or another seed, would give another score."


def _sealed(facts: Facts) -> Iterator[str]:
    if not facts.sizes["test"]:
        yield f"No {facts.shown.noun}s were put aside, so that every score may have had a say in some choice."
    elif facts.openings.total > 1 or (facts.openings.others and facts.test is None):
        yield (
            f"The sealed test was opened {facts.openings.words}; choices made after the first time make its score "
            "too kind."
        )
    elif facts.test is None:
        yield "The sealed test was not opened: every score here may have been looked at while choosing."


def _ended(facts: Facts) -> Iterator[str]:
    if facts.answer is not None and facts.answer.cut_short:
        yield f"{facts.answer.cut_short} With all of them, another setting might have been chosen."
    if facts.shown.told.state == "stopped":
        yield f"Training was stopped {facts.shown.told.stopped_by}, so that it may not have learned all it could."
    values = [each["value"] for each in facts.score.values() if each["value"] is not None]
    if not values or not np.isfinite(values).all():
        yield "How good the network is could not be measured."
