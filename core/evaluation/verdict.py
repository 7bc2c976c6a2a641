"""One sentence that says how good a network is, against what, and a few that say what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.bootstrap import resample
from core.evaluation.compare import difference, result
from core.evaluation.learning import Fit, History, epochs_point, fit_of, fit_point, more_data_point
from core.evaluation.registry import METRICS
from core.evaluation.scored import Interval, Scored, value_of
from core.evaluation.sentences import (
    LARGE_CLASS,
    Comparison,
    class_points,
    comparisons_in_words,
    in_words,
    largest_share,
    lead,
    order_point,
    size_point,
    width_point,
)
from core.evaluation.words import count

if TYPE_CHECKING:
    from core.evaluation.baselines import Baseline

Level = Literal["good", "fair", "poor"]
GOOD_SKILL = 0.3
USEFUL_ORDER = 0.55
SIMPLEST = ("majority", "mean")
# With fewer rows than this a score is a toss of coins.
FEWEST_JUDGED = 5
PART_WORDS = {"validation": "validation", "test": "sealed test", "train": "training"}


@dataclass(frozen=True)
class VerdictFacts:
    """What a verdict is made from.

    Attributes:
        task: Kind of answer.
        class_names: Names of the classes, empty for regression.
        y: ``(n,)`` truth of the rows that are judged.
        prediction: ``(n, classes)`` probabilities or ``(n,)`` values for them.
        part: Which rows these are.
        baselines: With predictions for ``part``.
        y_train: ``(m,)`` truth of the training rows, or None.
        train_prediction: Predictions for them, or None.
        groups: ``(n,)`` rows that belong together, or None.
        history: One mapping an epoch: ``epoch``, ``loss``, ``val_loss``.
        regularization: What is in use in words, e.g. "L2 0.001"; empty for none.
        rows: Training rows.
        inputs: Inputs of the network.
        threshold: See `Answers`.
        seed: Seed of the resamples.
    """

    task: Task
    class_names: Sequence[str]
    y: np.ndarray
    prediction: np.ndarray
    part: str = "validation"
    baselines: Sequence[Baseline] = ()
    y_train: np.ndarray | None = None
    train_prediction: np.ndarray | None = None
    groups: np.ndarray | None = None
    history: History = ()
    regularization: str = ""
    rows: int = 0
    inputs: int = 0
    threshold: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Verdict:
    """``sentence`` says how good, ``points`` what else to know and do, ``level`` in one word."""

    sentence: str
    points: list[str] = field(default_factory=list)
    level: Level = "poor"


def main_metric(task: Task, y: np.ndarray) -> str:
    """Key of the metric that the verdict speaks of: R²; accuracy, balanced if one class holds over three quarters."""
    if task == "regression":
        return "r2"
    return "balanced_accuracy" if largest_share(y) > LARGE_CLASS else "accuracy"


def verdict(facts: VerdictFacts) -> Verdict:
    """Judge a network by its predictions for rows that it had not learned from."""
    answers = Answers(facts.task, facts.y, facts.prediction, facts.threshold)
    rows = count(len(answers), f"{PART_WORDS.get(facts.part, facts.part)} row")
    if not answers.usable:
        return _broken(facts, rows)
    if len(answers) < FEWEST_JUDGED:
        return _too_few(answers, rows)
    network = Scored(answers, resample(len(answers), facts.groups, seed=facts.seed))
    key = main_metric(facts.task, answers.y)
    found = network.interval(METRICS[key])
    if found["value"] is None:
        text = f"How good the network is cannot be said: {rows} with the same target tell nothing."
        return Verdict(text, ["Choose a larger validation share, or collect more rows."], "poor")
    compared = [_compare(facts, key, network, each) for each in facts.baselines if facts.part in each.predictions]
    train = _train_value(facts, key)
    fit = fit_of(key, train, found, _learned_little(facts, key, train))
    points = _points(facts, network, found, train, fit, compared)
    sentence = f"{lead(key, found, rows)}{comparisons_in_words(key, compared)}."
    return Verdict(sentence, [point for point in points if point], _level(key, network, compared, fit))


def _too_few(answers: Answers, rows: str) -> Verdict:
    right = "" if answers.task == "regression" else f" (it answered {int(answers.hits.sum())} right)"
    text = f"How good the network is cannot be said: {rows}{right} can be right or wrong by chance."
    return Verdict(text, ["Collect more rows: a few hundred are a good start."], "poor")


def _points(
    facts: VerdictFacts, network: Scored, found: Interval, train: float | None, fit: Fit, compared: Sequence[Comparison]
) -> list[str]:
    key = main_metric(facts.task, network.answers.y)
    unit = "row" if facts.groups is None else "group"
    uncertain = size_point(key, found, network.draws.units, unit)
    return [
        *class_points(facts.class_names, network.answers.y),
        _order_point(network, compared),
        uncertain,
        fit_point(fit, in_words(key, train), in_words(key, found["value"]), facts.regularization),
        epochs_point(facts.history),
        "" if uncertain and fit == "fits" else more_data_point(fit),
        width_point(facts.rows, facts.inputs, facts.regularization) if fit == "overfits" else "",
    ]


def _compare(facts: VerdictFacts, key: str, network: Scored, baseline: Baseline) -> Comparison:
    other = Scored(Answers(facts.task, facts.y, baseline.predictions[facts.part]), network.draws)
    outcome = result(key, difference(METRICS[key], network, other))
    return Comparison(baseline.key, baseline.label, other.value(METRICS[key]), outcome)


def _train_value(facts: VerdictFacts, key: str) -> float | None:
    if facts.y_train is None or facts.train_prediction is None:
        return None
    return value_of(METRICS[key], Answers(facts.task, facts.y_train, facts.train_prediction, facts.threshold))


def _learned_little(facts: VerdictFacts, key: str, train: float | None) -> bool:
    """Whether the network, on rows it learned from, goes under a twentieth of the way from simplest to perfect."""
    if train is None or facts.y_train is None:
        return False
    return _skill(key, train, facts.y_train, len(facts.class_names)) < 0.05


def _order_point(network: Scored, compared: Sequence[Comparison]) -> str:
    """Where the answers are no use but the probabilities are in a useful order, the threshold is in the way."""
    beaten = all(each.result == "better" for each in compared if each.key in SIMPLEST)
    if network.answers.task != "binary" or beaten:
        return ""
    area = network.interval(METRICS["roc_auc"])
    return order_point(area) if area["low"] is not None and area["low"] > USEFUL_ORDER else ""


def _skill(key: str, value: float, y: np.ndarray, classes: int) -> float:
    """How far from the simplest answer (0) to a perfect one (1)."""
    if key == "r2":
        return value
    simplest = 1 / max(classes, 2) if key == "balanced_accuracy" else largest_share(y)
    return (value - simplest) / (1 - simplest) if simplest < 1 else 0.0


def _level(key: str, network: Scored, compared: Sequence[Comparison], fit: Fit) -> Level:
    value, answers = network.value(METRICS[key]), network.answers
    if value is None or any(each.result != "better" for each in compared if each.key in SIMPLEST):
        return "poor"
    classes = 0 if answers.task == "regression" else answers.classes
    skilled = _skill(key, value, answers.y, classes) >= GOOD_SKILL
    beaten = any(each.result == "worse" for each in compared)
    return "good" if skilled and not beaten and fit != "underfits" else "fair"


def _broken(facts: VerdictFacts, rows: str) -> Verdict:
    if len(facts.y) == 0:
        return Verdict("How good the network is cannot be said: there are no rows to judge it by.", [], "poor")
    text = f"The network gives no usable answer for {rows}: some of its predictions are not numbers."
    return Verdict(text, [epochs_point(facts.history) or "Train again with a smaller learning rate."], "poor")
