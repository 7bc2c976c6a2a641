"""Everything that is kept about how good a run is: one dictionary, ready for JSON.

- ``task``; ``threshold``; ``main``: key of the metric that the verdict speaks of
- ``parts``: ``{part: {"rows", "metrics": {key: {"value", "low", "high"}}}}``
- ``baselines``: a list of ``{"key", "label", "note", "parts": {part: {key: {…}}}, "difference": {part: {key: {"value",
  "low", "high", "result"}}}}``, a difference being network minus baseline, and its result whether the network is
  better, tied or worse
- ``verdict``: ``{"sentence", "points", "level"}`` or None
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.answers import Answers, Task
from core.evaluation.bootstrap import resample
from core.evaluation.compare import difference, result
from core.evaluation.learning import History
from core.evaluation.registry import metrics_for
from core.evaluation.scored import Scored
from core.evaluation.threads import one_thread
from core.evaluation.verdict import VerdictFacts, main_metric, verdict

if TYPE_CHECKING:
    from core.evaluation.baselines import Baseline

Parts = Mapping[str, tuple[np.ndarray, np.ndarray]]


def evaluate(
    task: Task,
    class_names: Sequence[str],
    parts: Parts,
    baselines: Sequence[Baseline] = (),
    groups: Mapping[str, np.ndarray | None] | None = None,
    history: History = (),
    regularization: str = "",
    rows: int = 0,
    inputs: int = 0,
    threshold: float = 0.5,
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Metrics with intervals, baselines, paired differences and the verdict; numbers are finite or None.

    Args:
        task: Kind of answer.
        class_names: Names of the classes, empty for regression.
        parts: ``(y_true, y_pred)`` of each part. The verdict is on "validation", or on "test" if that stands alone.
        baselines: With predictions for these parts.
        groups: For each part the ``(n,)`` group of each row, or None.
        history: One mapping an epoch: ``epoch``, ``loss``, ``val_loss``.
        regularization: What is in use in words, e.g. "L2 0.001"; empty for none.
        rows, inputs: Training rows (counted where the part "train" is given), inputs of the network.
        threshold: Class 1 of two is answered at this probability or above.
        n_resamples: Bootstrap resamples at most.
        seed: The same seed gives the same intervals.
    """
    groups = groups or {}
    with one_thread():
        scored = _scored(task, parts, groups, threshold, n_resamples, seed)
        found = _scores(scored, baselines) | {"task": task, "threshold": threshold, "main": None, "verdict": None}
        if judged := next((part for part in ("validation", "test") if part in parts), None):
            y_train, train_prediction = parts.get("train", (None, None))
            learned = rows if y_train is None else len(y_train)
            facts = VerdictFacts(task, class_names, *parts[judged], judged, baselines, y_train, train_prediction,
                groups.get(judged), history, regularization, learned, inputs, threshold, seed)  # fmt: skip
            found |= {"main": main_metric(task, scored[judged].answers.y), "verdict": asdict(verdict(facts))}
    return _finite(found)


def _scored(
    task: Task, parts: Parts, groups: Mapping[str, np.ndarray | None], threshold: float, n_resamples: int, seed: int
) -> dict[str, Scored]:
    return {
        part: Scored(Answers(task, y, prediction, threshold), resample(len(y), groups.get(part), n_resamples, seed))
        for part, (y, prediction) in parts.items()
    }


def _scores(scored: Mapping[str, Scored], baselines: Sequence[Baseline]) -> dict[str, Any]:
    """``parts`` and ``baselines``."""
    return {
        "parts": {key: {"rows": len(each.answers), "metrics": each.intervals()} for key, each in scored.items()},
        "baselines": [_baseline(each, scored) for each in baselines],
    }


def _baseline(baseline: Baseline, scored: Mapping[str, Scored]) -> dict[str, Any]:
    metrics, differences = {}, {}
    for key, network in scored.items():
        if key in baseline.predictions:
            answers = Answers(network.answers.task, network.answers.y, baseline.predictions[key])
            own = Scored(answers, network.draws)
            metrics[key] = own.intervals()
            differences[key] = _differences(network, own)
    about = {"key": baseline.key, "label": baseline.label, "note": baseline.note}
    return {**about, "parts": metrics, "difference": differences}


def _differences(network: Scored, baseline: Scored) -> dict[str, dict[str, Any]]:
    found = {each.key: difference(each, network, baseline) for each in metrics_for(network.answers.task)}
    return {key: {**each, "result": result(key, each)} for key, each in found.items()}


def _finite(value: Any) -> Any:
    """The same structure with plain Python numbers, and None for what is not finite."""
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
