"""Judge a study: which regularization setting is best, and whether the difference is real."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.compare import result
from core.evaluation.registry import METRICS
from core.evaluation.scored import value_of
from core.evaluation.study_points import points
from core.evaluation.study_rows import LOSSES, Judged, Resampled, judged
from core.evaluation.study_selection import corrected_score
from core.evaluation.study_ties import UNKNOWN, best_of, eligible, estimate, paired, simplest_of, simplicity
from core.evaluation.study_words import sentence
from core.evaluation.verdict import main_metric
from core.spec.study import Setting

__all__ = ["Resampled", "SimpleModel", "judge", "score", "study_metric"]

METHOD = (
    "A setting's score is the mean over held-out parts and repeats. Its interval (95 %) is that of the corrected "
    "resampled t (Nadeau and Bengio 2003; Bouckaert and Frank 2004), which allows for training rows that overlap, and "
    "is never narrower than the number of held-out rows permits. Settings are compared pair by pair on the same parts "
    "and repeats; one is called worse only if both the parts and the single rows prove it, with 95 % confidence for "
    "all comparisons together (Bonferroni). The simplest setting is chosen by the one-standard-error rule (Breiman "
    "et al. 1984). The winner's luck is taken off by bootstrap bias-corrected cross-validation (Tsamardinos et al. "
    "2018)."
)


@dataclass(frozen=True, eq=False)
class SimpleModel:
    """A baseline: its ``key``, its ``label`` in words, and its answers in each group (see `Resampled`)."""

    key: str
    label: str
    answers: tuple[np.ndarray | None, ...]


@dataclass(frozen=True, eq=False)
class _Field:
    """Everything that takes part, scored."""

    found: Resampled
    metric: str
    settings: list[Judged]
    diverged: np.ndarray
    chosen: list[int]
    groups: np.ndarray


def study_metric(task: Task, y: np.ndarray, wish: str = "") -> str:
    """Key of the metric that decides: the wish, or what Results would speak of.

    Args:
        task: Kind of answer.
        y: ``(n,)`` class indices or values.
        wish: Key of a metric of the task; empty for automatic.

    Raises:
        ValueError: The wish does not suit the task, or no study can be decided by it.
    """
    if not wish:
        return main_metric(task, y)
    if wish not in LOSSES or task not in METRICS[wish].tasks:
        raise ValueError(f"The metric must be one for a {task} task. Got {wish!r} instead.")
    return wish


def score(task: Task, metric: str, y: np.ndarray, answers: np.ndarray) -> float:
    """Score of one member on its rows; not-a-number where undefined.

    Args:
        task: Kind of answer.
        metric: Key of the metric.
        y: ``(rows,)`` class indices or values.
        answers: ``(rows, classes)`` probabilities or ``(rows,)`` values.
    """
    value = value_of(METRICS[metric], Answers(task, y, answers))
    return math.nan if value is None else value


def judge(
    found: Resampled,
    settings: Sequence[Setting],
    parameters: Sequence[int],
    baselines: Sequence[SimpleModel],
    metric: str,
    names: Sequence[str],
) -> dict[str, Any]:
    """What a study found, as plain JSON: scores, ties, the best and the simplest setting, and words.

    A setting with a diverged member is "diverged" and is best only where no other can be; one with fewer than two
    groups to compare is "missing". The best setting has the best mean over the groups that all compared settings have.
    ``worse`` settings are so with 95 % confidence for all of them together; as multiple comparisons with the best (Hsu
    1984, Annals of Statistics 12:1136-1144) these have one comparison fewer than settings. That the best setting beats
    a baseline is said only if it would hold for any setting, since which one is best was picked by the data.

    Args:
        found: Held-out answers of all members.
        settings: The settings, in the order of ``found.answers``.
        parameters: Number of weights of each setting's network.
        baselines: Simple models on the same groups.
        metric: Key of the metric that decides; see `study_metric`.
        names: The settings in words.
    """
    with np.errstate(all="ignore"):
        field = _field(found, metric)
        told = _told(field, baselines, simplicity(settings, parameters))
    best = told["best"]
    plain = None if best is None else _unregularized(settings, best)
    diverged = best is not None and bool(field.diverged[best])
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *found.held]))
    unit = "row" if found.clusters is None else "group"
    told["sentence"] = sentence(told, names, plain, diverged)
    told["points"] = points(told, names, plain, len(np.unique(found.units[rows])), unit)
    return told | {"method": METHOD}


def _told(field: _Field, baselines: Sequence[SimpleModel], order: Sequence[int]) -> dict[str, Any]:
    """All but the words; ``order`` holds the settings from the simplest on."""
    found, metric, scored = field.found, field.metric, field.settings
    means = {each: float(scored[each].scores[field.groups].mean()) for each in field.chosen}
    best = best_of(metric, means, order) if means else None
    entries = [_setting(field, number, best) for number in range(len(scored))]
    simplest, corrected = None, None
    if best is not None:
        _, error = estimate(found, metric, scored[best], field.groups)
        simplest = simplest_of(metric, means, order, best, error)
        candidates = [scored[each] for each in order if each in means]
        corrected = corrected_score(found, metric, candidates, field.groups, means[best])
    return _head(found, metric) | {
        "settings": entries,
        "best": best,
        "simplest": simplest,
        "tied": [number for number, each in enumerate(entries) if each["result"] == "tied"],
        "baselines": [_baseline(field, each, best) for each in baselines],
        "corrected": corrected,
    }


def _field(found: Resampled, metric: str) -> _Field:
    settings = [judged(found, metric, answers) for answers in found.answers]
    broken = np.array([own.broken for own in settings], bool).reshape(found.diverged.shape)
    diverged = (found.diverged | broken).any(axis=1)
    return _Field(found, metric, settings, diverged, *eligible(settings, diverged))


def _head(found: Resampled, metric: str) -> dict[str, Any]:
    seeds = max(len(np.unique(found.seeds)), 1)
    return {
        "task": found.task,
        "metric": metric,
        "label": METRICS[metric].label,
        "higher_is_better": METRICS[metric].higher_is_better,
        "folds": len(found.held) // seeds,
        "seeds": seeds,
    }


def _setting(field: _Field, number: int, best: int | None) -> dict[str, Any]:
    """One entry of ``settings``."""
    own = field.settings[number]
    interval, error = estimate(field.found, field.metric, own, np.flatnonzero(np.isfinite(own.scores)))
    train = [_plain(value) for value in field.found.train_scores[number]]
    known = [value for value in train if value is not None]
    versus = None
    if best is not None and number != best and number in field.chosen:
        versus = paired(field.found, field.metric, own, field.settings[best], len(field.chosen) - 1)
    return {
        "score": interval,
        "standard_error": _plain(error),
        "train": _plain(float(np.mean(known))) if known else None,
        "scores": [_plain(value) for value in own.scores],
        "train_scores": train,
        "versus_best": versus,
        "result": _result(field, number, best, versus),
    }


def _result(field: _Field, number: int, best: int | None, versus: dict[str, float | None] | None) -> str:
    if number == best:
        return "best"
    if field.diverged[number]:
        return "diverged"
    if versus is None:
        return "missing"
    return "worse" if result(field.metric, versus) == "worse" else "tied"


def _baseline(field: _Field, model: SimpleModel, best: int | None) -> dict[str, Any]:
    """One entry of ``baselines``; its result is that of the best setting against it."""
    own = judged(field.found, field.metric, model.answers)
    interval, _ = estimate(field.found, field.metric, own, np.flatnonzero(np.isfinite(own.scores)))
    versus = dict(UNKNOWN)
    if best is not None:
        versus = paired(field.found, field.metric, field.settings[best], own, len(field.chosen))
    return {
        "key": model.key,
        "label": model.label,
        "score": interval,
        "scores": [_plain(value) for value in own.scores],
        "versus_best": versus,
        "result": result(field.metric, versus),
    }


def _unregularized(settings: Sequence[Setting], best: int) -> int | None:
    """The setting without regularization whose network has the size of the best one's."""
    wanted = settings[best]._replace(l1=0.0, l2=0.0, dropout=0.0)
    return next((number for number, each in enumerate(settings) if each == wanted), None)


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
