"""The methods paragraphs of a paper, with the numbers filled in, and the works that they cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from core.evaluation.nouns import BASELINE_WORDS, in_words
from core.evaluation.registry import METRICS
from core.evaluation.words import count, format_difference, format_interval, shorten
from core.export.methods_data import data_paragraph, preprocessing_paragraph
from core.export.methods_network import network_paragraph
from core.export.methods_references import REFERENCES
from core.export.report_facts import Facts, spoken
from core.spec import ImageConfig
from core.study_axes import value_words
from core.study_draft import AXIS_WORDS
from core.study_opened import PERCENT, Answer

CITED = {
    "TensorFlow": "Abadi et al. 2016",
    "Keras": "Chollet et al. 2015",
    "scikit-learn": "Pedregosa et al. 2011",
    "NumPy": "Harris et al. 2020",
}
# The metrics that a methods section names, by kind of answer.
NAMED = {"regression": ("r2", "rmse", "mae")}
FOR_CLASSES = ("accuracy", "balanced_accuracy", "roc_auc", "log_loss")
TERMS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "area under the ROC curve",
    "log_loss": "log loss",
    "f1_macro": "macro F1",
    "r2": "R²",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
}


class Methods(NamedTuple):
    """Paragraphs, and the works that they cite."""

    paragraphs: list[str]
    references: list[str]


def methods(facts: Facts, versions: Sequence[tuple[str, str]]) -> Methods:
    """What was done, as a paper tells it; ``versions`` as `report_facts.versions` gives them."""
    written = [
        data_paragraph(facts),
        preprocessing_paragraph(facts),
        network_paragraph(facts),
        " ".join(_evaluation(facts)),
        "" if facts.answer is None else f"The setting was chosen by a comparison. {study_paragraph(facts.answer)}",
        software(versions),
    ]
    return cited([text for text in written if text])


def study_methods(answer: Answer, versions: Sequence[tuple[str, str]]) -> Methods:
    """The same of a comparison alone."""
    return cited([study_paragraph(answer), software(versions)])


def cited(paragraphs: list[str]) -> Methods:
    """With the works that are cited in them."""
    text = " ".join(paragraphs)
    return Methods(paragraphs, [work for mark, work in REFERENCES.items() if mark in text])


def study_paragraph(answer: Answer) -> str:
    """What was compared, how, and what was found."""
    spec = answer.spec
    parts = f"{count(spec.folds, 'part')} (folds)" if spec.folds > 1 else "one part of the rows, drawn anew"
    watched = ", while early stopping looked at others" if spec.run.training.early_stopping else ""
    return answer.said(
        f"{answer.cut_short} Of {count(len(answer.settings), 'setting')}{_varied(answer)}, each was trained in {parts} "
        f"and {count(spec.seeds, 'repeat')} with other starting weights, {count(len(spec.members), 'network')} in all. "
        f"The sealed rows took no part. What counted was the {TERMS[answer.result['metric']]} on rows that were held "
        f"out{watched}. {answer.result['method']} {answer.result['sentence']}"
    ).lstrip()


def _varied(answer: Answer) -> str:
    grid = answer.spec.grid
    told = [
        f"{AXIS_WORDS[axis]} {', '.join(value_words(axis, value) for value in sorted(set(getattr(grid, axis))))}"
        for axis in answer.varied
    ]
    return f" ({'; '.join(told)})" if told else ""


def software(versions: Sequence[tuple[str, str]]) -> str:
    """What it was done with."""
    named = [f"{name} {version}" + (f" ({CITED[name]})" if name in CITED else "") for name, version in versions]
    return f"Software: {spoken(named)}."


def _evaluation(facts: Facts) -> Iterator[str]:
    told = scores_in_words(facts.shown.metrics, "validation")
    if not told:
        return
    noun = facts.shown.noun
    rows = count(facts.judged, f"validation {noun}")
    if facts.shown.config.data.split.learn_from_all:
        yield f"Performance was measured by cross-validation on {count(facts.judged, noun)}: {told}."
    else:
        yield f"Performance was measured on {rows}: {told}."
    yield _intervals(facts)
    yield from _baselines(facts)
    yield _sealed(facts)


def scores_in_words(metrics: Mapping[str, Any], part: str) -> str:
    """Such as ``accuracy 88 % (95 % CI 69 % to 96 %), area under the ROC curve 0.85 (95 % CI …)``."""
    found = metrics["parts"].get(part, {}).get("metrics", {})
    named = NAMED.get(metrics["task"], FOR_CLASSES)
    return ", ".join(_score(key, found[key]) for key in named if found.get(key, {}).get("value") is not None)


def _score(key: str, found: Mapping[str, float | None]) -> str:
    text = format_interval(found["value"], found["low"], found["high"], percent=key in PERCENT)
    return f"{TERMS[key]} {text.replace('(', '(95 % CI ', 1)}"


def _intervals(facts: Facts) -> str:
    units = f"groups of {facts.shown.noun}s" if facts.grouped else f"{facts.shown.noun}s"
    bootstrap = f"the bootstrap with up to 1,000 resamples of {units}"
    if facts.shown.task == "regression":
        return f"The 95 % confidence intervals (CI) are expanded percentile intervals (Hesterberg 2015) of {bootstrap}."
    return (
        "The 95 % confidence intervals (CI) of scores between 0 and 1 are Wilson's score intervals (Wilson 1927) at "
        f"the effective number of {facts.shown.noun}s that {bootstrap} gives (Korn and Graubard 1998); that of the log "
        "loss is an expanded percentile interval of the same resamples (Hesterberg 2015)."
    )


def _baselines(facts: Facts) -> Iterator[str]:
    main, noun = facts.shown.metrics.get("main"), facts.shown.noun
    lines = [each for each in facts.shown.metrics["baselines"] if "validation" in each["parts"]]
    if main not in METRICS or not lines:
        return
    seen = _seen(facts)
    fitted = {
        "majority": "always answering the most frequent class",
        "mean": "always answering the average",
        "logistic": f"a logistic regression on {seen}, with an L2 penalty chosen by 3-fold cross-validation",
        "ridge": f"a ridge regression on {seen}, with a penalty chosen by leave-one-out cross-validation",
    }
    models = spoken([fitted.get(each["key"], shorten(each["label"])) for each in lines])
    yield f"{'Baseline' if len(lines) == 1 else 'Baselines'} from the training {noun}s: {models}."
    told = [_against(main, each) for each in lines]
    yield (
        f"In {TERMS[main]}, the network was {spoken(told)}; differences are those on the same {noun}s, judged by the "
        "paired bootstrap."
    )


def _seen(facts: Facts) -> str:
    """What a straight line gets to see."""
    if not isinstance(facts.shown.config, ImageConfig):
        return "the same inputs"
    return "the same features" if facts.shown.config.network.frozen else "pixels averaged to at most 16 × 16"


def _against(main: str, baseline: Mapping[str, Any]) -> str:
    found = baseline.get("difference", {}).get("validation", {}).get(main, {})
    words = {"better": "better than", "worse": "worse than"}
    name = BASELINE_WORDS.get(baseline["key"], shorten(baseline["label"])).lower()
    verb = words.get(found.get("result"), "not distinguishable from")
    if found.get("low") is None:
        return f"{verb} the {name}"
    value, interval = format_difference(found["value"], found["low"], found["high"], main in PERCENT).split(" (")
    low_to_high, unit = interval.split(")")
    unit = unit.removesuffix("s") if value in ("+1", "-1") else unit
    return f"{verb} the {name} ({value}{unit}, 95 % CI {low_to_high})"


def _sealed(facts: Facts) -> str:
    sealed, noun = facts.sizes["test"], facts.shown.noun
    if not sealed:
        return f"No {noun}s were put aside for a final test."
    seen = facts.openings
    times = seen.words.replace("1 time", "once") if seen.total == 1 else seen.words.replace("2 times", "twice")
    if facts.test is None and not seen.others:
        return f"The {count(sealed, f'sealed test {noun}')} had not been looked at when this was written."
    if facts.test is None:
        return f"This network was not scored on the {count(sealed, f'sealed test {noun}')}; others were, {times}."
    told = in_words(noun, scores_in_words(facts.test, "test"))
    return f"On the {count(sealed, f'sealed test {noun}')}, which were scored {times}, the network reached: {told}."
